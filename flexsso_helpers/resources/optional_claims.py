"""The application's token configuration: group claims and optional claims, which are sent beside the claims policy.

They live on the application object (`groupMembershipClaims`, `optionalClaims.saml2Token`), for sign-ins by OpenID
Connect too; only what concerns a SAML response is looked at, and nothing of it is ours.
"""

from dataclasses import dataclass

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Change, Finding, compare
from flexsso_helpers.plan.findings import judged, listed
from flexsso_helpers.resources import policies
from flexsso_helpers.resources.application import Found, Json
from flexsso_helpers.session import Session

GROUPS = "groups"
OUT = fix_in("04", "approve their removal by name, or write their names into tenant.claims.acknowledged.")
OTHERS = "sign-ins at this application by OpenID Connect would lose it too"


@dataclass(frozen=True, kw_only=True)
class Extra:
    """One claim of the token configuration; `raw` are its entries of `saml2Token`, packed."""

    name: str
    source: str
    """What is sent, in words."""
    raw: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        """Its line in a plan."""
        return "Group claim" if self.name == GROUPS else f"Optional claim {self.name}"

    @property
    def key(self) -> str:
        """By what code knows it."""
        return f"optional_claim {self.name}"


def of(application: Json) -> tuple[Extra, ...]:
    """What the application's token configuration adds to SAML responses. Without group claims `groups` only waits."""
    entries = list((application.get("optionalClaims") or {}).get("saml2Token") or ())
    groups = str(application.get("groupMembershipClaims") or "")
    found = []
    if groups not in ("", "None"):
        how = [entry for entry in entries if entry.get("name") == GROUPS]
        properties = sorted({str(each) for entry in how for each in entry.get("additionalProperties") or ()})
        found.append(Extra(name=GROUPS, source=", ".join((groups, *properties)), raw=tuple(map(policies.packed, how))))
    for entry in entries:
        if entry.get("name") != GROUPS:
            more = [str(each) for each in entry.get("additionalProperties") or ()]
            kind = "user" if entry.get("source") == "user" else "optional claim"
            name = str(entry.get("name") or "")
            found.append(Extra(name=name, source=", ".join((kind, *more)), raw=(policies.packed(entry),)))
    return tuple(found)


def changes(tenant: Tenant, extras: tuple[Extra, ...]) -> list[Change]:
    """Each is taken out, with an approval of its own (D17), unless the tenant's file answers for it."""
    return [_change(tenant, extra) for extra in extras]


def _change(tenant: Tenant, extra: Extra) -> Change:
    if extra.name in tenant.claims.acknowledged:
        text = "somebody added it, and the tenant’s file answers for it"
        return compare(extra.setting, extra.source, extra.source, reason=text, instructions=("D17",), key=extra.key)
    why = "ids of groups, cut at 150, of which Flex has no use" if extra.name == GROUPS else "it is not asked for"
    return Change(
        setting=extra.setting,
        now=extra.source,
        should_be=None,
        kind="-",
        reason=f"sent by the token configuration; {why}",
        instructions=("D17",),
        breaks=OTHERS,
        key=extra.key,
    )


async def take_out(session: Session, found: Found, leaving: list[Extra]) -> None:
    """Write the application without these; whatever else its token configuration holds stays to the letter."""
    application = found.application
    body: Json = {}
    gone = {raw for extra in leaving for raw in extra.raw}
    if gone:
        held = application.get("optionalClaims") or {}
        kept = [entry for entry in held.get("saml2Token") or () if policies.packed(entry) not in gone]
        body["optionalClaims"] = {key: value for key, value in held.items() if key != "saml2Token"} | {
            "saml2Token": kept
        }
    if any(extra.name == GROUPS for extra in leaving):
        body["groupMembershipClaims"] = None
    await session.graph.patch(
        f"/applications/{found.object_id}",
        body,
        why="Taking claims out of the token configuration",
        before={key: application.get(key) for key in body},
    )


def findings(tenant: Tenant, extras: tuple[Extra, ...]) -> list[Finding]:
    """Told only where the token configuration adds something: an ordinary tenant's adds nothing."""
    agreed = [extra for extra in extras if extra.name in tenant.claims.acknowledged]
    others = [f"{extra.name} ({extra.source})" for extra in extras if extra not in agreed]
    found = []
    if agreed:
        names = ", ".join(extra.name for extra in agreed)
        found.append(judged("D17", "Acknowledged by name, of the token configuration", names, "sent", True, "", "info"))
    if others:
        found.append(listed("S69", "Sent by the token configuration", others, OUT))
    return found
