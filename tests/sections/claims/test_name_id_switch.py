"""NameID from another source: who was proved under the old one is another worker, so the proof has to be made anew."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from onboarding import STEPS, look, onboard, open_settings
from stage import Stage, approved, through

from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world import journal

MIA = "mia.married@contoso.com"
TESTED: dict[str, Any] = {
    "test_sign_ons": [MIA],
    "assignments": {"users": [{"user": MIA, "role": "agent"}], "groups": []},
}


@pytest.mark.full
def test_after_a_switch_people_sign_on_again_and_are_proved_as_their_new_worker(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes=TESTED)
    asyncio.run(onboard(stage))
    stage.world.advance(600.0)
    assert journal.tenant_values(stage.world)["attested"]["sign_on"]["name_id"] == "mail"

    stage.changes |= {"name_id": "userprincipalname"}

    async def switch() -> tuple[list[str], Evidence]:
        session = await stage.open()
        claims = await STEPS["04"].plan(session)
        await STEPS["04"].apply(session, claims, approved(claims))
        plan, _, evidence = await through(session, STEPS["08"])
        return open_settings(plan), evidence

    planned, evidence = asyncio.run(switch())
    assert planned == [f"Sign-on of {MIA}"]
    assert [each.check for each in evidence.findings if each.fails] == []
    assert f"Worker · {MIA}" in {each.title for each in evidence.findings if each.received == MIA}
    stage.world.advance(600.0)
    before = stage.writes
    plan, evidence_again = asyncio.run(look(stage, "08", apply=True))
    assert (open_settings(plan), stage.writes) == ([], before)
    assert isinstance(evidence_again, Evidence)
