"""What the JSON inside a policy may say (G31). Keys are case-sensitive; stray blanks break them."""

import json
import re
from typing import Any

from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G31": "A policy's definition with a wrong key, case or value is refused",
        "G38": "Whether a claims mapping policy may say the format of the NameID is open",
    }
)
quirks.declare(
    {
        "definition_error_text": quirk(
            "first",
            "second",
            "third",
            source="G31: contrib#4633, entra-docs#121, azure-docs#57565",
            when="somebody's claims policy holds a key that Entra takes no longer",
            refused_there=dict.fromkeys(("first", "second", "third"), ("Refused", "04")),
        ),
        "samlnameidformat_key": quirk(
            "honoured",
            "ignored",
            "rejected",
            source="G38: tf#1115 and the guide; not in docs",
            when="somebody's claims policy gives the NameID a format",
        ),
    }
)

TEXTS = {
    "first": "Property  has an invalid value.",
    "second": "Property definition has an invalid value.",
    "third": "One or more properties contains invalid values.",
}
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SIGNING: dict[str, tuple[Any, ...]] = {
    "Version": (1,),
    "SigningAlgorithm": (RSA_SHA256, RSA_SHA1),
    "TokenResponseSigningPolicy": ("TokenOnly", "ResponseOnly", "ResponseAndToken"),
    "SamlTokenVersion": ("1.1", "2.0"),
    "EmitSamlNameFormat": ("true", "false", True, False),
}
CLAIMS = {"Version", "IncludeBasicClaimSet", "ClaimsSchema", "ClaimsTransformation", "ClaimsTransformations"} | {
    *("GroupFilter", "issuerWithApplicationId", "audienceOverride")
}
ENTRY = {"Source", "ID", "ExtensionID", "Value", "TransformationID", "TransformationId"} | {
    *("SamlClaimType", "JwtClaimType", "SAMLNameForm", "SamlNameIdFormat")
}
SOURCES = ("user", "application", "resource", "audience", "company", "transformation")
USER_IDS = frozenset(
    (
        "mail", "displayname", "givenname", "surname", "userprincipalname", "localuserprincipalname", "objectid",
        "assignedroles", "employeeid", "department", "jobtitle", "telephonenumber", "companyname", "country", "city",
        "state", "streetaddress", "postalcode", "mailnickname", "onpremisessamaccountname", "netbiosname",
        "dnsdomainname", "preferredlanguange", "preferredlanguage", "othermail", "facsimiletelephonenumber",
        "onpremisesuserprincipalname", "mobilephone", "officelocation", "usertype", "proxyaddresses",
        "accountenabled", "accountEnabled", "createddatetime", "creationtype", "consentprovidedforminor",
        "lastpasswordchangedatetime", "preferreddatalocation", "onpremisesecurityidentifier",
        "onpremisesdomainname", "onpremisesimmutableid", "onpremisessyncenabled",
        "groups", *(f"extensionattribute{number}" for number in range(1, 16)),
    )
)  # fmt: skip


def check_definition(world: World, kind: str, definition: Any) -> None:
    """Raises GraphRefusal where the service would not take this `definition` list."""
    if not world.rules.on("G31"):
        return
    try:
        (text,) = definition
        outer = json.loads(text)
        (name,) = outer
        inner = outer[name]
    except (TypeError, ValueError):
        raise refused(world) from None
    if name != kind[0].upper() + kind[1:] or not isinstance(inner, dict):
        raise refused(world)
    good = _signing_good(inner) if kind == "tokenIssuancePolicy" else _claims_good(world, inner)
    if not good:
        raise refused(world)


def refused(world: World) -> GraphRefusal:
    """The refusal of a definition, in one of the three texts that were reported."""
    return bad_request(TEXTS[world.quirks.value("definition_error_text")])


def _signing_good(inner: dict[str, Any]) -> bool:
    return "Version" in inner and all(name in SIGNING and value in SIGNING[name] for name, value in inner.items())


def _claims_good(world: World, inner: dict[str, Any]) -> bool:
    if set(inner) - CLAIMS or inner.get("Version") != 1:
        return False
    if inner.get("IncludeBasicClaimSet", "true") not in ("true", "false", True, False):
        return False
    schema = inner.get("ClaimsSchema", [])
    return isinstance(schema, list) and all(_entry_good(world, entry) for entry in schema)


def _entry_good(world: World, entry: Any) -> bool:
    if not isinstance(entry, dict) or set(entry) - ENTRY:
        return False
    if any(not isinstance(value, str) or value != value.strip() for value in entry.values()):
        return False
    rejected = world.quirks.value("samlnameidformat_key") == "rejected" and world.rules.on("G38")
    if "SamlNameIdFormat" in entry and rejected:
        return False
    if not ({"SamlClaimType", "JwtClaimType"} & set(entry)) or re.search(r"\s", entry.get("SamlClaimType", "")):
        return False
    if "Value" in entry:
        return "Source" not in entry
    source = str(entry.get("Source", "")).lower()  # the documentation itself writes `user` and `User`
    if source not in SOURCES:
        return False
    if source == "transformation":
        return bool({"TransformationID", "TransformationId"} & set(entry))
    return "ExtensionID" in entry or source != "user" or entry.get("ID") in USER_IDS


def principal_takes_signing(world: World) -> bool:
    """Whether a signing policy may hang on a service principal at all."""
    return world.quirks.value("signing_policy_on_principal") == "taken"
