"""`flexsso handover`, `status` and `prepare`: what they print, write and end with, for runs that lie there."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from telling import apply, change, ledger, whole

from flexsso_helpers.commands import main as command
from flexsso_helpers.handover import write_handover
from flexsso_helpers.ledger import Ledger

PROJECT = Path(__file__).resolve().parents[2]
Flexsso = Callable[..., tuple[int, str]]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLEXSSO_HOME", str(PROJECT))
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    return tmp_path / "rehearsal"


@pytest.fixture
def flexsso(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Flexsso:
    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["flexsso", *arguments])
        with pytest.raises(SystemExit) as ended:
            command.main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out + shown.err

    return run


@pytest.fixture
def left(runs: Path) -> Ledger:
    """A run that made and proved something, and was handed over."""
    kernel = ledger(runs / "one")
    apply(kernel, "03", change("Signing option", "old", "new"))
    for each in whole():
        kernel.proved(each)
    kernel.note("Ask Kim", by="Ada", owner="Kim", due="", done=False)
    kernel.note("The group is small", by="Ada", owner="", due="", done=False)
    write_handover(runs / "one")
    return kernel


def test_status_tells_each_step_the_open_points_and_the_notes(flexsso: Flexsso, left: Ledger) -> None:
    code, text = flexsso("status", "rehearsal")
    told = " ".join(text.split())
    assert code == 3
    for words in (
        "5 of 9 proved",
        "03 · Signing certificate",
        "Next: 01 · Enterprise application",
        "Ask Kim",
        "Kim · since 2026-11-02 · noted by Ada",
        "The group is small",
        "Ada · 2026-11-02",
    ):
        assert words in told, words


def test_status_as_json_says_the_same(flexsso: Flexsso, left: Ledger) -> None:
    code, text = flexsso("status", "rehearsal", "--json")
    told = json.loads(text)
    assert (code, told["outcome"], told["next"]) == (3, 3, "01 · Enterprise application")
    assert [each["standing"] for each in told["steps"] if each["number"] in ("03", "05")] == ["proved", "no proof yet"]
    assert [each["owner"] for each in told["open"] if each["title"] == "Ask Kim"] == ["Kim"]
    assert [each["text"] for each in told["notes"]] == ["Ask Kim", "The group is small"]


def test_status_of_a_tenant_that_nobody_began_claims_nothing(flexsso: Flexsso, runs: Path) -> None:
    code, text = flexsso("status", "rehearsal")
    assert (code, "0 of 9 proved" in text) == (3, True)


def test_handover_makes_the_page_anew_in_the_last_run(flexsso: Flexsso, left: Ledger, runs: Path) -> None:
    (runs / "one" / "handover.html").unlink()
    code, text = flexsso("handover", "rehearsal", "--language", "de")
    assert (code, text.strip()) == (0, str(runs / "one" / "handover.html"))
    assert 'lang="de"' in (runs / "one" / "handover.html").read_text("utf-8")


def test_handover_of_a_tenant_without_a_proof_says_so(flexsso: Flexsso, runs: Path) -> None:
    for arguments in ((), ("--verify",)):
        code, text = flexsso("handover", "rehearsal", *arguments)
        assert code == 1
        assert str(runs) in text


def test_without_being_told_both_write_in_the_language_of_the_file(
    flexsso: Flexsso, left: Ledger, runs: Path, tmp_path: Path
) -> None:
    base = (PROJECT / "parameters" / "rehearsal.yaml").read_text("utf-8")
    file = tmp_path / "files" / "rehearsal.yaml"
    file.parent.mkdir()
    file.write_text(f"{base}\n  handover: {{language: de}}\n", "utf-8")
    shutil.copy(PROJECT / "parameters" / "rehearsal.people.csv", file.parent)
    for options, said in (((), 'lang="de"'), (("--language", "en"), 'lang="en"')):
        assert flexsso("handover", str(file), *options)[0] == flexsso("prepare", str(file), *options)[0] == 0
        assert said in (runs / "one" / "handover.html").read_text("utf-8")
        assert said in (runs / "prepare" / "invitation.html").read_text("utf-8")


def test_an_unknown_language_is_wrong_use(flexsso: Flexsso, left: Ledger) -> None:
    for name in ("handover", "prepare"):
        code, text = flexsso(name, "rehearsal", "--language", "xx")
        assert (code, "There is no language xx" in text) == (64, True)


def test_verify_finds_nothing_moved_then_grown_then_changed(flexsso: Flexsso, left: Ledger, runs: Path) -> None:
    code, text = flexsso("handover", "rehearsal", "--verify")
    told = json.loads((runs / "one" / "handover.json").read_text("utf-8"))
    assert code == 0
    assert told["checksum"] in text
    left.remark("later")
    code, text = flexsso("handover", "rehearsal", "--verify")
    assert (code, "one/ledger.jsonl: as it was, and grown since" in text) == (0, True)
    file = runs / "one" / "ledger.jsonl"
    file.write_text(file.read_text("utf-8").replace("ada.admin", "eve.admin"), "utf-8")
    code, text = flexsso("handover", "rehearsal", "--verify")
    assert (code, "one/ledger.jsonl: changed" in text) == (1, True)


def test_verify_notices_a_list_that_was_adapted_to_changed_files(flexsso: Flexsso, left: Ledger, runs: Path) -> None:
    data = runs / "one" / "handover.json"
    told = json.loads(data.read_text("utf-8"))
    told["files"] = told["files"][1:]
    data.write_text(json.dumps(told), "utf-8")
    code, text = flexsso("handover", "rehearsal", "--verify")
    assert (code, "not the one that the checksum is of" in text) == (1, True)


def test_prepare_writes_a_mail_and_with_a_time_a_calendar_entry(flexsso: Flexsso, runs: Path) -> None:
    code, text = flexsso("prepare", "rehearsal", "--at", "2026-12-01T09:00+01:00", "--language", "de")
    folder = runs / "prepare"
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        f"invitation.{end}" for end in ("eml", "html", "ics", "txt")
    ]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    assert all(str(path) in text for path in folder.iterdir())
    assert flexsso("prepare", "rehearsal")[0] == 0
    assert not (folder / "invitation.ics").exists(), "the entry of another time is gone"


def test_prepare_refuses_what_is_no_time(flexsso: Flexsso, runs: Path) -> None:
    code, text = flexsso("prepare", "rehearsal", "--at", "tomorrow")
    assert (code, "tomorrow" in text) == (64, True)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ((), "parameters/schema.json"),
        (("--result",), "docs/result.schema.json"),
        (("--handover",), "docs/handover.schema.json"),
    ],
)
def test_a_schema_is_printed_as_it_is_kept(asked: tuple[str, ...], kept: str, flexsso: Flexsso) -> None:
    """To the letter: `make schema` over an unchanged model changes nothing."""
    code, text = flexsso("schema", *asked)
    assert (code, text) == (0, (PROJECT / kept).read_text("utf-8"))
