"""A small slice of `make matrix`, and that it finds what it is there to find."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from cases import Known, case, run, undisturbed
from flows import Stretch, section, stretches
from forks import digest_of
from mishaps import MISHAPS, Disturbed
from onboarding import STEPS, application
from stage import PROJECT, Stage
from trying import all_cases, in_pieces

from flexsso_helpers.errors import Unreachable
from flexsso_helpers.plan import Evidence

SLICE = 3
PATHS = ("", "tests", *(f"tests/{each}" for each in ("matrix", "conformance", "rehearsal", "scenarios", "sections")))
"""The packages beside this file, and no others that may be installed, are tried."""


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stretch, Known]:
    """05 from nothing, the shortest stretch that writes."""
    stretch = next(each for each in stretches("from scratch") if each.name == "05")
    return stretch, undisturbed(stretch)


def test_a_sample_of_the_matrix_converges(roles: tuple[Stretch, Known]) -> None:
    stretch, known = roles
    cases = [(at, name) for at in range(1, len(known.requests) + 1) for name in known.mishaps[at - 1]]
    done = [case(stretch, known, at, name) for at, name in random.Random(5).sample(cases, SLICE)]
    assert [str(each) for each in done if each.kind != "converged"] == []


def broken(stretch: Stretch, go: Any) -> Stretch:
    return Stretch(stretch.flow, stretch.name, go, stretch.world, stretch.runs, stretch.count, stretch.changes)


@pytest.mark.thinned(5)
@pytest.mark.parametrize("kind", ["lost", "failed again", "traceback", "doubled", "endless", "wrongly proved"])
def test_what_is_lost_doubled_broken_endless_or_wrongly_proved_is_called_so(
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

    async def go(session: Any) -> Evidence:
        world, again = stages[-1].world, stages[-1]._runs > stretch.count + 1
        if kind == "traceback":
            raise KeyError("id")
        if kind == "failed again" and again:
            raise Unreachable("Nothing goes.")
        if kind == "endless":
            await session.sleep(5 * 3600.0)
        evidence = await good(session)
        entry = application(world)
        if (kind, again) in (("lost", True), ("wrongly proved", False)):
            world.store.put("application", entry["id"], entry | {"appRoles": []}, at=world.clock.now)
        if kind == "doubled" and again:
            world.store.put("application", "another", entry | {"id": "another"}, at=world.clock.now)
        return evidence

    done = case(broken(stretch, go), known, 1, "429, 7 seconds")
    assert done.kind == kind, done


def test_a_process_that_is_gone_writes_nothing_afterwards(roles: tuple[Stretch, Known], tmp_path: Path) -> None:
    stretch, known = roles
    stage = stretch.stage(tmp_path / "runs")
    gone = Disturbed(stage.app, len(known.requests), MISHAPS["gone before"])
    assert run(stretch, stage, gone).startswith("gone")
    lines = (tmp_path / "runs" / f"run-{stage._runs}" / "ledger.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[-1])["kind"] in ("applied", "answer")  # the evidence that follows is not written


def test_the_first_cases_are_one_of_each_class_and_none_is_left_out(roles: tuple[Stretch, Known]) -> None:
    classes = all_cases({("from scratch", "05"): roles[1]})
    for seed in (1, 2):
        tried = [each for piece in in_pieces(classes, seed) for each in piece]
        assert sorted(tried) == sorted(each for cases in classes.values() for each in cases)
        first = tried[: len(classes)]
        assert all(len(set(cases) & set(first)) == 1 for cases in classes.values())
    assert len(classes) < len(tried)


def test_what_a_run_left_is_the_same_only_where_a_later_run_finds_the_same(
    roles: tuple[Stretch, Known], tmp_path: Path
) -> None:
    stretch, _ = roles
    one, other = stretch.stage(tmp_path / "one"), stretch.stage(tmp_path / "other")
    other.world.advance(7.0)
    assert digest_of(one) == digest_of(other)
    entry = application(other.world)
    other.world.store.put("application", entry["id"], entry | {"appRoles": []}, at=other.world.clock.now)
    assert digest_of(one) != digest_of(other)
    again = stretch.stage(tmp_path / "again")
    assert run(stretch, again, None) == ""
    world = stretch.world.copy()
    again.world = world
    assert digest_of(again) != digest_of(one)  # by its ledger alone


@pytest.mark.full
def test_a_fork_comes_to_the_same_as_a_run_of_its_own(tmp_path: Path) -> None:
    """Of the mishaps one is retried, and some end the run."""
    code = """
        from one_thread import in_one_thread
        in_one_thread()
        from cases import case, undisturbed
        from flows import stretches
        from forks import along
        stretch = next(each for each in stretches("from scratch") if each.name == "02")
        known = undisturbed(stretch)
        last = len(known.requests)
        wanted = {8: ["503", "403"], last // 2: ["lost after", "gone after", "200, {}"], last: ["stale", "407"]}
        forked = along(stretch, known, wanted, {})
        alone = [case(stretch, known, at, name) for at, names in wanted.items() for name in names]
        assert forked == alone, (forked, alone)
        print(len(forked))
    """
    assert alone(code, tmp_path) == "7\n"


@pytest.mark.full
def test_each_flow_meets_each_mishap_once_and_converges(tmp_path: Path) -> None:
    code = """
        from flows import FLOWS
        from mishaps import MISHAPS
        from trying import all_cases, one_of_each, ready, tried
        pieces = one_of_each(all_cases(ready(FLOWS, "keys")), 1)
        done = [each for piece in pieces for each in tried(piece, FLOWS, "keys")]
        assert {(each.flow, each.mishap) for each in done} == {(flow, name) for flow in FLOWS for name in MISHAPS}
        print(*(each for each in done if each.kind != "converged"), sep="\\n", end="")
    """
    assert alone(code, tmp_path) == ""


def alone(code: str, folder: Path) -> str:
    """What it prints in a process without threads, where the forks are."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", dedent(code)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(str(PROJECT / each) for each in PATHS)},
        cwd=folder, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
