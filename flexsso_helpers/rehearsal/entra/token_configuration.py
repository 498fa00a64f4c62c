"""What the application's own token configuration adds to a response: group claims and optional claims for SAML.

Sources: Microsoft's "SAML token claims reference" (groups, the limit of 150, the link instead), "Configure group
claims" (groupMembershipClaims and its values), "Configure and manage optional claims" (saml2Token,
additionalProperties, the names of extension attributes). Whether a claims policy leaves optional claims in is said
nowhere: a quirk.
"""

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare(
    {
        "G101": "Group claims of the token configuration are sent beside what a claims policy says",
        "G102": "Of more than 150 groups a link is sent instead",
        "G103": "Optional claims for SAML are sent",
        "G104": "Group claims that are emitted as roles come under Entra's own name for roles",
    }
)
quirks.declare(
    {
        "optional_claims_under_policy": quirk(
            "sent", "left_out", source="G103: the two pages on optional claims and on claims policies do not say"
        ),
    }
)

GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"
LINK = "http://schemas.microsoft.com/claims/groups.link"
ROLE = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
IDENTITY = "http://schemas.microsoft.com/identity/claims/"
MOST = 150
STANDARD = {"upn": (f"{SOAP}upn", "userPrincipalName"), "email": (f"{SOAP}emailaddress", "mail")}
Pairs = list[tuple[str, tuple[str, ...]]]


def added(world: World, sp: Document, user: Document, *, policy: bool) -> Pairs:
    """(name, values) of what is added to the attributes of this person's response; `policy`: one decides the claims."""
    app = objects.application_of(world, sp["appId"]) or {}
    optional = (app.get("optionalClaims") or {}).get("saml2Token") or []
    pairs = _groups(world, app, sp, user, optional)
    left_out = policy and world.quirks.value("optional_claims_under_policy") == "left_out"
    if world.rules.on("G103") and not left_out:
        pairs += [pair for entry in optional if (pair := _optional(entry, user))]
    return pairs


def _groups(world: World, app: Document, sp: Document, user: Document, optional: list[Document]) -> Pairs:
    wanted = {part.strip() for part in str(app.get("groupMembershipClaims") or "").split(",")} - {"", "None"}
    if not wanted or not world.rules.on("G101"):
        return []
    held = _all_groups(world, user["id"])
    if not wanted & {"All", "SecurityGroup"}:
        direct = {link["group"] for link in world.store.find("member", "member", user["id"])}
        assigned = {each["principalId"] for each in world.store.find("appRoleAssignment", "resourceId", sp["id"])}
        held = direct & assigned if "ApplicationGroup" in wanted else set()
    found = [group for identity in sorted(held) if (group := world.store.get("group", identity))]
    if "All" not in wanted:
        found = [group for group in found if group["securityEnabled"]]
    if not found:
        return []
    if len(found) > MOST and world.rules.on("G102"):
        return [(LINK, (f"{world.cloud.graph}/{TENANT_ID}/users/{user['id']}/getMemberObjects",))]
    modifiers = [entry for entry in optional if entry.get("name") == "groups"]
    how = {name for entry in modifiers for name in entry.get("additionalProperties") or ()}
    name = ROLE if "emit_as_roles" in how and world.rules.on("G104") else GROUPS
    shown = "displayName" if "cloud_displayname" in how else "id"
    return [(name, tuple(str(group[shown]) for group in found))]


def _all_groups(world: World, identity: str) -> set[str]:
    """Direct and nested: unlike roles, group claims follow nesting."""
    found: set[str] = set()
    waiting = [identity]
    while waiting:
        for link in world.store.find("member", "member", waiting.pop()):
            if link["group"] not in found:
                found.add(link["group"])
                waiting.append(link["group"])
    return found


def _optional(entry: Document, user: Document) -> tuple[str, tuple[str, ...]] | None:
    name = str(entry.get("name") or "")
    if name == "groups":
        return None
    if entry.get("source") == "user":
        # `extension_<application id>_<attribute>` is told by its last part
        return _pair(f"{IDENTITY}extn.{name.split('_', 2)[-1]}", user.get(name))
    if name in STANDARD:
        claim, of = STANDARD[name]
        return _pair(claim, user.get(of))
    return _pair(f"{IDENTITY}{name}", user.get(name))


def _pair(name: str, value: object) -> tuple[str, tuple[str, ...]] | None:
    listed = value if isinstance(value, list) else [value]
    values = tuple(str(each) for each in listed if each not in (None, ""))
    return (name, values) if values else None
