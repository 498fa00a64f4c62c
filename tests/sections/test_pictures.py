"""The picture of a sign-on ends where it ended, and says why; that of the certificates shows what is active."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from onboarding import onboard
from stage import Stage

from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.sections.signing import step as signing


async def draw(folder: Path, user: str, **more: Any) -> str:
    stage = Stage(folder, changes={"test_sign_ons": [user], **more})
    await onboard(stage, until="07")
    session = await stage.open()
    nobody = "Nobody signed on in this session. No earlier sign-on is proved either."
    assert nobody in " ".join(sign_on.pictures(session).text.split())
    plan = await sign_on.plan(session)
    await sign_on.apply(session, plan, session.approval(plan))
    return sign_on.pictures(session).text


@pytest.mark.full
def test_a_sign_on_that_is_let_in_is_drawn_to_its_end(tmp_path: Path) -> None:
    text = asyncio.run(draw(tmp_path, "bo.agent@contoso.com"))
    assert "3. signed response: response and assertion signed" in text
    assert "4. signed in: roles agent" in text
    assert "✗" not in text


@pytest.mark.full
def test_a_refusal_of_entra_ends_the_picture(tmp_path: Path) -> None:
    text = asyncio.run(draw(tmp_path, "nia.nomail@contoso.com"))
    assert "3. ✗ Entra refused: AADSTS501241" in text
    assert "4." not in text


async def certificates(folder: Path) -> tuple[str, str]:
    stage = Stage(folder)
    session = await stage.open()
    before = (await signing.timeline(session)).text
    await onboard(stage, until="03")
    return before, (await signing.timeline(await stage.open())).text


@pytest.mark.full
def test_the_certificates_over_time_are_read_from_entra(tmp_path: Path) -> None:
    before, after = asyncio.run(certificates(tmp_path))
    assert before.endswith("There is none yet.")
    (line,) = [line for line in after.splitlines() if "…" in line]
    assert " · active · 2026-11-02 to 2029-11-01 · 1,0" in line
