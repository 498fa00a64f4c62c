"""The company that a fresh rehearsal finds: a pure function of the seed number."""

import uuid
from collections.abc import Sequence

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import make_certificate
from flexsso_helpers.rehearsal.directory.people import (
    ADMINISTRATORS_OF_ALL_KINDS,
    DELEGATE,
    Held,
    Person,
    people,
    teams,
)
from flexsso_helpers.rehearsal.entra.federated import TRUSTED
from flexsso_helpers.rehearsal.flex import seed as flex_seed
from flexsso_helpers.rehearsal.world.clock import iso
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import NAMES, TENANT_ID, World

DAY = 86400.0
AUTOMATION_CLIENT = "f1e55000-0000-4000-8000-00000000c11e"
AUTOMATION_SECRET = "rehearsal"  # noqa: S105 - the secret of a tenant that does not exist
"""The application of this tenant that may sign in by itself."""
TRAVEL_IDENTIFIER = "https://travel.contoso.com/saml"
DOMAINS = ("contoso.com", "contoso.onmicrosoft.com")


def plant(world: World, seed: int) -> None:
    """Begin anew and plant the company: people, groups, licences, another team's application, and the Flex account."""
    world.begin(seed)
    _organization(world)
    everybody = people(seed, world.people)
    ids = {person.upn: _user(world, person) for person in everybody}
    for team in teams(everybody):
        ids[team.name] = _group(world, team.name, security=team.security)
        for member in team.members:
            _member(world, ids[team.name], ids[member], "group" if member in ids and "@" not in member else "user")
    _automation(world)
    _travel(world, ids)
    flex_seed.plant(world)
    _delegate(world)


