"""Applications that somebody made in this tenant, as clients: by secret, by certificate, and by device code."""

import base64
import hmac
from urllib.parse import urlsplit

from cryptography import x509

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import secret_of
from flexsso_helpers.rehearsal.directory.people import (
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
)
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.clock import parse
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "E08": "An application made here signs in by a secret that addPassword gave it",
        "E09": "An application made here signs in by its own certificate",
        "E10": "An application made here signs people in where it allows public client flows",
    }
)

MAY_CONSENT = frozenset({APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR})
LOOPBACK = ("localhost", "127.0.0.1")


def application(world: World, client_id: str) -> Document | None:
    """The application with this client id."""
    return objects.application_of(world, client_id)


def knows_secret(world: World, client_id: str, secret: str) -> bool:
    """Whether this is a secret of the application. Raises SignInRefusal (7000222) for one that has ended."""
    app = application(world, client_id)
    if app is None or not world.rules.on("E08"):
        return False
    for entry in app["passwordCredentials"]:
        if hmac.compare_digest(secret_of(world, entry["keyId"]), secret):
            if parse(entry["endDateTime"]) <= world.clock.now:
                text = f"The provided client secret keys for app '{client_id}' are expired."
                raise SignInRefusal(7000222, text, error="invalid_client", status=401)
            return True
    return False


def certificates(world: World, client_id: str) -> list[x509.Certificate]:
    """The application's own certificates."""
    app = application(world, client_id)
    if app is None or not world.rules.on("E09"):
        return []
    entries = [entry for entry in app["keyCredentials"] if entry["usage"] == "Verify" and entry.get("key")]
    return [x509.load_der_x509_certificate(base64.b64decode(entry["key"])) for entry in entries]


def check_public(world: World, client_id: str) -> None:
    """Raises SignInRefusal (7000218) for an application that must prove itself also when a person signs in."""
    app = application(world, client_id)
    if app is not None and not app["isFallbackPublicClient"]:
        raise SignInRefusal(
            7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            error="invalid_client", status=401,
        )  # fmt: skip


def check_consent(user: Document, app: Document, scopes: tuple[str, ...], by_anybody: frozenset[str]) -> None:
    """Nobody consented to what was made here; an administrator who signs in does so on the way. Raises (65001)."""
    if set(scopes) <= by_anybody or MAY_CONSENT & set(user["_wids"]):
        return
    raise SignInRefusal(
        65001, f"The user or administrator has not consented to use the application with ID '{app['appId']}' named "
        f"'{app['displayName']}'. Send an interactive authorization request for this user and resource.",
        error="invalid_grant", more={"suberror": "consent_required"},
    )  # fmt: skip


def is_redirect_uri(app: Document, url: str) -> bool:
    """Whether the application registered this address; of one on the own machine any port counts (RFC 8252)."""
    listed = [*app["publicClient"]["redirectUris"], *app["web"]["redirectUris"], *app["spa"]["redirectUris"]]
    return _without_port(url) in [_without_port(each) for each in listed]


def _without_port(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.hostname or "").geturl() if parts.hostname in LOOPBACK else url
