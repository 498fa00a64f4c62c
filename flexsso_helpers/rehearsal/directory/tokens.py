"""Access tokens of the rehearsed sign-in service: real JWTs, signed by the tenant's key, and what they allow."""

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.keys import rsa_key
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare({"G01": "No token, or one that is not valid: 401"})
quirks.declare(
    {
        "token_claims": quirk(
            "all",
            "without_wids",
            "opaque",
            source="2.0 reads a token's inside; Microsoft asks clients to take Graph's tokens for opaque, and tokens "
            "without wids are reported",
        ),
        "guest_token": quirk(
            "unique_name", "upn", source="optional-claims reference: version-1 tokens of guests have no upn"
        ),
    }
)

FAR_END = 4_102_444_800
"""When a token ends: far away, as virtual time may leap over any lifetime. Clients go by `expires_in`."""
EARLIER = 300
"""Seconds before its issue from which an access token counts. An id token has no such moment: clients compare it with
their own clock, which virtual time may be ahead of."""
KEY_ID = "rehearsal-token-key"
PARTNER_ID = "f1e55000-0000-4000-8000-0000000fab00"
"""The tenant of a partner who administers this one."""
BY_PARTNER = "08372b87-7d02-482a-9e02-fb03ea5fe193"
"""The id among a delegate's roles that says that a partner sent them (AzureAD/microsoft-identity-web#2609)."""
OPAQUE = "opaque."
_OURS = "rehearsal"
"""A private claim: who acts, whatever the other claims say or leave out. No product may read it."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who acts. `scopes` are delegated (scp), `roles` application permissions, `wids` directory role template ids."""

    id: str
    app_id: str
    name: str
    user_name: str = ""
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    wids: tuple[str, ...] = ()

    @property
    def delegated(self) -> bool:
        """Whether a person acts, through an application."""
        return bool(self.user_name)

    def plain(self) -> Document:
        """As plain data, for the journal."""
        return asdict(self)

    @classmethod
    def of(cls, data: Document) -> "Principal":
        """From plain data."""
        lists = {name: tuple(data[name]) for name in ("scopes", "roles", "wids")}
        return cls(id=data["id"], app_id=data["app_id"], name=data["name"], user_name=data["user_name"], **lists)


def access_token(world: World, principal: Principal, *, not_before: int | None = None) -> str:
    """A token for Graph; with `not_before` one that answers a claims challenge."""
    claims: Document = {
        "aud": world.cloud.graph,
        "iss": world.cloud.issuer(TENANT_ID),
        "iat": int(world.clock.now) - EARLIER,
        "nbf": int(world.clock.now) - EARLIER,
        "exp": FAR_END,
        "appid": principal.app_id,
        "tid": TENANT_ID,
        "oid": principal.id,
        "sub": principal.id,
        "ver": "1.0",
        _OURS: principal.plain(),
        **({} if not_before is None else {"nbf": not_before, "xms_cc": ["CP1"]}),
    }
    if principal.delegated:
        claims |= _person(world, principal)
    else:
        claims |= {"roles": list(principal.roles), "app_displayname": principal.name, "idtyp": "app"}
    shape = world.quirks.value("token_claims")
    if shape == "without_wids":
        claims.pop("wids", None)
    token = sign(world, claims)
    return OPAQUE + encode(token) if shape == "opaque" else token


def _person(world: World, principal: Principal) -> Document:
    """The claims about a person. A partner's delegate has no object here, so neither oid nor upn."""
    said: Document = {"name": principal.name, "scp": " ".join(principal.scopes), "wids": list(principal.wids)}
    if world.store.get("delegate", principal.id):
        at_home = f"{PARTNER_ID}/{principal.id}"
        return said | {
            "oid": None,
            "aai": at_home,
            "unique_name": principal.name,
            "wids": [BY_PARTNER, *principal.wids],
        }
    user = world.store.get("user", principal.id) or {}
    if user.get("userType") == "Guest" and world.quirks.value("guest_token") == "unique_name":
        return said | {"unique_name": user["mail"], "idtyp": "user"}
    return said | {"upn": principal.user_name, "unique_name": principal.user_name, "idtyp": "user"}


def id_token(world: World, principal: Principal, *, nonce: str = "") -> str:
    """A token that tells the client who signed in; of a guest, by the name at home."""
    user = world.store.get("user", principal.id) or {}
    return sign(
        world,
        {
            "aud": principal.app_id,
            "iss": f"{world.cloud.login}/{TENANT_ID}/v2.0",
            "iat": int(world.clock.now),
            "exp": FAR_END,
            "tid": TENANT_ID,
            "oid": principal.id,
            "sub": principal.id,
            "name": principal.name,
            "preferred_username": user["mail"] if user.get("userType") == "Guest" else principal.user_name,
            "ver": "2.0",
            **({"nonce": nonce} if nonce else {}),
        },
    )


def sign(world: World, claims: Document) -> str:
    """A JWT by the tenant's key, RS256."""
    head = {"typ": "JWT", "alg": "RS256", "kid": KEY_ID}
    signing_input = f"{encode(json.dumps(head))}.{encode(json.dumps(claims))}"
    signature = _key(world).sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signing_input}.{_b64(signature)}"


def claims_of(world: World, token: str) -> Document | None:
    """The claims of a JWT that the tenant's key signed and that has not ended; else None."""
    try:
        head, payload, signature = token.split(".")
        _key(world).public_key().verify(
            _decode(signature), f"{head}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        claims = json.loads(_decode(payload))
    except (ValueError, binascii.Error, InvalidSignature):
        return None
    return claims if isinstance(claims, dict) and claims.get("exp", 0) > world.clock.now else None


def principal_of(world: World, token: str) -> Principal | None:
    """Who a Graph access token stands for, or None where it is no valid token for Graph."""
    if token.startswith(OPAQUE):
        token = _text(token.removeprefix(OPAQUE))
    claims = claims_of(world, token)
    if claims is None or claims.get("aud") not in (world.cloud.graph, "00000003-0000-0000-c000-000000000000"):
        return None
    return Principal.of(claims[_OURS])


def key_set(world: World) -> Document:
    """The tenant's public keys as a JWK set."""
    numbers = _key(world).public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": _b64(modulus), "e": "AQAB"}
    return {"keys": [key]}


def _key(world: World) -> Any:
    return rsa_key(f"{world.seed}/tenant", world.folder)


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return _b64(hashlib.sha256(verifier.encode()).digest())


def encode(text: str) -> str:
    """Text as base64url without padding, as in a JWT."""
    return _b64(text.encode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _text(text: str) -> str:
    try:
        return _decode(text).decode()
    except ValueError:
        return ""


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
