"""The thirty failures of real onboardings, live: none is missed, and one that nothing tells would be."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from failures import Case, Told, classified, files, load, played, worst

from flexsso_helpers.rehearsal.world.world import World

CASES = [(path, number) for path in files() for number in range(len(load(path).cases))]


def test_there_are_thirty() -> None:
    assert [load(path).number for path in files()] == list(range(1, 31))


@pytest.mark.sampled(4)
@pytest.mark.full
@pytest.mark.parametrize(("path", "number"), CASES, ids=[f"{path.stem}-{number}" for path, number in CASES])
def test_a_failure_is_met_as_its_file_says(
    path: Path, number: int, worlds: Mapping[str, World], tmp_path: Path
) -> None:
    case = load(path).cases[number]
    outcome = played(case, worlds, tmp_path)
    assert outcome.verdict == case.verdict, outcome


ORDER = ("prevented", "detected", "explained", "missed")


def test_no_failure_is_expected_to_be_missed_and_few_show_only_at_the_sign_on() -> None:
    verdicts = [max((case.verdict for case in load(path).cases), key=ORDER.index) for path in files()]
    assert verdicts.count("missed") == 0
    assert verdicts.count("explained") <= 3


def test_a_cause_that_nothing_tells_is_missed() -> None:
    told = [Told("00", "Without a mail address: nia.nomail@contoso.com. Fill it in.")]
    case = Case(verdict="detected", notebook="06", says=["X.509 Certificate"])
    assert classified(case, told, proved=False).verdict == "missed"
    assert classified(case, told, proved=True).verdict == "missed"  # green where the cause stands is no success
    named = Told("08", "Compare the X.509 Certificate.")
    assert classified(case, [named], proved=False).verdict == "missed"  # it has to name the notebook that mends it
    said = Told("08", "Compare the X.509 Certificate. 06 · Flex Console: paste it again.")
    assert classified(case, [said], proved=False).verdict == "explained"
    assert worst([classified(case, [said], proved=False), classified(case, [], proved=False)]).verdict == "missed"
