"""A group's name that several groups have: 00 shows it beside everything else, 07 refuses to choose."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from onboarding import STEPS, finding
from preparations import two_groups_of_a_name
from stage import Stage

from flexsso_helpers.errors import Ambiguous
from flexsso_helpers.rehearsal.world.world import World


@pytest.mark.full
def test_it_is_one_line_of_00_and_a_refusal_of_07(worlds: Mapping[str, World], tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=worlds["07"].copy())

    async def go() -> None:
        await two_groups_of_a_name(stage)
        session = await stage.open()
        start = await STEPS["00"].verify(session)
        said = finding(start, "D24", "Which group is meant")
        assert (said.level, said.state) == ("warning", "wrong")
        assert said.received.startswith("2 groups are called “Flex Agents”: ")
        assert finding(start, "S61").state == "holds"  # the nested group lies in that which is not clear
        assert start.outcome == 0
        with pytest.raises(Ambiguous, match="2 groups are called"):
            await STEPS["07"].plan(session)

    asyncio.run(go())
