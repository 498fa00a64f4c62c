"""What the sign-in service says about a person: NameID and attributes, by the configured policy."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.entra import token_configuration
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.entra.portal_claims import portal_policy
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare(
    {
        "G37": "An assigned claims mapping policy decides the claims; without one the defaults are not safe",
        "G39": "A person without the attribute: the claim is left out, and a NameID cannot be made",
        "G40": "Of a policy's claims only the first fifty are issued",
        "G73": "Where assignment is required, who is not assigned is refused",
        "G76": "NameIDPolicy of the request counts where the policy pins nothing",
        "G77": "A role without a value issues nothing",
        "G78": "Several roles are several values, in no order to rely on",
    }
)
quirks.declare(
    {
        "no_policy_nameid": quirk("pairwise_persistent", "upn_email", source="G37: tf#846 against the portal's page"),
        "policy_nameid_format": quirk("emailAddress", "unspecified", source="G38: docs name no format under a policy"),
        "null_nameid": quirk(
            "signin_error",
            "pairwise",
            "omitted",
            source="G39: docs speak of attributes only",
            when="somebody who signs on has no mail address",
            refused_there=dict.fromkeys(("signin_error", "pairwise", "omitted"), ("NotProven", "08")),
        ),
        "nameidpolicy_under_policy": quirk(
            "configured", "requested", source="G76: docs say the policy decides, and that the format is honoured"
        ),
        "nameidpolicy_unspecified": quirk("pairwise", "configured", source="G76: single-sign-on-saml-protocol"),
    }
)

EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
IDENTITY = "http://schemas.microsoft.com/identity/claims/"
ROLE = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
RESTRICTED = (ROLE, "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", f"{SOAP}upn")
PASSWORD = "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"  # noqa: S105
NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:"
MOST = 50


@dataclass(frozen=True)
class Attribute:
    """One attribute of the assertion; `name_format` is a URI or empty."""

    name: str
    values: tuple[str, ...]
    name_format: str = ""


@dataclass(frozen=True)
class Subject:
    """Who the assertion is about. `value` None leaves the NameID out."""

    value: str | None
    format: str
    attributes: tuple[Attribute, ...]


def roles_of(world: World, sp: Document, user: Document) -> list[str] | None:
    """Values of the roles a person has by direct assignment or a direct group; None when not assigned at all (G73)."""
    groups = [link["group"] for link in world.store.find("member", "member", user["id"])]
    held = [
        entry
        for principal in dict.fromkeys((user["id"], *groups))
        for entry in world.store.find("appRoleAssignment", "principalId", principal)
        if entry["resourceId"] == sp["id"]
    ]
    if not held:
        return None
    app = objects.application_of(world, sp["appId"]) or {"appRoles": []}
    values = {role["id"]: role["value"] for role in app["appRoles"] if role["isEnabled"]}
    if not world.rules.on("G77"):
        values = {role["id"]: role["value"] or role["displayName"] for role in app["appRoles"]}
    ordered = sorted(held, key=lambda entry: str(entry["id"])) if world.rules.on("G78") else held[:1]
    return list(dict.fromkeys(values[e["appRoleId"]] for e in ordered if values.get(e["appRoleId"])))


def policy_of(world: World, sp: Document) -> Document | None:
    """The inside of the claims mapping policy that counts, or None."""
    found = objects.attached(world, "claimsMappingPolicy", "servicePrincipal", sp["id"])
    if not found or not world.rules.on("G37"):
        return None
    inner: Document = json.loads(found[0]["definition"][0])["ClaimsMappingPolicy"]
    return inner


def subject(world: World, sp: Document, user: Document, roles: list[str], *, wanted_format: str) -> Subject:
    """NameID and attributes. Raises SignInRefusal where the NameID cannot be made (G39)."""
    policy = policy_of(world, sp)
    if policy is None and world.rules.on("G41"):
        policy = portal_policy(world, sp, user)
    entries = (policy or {}).get("ClaimsSchema", [])
    if world.rules.on("G40"):
        entries = entries[:MOST]
    pinned = next((entry for entry in entries if entry.get("SamlClaimType") == NAME_ID), None)
    if pinned:
        value, form = _pinned(world, sp, user, pinned, roles, wanted_format)
    else:
        value, form = _default_name_id(world, sp, user, wanted_format)
    attributes = _core(world, user)
    if policy is None or str(policy.get("IncludeBasicClaimSet", "true")).lower() == "true":
        attributes += _basic(user, roles if policy is None else [])
    attributes += [a for entry in entries if (a := _configured(user, entry, roles))]
    more = token_configuration.added(world, sp, user, policy=policy is not None)
    attributes += [Attribute(name, values) for name, values in more if name not in {each.name for each in attributes}]
    return Subject(value, form, tuple(attributes))


def _pinned(
    world: World, sp: Document, user: Document, entry: Document, roles: list[str], wanted_format: str
) -> tuple[str | None, str]:
    """A NameID whose source the policy fixes."""
    default = UNSPECIFIED if world.quirks.value("policy_nameid_format") == "unspecified" else EMAIL
    if wanted_format in (PERSISTENT, TRANSIENT) and world.quirks.value("nameidpolicy_under_policy") == "requested":
        return _generated(world, sp, user, wanted_format)
    form = wanted_format if wanted_format == EMAIL else default
    honoured = world.quirks.value("samlnameidformat_key") == "honoured" and world.rules.on("G38")
    form = entry.get("_format", form)
    if "SamlNameIdFormat" in entry and honoured:
        form = entry["SamlNameIdFormat"]
    values = _source(user, entry, roles)
    if values:
        return values[0], form
    choice = world.quirks.value("null_nameid") if world.rules.on("G39") else "omitted"
    if choice == "signin_error":
        raise SignInRefusal(
            501241,
            f"Mandatory Input '{entry.get('ID', '')}' missing from transformation id ''. The NameID claim or "
            "NameIdentifier is mandatory in a SAML response, and its source attribute could not be read.",
        )
    return (pairwise(sp, user), PERSISTENT) if choice == "pairwise" else (None, form)


def _default_name_id(world: World, sp: Document, user: Document, wanted_format: str) -> tuple[str, str]:
    """A NameID that nothing configures (G37, G76)."""
    upn = _source(user, {"Source": "user", "ID": "userprincipalname"}, [])[0]
    if wanted_format == EMAIL and world.rules.on("G76"):
        return upn, EMAIL
    configured = world.quirks.value("nameidpolicy_unspecified") == "configured" or not wanted_format
    if world.quirks.value("no_policy_nameid") == "upn_email" and configured:
        return upn, EMAIL
    return _generated(world, sp, user, wanted_format)


def _generated(world: World, sp: Document, user: Document, wanted_format: str) -> tuple[str, str]:
    """A NameID that no property of the person gives: a new one for each sign-on, or the pairwise one."""
    if wanted_format == TRANSIENT:
        return world.new_id("transientNameId"), TRANSIENT
    return pairwise(sp, user), PERSISTENT


def pairwise(sp: Document, user: Document) -> str:
    """An id of this person for this application only, 43 characters."""
    digest = hashlib.sha256(f"{sp['id']}/{user['id']}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _core(world: World, user: Document) -> list[Attribute]:
    """What no policy takes away."""
    own = world.cloud.issuer(TENANT_ID)
    return [
        Attribute(f"{IDENTITY}tenantid", (TENANT_ID,)),
        Attribute(f"{IDENTITY}objectidentifier", (user["id"],)),
        Attribute(f"{IDENTITY}displayname", (user["displayName"],)),
        Attribute(f"{IDENTITY}identityprovider", ("live.com" if user["userType"] == "Guest" else own,)),
        Attribute("http://schemas.microsoft.com/claims/authnmethodsreferences", (PASSWORD,)),
    ]


def _basic(user: Document, roles: list[str]) -> list[Attribute]:
    """The set that IncludeBasicClaimSet "false" takes away, and without any policy the roles under Entra's own name."""
    upn = _source(user, {"Source": "user", "ID": "userprincipalname"}, [])
    pairs = [
        (ROLE, tuple(roles)),
        (f"{SOAP}givenname", _source(user, {"Source": "user", "ID": "givenname"}, [])),
        (f"{SOAP}surname", _source(user, {"Source": "user", "ID": "surname"}, [])),
        (f"{SOAP}emailaddress", _source(user, {"Source": "user", "ID": "mail"}, [])),
        (f"{SOAP}name", upn),
    ]
    return [Attribute(name, values) for name, values in pairs if values]


