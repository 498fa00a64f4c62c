"""What a scenario's file may name: what stands in a tenant before the runbook comes, and what people do by hand."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import entra_circumstances as circumstances
from legacy_play import LEGACY, press
from onboarding import (
    BY_HAND,
    NAME,
    application,
    change_application,
    change_principal,
    made_by_hand,
    onboard,
    principal,
    worker_of,
)
from stage import Stage

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import make_certificate
from flexsso_helpers.rehearsal.flex import legacy_realm, workers

Preparation = Callable[[Stage], Awaitable[Any]]
DAY = 86400.0
AUDITOR: dict[str, Any] = {
    "allowedMemberTypes": ["User"], "description": "Auditor", "displayName": "Auditor", "isEnabled": True,
    "id": "f1e55000-0000-4000-8000-0000000000aa", "origin": "Application", "value": "auditor",
}  # fmt: skip
"""A role that somebody added by hand."""
MIA = {
    "assignments": {"users": [{"user": "mia.married@contoso.com", "role": "agent"}], "groups": []},
    "test_sign_ons": ["mia.married@contoso.com"],
}
"""A file with one person, whose mail address is another than the user name."""


async def earlier(stage: Stage, changes: Mapping[str, Any], **how: Any) -> None:
    """An earlier run over this tenant, with another file."""
    await onboard(Stage(stage.folder / "earlier", world=stage.world, changes=changes), **how)
    stage.world.advance(600.0)


def _name(stage: Stage) -> str:
    """Of the application that somebody made by hand, or of ours."""
    names = {entry["displayName"] for entry in stage.world.store.all("application")}
    return BY_HAND if BY_HAND in names else NAME


async def application_made_by_hand(stage: Stage) -> None:
    """Made in the portal some time ago, with our identifier and a role of its own."""
    made_by_hand(stage.world, appRoles=[AUDITOR])


async def second_certificate(stage: Stage) -> None:
    """Somebody staged a further certificate beside the active one."""
    world, name = stage.world, _name(stage)
    now, entry = world.clock.now, principal(world, name)
    staged = make_certificate(world, name="CN=Staged by hand", start=now - DAY, end=now + 700 * DAY)
    change_principal(
        world,
        name,
        keyCredentials=[*entry["keyCredentials"], *staged.keys],
        passwordCredentials=[*entry["passwordCredentials"], staged.password],
    )


async def certificate_from_the_admin_center(stage: Stage) -> None:
    """Somebody pressed New Certificate and Make certificate active, for three years."""
    world, now = stage.world, stage.world.clock.now
    made = make_certificate(world, name="CN=Microsoft Azure Federated SSO Certificate", start=now, end=now + 1095 * DAY)
    change_principal(
        world,
        _name(stage),
        keyCredentials=made.keys,
        passwordCredentials=[made.password],
        preferredTokenSigningKeyThumbprint=made.thumbprint.lower(),
    )


async def foreign_role(stage: Stage) -> None:
    """Somebody added a role by hand."""
    change_application(stage.world, appRoles=[*application(stage.world)["appRoles"], AUDITOR])


async def foreign_notification(stage: Stage) -> None:
    """Somebody else is told of the certificate's end."""
    change_principal(stage.world, _name(stage), notificationEmailAddresses=["security@contoso.com"])


async def rhea_assigned_by_hand(stage: Stage) -> None:
    """Somebody who is not in the file is assigned as agent."""
    world = stage.world
    user = objects.user_by_name(world, "rhea.reader@contoso.com")
    role = next(each["id"] for each in application(world)["appRoles"] if each["value"] == "agent")
    assert user is not None
    objects.assign(world, principal(world), user, "user", role, at=world.clock.now)
    world.advance(600.0)


async def worker_made_by_api(stage: Stage) -> None:
    """A worker of the test user's name is there already, with skills."""
    workers.create(stage.world, circumstances.BO, '{"routing":{"skills":["billing"],"levels":{}}}')


async def account_on_legacy(stage: Stage) -> None:
    """The account runs on Legacy, whose page holds what was pasted years ago."""
    legacy_realm.plant(stage.world)


async def migration_started(stage: Stage) -> None:
    """Somebody chose in Flex Console to make a new connection."""
    press(stage, "Start setup", "Create new SSO connection")


async def migration_finished(stage: Stage) -> None:
    """Somebody pressed Finish in Flex Console."""
    press(stage, "Finish")


async def migrated_with_the_same_application(stage: Stage) -> None:
    """Proved on Legacy once; then the existing connection was modified, tried, and finished."""
    legacy_realm.plant(stage.world)
    stage.world.choose({"legacy": "working"})
    await earlier(stage, LEGACY)
    press(stage, "Start setup", "Modify existing SSO connection")
    await earlier(stage, {})
    await earlier(stage, {}, since="02", until="02")
    press(stage, "Finish")


async def mia_signed_on_by_mail(stage: Stage) -> None:
    """Somebody whose mail address is not her user name has signed on once."""
    await earlier(stage, MIA)
    assert worker_of(stage.world, "mia.maiden@contoso.com")


