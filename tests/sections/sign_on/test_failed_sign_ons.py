"""Sign-ons that fail: what the page said, what it means, which notebook mends it, and another try afterwards."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from onboarding import STEPS, change_console, change_policy, finding, forget_sign_ons, policies_of, proof, unassign
from stage import Stage, through

from flexsso_helpers.errors import NotProven
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory.credentials import build_certificate
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.flex_console import step as flex_console

ADA = "ada.admin@contoso.com"


def another_certificate(world: World) -> None:
    """Console holds a certificate, but not the one that signs."""
    now = world.clock.now
    made = build_certificate(world, "another", start=now - 86400, end=now + 86400 * 100)
    change_console(world, certificate=made.public_bytes(Encoding.PEM).decode())


def issuer_without_slash(world: World) -> None:
    change_console(world, issuer="https://sts.windows.net/f1e55000-0000-4000-8000-000000000001")


def without_email(world: World) -> None:
    body = json.loads(policies_of(world, "claimsMappingPolicy")[0]["definition"][0])["ClaimsMappingPolicy"]
    kept = [entry for entry in body["ClaimsSchema"] if entry["SamlClaimType"] != "email"]
    change_policy(world, "claimsMappingPolicy", "ClaimsMappingPolicy", ClaimsSchema=kept)


def nothing(_world: World) -> None:
    """The person is the trouble, not a setting."""


COMPARE = (
    "The response itself is right, so Flex Console holds another certificate or another issuer, or was not saved, or "
    "this is another connection. Compare on its page for urn:flex:JQf1e55000000000000000000000000001: "
    "X.509 Certificate (thumbprint {key}, valid to {end}), Identity Provider Issuer "
    "(https://sts.windows.net/f1e55000-0000-4000-8000-000000000001/, final slash included). "
    "06 · Flex Console: paste the values again and save."
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is wrong before the sign-on; what the page says; what the finding advises; further checks that fail."""

    name: str
    spoil: Callable[[World], None] = nothing
    who: str = ADA
    said: str
    advice: str
    further: tuple[str, ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)


ROWS = [
    Row(
        name="console-issuer-lacks-its-slash",
        spoil=issuer_without_slash,
        said="error code 70252",
        advice=f"Flex refused the SAML response. {COMPARE}",
    ),
    Row(
        name="console-holds-another-certificate",
        spoil=another_certificate,
        said="error code 70252",
        advice=f"Flex refused the SAML response. {COMPARE}",
    ),
    Row(
        name="flex-misses-an-attribute",
        spoil=without_email,
        said="error code 45050",
        advice="Flex misses email, full_name or roles. It is also Flex's general answer when the sign-on failed "
        "otherwise, so it proves nothing alone. The checks of the response below say why.",
        further=("S55",),
    ),
    Row(
        name="person-without-mail",
        who="nia.nomail@contoso.com",
        said="AADSTS501241: Mandatory Input 'mail' missing",
        advice="The NameID could not be built: its source is empty for this person, often because `mail` is empty. "
        "04 · Attributes and claims: fill the person's mail, or choose the user principal name for everybody.",
    ),
    Row(
        name="account-disabled",
        who="dee.disabled@contoso.com",
        said="AADSTS50057: The user account is disabled.",
        advice="The account is disabled. An administrator enables the account in Entra.",
        changes={"assignments": {"users": [{"user": "dee.disabled@contoso.com", "role": "agent"}]}},
    ),
]


@pytest.fixture
def unproved(proved_world: World) -> World:
    """Everything is set, and nobody has signed on yet."""
    world = proved_world.copy()
    forget_sign_ons(world)
    return world