def _configured(user: Document, entry: Document, roles: list[str]) -> Attribute | None:
    name = entry.get("SamlClaimType")
    if not name or name == NAME_ID or name in RESTRICTED:
        return None
    values = _source(user, entry, roles)
    form = entry.get("SAMLNameForm", "")
    full = form if form.startswith("urn:") or not form else f"{NAME_FORMAT}{form}"
    return Attribute(name, values, full) if values else None


PROPERTIES = {
    "mail": "mail",
    "displayname": "displayName",
    "givenname": "givenName",
    "surname": "surname",
    "localuserprincipalname": "userPrincipalName",
    "objectid": "id",
    "jobtitle": "jobTitle",
    "department": "department",
    "employeeid": "employeeId",
    "mailnickname": "mailNickname",
    "companyname": "companyName",
    "telephonenumber": "businessPhones",
    "facsimiletelephonenumber": "faxNumber",
    "othermail": "otherMails",
    "streetaddress": "streetAddress",
    "postalcode": "postalCode",
    "city": "city",
    "state": "state",
    "country": "country",
    "dnsdomainname": "onPremisesDomainName",
    "onpremisesuserprincipalname": "onPremisesUserPrincipalName",
    "onpremisessamaccountname": "onPremisesSamAccountName",
    "mobilephone": "mobilePhone",
    "officelocation": "officeLocation",
    "preferredlanguage": "preferredLanguage",
    "preferredlanguange": "preferredLanguage",
    "usertype": "userType",
    "proxyaddresses": "proxyAddresses",
    "accountenabled": "accountEnabled",
    "createddatetime": "createdDateTime",
    "creationtype": "creationType",
    "consentprovidedforminor": "consentProvidedForMinor",
    "lastpasswordchangedatetime": "lastPasswordChangeDateTime",
    "preferreddatalocation": "preferredDataLocation",
    "onpremisesecurityidentifier": "onPremisesSecurityIdentifier",
    "onpremisesdomainname": "onPremisesDomainName",
    "onpremisesimmutableid": "onPremisesImmutableId",
    "onpremisessyncenabled": "onPremisesSyncEnabled",
}


def _source(user: Document, entry: Document, roles: list[str]) -> tuple[str, ...]:
    """The values of an entry's source for this person; none where the directory has none."""
    if "Value" in entry:
        return (entry["Value"],)
    if str(entry.get("Source")).lower() != "user":
        return ()
    identity = "accountenabled" if entry.get("ID") == "accountEnabled" else entry.get("ID", "")
    if identity == "assignedroles":
        return tuple(roles)
    if identity == "userprincipalname":
        # a guest of another Entra tenant is named as at home
        return (user["mail"] if user["userType"] == "Guest" and user["mail"] else user["userPrincipalName"],)
    value: Any = user.get(PROPERTIES.get(identity, ""))
    if identity.startswith("extensionattribute"):
        held = user.get("onPremisesExtensionAttributes") or {}
        value = held.get(f"extensionAttribute{identity.removeprefix('extensionattribute')}")
    if "ExtensionID" in entry:
        value = user.get(entry["ExtensionID"])
    if identity == "telephonenumber":
        value = (value or [None])[0]
    listed = value if isinstance(value, list) else [value]
    return tuple(_text(each) for each in listed if each not in (None, ""))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
