"""The directory's objects as they lie in the store, and the links between them."""

import base64
import hashlib
from typing import Any

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.clock import iso
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare(
    {
        "G15": "The template gives the service principal its tags",
        "G16": "What identifiers and roles the template gives is open",
        "G17": "Whether who makes the application is told of the certificate's end is open",
        "G88": "Each cloud has its hosts, its template and what it lacks",
    }
)
quirks.declare(
    {
        "template_tags": quirk("integrated", "integrated+custom_sso", source="G15: docs samples; the guide differs"),
        "template_identifier_uris": quirk(
            "empty", "one_default", source="G16: docs samples; some portal flows add one"
        ),
        "template_roles": quirk("user+msiam_access", "msiam_access", source="G16: two docs samples differ"),
        "notification_seed": quirk("empty", "creator", source="G17: docs sample; azat says the creator is seeded"),
    }
)

TEMPLATE_ID = GLOBAL.template_id
INTEGRATED = "WindowsAzureActiveDirectoryIntegratedApp"
INFO = ("logoUrl", "marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl")
CUSTOM_SSO = "WindowsAzureActiveDirectoryCustomSingleSignOnApplication"


def pair(
    world: World,
    name: str,
    *,
    at: float,
    template: str | None = None,
    app_id: str = "",
    creator_mail: str | None = None,
    owner: str = "",
) -> tuple[Document, Document]:
    """A new application and its service principal, not yet kept; with `template` as instantiate makes them.

    `owner` is the object id of the program that makes them.
    """
    app_id = app_id or world.new_id("appId")
    common: Document = {
        "appId": app_id, "applicationTemplateId": template, "createdByAppId": None, "createdDateTime": iso(at),
        "deletedDateTime": None, "displayName": name, "description": None, "notes": None,
        "disabledByMicrosoftStatus": None, "signInAudience": "AzureADMyOrg", "keyCredentials": [],
        "passwordCredentials": [], "addIns": [], "tokenEncryptionKeyId": None,
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        **({"_owners": [owner]} if owner else {}),
    }  # fmt: skip
    return _application(world, common, name), _service_principal(world, common, creator_mail)


def _application(world: World, common: Document, name: str) -> Document:
    from_template = common["applicationTemplateId"] is not None
    default = world.quirks.value("template_identifier_uris") == "one_default" and world.rules.on("G16")
    return common | {
        "id": world.new_id("application"),
        "identifierUris": [f"api://{common['appId']}"] if default and from_template else [],
        "uniqueName": None,
        "publisherDomain": "contoso.com",
        "groupMembershipClaims": None,
        "serviceManagementReference": None,
        "defaultRedirectUri": None,
        "certification": None,
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        **_metadata_url(world, common["appId"]),
        "isFallbackPublicClient": None,
        "isDeviceOnlyAuthSupported": None,
        "optionalClaims": None,
        "requestSignatureVerification": None,
        "tags": [],
        "api": {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": None,
            "oauth2PermissionScopes": [_scope(world, name)] if from_template else [],
            "preAuthorizedApplications": [],
        },
        "appRoles": _template_roles(world) if from_template else [],
        "requiredResourceAccess": [],
        "info": dict.fromkeys(INFO),
        "publicClient": {"redirectUris": []},
        "spa": {"redirectUris": []},
        "web": {
            "homePageUrl": None,
            "logoutUrl": None,
            "redirectUris": [],
            "redirectUriSettings": [],
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
        },
    }


def _service_principal(world: World, common: Document, creator_mail: str | None) -> Document:
    from_template = common["applicationTemplateId"] is not None
    tags = [INTEGRATED]
    if from_template and world.quirks.value("template_tags") == "integrated+custom_sso" and world.rules.on("G15"):
        tags.append(CUSTOM_SSO)
    seeded = world.quirks.value("notification_seed") == "creator" and world.rules.on("G17") and from_template
    return common | {
        "id": world.new_id("servicePrincipal"),
        "accountEnabled": True,
        "alternativeNames": [],
        "appOwnerOrganizationId": TENANT_ID,
        "appRoleAssignmentRequired": from_template,
        "loginUrl": None,
        "logoutUrl": None,
        "notificationEmailAddresses": [creator_mail] if seeded and creator_mail else [],
        "preferredSingleSignOnMode": None,
        "preferredTokenSigningKeyThumbprint": None,
        "samlSingleSignOnSettings": None,
        "servicePrincipalType": "Application",
        "tags": tags,
    }


