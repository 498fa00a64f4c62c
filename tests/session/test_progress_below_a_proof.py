"""Below each proof of a guided session stands how far the tenant is; a program's record has it in the handover page."""

import asyncio
import shutil
from pathlib import Path

import pytest
from onboarding import STEPS
from stage import PROJECT, Stage

from flexsso_helpers.ledger import read_ledger
from flexsso_helpers.notebooks import NOTEBOOKS
from flexsso_helpers.places import GUIDED
from flexsso_helpers.views.shown import text_of

PROVED = "1 of 9 proved"


def proof_of_05(folder: Path, *, notebooks: bool = True) -> tuple[str, str]:
    """Both faces of what 05 proves, once it has made what it plans."""

    async def go() -> tuple[str, str]:
        stage = Stage(folder)
        session = await stage.open(apply=True)
        for each in NOTEBOOKS if notebooks else ():
            shutil.copy(PROJECT / "notebooks" / each.file, session.folder)
        for number in ("01", "05"):
            plan = await STEPS[number].plan(session)
            await STEPS[number].apply(session, plan, session.approval(plan))
        evidence = await STEPS["05"].verify(session)
        assert [line["verdict"] for line in read_ledger(session.folder) if line["kind"] == "evidence"] == [
            evidence.verdict
        ]
        return text_of(evidence), evidence._repr_mimebundle_()["text/html"]

    return asyncio.run(go())


def test_a_person_sees_below_the_proof_that_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GUIDED, "1")
    for text in proof_of_05(tmp_path):
        assert PROVED in text
        assert text.index("proof") < text.index(PROVED)


@pytest.mark.parametrize(("guided", "notebooks"), [(False, True), (True, False)], ids=["by a program", "one alone"])
def test_where_nobody_goes_from_one_to_the_next_the_proof_stands_alone(
    guided: bool, notebooks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if guided:
        monkeypatch.setenv(GUIDED, "1")
    assert all("Progress" not in text for text in proof_of_05(tmp_path, notebooks=notebooks))