async def application_of_the_same_name(stage: Stage) -> None:
    """Another team's, with an identifier and a role of its own."""
    made_by_hand(stage.world, NAME, "https://desk.contoso.com/saml", appRoles=[AUDITOR])


async def title_in_a_shared_policy(stage: Stage) -> None:
    """A claims policy of several applications sends the title too."""
    body = circumstances.by_hand()
    body["ClaimsSchema"].append({"Source": "user", "ID": "jobtitle", "SamlClaimType": "title"})
    circumstances.hang_up(stage, "claimsMappingPolicy", body, shared=True)


async def claims_made_on_the_page(stage: Stage) -> None:
    """Somebody saved NameID and title on the page Attributes & Claims."""
    world, sp = stage.world, principal(stage.world)["id"]
    claims = [_of_page("samlNameIdClaim", "mail", nameIdFormat="emailAddress"), _of_page("customClaim", "jobtitle")]
    claims[1] |= {"name": "title", "namespace": None, "tokenFormat": ["saml"]}
    body = {"id": sp, "includeBasicClaimSet": True, "includeApplicationIdInIssuer": False, "claims": claims}
    world.store.put("customClaimsPolicy", sp, body, at=world.clock.now)
    world.advance(600.0)


def _of_page(kind: str, source: str, **more: Any) -> dict[str, Any]:
    kinds = "#microsoft.graph."
    attribute = {
        "@odata.type": f"{kinds}sourcedAttribute",
        "id": source,
        "source": "user",
        "isExtensionAttribute": False,
    }
    rule = {"condition": None, "attribute": attribute, "transformations": []}
    return {"@odata.type": f"{kinds}{kind}", "configurations": [rule], **more}


async def role_of_the_same_value(stage: Stage) -> None:
    """Somebody added a role by hand whose value is that of ours, under another name."""
    role = AUDITOR | {"value": "agent", "displayName": "Contact centre", "description": "Takes calls"}
    change_application(stage.world, appRoles=[*application(stage.world)["appRoles"], role])


async def assertions_are_encrypted(stage: Stage) -> None:
    """Somebody switched token encryption on."""
    change_application(stage.world, tokenEncryptionKeyId="f1e55000-0000-4000-8000-00000000cafe")


async def group_claim(stage: Stage) -> None:
    """Somebody switched the group claim on, under Token configuration."""
    change_application(stage.world, groupMembershipClaims="SecurityGroup")


async def role_value_capital(stage: Stage) -> None:
    """Somebody gave the role for agents the value Agent."""
    roles = application(stage.world)["appRoles"]
    change_application(
        stage.world, appRoles=[each | {"value": "Agent"} if each["value"] == "agent" else each for each in roles]
    )


async def role_value_empty(stage: Stage) -> None:
    """Somebody took the value off the role for agents."""
    roles = application(stage.world)["appRoles"]
    change_application(
        stage.world, appRoles=[each | {"value": None} if each["value"] == "agent" else each for each in roles]
    )


async def two_groups_of_a_name(stage: Stage) -> None:
    """Another team made a group of the same name."""
    world = stage.world
    group = next(each for each in world.store.all("group") if each["displayName"] == "Flex Agents")
    other = group | {"id": "f1e55000-0000-4000-8000-0000000000bb"}
    world.store.put("group", other["id"], other, at=world.clock.now)
    world.advance(600.0)


async def account_disabled(stage: Stage) -> None:
    """The account of somebody who is to sign on is disabled."""
    circumstances.change_user(stage.world, circumstances.BO, accountEnabled=False)


async def one_mail_address_for_two(stage: Stage) -> None:
    """Two people have the same mail address."""
    circumstances.change_user(stage.world, "rhea.reader@contoso.com", mail=circumstances.BO)


async def everybody_in_a_csv(stage: Stage) -> None:
    """All who work there, as a spreadsheet writes them, in people.csv beside the tenant's file."""
    _write_csv(stage, 0)


async def twenty_bad_lines(stage: Stage) -> None:
    """The same with a wrong role in the first twenty lines, by turns misspelt, missing, and followed by more."""
    _write_csv(stage, 20)


def _write_csv(stage: Stage, bad: int) -> None:
    roles = {"ada.admin@contoso.com": "admin", "sol.supervisor@contoso.com": "supervisor"}
    wrong = ("agnet", "", "agent,extra,entry")
    names = [user["userPrincipalName"] for user in stage.world.store.all("user") if user["accountEnabled"]]
    lines = [f"{name},{wrong[at % 3] if at < bad else roles.get(name, 'agent')}" for at, name in enumerate(names)]
    (stage.folder / "people.csv").write_text("\n".join(["user,role", *lines]) + "\n")


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
        migration_started,
        migration_finished,
        migrated_with_the_same_application,
        mia_signed_on_by_mail,
        application_of_the_same_name,
        title_in_a_shared_policy,
        claims_made_on_the_page,
        role_of_the_same_value,
        assertions_are_encrypted,
        group_claim,
        role_value_capital,
        role_value_empty,
        two_groups_of_a_name,
        account_disabled,
        one_mail_address_for_two,
        everybody_in_a_csv,
        twenty_bad_lines,
        circumstances.cloud_administrator,
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
