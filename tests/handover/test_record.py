"""The handover as data: by its published schema, and the sums by which anybody can compare it."""

import json
from pathlib import Path

import jsonschema
import pytest
from telling import apply, change, ledger, told, whole

from flexsso_helpers.catalogue import languages
from flexsso_helpers.handover import handover_schema, write_handover
from flexsso_helpers.handover.record import Record
from flexsso_helpers.handover.sums import checksum, compared
from flexsso_helpers.handover.writing import DATA, EXPIRY, newest

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "handover.schema.json"


@pytest.fixture
def record(tmp_path: Path) -> Record:
    run = tmp_path / "run"
    found = told(run, *whole(), and_then=lambda kernel: apply(kernel, "03", change("One", "old", ("a", "b"))))
    (run / "03_signing_certificate.ipynb").write_text("{}")
    write_handover(run)
    assert found.files
    return Record.model_validate_json((run / DATA).read_text("utf-8"))


def test_the_published_schema_is_that_of_the_model() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == handover_schema()


def test_what_is_written_conforms_and_a_spoiled_one_does_not(record: Record) -> None:
    validator = jsonschema.Draft202012Validator(handover_schema())
    values = record.model_dump()
    validator.validate(values)
    for spoiled in ({**values, "schema_version": 2}, {key: value for key, value in values.items() if key != "changes"}):
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(spoiled)


def test_values_are_told_as_the_cards_show_them(record: Record) -> None:
    (made,) = record.changes
    assert (made.before, made.after, made.by_hand, made.section) == ("old", "a, b", True, "03")


def test_the_checksum_is_what_sha256sum_would_give(record: Record) -> None:
    import hashlib

    listed = "".join(f"{each.sha256}  {each.path}\n" for each in record.files)
    assert record.checksum == hashlib.sha256(listed.encode()).hexdigest() == checksum(record.files)
    assert {each.path for each in record.files} >= {
        "run/ledger.jsonl", "run/changes.jsonl", "run/evidence/03.json", "run/03_signing_certificate.ipynb",
    }  # fmt: skip


def test_nothing_is_said_to_have_moved_when_nothing_has(record: Record, tmp_path: Path) -> None:
    assert set(compared(record.files, tmp_path).values()) == {"as it was"}


@pytest.mark.parametrize(
    ("path", "spoil", "words"),
    [
        ("run/ledger.jsonl", lambda text: text + "{}\n", "as it was, and grown since"),
        ("run/ledger.jsonl", lambda text: text.replace("ada.admin", "eve.admin"), "changed"),
        ("run/ledger.jsonl", lambda text: text[: len(text) // 2], "changed"),
        ("run/evidence/03.json", lambda text: text + " ", "changed"),
        ("run/03_signing_certificate.ipynb", lambda text: text + " ", "changed"),
        ("run/changes.jsonl", None, "missing"),
    ],
    ids=["appended", "rewritten", "cut", "evidence", "notebook", "removed"],
)
def test_what_was_done_to_a_file_afterwards_is_found(
    record: Record,
    tmp_path: Path,
    path: str,
    spoil,
    words: str,  # type: ignore[no-untyped-def]
) -> None:
    file = tmp_path / path
    if spoil is None:
        file.unlink()
    else:
        file.write_text(spoil(file.read_text("utf-8")), "utf-8")
    now = compared(record.files, tmp_path)
    assert now.pop(path) == words
    assert set(now.values()) == {"as it was"}


def test_the_end_of_the_certificate_is_a_calendar_entry(record: Record, tmp_path: Path) -> None:
    from icalendar import Calendar

    (event,) = Calendar.from_ical((tmp_path / "run" / EXPIRY).read_text("utf-8")).walk("VEVENT")
    assert event.decoded("dtstart").isoformat() == record.certificate.not_after == "2029-11-01"  # type: ignore[union-attr]
    assert "Contoso" in str(event["summary"])
    assert len(event.walk("VALARM")) == 3


def test_the_entry_is_in_the_language_of_the_page_and_replaces_the_one_in_another(
    record: Record, tmp_path: Path
) -> None:
    from icalendar import Calendar

    told = []
    for language in languages():
        write_handover(tmp_path / "run", language)
        (event,) = Calendar.from_ical((tmp_path / "run" / EXPIRY).read_text("utf-8")).walk("VEVENT")
        told.append((str(event["uid"]), str(event["summary"]), str(event["description"])))
    uids, summaries, descriptions = map(set, zip(*told, strict=True))
    assert (len(uids), len(summaries), len(descriptions)) == (1, len(told), len(told))
    assert "Contoso: das Zertifikat für Single Sign-on bei Flex endet" in summaries


def test_the_newest_handover_is_that_of_the_last_run_that_was_written(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    for number, run in enumerate(("b", "a")):
        kernel = ledger(tmp_path / run, hours=number)
        kernel.proved(whole()[0])
        write_handover(tmp_path / run)
    found = newest(tmp_path)
    assert found is not None
    assert found[0].name == "a"
