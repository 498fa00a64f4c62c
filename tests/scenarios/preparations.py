"""What a scenario's file may name: what stands in a tenant before the runbook comes, and what people do by hand."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import entra_circumstances as circumstances
from onboarding import application, change_application, made_by_hand, principal
from stage import Stage

from flexsso_helpers.rehearsal import entra_objects, legacy_realm, workers
from flexsso_helpers.rehearsal.graph_credentials import make_certificate

Preparation = Callable[[Stage], Awaitable[Any]]
DAY = 86400.0
AUDITOR: dict[str, Any] = {
    "allowedMemberTypes": ["User"], "description": "Auditor", "displayName": "Auditor", "isEnabled": True,
    "id": "f1e55000-0000-4000-8000-0000000000aa", "origin": "Application", "value": "auditor",
}  # fmt: skip
"""A role that somebody added by hand."""


async def application_made_by_hand(stage: Stage) -> None:
    """Made in the portal some time ago, with our identifier and a role of its own."""
    made_by_hand(stage.world, appRoles=[AUDITOR])


async def second_certificate(stage: Stage) -> None:
    """Somebody staged a further certificate beside the active one."""
    world, entry = stage.world, principal(stage.world)
    now = world.clock.now
    staged = make_certificate(world, name="CN=Staged by hand", start=now - DAY, end=now + 700 * DAY)
    circumstances.change_principal(
        world,
        keyCredentials=[*entry["keyCredentials"], *staged.keys],
        passwordCredentials=[*entry["passwordCredentials"], staged.password],
    )


async def certificate_from_the_admin_center(stage: Stage) -> None:
    """Somebody pressed New Certificate and Make certificate active, for three years."""
    world, now = stage.world, stage.world.clock.now
    made = make_certificate(world, name="CN=Microsoft Azure Federated SSO Certificate", start=now, end=now + 1095 * DAY)
    circumstances.change_principal(
        world,
        keyCredentials=made.keys,
        passwordCredentials=[made.password],
        preferredTokenSigningKeyThumbprint=made.thumbprint.lower(),
    )


async def foreign_role(stage: Stage) -> None:
    """Somebody added a role by hand."""
    change_application(stage.world, appRoles=[*application(stage.world)["appRoles"], AUDITOR])


async def foreign_notification(stage: Stage) -> None:
    """Somebody else is told of the certificate's end."""
    circumstances.change_principal(stage.world, notificationEmailAddresses=["security@contoso.com"])


async def rhea_assigned_by_hand(stage: Stage) -> None:
    """Somebody who is not in the file is assigned as agent."""
    world = stage.world
    user = entra_objects.user_by_name(world, "rhea.reader@contoso.com")
    role = next(each["id"] for each in application(world)["appRoles"] if each["value"] == "agent")
    assert user is not None
    entra_objects.assign(world, principal(world), user, "user", role, at=world.clock.now)
    world.advance(600.0)


async def worker_made_by_api(stage: Stage) -> None:
    """A worker of the test user's name is there already."""
    workers.create(stage.world, circumstances.BO, "{}")


async def account_on_legacy(stage: Stage) -> None:
    """The account runs on Legacy, whose page holds what was pasted years ago."""
    legacy_realm.plant(stage.world)


PREPARATIONS: Mapping[str, Preparation] = {
    each.__name__: each
    for each in (
        application_made_by_hand,
        second_certificate,
        certificate_from_the_admin_center,
        foreign_role,
        foreign_notification,
        rhea_assigned_by_hand,
        worker_made_by_api,
        account_on_legacy,
        circumstances.no_mail,
        circumstances.key_of_old,
        circumstances.shared_claims,
        circumstances.shared_signing,
        circumstances.over,
        circumstances.deleted_holder,
        circumstances.restored_beside,
        circumstances.deleted_and_restored,
        circumstances.no_premium,
        circumstances.five_others,
    )
}
