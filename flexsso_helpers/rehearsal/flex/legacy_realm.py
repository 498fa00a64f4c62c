"""The older single sign-on of an account: its realm, how Enhanced takes over, and how one goes back (F16, F17)."""

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.directory.credentials import build_certificate
from flexsso_helpers.rehearsal.flex import seed, workers
from flexsso_helpers.rehearsal.world.clock import iso
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

HOST = "iam.twilio.com"
REALM = f"JB{seed.SUFFIX}"
KEPT_DAYS = 30
DAY = 86400.0
YEARS_BEHIND, YEARS_AHEAD = 365 * DAY, 730 * DAY

Realm = dict[str, Any]


def realm(world: World) -> Realm | None:
    """The account's Legacy realm, whether Enhanced has taken over or not; None where there never was one."""
    return world.store.get("flex_legacy", REALM)


def in_force(world: World) -> bool:
    """Whether logins go by Legacy: there is a realm and Enhanced has not taken over."""
    found = realm(world)
    return found is not None and found["replaced_at"] is None


def reply_url() -> str:
    """The Legacy ACS URL, computed from the account SID."""
    return f"https://{HOST}/v1/Accounts/{seed.ACCOUNT_SID}/saml2"


def entity_id() -> str:
    """The Legacy entity ID."""
    return f"{reply_url()}/metadata"


def hosted_link(world: World) -> str:
    """The login link of hosted Flex."""
    return f"{clouds.FLEX_UI}/{workers.account(world)['runtime_domain']}"


def plant(world: World, **settings: str) -> None:
    """Put the account on Legacy, as if it had been set up years ago: no Enhanced connection, a certificate of its own.

    `settings` replace what the identity provider's page holds.
    """
    now = world.clock.now
    certificate = build_certificate(world, "legacy", start=now - YEARS_BEHIND, end=now + YEARS_AHEAD)
    found: Realm = {
        "sid": REALM,
        "friendly_name": "Entra (Legacy)",
        "certificate": _pem(certificate),
        "issuer": clouds.GLOBAL.issuer(TENANT_ID),
        "sso_url": clouds.GLOBAL.login_url(TENANT_ID),
        "default_redirect_url": "",
        "replaced_at": None,
        **settings,
    }
    world.store.put("flex_legacy", REALM, found, at=now)
    for enhanced in world.store.all("flex_connection"):
        world.store.remove("flex_connection", enhanced["sid"], at=now)


def replace(world: World) -> None:
    """Enhanced takes over; the realm is kept."""
    _put(world, world.clock.now)


def kept_until(found: Realm) -> str:
    """Until when one can go back; empty while Legacy is in force."""
    return "" if found["replaced_at"] is None else iso(found["replaced_at"] + KEPT_DAYS * DAY)


def can_go_back(world: World) -> bool:
    """Whether the switch back to Legacy is still offered: within 30 days after Enhanced took over (F17)."""
    found = realm(world)
    if found is None:
        return False
    age = 0.0 if found["replaced_at"] is None else world.clock.now - found["replaced_at"]
    return age <= KEPT_DAYS * DAY or not world.rules.on("F17")


def go_back(world: World) -> None:
    """Legacy is in force again, and the Enhanced connection is gone."""
    _put(world, None)
    for enhanced in world.store.all("flex_connection"):
        world.store.remove("flex_connection", enhanced["sid"], at=world.clock.now)


def _put(world: World, replaced_at: float | None) -> None:
    found = realm(world)
    if found is not None:
        world.store.put("flex_legacy", REALM, {**found, "replaced_at": replaced_at}, at=world.clock.now)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode().strip()
