"""The claims that the portal's own policy makes for a person, told as a claims mapping policy (2d, option B)."""

from typing import Any

from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

KIND = "customClaimsPolicy"
NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
FORMATS = {
    "emailAddress": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "windowsDomainQualifiedName": "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName",
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
}
GUESTS = ("allGuests", "aadGuests")


def portal_policy(world: World, sp: Document, user: Document) -> Document | None:
    """What counts for this person where no claims mapping policy is assigned; None without such a policy (G37)."""
    found = world.store.get(KIND, sp["id"])
    if found is None:
        return None
    groups = {link["group"] for link in world.store.find("member", "member", user["id"])}
    entries = [entry for claim in found["claims"] if (entry := _entry(claim, user, groups))]
    return {"IncludeBasicClaimSet": str(found["includeBasicClaimSet"]).lower(), "ClaimsSchema": entries}


def _entry(claim: Document, user: Document, groups: set[str]) -> Document | None:
    """The last configuration that fits the person, as an entry of a schema."""
    fitting = [each for each in claim["configurations"] if _fits(each.get("condition") or {}, user, groups)]
    if not fitting or "saml" not in claim.get("tokenFormat", ["saml"]):
        return None
    attribute = fitting[-1]["attribute"]
    source: Document = (
        {"Value": attribute["value"]}
        if "value" in attribute
        else {"Source": attribute["source"].strip().lower(), "ID": attribute["id"].strip().lower()}
    )
    if attribute.get("isExtensionAttribute"):
        source = {"Source": "user", "ExtensionID": attribute["id"].strip()}
    if claim["@odata.type"].endswith("samlNameIdClaim"):
        form = FORMATS.get(claim.get("nameIdFormat", "default"))
        return source | {"SamlClaimType": NAME_ID} | ({"_format": form} if form else {})
    space = claim.get("namespace")
    name = f"{space.rstrip('/')}/{claim['name']}" if space else claim["name"]
    return source | {"SamlClaimType": name, "SAMLNameForm": claim.get("samlAttributeNameFormat") or ""}


def _fits(condition: dict[str, Any], user: Document, groups: set[str]) -> bool:
    guest = user["userType"] == "Guest"
    kind = condition.get("userType") or "any"
    right = {"any": True, "members": not guest, "externalGuests": False}.get(kind, guest and kind in GUESTS)
    wanted = {name.removeprefix("oid:") for name in condition.get("memberOf") or ()}
    return right and (not wanted or bool(wanted & groups))
