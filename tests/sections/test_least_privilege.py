"""Exactly the stated permissions are enough; with each one less the run names that one, or goes on without its use."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import End, end_of
from flows import people, section
from onboarding import DOCUMENTED, STEPS, proof
from stage import PROJECT, Stage, through

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.graph import ASSIGNING, SCOPES
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT
from flexsso_helpers.sections import drift, undo
from flexsso_helpers.sections.rotation.step import STEPS as PHASES
from flexsso_helpers.session import opening
from flexsso_helpers.session.rights import AUDIT_LOG
from flexsso_helpers.views.shown import text_of

SERVES = {
    "Policy.Read.All": "what Policy.ReadWrite.ApplicationConfiguration allows too, by Microsoft's permission data",
    "Organization.Read.All": "the tenant's own name, and the licences that 00 advises on",
}
"""Permissions without which a run goes on, and what they serve."""
WAYS: dict[str, dict[str, Any]] = {
    "delegated": {},
    "application": {
        "method": "client_certificate", "client_id": AUTOMATION_CLIENT, "certificate": "file:/nowhere/contoso.pem",
        "user": None,
    },
}  # fmt: skip
"""Who holds them: a person who signs in, or an application that does so by itself."""
LATER = {
    "20": section(drift.STEP), "21": section(PHASES["stage"]), "22": people, "29": section(undo.STEP),
}  # fmt: skip
"""What is run after an onboarding."""


def with_less(stage: Stage, way: str, monkeypatch: pytest.MonkeyPatch, *less: str, log: bool = False) -> Stage:
    """The same stage, where whoever signs in this way holds these permissions less than are stated."""
    stage.changes = {"sign_in": WAYS[way] | ({"audit_log": True} if log else {})}
    held = [each for each in (*SCOPES, *(AUDIT_LOG if log else ())) if each not in less]
    (entry,) = stage.world.store.find("servicePrincipal", "appId", AUTOMATION_CLIENT)
    stage.world.store.put("servicePrincipal", entry["id"], entry | {"_granted": held}, at=stage.world.clock.now - 86400)
    if way == "delegated":
        asked_for = opening.scopes_for
        monkeypatch.setattr(
            opening,
            "scopes_for",
            lambda *given: [
                each for each in asked_for(*given) if not each.endswith(tuple(f"/{name}" for name in less))
            ],
        )
    return stage


def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *less: str, way: str = "delegated"
) -> tuple[str, list[str], dict[str, int]]:
    """A whole onboarding with these permissions less than stated: all that was said, errors, outcomes by section."""
    said, errors, outcomes = list[str](), list[str](), dict[str, int]()

    async def go() -> None:
        session = await with_less(Stage(folder), way, monkeypatch, *less).open()
        before = await proof(session, "00")
        said.append("\n".join(f"{each.title} {each.received} {each.fix}" for each in before.findings))
        for number in DOCUMENTED:
            try:
                outcomes[number] = (await through(session, STEPS[number]))[2].outcome
            except FlexSSOError as error:
                errors.append(str(error))

    try:
        asyncio.run(go())
    except FlexSSOError as error:
        errors.append(str(error))
    return "\n".join(said), errors, outcomes


def test_the_page_lists_exactly_what_is_tried_here() -> None:
    page = (PROJECT / "docs" / "many_tenants.md").read_text("utf-8").partition("## Which permissions")[2]
    rows = page.partition("Register no others.")[0]
    assert set(re.findall(r"`([A-Z]\w+(?:\.\w+)+)`", rows)) == {*SCOPES, *AUDIT_LOG}


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
def test_exactly_the_stated_permissions_are_enough(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, errors, outcomes = run(tmp_path, monkeypatch, way=way)
    assert (errors, "permission" in said) == ([], False)
    assert outcomes == dict.fromkeys(DOCUMENTED, 2)


@pytest.mark.thinned(14)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("less", SCOPES)
def test_with_each_one_less_that_one_is_named_or_nothing_needs_it(
    less: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, errors, outcomes = run(tmp_path, monkeypatch, less, way=way)
    if less in SERVES:
        assert errors == []
        assert outcomes == dict.fromkeys(DOCUMENTED, 2)
        return
    assert less in said  # 00 tells before anything is tried
    assert errors
    first = next(error for error in errors if "This account may not" in error or "403" in error)
    assert less in first


def later(number: str, stage: Stage, way: str, monkeypatch: pytest.MonkeyPatch, *less: str) -> tuple[str, int, End]:
    """What a later section said with these permissions less, its outcome (-1: an error), and the world afterwards."""
    (whoever,) = stage.world.store.find("servicePrincipal", "appId", AUTOMATION_CLIENT)
    with_less(stage, way, monkeypatch, *less, log=True)

    async def go() -> Evidence:
        return await LATER[number](await stage.open(unattended=True))

    try:
        evidence = asyncio.run(go())
        said, outcome = text_of(evidence), int(evidence.outcome)
    except FlexSSOError as error:
        said, outcome = str(error), -1
    stage.world.store.put("servicePrincipal", whoever["id"], whoever, at=stage.world.clock.now)
    return said, outcome, end_of(stage.world)


@pytest.mark.thinned(72)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("less", [ASSIGNING, *(each for each in (*SCOPES, *AUDIT_LOG) if each != ASSIGNING)])
@pytest.mark.parametrize("number", ["22", "20", "21", "29"])
def test_what_is_run_later_names_the_one_that_it_lacks_or_ends_alike_without_it(
    number: str, less: str, way: str, afterwards: Callable[[str], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as nothing_less:
        whole, outcome, end = later(number, afterwards("whole"), way, nothing_less)
    assert outcome in (0, 2), whole
    assert "permission" not in whole
    said, *ended = later(number, afterwards("less"), way, monkeypatch, less)
    assert less in said or ended == [outcome, end], said
