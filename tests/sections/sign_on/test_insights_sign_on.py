"""08 for somebody with an Insights role: both roles are expected, sent, and kept by Flex (D26, D31, D32)."""

import asyncio
import json
from pathlib import Path

from onboarding import finding, forget_sign_ons, onboard, worker_of
from stage import Stage

from flexsso_helpers.rehearsal.world.world import World

SOL = "sol.supervisor@contoso.com"


def test_the_response_and_the_worker_have_both_roles(proved_world: World, tmp_path: Path) -> None:
    users = [{"user": SOL, "role": "supervisor", "insights": ["wfo.team_leader"]}]
    changes = {"insights": ["wfo.team_leader"], "assignments": {"users": users}, "test_sign_ons": [SOL]}
    stage = Stage(tmp_path, world=proved_world.copy(), changes=changes)
    forget_sign_ons(stage.world)
    done = asyncio.run(onboard(stage, since="05"))
    plan, _, evidence = done["08"]
    (shown,) = [change for change in plan.changes if change.setting == f"Sign-on of {SOL}"]
    assert "supervisor, wfo.team_leader" in str(shown)
    assert evidence.facts[SOL].startswith("roles supervisor, wfo.team_leader")
    assert json.loads(worker_of(stage.world, SOL)["attributes"])["roles"] == ["supervisor", "wfo.team_leader"]
    roles = finding(evidence, "D32", "Worker’s roles")
    assert (roles.state, roles.received) == ("holds", roles.configured)
