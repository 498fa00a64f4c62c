"""What several runs left is one story: the newest proof of each step, over days and kernels, of one world alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flexsso_helpers.history import History, history, history_of, history_until, made_before
from flexsso_helpers.ledger import Ledger, read_ledger
from flexsso_helpers.plan import Applied, Change, Evidence, Finding, Target
from flexsso_helpers.sections.basic_saml.state import State, compared

MORNING = datetime(2026, 11, 2, 8, tzinfo=UTC)
TARGET = Target(
    tenant="contoso", title="Contoso", cloud="global", tenant_id="t", account_sid="AC", application="Twilio Flex"
)
HERE = "global t AC"


def finding(check: str, state: str, fix: str = "", **more: object) -> Finding:
    return Finding(check=check, title=check, level="error", state=state, fix=fix, **more)  # type: ignore[arg-type]


def evidence(section: str, *findings: Finding, made: int = 0) -> Evidence:
    return Evidence(section=section, title=section, target=TARGET, findings=findings, made=made)


class Runs:
    """Runs of a tenant; each `kernel` opens a ledger some hours after the morning."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def kernel(self, run: str, *, hours: float, world: str = HERE) -> Ledger:
        ledger = Ledger(self.folder / run, rehearsal=False, now=lambda: MORNING + timedelta(hours=hours))
        ledger.opened(world=world, by="ada.admin@contoso.com", versions={"flexsso": "0"})
        return ledger

    def told(self) -> History:
        return history_of(self.folder)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "contoso")


HOLDS, FAILS = finding("S24", "holds"), finding("S24", "wrong")


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("a", "a")], ids=["in order", "out of order", "one run"])
def test_the_newest_proof_of_a_step_counts_whatever_its_run_is_called(runs: Runs, names: tuple[str, str]) -> None:
    runs.kernel(names[0], hours=0).proved(evidence("03", FAILS))
    runs.kernel(names[1], hours=24).proved(evidence("03", HOLDS))
    told = runs.told().proofs["03"]
    assert (told.evidence.findings, told.at) == ((HOLDS,), "2026-11-03T08:00:00+00:00")


def test_what_belongs_to_another_tenant_or_to_a_rehearsal_before_its_reset_is_not_told(runs: Runs) -> None:
    before = runs.kernel("a", hours=5, world="rehearsal t AC 0")
    before.proved(evidence("03", HOLDS))
    before.applied(applied("03"))
    before.note("old", by="Ada", owner="", due="", done=False)
    after = runs.kernel("b", hours=0, world="rehearsal t AC 1")  # the rehearsal's clock began anew
    after.proved(evidence("01", HOLDS))
    told = runs.told()
    assert set(told.proofs) == {"01"}
    assert [run.name for run in told.runs] == ["b"]
    assert (told.changes, told.notes) == ((), ())


def test_a_proof_of_before_the_reset_in_the_same_run_is_not_told(runs: Runs) -> None:
    runs.kernel("a", hours=5, world="rehearsal t AC 0").proved(evidence("03", HOLDS))
    runs.kernel("a", hours=0, world="rehearsal t AC 1").proved(evidence("01", HOLDS))
    assert set(runs.told().proofs) == {"01"}


def test_ledgers_that_do_not_say_what_they_opened_are_told_together(tmp_path: Path) -> None:
    for hours, section in ((0, "01"), (1, "03")):
        ledger = Ledger(tmp_path / section, rehearsal=False, now=lambda hours=hours: MORNING + timedelta(hours=hours))  # type: ignore[misc]
        ledger.proved(evidence(section, HOLDS))
    assert set(history_of(tmp_path).proofs) == {"01", "03"}


WAITS = finding("F19", "waiting", "Flex Console › Single sign-on: start the set-up, then copy the two values into 02.")


@pytest.mark.parametrize("looking", ["00", "20"])
@pytest.mark.parametrize(("later", "left"), [("02", 1), ("03", 2)], ids=["the one it names", "another"])
def test_what_a_look_at_all_found_open_is_told_by_the_notebook_that_was_proved_since(
    runs: Runs, looking: str, later: str, left: int
) -> None:
    runs.kernel("a", hours=0).proved(evidence(looking, HOLDS, WAITS))
    assert runs.told().proofs[looking].evidence.outcome == 3
    runs.kernel("a", hours=1).proved(evidence(later, HOLDS))
    first = runs.told().proofs[looking].evidence
    assert len(first.findings) == left
    assert first.outcome == (0 if left == 1 else 3)


def test_a_proof_from_before_says_nothing_of_what_00_waits_for_now(runs: Runs) -> None:
    runs.kernel("a", hours=0).proved(evidence("02", HOLDS))
    runs.kernel("a", hours=1).proved(evidence("00", WAITS))
    assert runs.told().proofs["00"].evidence.findings == (WAITS,)


PASTED = finding(
    "D21", "said", "08 · Test the sign-on: a sign-on shows whether Flex has it.", said="by Ada on 2026-11-02"
)
ELSEWHERE = finding("F60", "said", "Nobody can look.", said="by Ada on 2026-11-02")


