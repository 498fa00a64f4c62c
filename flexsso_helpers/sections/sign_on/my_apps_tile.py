"""08 · A start at the tile on My Apps: a response that nobody asked for, which Flex takes where it may land (D27, F60).

A person opens the tile, and ticks that Flex has opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flexsso_helpers.parameters import AttestedTile, Tenant
from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.plan import Change, Finding, Pending, compare
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged, said
from flexsso_helpers.resources import legacy_sso as legacy
from flexsso_helpers.resources.application import Found
from flexsso_helpers.resources.attested import still_counts
from flexsso_helpers.resources.capture_url import urls_of
from flexsso_helpers.session import Session

SETTING = "Start at the tile on My Apps"
KEY = "tile"
NO_PAGE = "not tried: without flex.landing in the file, Flex has no page for it"
FIX = (
    "06 · Flex Console: enter the Default Redirect URL again and save. If Flex still refuses, this connection takes no "
    "start from My Apps: take flex.landing out of the file, and hide the tile."
)


@dataclass(frozen=True, kw_only=True)
class Tile:
    """What was read. `link` is empty where nothing is there to start, or nobody asks for it."""

    asked: bool = False
    legacy: bool = False
    """Whether Legacy is the target, which has no setting for it."""
    link: str = ""
    user: str = ""
    """The test user who opens it; empty while none has a role."""
    lands_at: str = ""
    leads_to: str = ""
    """The application's default reply URL, which a response that nobody asked for goes to."""
    tried_at: str = ""
    """When it was last seen to open Flex, at the same addresses as now; empty otherwise."""
    tried_by: str = ""
    says: str = ""
    """Who tells in this session whether Flex opened."""


def asked_for(tenant: Tenant) -> bool:
    """Whether somebody is to try a start there: Enhanced needs a place to land, which the file then names.

    Legacy needs nothing for it, so nobody is kept waiting for a start there.
    """
    return bool(lands_at(tenant))


def lands_at(tenant: Tenant) -> str:
    """The page that the file asks for. Legacy has no such field."""
    return "" if legacy.is_target(tenant) else tenant.flex.landing or ""


def link_of(app_id: str, tenant_id: str) -> str:
    """Where the tile of an application leads a browser."""
    return f"https://launcher.myapps.microsoft.com/api/signin/{app_id}?tenantId={tenant_id}"


def read(session: Session, found: Found | None, users: tuple[str, ...]) -> Tile:
    """From what was read already; `users` are the test users with a role, the first of whom opens the tile."""
    if found is None or not asked_for(session.tenant):
        return Tile(asked=asked_for(session.tenant), legacy=legacy.is_target(session.tenant))
    leads_to = str(found.application.get("defaultRedirectUri") or next(iter(urls_of(found.application)), ""))
    tried = session.tenant.attested.tile if session.tenant.attested else None
    same = tried is not None and (tried.leads_to, tried.lands_at or "") == (leads_to, lands_at(session.tenant))
    return Tile(
        asked=True,
        link=link_of(found.app_id, session.tenant.tenant_id),
        user=next(iter(users), ""),
        lands_at=lands_at(session.tenant),
        leads_to=leads_to,
        tried_at=tried.at if tried and same else "",
        tried_by=tried.by if tried and same else "",
        says=session.person.name,
    )


def changes(tile: Tile, certificate_start: str, *, done: bool) -> tuple[Change, ...]:
    """A start, where one is asked for and the last is missing, was elsewhere, or is older than the certificate."""
    if not tile.link:
        return ()
    tried = done or still_counts(tile.tried_at, certificate_start)
    where = f", and Flex opens at {tile.lands_at}" if tile.lands_at else ", and Flex opens"
    return (
        compare(
            SETTING,
            "done" if tried else tile.tried_at[:10] or None,
            Pending("07") if not tile.user else "done" if certificate_start else Pending("03"),
            reason=f"{tile.user} opens it{where}" if tile.user else "nothing is assigned yet",
            instructions=("D27",),
            key=KEY,
        ),
    )


async def start(session: Session, tile: Tile, *, ticked: bool) -> SeenSignOn | None:
    """Open the tile; None while a person is awaited."""
    if ticked:
        return SeenSignOn(user=tile.user, signed_in=True, said=f"opened Flex, says {session.person.name}")
    return await session.person.sign_on(tile.link, tile.user)


def attestation(session: Session, tile: Tile, at: str) -> dict[tuple[str | int, ...], Any]:
    """What is noted in the tenant's file of a start that opened Flex."""
    seen = AttestedTile(at=at, by=session.person.name, leads_to=tile.leads_to, lands_at=tile.lands_at or None)
    return {("attested", "tile"): seen.model_dump(exclude_none=True)}


def findings(tile: Tile, certificate_start: str, seen: SeenSignOn | None, proved: Sequence[str]) -> tuple[Finding, ...]:
    """The start of this session, else the last one that counts, else what is awaited.

    That Flex opened there is a person's word; a proved sign-on of the same person speaks for it.
    """
    if not tile.asked:
        told = "not tried: Legacy takes it without a setting" if tile.legacy else NO_PAGE
        return (judged("D27", SETTING, "not asked for", told, "unknown", level="info"),)
    wanted = f"opens Flex at {tile.lands_at}" if tile.lands_at else "opens Flex"
    if seen is not None:
        if not seen.signed_in:
            return (judged("D27", SETTING, wanted, seen.said, False, FIX),)
        return (said("D27", SETTING, wanted, "opened Flex", f"by {tile.says}", backed=tile.user in proved),)
    if still_counts(tile.tried_at, certificate_start):
        words = f"by {tile.tried_by} on {tile.tried_at[:10]}"
        return (said("D27", SETTING, wanted, "opened Flex", words, backed=tile.user in proved),)
    due: FindingState = "waiting" if tile.user else "unknown"
    last = f"last on {tile.tried_at[:10]}" if tile.tried_at else "not yet"
    return (judged("D27", SETTING, wanted, last, due, f"As {tile.user or 'a test user'}, open {tile.link}."),)
