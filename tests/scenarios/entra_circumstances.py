"""The circumstances in which Entra's open questions matter, each arranged in a tenant as it would come about."""

import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from faults import Watching
from onboarding import application, change_principal, principal
from stage import Stage
from starlette.types import ASGIApp

from flexsso_helpers.errors import Refused
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import make_certificate
from flexsso_helpers.rehearsal.directory.people import CLOUD_APPLICATION_ADMINISTRATOR
from flexsso_helpers.rehearsal.graph.deleted import soft_delete
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources import signing_policy as signing
from flexsso_helpers.resources.application import setup_name
from flexsso_helpers.resources.claims_schema import NAME_ID

ADA, BO = "ada.admin@contoso.com", "bo.agent@contoso.com"
IDENTIFIER = "urn:flex:JQf1e55000000000000000000000000001"
DAY = 86400.0
Arranged = Awaitable[ASGIApp | None]
"""The application to be used in place of the stage's own, where something happens during the run."""


def change_user(world: World, name: str, **fields: Any) -> None:
    user = objects.user_by_name(world, name)
    assert user is not None
    world.store.put("user", user["id"], user | fields, at=world.clock.now)
    world.advance(600.0)


async def cloud_administrator(stage: Stage) -> None:
    change_user(stage.world, ADA, _wids=[CLOUD_APPLICATION_ADMINISTRATOR])


async def no_mail(stage: Stage) -> None:
    change_user(stage.world, BO, mail=None)


def hang_up(stage: Stage, kind: str, body: dict[str, Any], *, shared: bool = False) -> None:
    """A policy of somebody else on our service principal, and if `shared` on that of another application too."""
    world = stage.world
    name = kind[0].upper() + kind[1:]
    policy = {
        "id": world.new_id("policy"), "deletedDateTime": None, "displayName": "By hand",
        "isOrganizationDefault": False, "definition": [json.dumps({name: body})],
    }  # fmt: skip
    world.store.put(kind, policy["id"], policy, at=world.clock.now)
    owners = [principal(world)]
    if shared:
        other, owner = objects.pair(world, "Contoso Desk", at=world.clock.now)
        objects.keep(world, other, owner, at=world.clock.now)
        owners.append(owner)
    for owner in owners:
        objects.attach(world, kind, "servicePrincipal", owner["id"], policy["id"], at=world.clock.now)
    world.advance(600.0)


def by_hand(**fields: str) -> dict[str, Any]:
    name_id = {"Source": "user", "ID": "userprincipalname", "SamlClaimType": NAME_ID, **fields}
    return {"Version": 1, "IncludeBasicClaimSet": "true", "ClaimsSchema": [name_id]}


async def key_of_old(stage: Stage) -> None:
    hang_up(stage, "claimsMappingPolicy", {**by_hand(), "Comment": "made in 2019"})


async def name_id_format(stage: Stage) -> None:
    persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    hang_up(stage, "claimsMappingPolicy", by_hand(SamlNameIdFormat=persistent))


async def shared_claims(stage: Stage) -> None:
    hang_up(stage, "claimsMappingPolicy", by_hand(), shared=True)


async def shared_signing(stage: Stage) -> None:
    body = {"Version": 1, "SigningAlgorithm": signing.RSA_SHA256, "TokenResponseSigningPolicy": "TokenOnly"}
    hang_up(stage, "tokenIssuancePolicy", {**body, "SamlTokenVersion": "2.0"}, shared=True)


async def taken_off_meanwhile(stage: Stage) -> ASGIApp:
    await shared_claims(stage)

    async def watch(method: str, path: str, _body: Any) -> None:
        if method == "DELETE" and path.endswith("/$ref"):
            _, _, owner, _, policy, _ = path.split("/")
            objects.detach(stage.world, "servicePrincipal", owner, policy, at=stage.world.clock.now)

    return Watching(stage.app, watch)


async def over(stage: Stage) -> None:
    """Three years later somebody had staged a second certificate, and the first one ran out."""
    world = stage.world
    world.advance(1096 * DAY)
    now, entry = world.clock.now, principal(world)
    staged = make_certificate(world, name="CN=Twilio Flex", start=now - 100 * DAY, end=now + 900 * DAY)
    change_principal(
        world,
        keyCredentials=[*entry["keyCredentials"], *staged.keys],
        passwordCredentials=[*entry["passwordCredentials"], staged.password],
    )