@pytest.mark.parametrize(
    ("sign_on", "backed"),
    [
        (finding("D29", "holds"), True),
        (finding("D29", "wrong"), False),
        (finding("D29", "waiting"), False),
        (finding("D29", "said", said="by Ada on 2026-11-02"), False),
    ],
    ids=["seen", "refused", "awaited", "said"],
)
def test_a_sign_on_that_was_seen_speaks_for_what_was_said_before_it(runs: Runs, sign_on: Finding, backed: bool) -> None:
    runs.kernel("a", hours=0).proved(evidence("06", PASTED, ELSEWHERE))
    runs.kernel("b", hours=1).proved(evidence("08", sign_on))
    told = runs.told().proofs["06"].evidence
    assert told.findings == (replace(PASTED, backed=backed), ELSEWHERE)
    assert told.only_said == (1 if backed else 2)


def test_it_speaks_for_values_of_console_that_were_copied_into_02(runs: Runs) -> None:
    """A run that was cut off after 02 finds them unchanged, and nobody saw them before its sign-on."""
    copied = compared("AC1", State(connection="JQ1"))
    assert copied.state == "said"
    runs.kernel("a", hours=0).proved(evidence("02", copied))
    assert runs.told().proofs["02"].evidence.outcome == 3
    runs.kernel("a", hours=1).proved(evidence("08", finding("D29", "holds")))
    assert runs.told().proofs["02"].evidence.outcome == 0


def applied(section: str, *settings: str) -> Applied:
    made = tuple(
        Change(setting=each, now=("a", "b"), should_be=None, kind="-", instructions=("D14",))
        for each in settings or ("One",)
    )
    return Applied(section=section, title=section, target=TARGET, made=made, plan="p", approved_by="ada@contoso.com")


def test_what_an_earlier_kernel_of_the_run_made_is_made(runs: Runs) -> None:
    first = runs.kernel("a", hours=0)
    first.section = "03"
    first.applied(applied("03", "One", "Two"))
    runs.kernel("other", hours=0).applied(applied("03", "Three"))
    made = made_before(runs.folder / "a", HERE)
    assert made == {"03": list(applied("03", "One", "Two").made)}
    assert made_before(runs.folder / "a", "another world") == {}


def test_changes_lie_beside_the_ledger_which_names_no_setting_of_a_person(runs: Runs) -> None:
    ledger = runs.kernel("a", hours=0)
    ledger.section = "07"
    ledger.applied(applied("07", "User bo.agent@contoso.com"))
    assert "bo.agent" not in str(read_ledger(runs.folder / "a"))
    (line,) = runs.told().changes
    assert (line["section"], line["plan"], line["by"]) == ("07", "p", "ada@contoso.com")
    assert [(each["setting"], each["now"], each["should_be"]) for each in line["made"]] == [
        ("User bo.agent@contoso.com", ["a", "b"], None)
    ]


def test_a_run_that_writes_elsewhere_is_told_alone(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.kernel("a", hours=0).proved(evidence("01", HOLDS))
    runs.kernel("b", hours=1).proved(evidence("03", HOLDS))
    monkeypatch.setenv("FLEXSSO_RUNS", str(runs.folder.parent))
    assert set(history_until(runs.folder / "b").proofs) == {"01", "03"}
    monkeypatch.setenv("FLEXSSO_RUNS", str(runs.folder.parent / "elsewhere"))
    assert set(history_until(runs.folder / "b").proofs) == {"03"}
    assert history([]).evidence == []


@pytest.mark.parametrize("proved_since", [False, True])
def test_a_step_that_an_error_broke_off_is_not_called_through_until_it_is_proved(
    runs: Runs, proved_since: bool
) -> None:
    runs.kernel("a", hours=0).proved(evidence("03", HOLDS))
    later = runs.kernel("a", hours=1)
    later.section = "03"
    later.applied(replace(applied("03"), made=(), why_not="an error stopped it half way"))
    if proved_since:
        runs.kernel("b", hours=2).proved(evidence("03", HOLDS))
    told = runs.told().progress()
    assert told.stages[3].standing == ("proved" if proved_since else "failed")
    assert len(told.points) == (0 if proved_since else 1)
    assert told.outcome == (3 if proved_since else 1)


def test_what_was_proved_before_something_was_given_back_is_not_known_any_more(runs: Runs) -> None:
    runs.kernel("a", hours=0).proved(evidence("03", HOLDS))
    runs.kernel("a", hours=0).proved(evidence("05", HOLDS))
    undo = runs.kernel("b", hours=1)
    undo.section = "29"
    undo.applied(applied("29", "Signing option"))
    undo.proved(evidence("29", HOLDS))
    runs.kernel("c", hours=2).proved(evidence("05", HOLDS))
    assert set(runs.told().proofs) == {"05", "29"}
    assert runs.told().progress().stages[3].standing == "no proof yet"