def _organization(world: World) -> None:
    past = world.clock.now - 900 * DAY
    domains = [
        {"name": name, "type": "Managed", "isDefault": not i, "isInitial": bool(i), "capabilities": "Email"}
        for i, name in enumerate(DOMAINS)
    ]
    body = {"id": TENANT_ID, "displayName": "Contoso", "tenantType": "AAD", "countryLetterCode": "DE"}
    world.store.put("organization", TENANT_ID, {**body, "verifiedDomains": domains}, at=past)
    plans = [
        {"servicePlanId": "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "servicePlanName": "AAD_PREMIUM", "appliesTo": "User"}
    ]
    sku = {
        "id": f"{TENANT_ID}_078d2b04-f1bd-4111-bbd4-b4b1b354cef4",
        "skuId": "078d2b04-f1bd-4111-bbd4-b4b1b354cef4",
        "skuPartNumber": "AAD_PREMIUM",
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": 38,
        "prepaidUnits": {"enabled": 50, "suspended": 0, "warning": 0},
        "servicePlans": [{**plan, "provisioningStatus": "Success"} for plan in plans],
    }
    world.store.put("subscribedSku", sku["id"], sku, at=past)  # type: ignore[arg-type]


def administrators(world: World) -> None:
    """Let people come who administer and are not ordinary administrators: by a custom, a scoped or an eligible role, or
    as a guest. They are no part of the company that was there first, and their ids are not among its numbered ones.
    """
    for person in ADMINISTRATORS_OF_ALL_KINDS:
        _user(world, person, str(uuid.uuid5(NAMES, person.upn)), [_held(world, held) for held in person.held])


def _delegate(world: World) -> None:
    delegate: Document = {
        "id": str(uuid.uuid5(NAMES, DELEGATE.upn)),
        "displayName": DELEGATE.name,
        "userPrincipalName": DELEGATE.upn,
        "accountEnabled": True,
        "_wids": list(DELEGATE.roles),
    }
    world.store.put("delegate", delegate["id"], delegate, at=world.clock.now - 400 * DAY)


def _held(world: World, held: Held) -> Document:
    """A role as it is kept: its scope as Graph writes it, by the application's object id."""
    found = [app["id"] for app in world.store.all("application") if app["displayName"] == held.scope]
    return {"role": held.role, "scope": f"/{found[0]}" if found else held.scope, "eligible": held.eligible}


def _user(world: World, person: Person, identity: str = "", held: Sequence[Document] = ()) -> str:
    given, _, family = person.name.partition(" ")
    past = world.clock.now - 400 * DAY
    body: Document = {
        "id": identity or world.new_id("user"),
        "createdDateTime": iso(past),
        "deletedDateTime": None,
        "displayName": person.name,
        "givenName": given,
        "surname": family,
        "jobTitle": person.title,
        "mail": person.mail,
        "userPrincipalName": person.upn,
        "userType": "Guest" if person.guest else "Member",
        "accountEnabled": person.enabled,
        "businessPhones": [],
        "proxyAddresses": [f"SMTP:{person.mail}"] if person.mail else [],
        "externalUserState": "Accepted" if person.guest else None,
        "_wids": list(person.roles),
        "_held": list(held),
    }
    world.store.put("user", body["id"], body, at=past)
    return str(body["id"])


def _group(world: World, name: str, *, security: bool) -> str:
    past = world.clock.now - 300 * DAY
    body: Document = {
        "id": world.new_id("group"),
        "createdDateTime": iso(past),
        "deletedDateTime": None,
        "displayName": name,
        "description": None,
        "securityEnabled": security,
        "mailEnabled": not security,
        "mail": None if security else f"{name.lower().replace(' ', '-')}@contoso.com",
        "mailNickname": name.replace(" ", ""),
        "groupTypes": [] if security else ["Unified"],
    }
    world.store.put("group", body["id"], body, at=past)
    return str(body["id"])


def _member(world: World, group: str, member: str, kind: str) -> None:
    body = {"group": group, "member": member, "kind": kind}
    world.store.put("member", f"{group}:{member}", body, at=world.clock.now - 200 * DAY)


def _automation(world: World) -> None:
    """An application with the permissions of the whole run, for sign-in without a person."""
    past = world.clock.now - 100 * DAY
    app, sp = objects.pair(world, "Contoso Automation", at=past, app_id=AUTOMATION_CLIENT)
    granted = [
        "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Policy.Read.All",
        "Policy.ReadWrite.ApplicationConfiguration", "User.Read.All", "GroupMember.Read.All", "Organization.Read.All",
    ]  # fmt: skip
    sp |= {"_granted": granted, "_secret": AUTOMATION_SECRET, "_trusts": TRUSTED}
    objects.keep(world, app, sp, at=past)


def _travel(world: World, ids: dict[str, str]) -> None:
    """A SAML application that another team made: it holds its own identifier, roles, certificate and claims policy."""
    past = world.clock.now - 150 * DAY
    app, sp = objects.pair(world, "Contoso Travel", at=past, template=objects.template_id(world))
    role = {
        "id": world.new_id("appRole"),
        "allowedMemberTypes": ["User"],
        "description": "May book trips",
        "displayName": "Traveller",
        "isEnabled": True,
        "value": "traveller",
        "origin": "Application",
    }
    app["identifierUris"] = [TRAVEL_IDENTIFIER]
    app["web"]["redirectUris"] = ["https://travel.contoso.com/saml/acs"]
    app["appRoles"].append(role)
    sp["preferredSingleSignOnMode"] = "saml"
    made = make_certificate(world, name="CN=Contoso Travel", start=past, end=past + 1095 * DAY)
    sp["keyCredentials"], sp["passwordCredentials"] = made.keys, [made.password]
    sp["preferredTokenSigningKeyThumbprint"] = made.thumbprint.lower()
    objects.keep(world, app, sp, at=past)
    policy = {
        "id": world.new_id("policy"),
        "deletedDateTime": None,
        "displayName": "Contoso Travel claims",
        "isOrganizationDefault": False,
        "definition": [
            '{"ClaimsMappingPolicy":{"Version":1,"IncludeBasicClaimSet":"true","ClaimsSchema":['
            '{"Source":"user","ID":"assignedroles","SamlClaimType":"https://travel.contoso.com/roles"}]}}'
        ],
    }
    world.store.put("claimsMappingPolicy", policy["id"], policy, at=past)  # type: ignore[arg-type]
    objects.attach(world, "claimsMappingPolicy", "servicePrincipal", sp["id"], str(policy["id"]), at=past)
    objects.assign(world, sp, {"id": ids["sol.supervisor@contoso.com"]}, "user", role["id"], at=past)  # type: ignore[arg-type]
