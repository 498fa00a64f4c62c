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

from flexsso_helpers.rehearsal import rules
from flexsso_helpers.rehearsal.keys import rsa_key
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import TENANT_ID, World

rules.declare({"G01": "No token, or one that is not valid: 401"})

FAR_END = 4_102_444_800
"""When a token ends: far away, as virtual time may leap over any lifetime. Clients go by `expires_in`."""
EARLIER = 300
"""Seconds before its issue from which an access token counts. An id token has no such moment: clients compare it with
their own clock, which virtual time may be ahead of."""
KEY_ID = "rehearsal-token-key"


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
        **({} if not_before is None else {"nbf": not_before, "xms_cc": ["CP1"]}),
    }
    if principal.delegated:
        names = {"upn": principal.user_name, "unique_name": principal.user_name, "name": principal.name}
        claims |= names | {"scp": " ".join(principal.scopes), "wids": list(principal.wids), "idtyp": "user"}
    else:
        claims |= {"roles": list(principal.roles), "app_displayname": principal.name, "idtyp": "app"}
    return sign(world, claims)


def id_token(world: World, principal: Principal, *, nonce: str = "") -> str:
    """A token that tells the client who signed in."""
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
            "preferred_username": principal.user_name,
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
    claims = claims_of(world, token)
    if claims is None or claims.get("aud") not in (world.cloud.graph, "00000003-0000-0000-c000-000000000000"):
        return None
    return Principal(
        id=claims["oid"],
        app_id=claims["appid"],
        name=str(claims.get("name") or claims.get("app_displayname")),
        user_name=claims.get("upn", ""),
        scopes=tuple(claims.get("scp", "").split()),
        roles=tuple(claims.get("roles", ())),
        wids=tuple(claims.get("wids", ())),
    )


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


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
