"""The ledger as a file: on disk at once, in order, private, readable after a crash, and the evidence beside it."""

import errno
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flexsso_helpers.errors import NotKept
from flexsso_helpers.ledger import CHANGES, FILE, Ledger, read_evidence, read_ledger, write_whole, writes
from flexsso_helpers.plan import Applied, Change, Evidence, Finding, Plan, Target

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TARGET = Target(
    tenant="contoso", title="Contoso", cloud="rehearsal", tenant_id="t", account_sid="AC", application="Twilio Flex"
)


def opened(folder: Path, *, rehearsal: bool = True) -> Ledger:
    return Ledger(folder, rehearsal=rehearsal, now=lambda: NOON)


def write(ledger: Ledger) -> int:
    return ledger.intent(
        service="graph", method="PATCH", path="/applications/1", why="Naming", before={"a": 1}, body={"a": 2}
    )


def test_an_intent_is_on_disk_when_the_call_returns(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.section = "02"
    entry = write(ledger)
    assert read_ledger(tmp_path) == [
        {
            "n": entry, "at": "2026-11-02T12:00:00+00:00", "writer": ledger.writer, "kind": "intent", "section": "02",
            "rehearsal": True, "service": "graph", "method": "PATCH", "path": "/applications/1", "why": "Naming",
            "before": {"a": 1}, "body": {"a": 2},
        }
    ]  # fmt: skip


def test_an_answer_points_to_its_intent(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    first, second = write(ledger), write(ledger)
    ledger.answer(second, status=200, note="made")
    ledger.answer(first, status=0, note="no answer came")
    assert [(line["kind"], line.get("entry"), line.get("status")) for line in read_ledger(tmp_path)] == [
        ("intent", None, None),
        ("intent", None, None),
        ("answer", second, 200),
        ("answer", first, 0),
    ]


def test_every_line_of_a_rehearsal_says_so_and_no_live_line_does(tmp_path: Path) -> None:
    for rehearsal in (True, False):
        ledger = opened(tmp_path / str(rehearsal), rehearsal=rehearsal)
        write(ledger)
        ledger.remark("worth knowing")
        ledger.planned(Plan(section="02", title="Basics", target=TARGET, changes=(), read=""))
        ledger.applied(Applied(section="02", title="Basics", target=TARGET))
        ledger.proved(Evidence(section="02", title="Basics", target=TARGET, findings=()))
        lines = read_ledger(tmp_path / str(rehearsal))
        assert [line["kind"] for line in lines] == ["intent", "remark", "plan", "applied", "evidence"]
        assert {line.get("rehearsal", False) for line in lines} == {rehearsal}


def test_the_next_notebook_of_a_run_goes_on_counting(tmp_path: Path) -> None:
    write(opened(tmp_path))
    later = opened(tmp_path)
    assert write(later) == 2
    assert [line["n"] for line in read_ledger(tmp_path)] == [1, 2]


def test_two_kernels_of_one_run_never_mix_up_their_answers(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path)
    meant = {"one": (one, write(one)), "other": (other, write(other)), "again": (one, write(one))}
    for name in ("other", "again", "one"):
        ledger, entry = meant[name]
        ledger.answer(entry, status=200, note=name)
    lines = read_ledger(tmp_path)
    found = writes(lines)
    assert [each.answer["note"] if each.answer else None for each in found] == ["one", "other", "again"]
    assert [each.intent["writer"] for each in found] == [one.writer, other.writer, one.writer]
    assert len({(line["writer"], line["n"]) for line in lines}) == len(lines)


def test_what_is_noted_together_bears_one_moment_and_what_follows_its_own(tmp_path: Path) -> None:
    minutes = iter(range(60))
    ledger = Ledger(tmp_path, rehearsal=False, now=lambda: datetime(2026, 1, 1, 12, next(minutes), tzinfo=UTC))
    ledger.remark("alone")
    for _ in range(2):
        with ledger.together():
            ledger.remark("one")
            ledger.remark("two")
            assert len(read_ledger(tmp_path)) % 2 == 1
    ledger.remark("alone")
    assert [line["at"][14:16] for line in read_ledger(tmp_path)] == ["00", "01", "01", "02", "02", "03"]


def test_a_write_whose_answer_never_came_has_none(tmp_path: Path) -> None:
    first, later = opened(tmp_path), opened(tmp_path)
    write(first)
    later.answer(write(later), status=200, note="made")
    assert [each.answer is None for each in writes(read_ledger(tmp_path))] == [True, False]


def test_a_ledger_from_before_there_were_writers_is_read(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    second = [write(ledger), write(ledger)][1]
    ledger.answer(second, status=200, note="second")
    ledger.answer(second - 1, status=0, note="first")
    lines = [{key: value for key, value in line.items() if key != "writer"} for line in read_ledger(tmp_path)]
    assert [each.answer["note"] for each in writes(lines) if each.answer] == ["first", "second"]
    doubled = [lines[0], {**lines[1], "n": 1}, {**lines[2], "entry": 1}]
    assert [each.answer and each.answer["note"] for each in writes(doubled)] == [None, "second"]


def test_a_line_cut_by_a_crash_costs_no_other_line(tmp_path: Path) -> None:
    write(opened(tmp_path))
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write('{"n": 2, "kind": "int')
    assert [line["n"] for line in read_ledger(tmp_path)] == [1]
    write(opened(tmp_path))
    assert [line["n"] for line in read_ledger(tmp_path)] == [1, 3]


def test_a_line_separator_inside_a_name_does_not_end_a_line(tmp_path: Path) -> None:
    opened(tmp_path).remark("one\u2028two\u0085three\nfour")
    assert [line["text"] for line in read_ledger(tmp_path)] == ["one\u2028two\u0085three\nfour"]


def test_the_ledger_and_the_evidence_are_for_their_owner_alone(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "run")
    ledger.proved(Evidence(section="02", title="Basics", target=TARGET, findings=()))
    modes = {path.relative_to(tmp_path): path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")}
    assert set(modes.values()) == {0}, modes


def test_evidence_names_people_in_a_file_of_its_own_and_not_in_the_ledger(tmp_path: Path) -> None:
    finding = Finding(
        check="D25", title="Not assigned", level="error", state="wrong", received="bo.agent@contoso.com", fix="07"
    )
    evidence = Evidence(
        section="07", title="Users", target=TARGET, findings=(finding,), planned=1, facts={"bo.agent@contoso.com": "x"}
    )
    opened(tmp_path).proved(evidence)
    assert read_evidence(tmp_path) == [evidence]
    assert "bo.agent" not in (tmp_path / FILE).read_text("utf-8")
    assert read_ledger(tmp_path)[0]["checks"] == [["D25", "wrong"]]


def test_the_last_evidence_of_a_section_counts_and_sections_come_in_order(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    for section, made in (("03", 0), ("01", 0), ("03", 2)):
        ledger.proved(Evidence(section=section, title="", target=TARGET, findings=(), made=made))
    assert [(each.section, each.made) for each in read_evidence(tmp_path)] == [("01", 0), ("03", 2)]


def test_a_folder_without_a_run_has_no_lines_and_no_evidence(tmp_path: Path) -> None:
    assert (read_ledger(tmp_path), read_evidence(tmp_path)) == ([], [])


@pytest.mark.parametrize("names", [frozenset(), frozenset({"Relay state"})])
def test_what_was_left_is_counted_in_the_ledger(tmp_path: Path, names: frozenset[str]) -> None:
    changes = (
        Change(setting="Relay state", now="x", should_be="", kind="~"),
        Change(setting="Sign-on URL", now="y", should_be="", kind="~"),
    )
    made = tuple(change for change in changes if change.setting in names)
    left = tuple(change for change in changes if change not in made)
    opened(tmp_path).applied(
        Applied(section="02", title="Basics", target=TARGET, made=made, left=left, why_not="not approved")
    )
    line = read_ledger(tmp_path)[0]
    assert all("key" not in each for kept in read_ledger(tmp_path, CHANGES) for each in kept["made"])
    assert (line["made"], line["left"], line["why_not"]) == (len(made), len(left), "not approved")
    assert json.dumps(line)


SPOILED = {
    "bad UTF-8": b'{"kind": "intent", "n": 1, "writer": "a", "path": "\xff\xfe"}\n',
    "a list": b"[1, 2]\n",
    "a number": b"7\n",
    "zeros": b"\0" * 64 + b"\n",
    "nothing": b"\n\n",
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_line_costs_no_other(name: str, tmp_path: Path) -> None:
    good = b'{"kind": "remark", "text": "good"}\n'
    (tmp_path / "ledger.jsonl").write_bytes(good + SPOILED[name] + good)
    assert [line["text"] for line in read_ledger(tmp_path)] == ["good", "good"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{}", b'{"findings": [7]}', b'{"findings": 7}', b"null"])
def test_spoiled_evidence_proves_nothing_and_stops_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "03.json").write_bytes(content)
    assert read_evidence(tmp_path) == []


def test_half_a_character_in_a_tenants_text_is_written_as_a_question(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, rehearsal=True, now=lambda: datetime.now(UTC))
    ledger.remark("a lone \ud83d surrogate")
    assert read_ledger(tmp_path)[-1]["text"] == "a lone ? surrogate"
    write_whole(tmp_path / "page.txt", "\udcff")
    assert (tmp_path / "page.txt").read_text("utf-8") == "?"


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


NOTES: dict[str, Callable[[Ledger], object]] = {
    "intent": lambda ledger: ledger.intent(service="graph", method="POST", path="/x", why="", before=None, body=None),
    "answer": lambda ledger: ledger.answer(1, status=200, note=""),
    "remark": lambda ledger: ledger.remark("x"),
    "note": lambda ledger: ledger.note("x", by="", owner="", due="", done=False),
}


@pytest.mark.parametrize("name", NOTES)
def test_a_full_disk_is_said_with_what_to_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path, rehearsal=True, now=lambda: datetime.now(UTC))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotKept) as caught:
        NOTES[name](ledger)
    assert "No space left on device" in caught.value.what
    assert (caught.value.notebook, "Make room" in caught.value.fix) == ("00", True)


def test_a_folder_that_cannot_be_made_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "acme").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(NotKept, match="acme"):
        Ledger(tmp_path / "acme" / "2026", rehearsal=True, now=lambda: datetime.now(UTC))