def _metadata_url(world: World, app_id: str) -> Document:
    """`samlMetadataUrl`, which the global cloud alone has."""
    there = world.cloud.name == GLOBAL.name or not world.rules.on("G88")
    return {"samlMetadataUrl": world.cloud.metadata_url(TENANT_ID, app_id)} if there else {}


def _scope(world: World, name: str) -> Document:
    return {
        "id": world.new_id("scope"),
        "adminConsentDescription": f"Allow the application to access {name} on behalf of the signed-in user.",
        "adminConsentDisplayName": f"Access {name}",
        "userConsentDescription": f"Allow the application to access {name} on your behalf.",
        "userConsentDisplayName": f"Access {name}",
        "isEnabled": True,
        "type": "User",
        "value": "user_impersonation",
    }


def _template_roles(world: World) -> list[Document]:
    """Roles without a value: they let people in and emit nothing."""
    names = (
        ["User", "msiam_access"] if world.quirks.value("template_roles") == "user+msiam_access" else ["msiam_access"]
    )
    return [
        {
            "id": world.new_id("appRole"),
            "allowedMemberTypes": ["User"],
            "description": name,
            "displayName": name,
            "isEnabled": True,
            "value": None,
            "origin": "Application",
        }
        for name in names
    ]


def keep(world: World, app: Document, sp: Document, *, at: float) -> None:
    """Write both objects."""
    world.store.put("application", app["id"], app, at=at)
    world.store.put("servicePrincipal", sp["id"], sp, at=at)


def attach(world: World, policy_kind: str, kind: str, identity: str, policy_id: str, *, at: float) -> None:
    """Link a policy to an application or service principal."""
    link = {"policyKind": policy_kind, "policy": policy_id, "kind": kind, "object": identity}
    world.store.put("policyLink", f"{policy_id}:{kind}:{identity}", link, at=at)


def detach(world: World, kind: str, identity: str, policy_id: str, *, at: float) -> None:
    """Undo `attach`."""
    world.store.remove("policyLink", f"{policy_id}:{kind}:{identity}", at=at)


def attached(world: World, policy_kind: str, kind: str, identity: str, *, as_of: float | None = None) -> list[Document]:
    """The policies of one kind that hang on an object, in the order they were linked."""
    links = [
        link["policy"]
        for link in world.store.find("policyLink", "object", identity, as_of=as_of)
        if (link["policyKind"], link["kind"]) == (policy_kind, kind)
    ]
    found = (world.store.get(policy_kind, policy, as_of=as_of) for policy in links)
    return [policy for policy in found if policy]


def assign(world: World, sp: Document, principal: Document, kind: str, role_id: str, *, at: float) -> Document:
    """Give a user, group or service principal a role of a service principal; the new assignment."""
    body: dict[str, Any] = {
        "id": _assignment_id(world),
        "deletedDateTime": None,
        "appRoleId": role_id,
        "createdDateTime": iso(at),
        "principalDisplayName": principal.get("displayName")
        or (world.store.get(kind, principal["id"]) or {}).get("displayName"),
        "principalId": principal["id"],
        "principalType": {"user": "User", "group": "Group"}.get(kind, "ServicePrincipal"),
        "resourceDisplayName": sp["displayName"],
        "resourceId": sp["id"],
    }
    world.store.put("appRoleAssignment", body["id"], body, at=at)
    return body


def _assignment_id(world: World) -> str:
    """43 characters of base64url, as Graph gives them."""
    digest = hashlib.sha256(world.new_id("appRoleAssignment").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def user_by_name(world: World, name: str) -> Document | None:
    """The user with this user principal name (any letter case), or a guest by mail address."""
    wanted = name.strip().lower()
    exact = world.store.find("user", "userPrincipalName", wanted)
    guests = [user for user in world.store.find("user", "mail", wanted) if user["userType"] == "Guest"]
    return next(iter([*exact, *guests]), None)


def signer(world: World, name: str) -> Document | None:
    """Whoever may sign in to administer: a user, or a partner's delegate, who has no account in this tenant (GDAP)."""
    delegates = [each for each in world.store.all("delegate") if each["userPrincipalName"] == name.strip().lower()]
    return user_by_name(world, name) or next(iter(delegates), None)


def service_principal_of(world: World, app_id: str) -> Document | None:
    """The service principal of an application, by the application's client id."""
    return next(iter(world.store.find("servicePrincipal", "appId", app_id)), None)


def application_of(world: World, app_id: str) -> Document | None:
    """The application with this client id."""
    return next(iter(world.store.find("application", "appId", app_id)), None)


def template_id(world: World) -> str:
    """The template for custom SAML applications in this cloud (G88)."""
    return world.cloud.template_id if world.rules.on("G88") else TEMPLATE_ID
