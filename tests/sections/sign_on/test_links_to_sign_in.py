"""What 08 shows to a person who is to sign on: a link for each test user, in a rehearsal and live alike."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onboarding import STEPS
from stage import Stage

from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.sections.sign_on.my_apps_tile import link_of
from flexsso_helpers.views.shown import text_of

ADA, SOL, BO = "ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com"
LINK = "https://flex.twilio.com/contoso-1234"


def shown(stage: Stage, patch: pytest.MonkeyPatch, *, human: bool = True, **pasted: str) -> list[Any]:
    """What *Change* shows after the tick, where these people have pasted something already."""
    cards: list[Any] = []
    patch.setattr(sign_on, "show", cards.append)

    async def go() -> None:
        session = await stage.open(apply=False)
        if human:
            session.person = PersonAtTheConsole(ADA)
        form = sign_on.responses(session)
        for user, text in pasted.items():
            form.inputs[f"{user}@contoso.com"].value = text
        plan = await STEPS["08"].plan(session)
        cell = session.approval(plan)
        cell._box.tick.value = True
        await STEPS["08"].apply(session, plan, cell)

    asyncio.run(go())
    return cards


def test_each_test_user_gets_the_link_also_where_nobody_practises(
    before: Callable[[str], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    [card] = shown(before("08"), monkeypatch)
    text = text_of(card)
    for user, role in ((ADA, "admin"), (SOL, "supervisor"), (BO, "agent")):
        assert f"Sign in as {user} (expected in Flex as {role}): {LINK}" in text
    html = card._repr_mimebundle_()["text/html"]
    assert f'<a href="{LINK}" target="_blank" rel="noopener">' in html
    assert "[REHEARSAL]" in text
    assert [field["value"] for field in card.fields] == [LINK] * 3, "each can be copied into a private window"


def test_whoever_has_pasted_is_asked_no_more(before: Callable[[str], Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    [card] = shown(before("08"), monkeypatch, **{"sol.supervisor": "AADSTS50105"})
    assert [field["label"] for field in card.fields] == [f"Sign in as {ADA}", f"Sign in as {BO}"]


def test_the_tile_is_another_link(before: Callable[[str], Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    stage = before("08")
    stage.changes = {"flex": {"landing": LINK}}
    [card] = shown(stage, monkeypatch)
    last = card.fields[-1]
    assert (last["label"], last["hint"]) == (f"Open the tile as {ADA}", "on My Apps")
    assert last["value"].startswith(link_of("", "").split("?")[0])


def test_a_simulated_person_is_shown_none(before: Callable[[str], Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(before("08"), monkeypatch, human=False) == []


def test_where_nobody_has_said_whether_flex_opened_no_answer_is_shown(tmp_path: Path) -> None:
    async def go() -> str:
        return text_of(sign_on.responses(await Stage(tmp_path).open(apply=False)))

    opened = [line for line in asyncio.run(go()).splitlines() if "Flex opened as" in line]
    assert len(opened) == 3
    assert all(line.endswith("(not set)") for line in opened), opened
