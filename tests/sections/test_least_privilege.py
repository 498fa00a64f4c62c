"""Exactly the stated permissions are enough; with each one less the run names that one, or goes on without its use."""

import asyncio
from pathlib import Path

import pytest
from onboarding import DOCUMENTED, STEPS, proof
from stage import Stage, through

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.graph import SCOPES
from flexsso_helpers.session import opening

SERVES = {
    "Policy.Read.All": "what Policy.ReadWrite.ApplicationConfiguration allows too, by Microsoft's permission data",
    "Organization.Read.All": "the tenant's own name, and the licences that 00 advises on",
}
"""Permissions without which a run goes on, and what they serve."""


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *less: str) -> tuple[str, list[str], dict[str, int]]:
    """A whole onboarding with these permissions less than stated: all that was said, errors, outcomes by section."""
    asked_for = opening.scopes_for
    monkeypatch.setattr(
        opening,
        "scopes_for",
        lambda *given: [each for each in asked_for(*given) if not each.endswith(tuple(f"/{name}" for name in less))],
    )
    said, errors, outcomes = list[str](), list[str](), dict[str, int]()

    async def go() -> None:
        session = await Stage(folder).open()
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


@pytest.mark.full
def test_exactly_the_stated_permissions_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, errors, outcomes = run(tmp_path, monkeypatch)
    assert (errors, "permission" in said) == ([], False)
    assert outcomes == dict.fromkeys(DOCUMENTED, 2)


@pytest.mark.full
@pytest.mark.parametrize("less", SCOPES)
def test_with_each_one_less_that_one_is_named_or_nothing_needs_it(
    less: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, errors, outcomes = run(tmp_path, monkeypatch, less)
    if less in SERVES:
        assert errors == []
        assert outcomes == dict.fromkeys(DOCUMENTED, 2)
        return
    assert less in said  # 00 tells before anything is tried
    assert errors
    first = next(error for error in errors if "This account may not" in error or "403" in error)
    assert less in first
