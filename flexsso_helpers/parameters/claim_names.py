"""What a further attribute may be called, and where its value may come from.

The checks return the value or raise ValueError with a sentence that continues after the name of the field.
"""

import difflib
import re

from flexsso_helpers.documented_claims import DOCUMENTED

PASSED_ALREADY = tuple(each.name.lower() for each in DOCUMENTED)
RESERVED = ("contact_uri", "routing", "disabled_skills")
TYPES = ("string", "int", "boolean", "stringarray", "intarray", "booleanarray")
CHANNEL = r"channel\.[A-Za-z0-9_-]+\.(availability|capacity)"
BARE = r"[A-Za-z_][A-Za-z0-9_]*"
NAME = rf"{CHANNEL}|{BARE}(\.({'|'.join(TYPES)}))?"
LONGEST_NAME = 128
MOST_CLAIMS = 50
"""Of a claims policy's entries Entra issues the first fifty, our four among them (G40)."""

EXTENSION = r"extension_[0-9a-f]{32}_[A-Za-z0-9_]+"
USER_PROPERTIES = {
    "mail": "mail",
    "displayname": "displayName",
    "givenname": "givenName",
    "surname": "surname",
    "userprincipalname": "userPrincipalName",
    "localuserprincipalname": "userPrincipalName",
    "objectid": "id",
    "employeeid": "employeeId",
    "jobtitle": "jobTitle",
    "department": "department",
    "companyname": "companyName",
    "telephonenumber": "businessPhones",
    "facsimiletelephonenumber": "faxNumber",
    "othermail": "otherMails",
    "mailnickname": "mailNickname",
    "streetaddress": "streetAddress",
    "postalcode": "postalCode",
    "city": "city",
    "state": "state",
    "country": "country",
    "onpremisessamaccountname": "onPremisesSamAccountName",
    "onpremisesuserprincipalname": "onPremisesUserPrincipalName",
    "dnsdomainname": "onPremisesDomainName",
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
    **{f"extensionattribute{n}": f"onPremisesExtensionAttributes.extensionAttribute{n}" for n in range(1, 16)},
}
"""The user properties that a claims policy may name, and where Graph shows their values (entra-docs,
reference-claims-customization); `preferredlanguange` is the spelling of its older editions."""
SOURCE = rf"user\.({'|'.join(USER_PROPERTIES)})|{EXTENSION}"
SOURCE_FORM = (
    "user.department or another property of a user, user.extensionattribute1 to 15, or the whole name of an "
    "extension property, such as extension_0123456789abcdef0123456789abcdef_site"
)


def split(name: str) -> tuple[str, str]:
    """Under which name Flex stores a claim, and as what type: `skill.int` gives `skill`, `int` (F77)."""
    if re.fullmatch(CHANNEL, name):
        return name, "boolean" if name.endswith(".availability") else "int"
    bare, dot, kind = name.rpartition(".")
    return (bare, kind) if dot and bare and kind in TYPES else (name, "string")


def attribute(value: str) -> str:
    """The name of a further attribute, type suffix and all."""
    if ":" in value or "/" in value:
        raise ValueError("has a namespace (: or /), and Flex ignores such a claim; write the bare name")
    bare, _ = split(value)
    if bare.lower() in PASSED_ALREADY:
        raise ValueError(f"is one of the claims that Flex always gets ({bare.lower()}); remove this entry")
    if bare.lower() in RESERVED:
        raise ValueError(f"is reserved: Flex sets {bare.lower()} itself, and routing hangs on it; choose another name")
    if len(value) > LONGEST_NAME:
        raise ValueError(
            f"has more than {LONGEST_NAME} characters; all attributes of a worker share 4096, so choose a short name"
        )
    if value.lower().startswith("channel."):
        if not re.fullmatch(CHANNEL, value):
            raise ValueError("is no setting of a channel; write channel.NAME.capacity or channel.NAME.availability")
    elif "." in value:
        _dotted(value)
    if not re.fullmatch(NAME, value):
        raise ValueError("may have letters, digits and underscores only, and a type at its end, such as skill.int")
    return value


def _dotted(value: str) -> None:
    bare, _, kind = value.rpartition(".")
    if "." in bare:
        raise ValueError("has several dots; what Flex makes of them is not documented, so choose a name without")
    if kind in TYPES:
        return
    meant = {"bool": "boolean", "integer": "int", "number": "int", "str": "string", "array": "stringarray"}
    near = meant.get(kind.lower()) or next(iter(difflib.get_close_matches(kind.lower(), TYPES, 1, 0.6)), "")
    told = f"; did you mean {bare}.{near}?" if near else ""
    raise ValueError(f"ends in .{kind}, which is no type of Flex: these are {', '.join(TYPES)}{told}")


def source(value: str) -> str:
    """Where a claim's value comes from: a property of the user or an extension property."""
    if re.fullmatch(SOURCE, value):
        return value
    if value.lower().startswith("extension_"):
        raise ValueError(
            "is not the whole name of an extension property: extension_, the 32 digits of the application that owns "
            "it, _ and its name, in the letter case of Entra"
        )
    plain = value.strip().removeprefix("user.").removeprefix("onPremisesExtensionAttributes.").lower()
    if plain == "assignedroles":
        raise ValueError("is what the claim roles is made of already; remove this entry")
    if plain in USER_PROPERTIES:
        raise ValueError(f"is written otherwise in a claims policy; write user.{plain}")
    near = difflib.get_close_matches(plain, USER_PROPERTIES, 1, 0.75)
    told = f"; did you mean user.{near[0]}?" if near else ""
    raise ValueError(f"is not a source that a claims policy knows; write {SOURCE_FORM}{told}")


def misfit(name: str, value: str) -> str:
    """Why a fixed value is none of the type that the claim's name demands; empty when it is (F78)."""
    _, kind = split(name)
    parts = [part.strip() for part in value.split(",")] if kind.endswith("array") else [value]
    if not all(parts):
        return "has nothing between two commas; what Flex makes of that is not documented"
    base = kind.removesuffix("array")
    forms = {"int": r"-?[0-9]{1,18}", "boolean": r"(?i:true|false)"}
    if base not in forms or all(re.fullmatch(forms[base], part) for part in parts):
        return ""
    words = "whole numbers" if base == "int" else "true or false"
    return f"is not {words}, as .{kind} in the name demands; Flex would refuse the whole sign-on"
