"""A small slice of `make matrix`, and that it finds what it is there to find."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from cases import Known, _run, case, undisturbed
from flows import Stretch, section, stretches
from mishaps import MISHAPS, Disturbed
from onboarding import STEPS, application
from stage import Stage

from flexsso_helpers.errors import Unreachable

SLICE = 6


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stretch, Known]:
    """05 from nothing, the shortest stretch that writes."""
    stretch = next(each for each in stretches("from scratch") if each.name == "05")
    return stretch, undisturbed(stretch)


def test_a_sample_of_the_matrix_converges(roles: tuple[Stretch, Known]) -> None:
    stretch, known = roles
    cases = [(at, name) for at in range(1, known.requests + 1) for name in MISHAPS]
    done = [case(stretch, known, at, name) for at, name in random.Random(5).sample(cases, SLICE)]
    assert [str(each) for each in done if each.kind not in ("converged", "not to be")] == []
    assert any(each.kind == "converged" for each in done)


def broken(stretch: Stretch, go: Any) -> Stretch:
    return Stretch(stretch.flow, stretch.name, go, stretch.world, stretch.runs, stretch.count, stretch.changes)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("kind", ["lost", "failed again", "traceback", "doubled", "endless"])
def test_what_is_lost_doubled_broken_or_endless_is_called_so(
    kind: str, roles: tuple[Stretch, Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same stretch with a section that is wrong in this way."""
    stretch, known = roles
    good = section(STEPS["05"])
    stages = list[Stage]()
    make = Stretch.stage

    def noted(self: Stretch, folder: Path) -> Stage:
        stages.append(make(self, folder))
        return stages[-1]

    monkeypatch.setattr(Stretch, "stage", noted)

    async def go(session: Any) -> None:
        world, again = stages[-1].world, stages[-1]._runs > stretch.count + 1
        if kind == "traceback":
            raise KeyError("id")
        if kind == "failed again" and again:
            raise Unreachable("Nothing goes.")
        if kind == "endless":
            await session.sleep(5 * 3600.0)
        await good(session)
        entry = application(world)
        if kind == "lost" and again:
            world.store.put("application", entry["id"], entry | {"appRoles": []}, at=world.clock.now)
        if kind == "doubled" and again:
            world.store.put("application", "another", entry | {"id": "another"}, at=world.clock.now)

    done = case(broken(stretch, go), known, 1, "429, 7 seconds")
    assert done.kind == kind, done


def test_a_process_that_is_gone_writes_nothing_afterwards(roles: tuple[Stretch, Known], tmp_path: Path) -> None:
    stretch, known = roles
    stage = stretch.stage(tmp_path / "runs")
    gone = Disturbed(stage.app, known.requests, MISHAPS["gone before"])
    assert _run(stretch, stage, gone).startswith("gone")
    lines = (tmp_path / "runs" / f"run-{stage._runs}" / "ledger.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[-1])["kind"] in ("applied", "answer")  # the evidence that follows is not written