@pytest.mark.thinned(3)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_failed_sign_on_says_what_it_means_and_where_it_is_mended(row: Row, unproved: World, tmp_path: Path) -> None:
    row.spoil(unproved)
    stage = Stage(tmp_path, world=unproved, changes={"test_sign_ons": [row.who], **row.changes})

    async def sign_on() -> Evidence:
        session = await stage.open()
        if row.changes:
            await through(session, STEPS["07"])
        step = STEPS["08"]
        plan = await step.plan(session)
        await step.apply(session, plan, session.approval(plan))
        with pytest.raises(NotProven) as caught:
            await step.verify(session)
        assert caught.value.notebook == "08"
        assert len(str(caught.value).splitlines()) <= 12
        console = await flex_console.read(session)
        advice = row.advice.format(
            key=dict(console.thumbprints)[console.certificate_sha256], end=console.certificate_end
        )
        assert advice in caught.value.fix
        assert session.tenant.attested.sign_on is None  # nothing is attested that was not proved
        evidence = await proof(session, "08")
        assert finding(evidence, "D29", "Sign-on of").fix == advice
        return evidence

    evidence = asyncio.run(sign_on())
    seen = finding(evidence, "D29", "Sign-on of")
    assert row.said in seen.received
    failing = [each.check for each in evidence.findings if each.fails]
    assert failing == ["D29", *row.further]
    assert evidence.outcome == 1


def test_the_summary_of_a_response_that_fails_does_not_say_that_all_hold(unproved: World, tmp_path: Path) -> None:
    without_email(unproved)
    stage = Stage(tmp_path, world=unproved, changes={"test_sign_ons": [ADA]})

    async def sign_on() -> Evidence:
        session = await stage.open()
        step = STEPS["08"]
        plan = await step.plan(session)
        await step.apply(session, plan, session.approval(plan))
        return await proof(session, "08")

    summary = finding(asyncio.run(sign_on()), "D29", "Checks of the response")
    assert summary.state == "wrong"
    assert summary.received.endswith(" hold, 1 fails")


@pytest.mark.full
def test_after_the_cause_is_mended_a_new_plan_in_the_same_session_signs_on_again(
    unproved: World, tmp_path: Path
) -> None:
    right = unproved.store.all("flex_connection")[0]["issuer"]
    issuer_without_slash(unproved)
    stage = Stage(tmp_path, world=unproved)

    async def twice() -> None:
        session = await stage.open()
        step = STEPS["08"]
        plan = await step.plan(session)
        await step.apply(session, plan, session.approval(plan))
        assert (await proof(session, "08")).outcome == 1
        change_console(unproved, issuer=right)
        again, _, evidence = await through(session, step)
        assert len(again.open) == 3
        assert evidence.verdict == "proved, 6 changes made"
        assert session.tenant.attested.sign_on.users[0] == ADA

    asyncio.run(twice())


def test_someone_without_a_role_is_left_for_later_and_the_others_are_proved(unproved: World, tmp_path: Path) -> None:
    unassign(unproved, "Ada Admin")

    async def sign_on() -> None:
        session = await Stage(tmp_path, world=unproved).open()
        _, applied, evidence = await through(session, STEPS["08"])
        assert [change.setting for change in applied.left] == [f"Sign-on of {ADA}"]
        assert applied.why_not == "the values it needs are known after 07"
        assert list(evidence.facts) == ["sol.supervisor@contoso.com", "bo.agent@contoso.com"]
        assert (evidence.outcome, evidence.verdict) == (2, "not proved: 1 change planned, 2 made")

    asyncio.run(sign_on())


def test_a_test_user_that_does_not_exist_is_named(unproved: World, tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=unproved, changes={"test_sign_ons": ["no.body@contoso.com"]})

    async def sign_on() -> None:
        session = await stage.open()
        with pytest.raises(NotProven) as caught:
            await through(session, STEPS["08"])
        assert str(caught.value) == (
            "This is not proved\n"
            "  What:     no.body@contoso.com exists in Entra (D30): expected yes, found no\n"
            "  Why:      The settings of this section are in place, and this still fails.\n"
            "  To do:    Correct tenant.test_sign_ons.\n"
            "  Notebook: 08"
        )

    asyncio.run(sign_on())
