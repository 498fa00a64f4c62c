"""A program that proves itself by a token of the place where it runs (workload identity federation).

Microsoft's page on it: the application names issuer, subject and audience, and a token that carries all three, in time
and signed by the issuer, is taken in place of a secret. The issuer is invented, like the company.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from flexsso_helpers.rehearsal.directory.credentials import signing_key
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.clock import iso
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare({"E12": "A program signs in by a token whose issuer, subject and audience its application names"})

ISSUER = "https://pipelines.contoso.com"
SUBJECT = "repo:contoso/flex-sso:ref:refs/heads/main"
AUDIENCE = "api://AzureADTokenExchange"
TRUSTED = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE}
KEY = "pipelines"
SECONDS = 600
_REFUSED = (("iss", 700211, "issuer"), ("sub", 700213, "subject"), ("aud", 700212, "audience"))


@dataclass(frozen=True)
class Presented:
    """A token as it was sent: what it claims, and whether the invented issuer signed it."""

    claims: Document
    genuine: bool


def token(world: World, **claims: str) -> str:
    """A token of the invented pipeline, as it would be now; other claims make one that is not trusted."""
    now = int(world.clock.now)
    body = {**TRUSTED, "nbf": now, "iat": now, "exp": now + SECONDS, **claims}
    text = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, body))
    signature = signing_key(world, KEY).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_encoded(signature)}"


def presented(world: World, assertion: str, client_id: str) -> Presented | None:
    """What was sent, or None for an assertion that the program signed itself, by its own key."""
    try:
        head, body, signature = assertion.split(".")
        claims = json.loads(_decoded(body))
        own = not isinstance(claims, dict) or claims.get("iss") == client_id
    except (ValueError, binascii.Error):
        return None
    if own or not world.rules.on("E12"):
        return None
    key: Any = signing_key(world, KEY).public_key()
    try:
        key.verify(_decoded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError, binascii.Error):
        return Presented(claims, genuine=False)
    return Presented(claims, genuine=True)


def check(world: World, sp: Document, sent: Presented) -> None:
    """Raises SignInRefusal where the application does not trust this token, or it is not valid now."""
    trusted = sp.get("_trusts") or {}
    for claim, number, name in _REFUSED:
        if sent.claims.get(claim) != trusted.get(claim):
            raise SignInRefusal(
                number, f"No matching federated identity record found for presented assertion {name} "
                f"'{sent.claims.get(claim)}'. Check your federated identity credential Subject, Audience and Issuer "
                "against the presented assertion.", error="invalid_client", status=401,
            )  # fmt: skip
    if not sent.genuine:
        text = "Client assertion failed signature validation."
        raise SignInRefusal(700027, text, error="invalid_client", status=401)
    if not sent.claims.get("nbf", 0) <= world.clock.now < sent.claims.get("exp", 0):
        raise SignInRefusal(
            700024, "Client assertion is not within its valid time range. Current time: "
            f"{iso(world.clock.now)}, expiry time of assertion {iso(sent.claims.get('exp', 0))}.",
            error="invalid_client", status=401,
        )  # fmt: skip


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
