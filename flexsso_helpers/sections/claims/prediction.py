"""What a response would say about a person: a pure function of the claims and of what Entra holds (G37–G40, G77).

Usage::

    said = predict(state.claims, person, roles, basic=state.basic)
    said.name_id, said.attributes["email"], said.unsure
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flexsso_helpers.parameters.claim_names import MOST_CLAIMS, USER_PROPERTIES
from flexsso_helpers.resources.application import Json
from flexsso_helpers.resources.claims_schema import Claim

_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_BASIC = {"givenname": "givenname", "surname": "surname", "emailaddress": "mail", "name": "userprincipalname"}
_RESTRICTED = (
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    f"{_SOAP}upn",
)
_OWN_ID = "without a claims policy Entra sends an id of its own making, which cannot be foreseen"


@dataclass(frozen=True, kw_only=True)
class Said:
    """NameID and attributes of a response that nobody has sent yet; those that Entra always adds are left out."""

    name_id: str | None = None
    """None: its source is empty and Entra refuses the sign-on (AADSTS501241), or `unsure` says that it is unknown."""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()
    """What could not be foreseen, in words."""


def properties(claims: Sequence[Claim]) -> tuple[str, ...]:
    """The properties of a user, as Graph calls them, that a prediction has to know."""
    names = {"id", "displayName", "givenName", "surname", "mail", "userPrincipalName", "userType"}
    for claim in claims:
        entry = claim.entry
        if "ExtensionID" in entry:
            names.add(str(entry["ExtensionID"]))
        elif place := USER_PROPERTIES.get(_known(entry)):
            names.add(place.split(".")[0])
    return tuple(sorted(names))


def predict(claims: Sequence[Claim], person: Json, roles: Sequence[str], *, basic: bool = False) -> Said:
    """NameID and attributes for `person`, a user as Graph shows it, who has these role values."""
    unsure: list[str] = []
    attributes: dict[str, tuple[str, ...]] = {}
    name_id: str | None = None
    if basic:
        found = {name: _values({"Source": "user", "ID": of}, person, roles) for name, of in _BASIC.items()}
        attributes |= {f"{_SOAP}{name}": values for name, values in found.items() if values}
    if not any(claim.name == "NameID" for claim in claims):
        unsure.append(_OWN_ID)
    for claim in claims[:MOST_CLAIMS]:
        if claim.name in _RESTRICTED or not claim.name:
            continue
        values = _values(claim.entry, person, roles)
        if values is None:
            unsure.append(f"{claim.name} comes from {claim.source}, which cannot be foreseen")
        elif claim.name == "NameID":
            name_id = values[0] if values else None
        elif values:
            attributes[claim.name] = values
    if _guest(person) and any(claim.source == "user.userprincipalname" for claim in claims):
        unsure.append("of a guest Entra sends the user name at home, taken here to be the mail address")
    return Said(name_id=name_id, attributes=attributes, unsure=tuple(unsure))


def _values(entry: Json, person: Json, roles: Sequence[str]) -> tuple[str, ...] | None:
    """The values of an entry's source; none where the directory has none, None where that cannot be known."""
    if "Value" in entry:
        return (str(entry["Value"]),)
    if str(entry.get("Source")).lower() != "user":
        return None
    if "ExtensionID" in entry:
        name = str(entry["ExtensionID"])
        return _texts(person[name]) if name in person else None
    source = _known(entry)
    if source == "assignedroles":
        return tuple(roles)
    if source == "userprincipalname" and _guest(person) and person.get("mail"):
        return (str(person["mail"]),)
    if source not in USER_PROPERTIES:
        return None
    value: Any = person
    for step in USER_PROPERTIES[source].split("."):
        value = (value or {}).get(step)
    if source == "telephonenumber":
        value = (value or [None])[0]
    return _texts(value)


def _known(entry: Json) -> str:
    """The property an entry names; of one the documentation gives another letter case."""
    name = str(entry.get("ID"))
    return "accountenabled" if name == "accountEnabled" else name


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    plain = (str(each).lower() if isinstance(each, bool) else str(each) for each in listed if each not in (None, ""))
    return tuple(plain)


def _guest(person: Json) -> bool:
    return person.get("userType") == "Guest"
