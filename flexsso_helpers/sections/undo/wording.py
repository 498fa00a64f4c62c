"""What an undo calls things, and what people would notice. Pure."""

import json
from collections.abc import Mapping

from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.sections.undo.shapes import Json, elements, plain
from flexsso_helpers.sections.undo.standing import ACTIVE, LINKED, Standing
from flexsso_helpers.sections.undo.trail import Place, Trail

TITLES = {
    "identifierUris": "Identifier {}",
    "redirectUris": "Reply URL {}",
    "defaultRedirectUri": "Default reply URL",
    "tags": "Tag {}",
    "notificationEmailAddresses": "Expiry notification to {}",
    "notes": "In its notes: {}",
    "displayName": "Name",
    "serviceManagementReference": "Service management reference",
    "preferredSingleSignOnMode": "Single sign-on method",
    "appRoleAssignmentRequired": "Assignment required",
    "loginUrl": "Sign-on URL",
    "samlSingleSignOnSettings": "Relay state",
    "requestSignatureVerification": "Signed requests required",
    "tokenEncryptionKeyId": "Token encryption key",
    ACTIVE: "Active certificate",
    "groupMembershipClaims": "Group claim",
    "optionalClaims": "Optional claims",
}
BREAKS = {
    "application": "nobody can sign on to Flex through this application any more",
    "principal": "nobody can sign on to Flex through this application any more",
    "claimsMappingPolicies": "responses no longer carry what Flex needs of a person",
    "tokenIssuancePolicies": "responses are signed as Entra does by itself, the assertion alone",
    "certificate": "",
    "identifierUris": "sign-ons that name the identifier end in AADSTS700016",
    "redirectUris": "sign-ons that ask for the reply URL end in AADSTS50011",
    "preferredSingleSignOnMode": "nobody can sign on to Flex through this application any more",
    ACTIVE: "sign-ons fail until Flex Console holds the certificate that is active then",
    "appRoleAssignedTo": "who is assigned no longer ends in AADSTS50105",
}
OPENS = "anyone in the tenant could sign in then, and be billed"


def breaks(place: Place, then: str | None) -> str:
    """What people who sign in today would notice."""
    if place.name == "appRoleAssignmentRequired":
        return OPENS
    ends = then is None or place.name == ACTIVE
    return BREAKS.get(place.name, "") if ends else ""


class Words:
    """Names for places and values of one look."""

    def __init__(self, standing: Standing, found: Trail, names: Mapping[str, str]) -> None:
        """`names` are those of people and groups, by id."""
        self._standing, self._found, self._names = standing, found, names

    def owner(self, path: str) -> str:
        """An object by its kind and name."""
        name = self._standing.objects[path].get("displayName")
        kind = {"applications": "Enterprise application", "servicePrincipals": "Service principal of"}
        return f"{kind.get(path.split('/')[1], 'Policy')} “{name}”"

    def of(self, place: Place) -> str:
        """A place, as plans call it."""
        if place.name in TITLES:
            return TITLES[place.name].format(place.element)
        if place.name == "appRoles":
            return f"App role {self._role(place.owner, place.element)}"
        if place.name == "appRoleAssignedTo":
            who, role = place.element.split("/")
            return f"Assignment of {self._names.get(who, who)} as {self._role_of(place.owner, role)}"
        if place.name in LINKED:
            kind = "application" if place.owner.startswith("/applications/") else "service principal"
            return f"Policy “{self._policy(place)}” on the {kind}"
        parts = place.element.split("\t")
        if place.owner.startswith("/policies/"):
            name = self._standing.objects[place.owner].get("displayName")
            return f"{'Claim ' if len(parts) > 2 else ''}{parts[-1] or place.name} of the policy “{name}”"
        return f"{'Claim ' if len(parts) > 1 else ''}{parts[-1]} on the page Attributes & Claims"

    def value(self, place: Place, value: Json) -> str | None:
        """A value in words; None for nothing."""
        if plain(value) is None and value is not False:
            return None
        if isinstance(value, bool):
            return ("yes" if value else "no") if place.element == "" else "there"
        if place.name == "appRoles":
            return "enabled" if value.get("isEnabled") else "disabled"
        if place.name == "appRoleAssignedTo":
            return "assigned"
        if place.name == ACTIVE:
            return short(str(value))
        return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)

    def reason(self, place: Place) -> str:
        """Which object it belongs to."""
        return "" if place.owner.startswith("/policies/") else self.owner(place.owner)

    def _role(self, owner: str, role: str) -> str:
        now = elements("appRoles", self._standing.objects[owner].get("appRoles")).get(role)
        before = [
            each
            for wrote in self._found.places.get(Place(owner, "appRoles", role), ())
            for each in (wrote.after, wrote.before)
            if each
        ]
        known: dict[str, Json] = now or next(iter(before), {})
        return str(known.get("value") or known.get("displayName") or role)

    def _role_of(self, principal: str, role: str) -> str:
        application = self._standing.pair(principal)[0]
        return self._role(application, role) if application else role

    def _policy(self, place: Place) -> str:
        hanging = self._standing.objects[place.owner].get(place.name) or {}
        path = f"/policies/{place.name}/{place.element}"
        return str(
            hanging.get(place.element) or self._standing.objects.get(path, {}).get("displayName") or place.element
        )
