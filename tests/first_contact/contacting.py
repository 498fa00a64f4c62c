"""First contacts over a stage, and the circumstances in which each open question can be seen."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from as_it_was import Managed, managed
from legacy_play import LEGACY
from stage import Stage

from flexsso_helpers.errors import SignInError
from flexsso_helpers.first_contact.observations import Observations
from flexsso_helpers.first_contact.verdicts import in_console
from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES
from flexsso_helpers.first_contact.walk import Agreed, observe, of_refusal
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.people import CLOUD_APPLICATION_ADMINISTRATOR
from flexsso_helpers.rehearsal.flex import connection, legacy_realm, workers
from flexsso_helpers.rehearsal.server.seed import administrators
from flexsso_helpers.rehearsal.world.quirks import QUIRKS
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

ADA = "ada.admin@contoso.com"
GUEST, DELEGATE = "gail.guest@fabrikam.com", "dana.delegate@fabrikam.com"
PATIENCE = 5.0
"""Seconds in which the simulated person's response has come, or comes no more."""


@dataclass(frozen=True, kw_only=True)
class Circumstance:
    """A tenant in which a question can be seen."""

    arrange: Callable[[World], None] = lambda _world: None
    quirks: Mapping[str, str] = field(default_factory=dict)
    """Other answers without which it is not seen."""
    sign_ons: bool = False
    billed_user: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    cloud: str = "global"


def connected(world: World) -> None:
    """Somebody saved single sign-on in Flex Console."""
    found = connection.connection(world)
    assert found is not None
    saved = {"stage": "saved", "sso_url": f"https://login.microsoftonline.com/{TENANT_ID}/saml2"}
    world.store.put("flex_connection", found["sid"], {**found, **saved}, at=world.clock.now)


def no_flex(world: World) -> None:
    home = workers.account(world)
    world.store.put("flex_account", home["sid"], home | {"status": "none"}, at=world.clock.now)


def no_premium(world: World) -> None:
    for sku in world.store.all("subscribedSku"):
        world.store.remove("subscribedSku", sku["id"], at=world.clock.now)
    world.advance(600.0)


def cloud_administrator(world: World) -> None:
    user = objects.user_by_name(world, ADA)
    assert user is not None
    world.store.put("user", user["id"], user | {"_wids": [CLOUD_APPLICATION_ADMINISTRATOR]}, at=world.clock.now)
    world.advance(600.0)


def signed_in(user: str) -> dict[str, Any]:
    return {"sign_in": {"user": user}}


CONNECTED = Circumstance(arrange=connected)
SIGNED_ON = Circumstance(sign_ons=True)
BILLED = Circumstance(billed_user=ADA)
CIRCUMSTANCES: dict[str, Circumstance] = {
    **dict.fromkeys(("region", "missing_pkce", "untrusted_at", "authn_nameid_policy", "force_authn"), CONNECTED),
    "runtime_domain_match": CONNECTED,
    "legacy": Circumstance(arrange=legacy_realm.plant, changes=LEGACY),
    "flex_missing_status": Circumstance(arrange=no_flex),
    "group_without_p1": Circumstance(arrange=no_premium),
    "cloud_application_administrator_policies": Circumstance(arrange=cloud_administrator),
    "guest_token": Circumstance(arrange=administrators, changes=signed_in(GUEST)),
    "list_users": Circumstance(arrange=administrators, changes=signed_in(GUEST)),
    "delegate_me": Circumstance(arrange=administrators, changes=signed_in(DELEGATE)),
    "assignment_permission": Circumstance(changes={"assignments": {"users": [], "groups": []}}),
    "missing_action": Circumstance(cloud="gov_l4"),
    **dict.fromkeys(("no_policy_nameid", "policy_nameid_format", "nameidpolicy_under_policy"), SIGNED_ON),
    **dict.fromkeys(("samlnameidformat_key", "optional_claims_under_policy"), SIGNED_ON),
    "nameidpolicy_unspecified": Circumstance(sign_ons=True, quirks={"no_policy_nameid": "upn_email"}),
    "policy_attachment": SIGNED_ON,
    **dict.fromkeys(in_console.JUDGES, BILLED),
    "active_before_save": Circumstance(billed_user=ADA, quirks={"listed_before_save": "yes"}),
}
ANYWHERE = Circumstance()


@dataclass(frozen=True, kw_only=True)
class Contacted:
    """What came of one."""

    stage: Stage
    found: Observations
    before: tuple[Managed, frozenset[str]]
    folder: Path

    @property
    def world(self) -> World:
        return self.stage.world

    def as_before(self) -> bool:
        """Whether the tenant is as it was, the list of deleted objects included, and Flex has nobody more."""
        here = managed(self.world), at_flex(self.world)
        return here == self.before and not self.world.store.all("deleted")


def at_flex(world: World) -> frozenset[str]:
    """Who is there: workers and Flex users."""
    return frozenset(each["sid"] for kind in ("worker", "flex_user") for each in world.store.all(kind))


def contact(
    folder: Path,
    *,
    quirks: Mapping[str, str] | None = None,
    there: Circumstance = ANYWHERE,
    read_only: bool = False,
    test_tenant: str = TENANT_ID,
    wrap: Callable[[Any], Any] | None = None,
    attested: Mapping[str, str] | None = None,
    again: Stage | None = None,
) -> Contacted:
    """Open a tenant that plays these answers, and observe it without knowing; or the one of a contact before."""
    stage = again or Stage(
        folder, world=World(quirks={**there.quirks, **(quirks or {})}, cloud=there.cloud), changes=there.changes
    )
    there.arrange(stage.world)
    before = managed(stage.world), at_flex(stage.world)

    async def go() -> Observations:
        try:
            session = await stage.open(record=True, apply=not read_only, app=wrap(stage.app) if wrap else None)
        except SignInError as error:
            return of_refusal(error)
        try:
            agreed = Agreed(
                test_tenant=test_tenant,
                sign_ons=there.sign_ons,
                billed_user=there.billed_user,
                patience=PATIENCE,
            )
            return await observe(session, None if read_only else agreed, attested=attested)
        finally:
            await session.close()

    return Contacted(stage=stage, found=asyncio.run(go()), before=before, folder=folder / "run-1")


AT_THE_DOOR = ("admin_consent", "device_code_flow")
"""Other answers than the first end the contact before it begins."""
AT_ONCE = 25


def played(name: str, quirks: Mapping[str, str]) -> str:
    """The answer that the rehearsal plays; a sign-in that obeys only the policy of the certificate implies that one."""
    if name == "cert_creates_policy" and quirks.get("policy_attachment") == "preexisting":
        return "yes_token_only"
    return quirks.get(name, QUIRKS[name].choices[0])


def wrong(told: Mapping[str, str], quirks: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What was named wrongly, with what was played."""
    return {name: (answer, played(name, quirks)) for name, answer in told.items() if answer != played(name, quirks)}


def mixed_at_random(seed: int) -> tuple[dict[str, str], Circumstance]:
    """Many answers at once, and whether somebody signs on here, and to Flex."""
    chance = random.Random(seed)
    names = [name for name in JUDGES if name not in AT_THE_DOOR]
    quirks = {name: chance.choice(QUIRKS[name].choices) for name in chance.sample(names, AT_ONCE)}
    return quirks, Circumstance(sign_ons=seed % 2 == 1, billed_user=ADA if seed % 3 == 0 else "")
