"""Whole runs over a stage, and short ways to what a test wants to know of them."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from stage import Stage, through

from flexsso_helpers.errors import FlexSSOError, NotProven
from flexsso_helpers.plan import Applied, Evidence, Finding, Plan
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.documented import ALL
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session

STEPS: dict[str, Step[Any]] = {step.number: step for step in ALL}
DOCUMENTED = tuple(number for number in STEPS if number != "00")
"""The sections that plan and apply."""
NAME = "Twilio Flex"
BY_HAND = "Flex, made by hand"
OURS = "urn:flex:JQf1e55000000000000000000000000001"


async def onboard(
    stage: Stage, *, since: str = "01", until: str = "08", app: Any = None, apply: bool | None = None
) -> dict[str, tuple[Plan, Applied, Evidence]]:
    """Open the tenant and go through the documented sections in order, `since` and `until` included."""
    session = await stage.open(app=app, apply=apply)
    return {number: await through(session, STEPS[number]) for number in DOCUMENTED if since <= number <= until}


def stages_of(stage: Stage) -> dict[str, World]:
    """Worlds as they stand before each notebook of one onboarding over this stage, and as 09 some minutes after it."""
    kept = {"00": stage.world.copy()}

    async def go() -> None:
        session = await stage.open()
        for number in DOCUMENTED:
            kept[number] = stage.world.copy()
            await through(session, STEPS[number])

    asyncio.run(go())
    stage.world.advance(600.0)
    return kept | {"09": stage.world}


async def look(stage: Stage, number: str, *, apply: bool = False) -> tuple[Plan, Evidence | FlexSSOError]:
    """Plan and verify one section in a session that writes nothing; a failed proof is returned, with its findings."""
    session = await stage.open(apply=apply)
    plan = await STEPS[number].plan(session)
    return plan, await proof(session, number)


async def proof(session: Session, number: str) -> Evidence:
    """The evidence of a section, also where verify raises because it fails."""
    step = STEPS[number]
    try:
        return await step.verify(session)
    except NotProven:
        return (await step._examined(session))[1]


def wrong(evidence: Evidence) -> list[str]:
    """The checks that do not hold and say so, worst first."""
    return [finding.check for finding in evidence.findings if finding.state == "wrong"]


def finding(evidence: Evidence, check: str, title: str = "") -> Finding:
    """The one finding with this number (and, if given, a title that begins so)."""
    found = [each for each in evidence.findings if each.check == check and each.title.startswith(title)]
    assert len(found) == 1, [(each.check, each.title) for each in evidence.findings]
    return found[0]


def open_settings(plan: Plan) -> list[str]:
    """What a plan would change."""
    return [change.setting for change in plan.open]


def application(world: World, name: str = NAME) -> Document:
    """The one application of this name, as it truly stands."""
    found = [entry for entry in world.store.all("application") if entry["displayName"] == name]
    assert len(found) == 1, [entry["displayName"] for entry in world.store.all("application")]
    return found[0]


def principal(world: World, name: str = NAME) -> Document:
    """Its service principal."""
    app_id = application(world, name)["appId"]
    found = [entry for entry in world.store.all("servicePrincipal") if entry["appId"] == app_id]
    assert len(found) == 1
    return found[0]


def change_application(world: World, name: str = NAME, **fields: Any) -> None:
    """What somebody else changed in the admin center, some minutes ago."""
    _put(world, "application", application(world, name) | fields)


def change_principal(world: World, name: str = NAME, **fields: Any) -> None:
    """The same for the service principal."""
    _put(world, "servicePrincipal", principal(world, name) | fields)


def change_policy(world: World, kind: str, body: str, **fields: Any) -> None:
    """The same for the body of the one policy of this kind that hangs on our service principal."""
    policy = policies_of(world, kind)[0]
    definition = json.loads(policy["definition"][0])
    definition[body] |= fields
    _put(world, kind, policy | {"definition": [json.dumps(definition)]})


def policies_of(world: World, kind: str, *, owner: str = "servicePrincipal") -> list[Document]:
    """The policies of this kind that hang on our service principal (or application)."""
    mine = principal(world)["id"] if owner == "servicePrincipal" else application(world)["id"]
    links = [link["policy"] for link in world.store.all("policyLink") if link["object"] == mine]
    return [policy for policy in world.store.all(kind) if policy["id"] in links]


def change_console(world: World, **fields: Any) -> None:
    """What somebody else saved in Flex Console."""
    connection = world.store.all("flex_connection")[0]
    world.store.put("flex_connection", connection["sid"], connection | fields, at=world.clock.now)


def worker_of(world: World, email: str) -> Document:
    """The worker with this mail address."""
    found = [w for w in world.store.all("worker") if json.loads(w["attributes"]).get("email") == email]
    assert len(found) == 1, found
    return found[0]


def assignments_of(world: World) -> list[tuple[str, str]]:
    """(who, role) of all assignments to our application."""
    mine = principal(world)["id"]
    roles = {role["id"]: role["value"] or role["displayName"] for role in application(world)["appRoles"]}
    return sorted(
        (entry["principalDisplayName"], roles[entry["appRoleId"]])
        for entry in world.store.all("appRoleAssignment")
        if entry["resourceId"] == mine
    )


def certificates(entry: Document) -> list[Document]:
    """The public halves of the certificates of a service principal."""
    return [key for key in entry["keyCredentials"] if key["usage"] == "Verify"]


def outcomes(evidence: Sequence[Evidence]) -> dict[str, int]:
    """Outcome by section."""
    return {each.section: each.outcome for each in evidence}


def _put(world: World, kind: str, body: Document) -> None:
    world.store.put(kind, body["id"], body, at=world.clock.now)
    world.advance(600.0)


def change_desk(world: World, **attested: dict[str, Any]) -> None:
    """What the tenant's file would say that people attested: `console` and `sign_on`, field by field."""
    values = journal.tenant_values(world)
    for block, fields in attested.items():
        values["attested"][block] |= fields
    journal.keep_tenant_values(world, values)


def change_worker(world: World, who: str, **attributes: Any) -> None:
    """What somebody edited in TaskRouter."""
    worker = worker_of(world, who)
    kept = json.loads(worker["attributes"]) | attributes
    world.store.put("worker", worker["sid"], worker | {"attributes": json.dumps(kept)}, at=world.clock.now)


def unassign(world: World, name: str) -> None:
    """What somebody removed under Users and groups, some minutes ago."""
    found = [
        entry
        for entry in world.store.all("appRoleAssignment")
        if (entry["principalDisplayName"], entry["resourceId"]) == (name, principal(world)["id"])
    ]
    assert len(found) == 1
    world.store.remove("appRoleAssignment", found[0]["id"], at=world.clock.now)
    world.advance(600.0)


def forget_sign_ons(world: World) -> None:
    """As if nobody had signed on for a proof yet."""
    values = journal.tenant_values(world)
    values["attested"].pop("sign_on")
    journal.keep_tenant_values(world, values)


def made_by_hand(world: World, name: str = BY_HAND, identifier: str = OURS, **fields: Any) -> str:
    """An application from the portal, as somebody left it half done; its application id."""
    past = world.clock.now - 90 * 86400.0
    app, sp = objects.pair(world, name, at=past, template=objects.template_id(world))
    app["identifierUris"] = [identifier] if identifier else []
    sp["preferredSingleSignOnMode"] = "saml"
    objects.keep(world, app, sp, at=past)
    if fields:
        change_application(world, name, **fields)
    return str(app["appId"])