def older_one(world: World) -> str:
    """An application with our identifier that was deleted a week ago; its object id."""
    app, owner = objects.pair(world, "Flex before", at=world.clock.now - 90 * DAY)
    app["identifierUris"] = [IDENTIFIER]
    for kind, entry in (("servicePrincipal", owner), ("application", app)):
        soft_delete(world, kind, entry, at=world.clock.now - 7 * DAY)
    return str(app["id"])


async def deleted_holder(stage: Stage) -> None:
    older_one(stage.world)
    stage.world.advance(600.0)


async def restored_beside(stage: Stage) -> None:
    deleted = older_one(stage.world)
    session = await stage.open()
    with contextlib.suppress(Refused):  # which is one of the two answers
        await session.graph.post(f"/directory/deletedItems/{deleted}/restore", {}, why="Restoring the older one")
    stage.world.advance(600.0)


async def deleted_and_restored(stage: Stage) -> None:
    world = stage.world
    session = await stage.open()
    pairs = [("servicePrincipals", principal(world)["id"]), ("applications", application(world)["id"])]
    for collection, identity in pairs:
        await session.graph.delete(f"/{collection}/{identity}", why="Deleting it by mistake", before={})
    world.advance(DAY)
    for _, identity in reversed(pairs):
        await session.graph.post(f"/directory/deletedItems/{identity}/restore", {}, why="Restoring it")
    world.advance(600.0)


async def not_listed_yet(stage: Stage) -> None:
    world, user = stage.world, objects.user_by_name(stage.world, ADA)
    assert user is not None
    role = next(each["id"] for each in application(world)["appRoles"] if each["value"] == "admin")
    objects.assign(world, principal(world), user, "user", role, at=world.clock.now)


async def no_premium(stage: Stage) -> None:
    for sku in stage.world.store.all("subscribedSku"):
        stage.world.store.remove("subscribedSku", sku["id"], at=stage.world.clock.now)
    assert stage.world.store.all("subscribedSku") == []


async def as_it_is(_stage: Stage) -> None:
    """The file differs, or the service; not the tenant."""


async def five_others(stage: Stage) -> None:
    change_principal(stage.world, notificationEmailAddresses=[f"owner{number}@contoso.com" for number in range(5)])


async def faster_run(stage: Stage) -> ASGIApp:
    world, name, made = stage.world, setup_name((await stage.open()).tenant), []

    async def watch(method: str, path: str, _body: Any) -> None:
        if method == "POST" and path.endswith("/instantiate") and not made:
            template = objects.template_id(world)
            made.extend(objects.pair(world, name, at=world.clock.now, template=template))
            objects.keep(world, made[0], made[1], at=world.clock.now)
            world.wrote()

    return Watching(stage.app, watch)


@dataclass(frozen=True)
class Case:
    """How the circumstances come about, and the notebook before which they do; 09 is after the last one."""

    before: str
    arrange: Callable[[Stage], Awaitable[Any]]
    changes: dict[str, Any] = field(default_factory=dict)
    share: int = 0
    """Resource units that an application has in ten seconds, where not as usual."""


CASES = {
    "an administrator with the role Cloud Application Administrator alone": Case("03", cloud_administrator),
    "somebody who signs on has no mail address": Case("07", no_mail),
    "somebody's claims policy holds a key that Entra takes no longer": Case("04", key_of_old),
    "somebody's claims policy gives the NameID a format": Case("04", name_id_format),
    "the active certificate is over, and a valid one lies beside it": Case("09", over),
    "a deleted application holds the identifier": Case("01", deleted_holder),
    "the application was deleted and restored": Case("09", deleted_and_restored),
    "an older, deleted application of ours is restored beside the new one": Case("09", restored_beside),
    "assignments that lists do not show yet": Case("07", not_listed_yet),
    "a tenant without Entra ID P1 or P2": Case("07", no_premium),
    "a Microsoft 365 group is in the file": Case(
        "07", as_it_is, {"assignments": {"groups": [{"group": "Contact Centre News", "role": "agent"}]}}
    ),
    "a claims policy that another application uses too": Case("04", shared_claims),
    "a signing policy that another application uses too": Case("03", shared_signing),
    "somebody takes a shared policy off at the same moment": Case("04", taken_off_meanwhile),
    "five others are told of the certificate's end already": Case("03", five_others),
    "the tenant's share of requests is small": Case("01", as_it_is, share=60),
    "another run makes its application first": Case("01", faster_run),
    "a partner's delegate signs in": Case("01", as_it_is, {"sign_in": {"user": "dana.delegate@fabrikam.com"}}),
}
