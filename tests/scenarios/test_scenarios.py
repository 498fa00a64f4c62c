"""Scenarios as files: a tenant as it is found, what is expected of the runbook there, and nothing left to do after it.

A file is one scenario; `Scenario` says what may stand in it. Each is run twice. The first run takes nothing away but
what the file names (`gone`); the second plans only what was left to a person (`left`), and writes nothing.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import failures
import pytest
from preparations import PREPARATIONS
from pydantic import ValidationError
from scenario import Scenario, load
from scenario_play import play
from stage import Stage

from flexsso_helpers.rehearsal.world.world import World

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))

END: dict[str, Any] = {"planned": {"01": []}, "signs_on": {"bo.agent@contoso.com": ["agent"]}}
AS_LARGE_AS_THEY_ARE = [
    pytest.param(path, marks=[pytest.mark.full] if (load(path).people or 0) > 100 else []) for path in FILES
]
REFUSED = {"error": "Refused", "notebook": "01", "says": ["because"]}


@pytest.mark.sampled(4)
@pytest.mark.full
@pytest.mark.parametrize("path", AS_LARGE_AS_THEY_ARE, ids=lambda path: path.stem)
def test_a_tenant_as_it_is_found(path: Path, worlds: Mapping[str, World], tmp_path: Path) -> None:
    scenario = load(path)
    asyncio.run(play(Stage(tmp_path, world=scenario.world(worlds), changes=scenario.parameters), scenario))


def named(scenario: Scenario) -> list[str]:
    return [*scenario.seed, *(name for names in scenario.meanwhile.values() for name in names)]


def test_there_are_many() -> None:
    assert len(FILES) >= 25
    assert len({load(path).title for path in FILES}) == len(FILES)
    of_failures = {name for path in failures.files() for case in failures.load(path).cases for name in case.seed}
    assert {name for path in FILES for name in named(load(path))} | of_failures == set(PREPARATIONS)


@pytest.mark.parametrize(
    "more",
    [
        {"sead": []},
        {"expect": {"planned": {"01": []}}},
        {"expect": END | {"planed": {}}},
        {"expect": END | {"waits": {"06": "Paste"}}},
        {"expect": {"signs_on": END["signs_on"]}},
        {"expect": {"refused": REFUSED, "planned": {"01": []}}},
        {"expect": {"refused": REFUSED | {"says": []}}},
        {"before": "10"},
        {"before": "09", "cloud": "gov_l4"},
        {"before": "09", "people": 500},
        {"meanwhile": {"00": ["foreign_role"]}},
    ],
    ids=[
        "key",
        "no end",
        "key below expect",
        "two ends",
        "no plan",
        "plan of a refused run",
        "refused without a word",
        "notebook",
        "earlier run elsewhere",
        "earlier run of many",
        "moment",
    ],
)
def test_what_a_scenario_does_not_know_is_refused(more: dict[str, Any]) -> None:
    plain = {"title": "Plain", "expect": END}
    assert Scenario.model_validate(plain).before == "01"
    with pytest.raises(ValidationError):
        Scenario.model_validate(plain | more)
