"""Who is signed in: what a token hints at, and what Graph says. Plain data."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Literal

ROLE_TITLES: dict[str, str] = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
}
Kind = Literal["member", "guest", "delegate", "application", "not known"]
"""A delegate signs in from a partner's tenant (GDAP) and has no account in this one."""


@dataclass(frozen=True, kw_only=True)
class Hint:
    """What an access token says of its owner. Microsoft asks clients to take Graph's tokens for opaque: nothing is
    proved by it, every part may be missing, and it is only used where Graph itself tells nothing.
    """

    tenant_id: str = ""
    object_id: str = ""
    name: str = ""
    user_name: str = ""
    permissions: frozenset[str] | None = None
    """Consented permissions, delegated or of an application; None where the token does not say."""
    role_ids: frozenset[str] = frozenset()
    application: bool = False
    delegate: bool = False
    claims: frozenset[str] = frozenset()
    """The names of all claims; none where the token cannot be read."""

    @classmethod
    def of(cls, token: str) -> "Hint":
        """Read in memory only; Graph, not we, judges its signature. Empty for a token that cannot be read."""
        claims = _claims(token)
        named = "scp" in claims or "roles" in claims
        return cls(
            tenant_id=str(claims.get("tid") or ""),
            object_id=str(claims.get("oid") or ""),
            name=str(claims.get("name") or claims.get("app_displayname") or ""),
            user_name=str(claims.get("upn") or claims.get("preferred_username") or claims.get("unique_name") or ""),
            permissions=frozenset([*str(claims.get("scp") or "").split(), *_texts(claims.get("roles"))])
            if named
            else None,
            role_ids=frozenset(_texts(claims.get("wids"))),
            application=claims.get("idtyp") == "app" or ("roles" in claims and "scp" not in claims),
            delegate=bool(claims.get("aai")),
            claims=frozenset(claims),
        )


@dataclass(frozen=True, kw_only=True)
class HeldRole:
    """One directory role of the signed-in person."""

    title: str
    template_id: str = ""
    """Of a built-in role; empty for a custom one."""
    scope: str = "/"
    """`/` for the whole tenant; anything else is a part of it, such as one application."""
    active: bool = True
    """False for a role that has to be activated first (Privileged Identity Management)."""

    @property
    def whole_tenant(self) -> bool:
        """Whether it is active, and holds for everything."""
        return self.active and self.scope == "/"

    @property
    def words(self) -> str:
        """The role as people read it."""
        kind = "" if self.template_id else "custom role "
        return f"{kind}{self.title}{'' if self.scope == '/' else ' for a part of the tenant'}" + (
            "" if self.active else ", not activated"
        )


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who is signed in, as Graph told; what it did not tell is empty or None."""

    tenant_id: str
    object_id: str
    name: str
    user_name: str
    """The user principal name; empty for an application, and for a delegate, who has none in this tenant."""
    scopes: frozenset[str] | None
    """Consented permissions, as the token names them; None where they are not known."""
    kind: Kind = "member"
    mail: str = ""
    held: tuple[HeldRole, ...] = ()
    all_roles_seen: bool = False
    """Whether every role that is assigned to this person could be read; else others may be there."""
    hint: Hint = field(default_factory=Hint, repr=False)

    @property
    def app_only(self) -> bool:
        """Whether an application signed in, without a person."""
        return self.kind == "application"

    @property
    def shown_name(self) -> str:
        """The user name, or whatever else there is to call it by."""
        return self.user_name or self.name

    @property
    def role_ids(self) -> frozenset[str]:
        """Template ids of the built-in directory roles that are active in the whole tenant."""
        return frozenset(role.template_id for role in self.held if role.whole_tenant and role.template_id)

    @property
    def roles(self) -> tuple[str, ...]:
        """Titles of the active directory roles that matter here."""
        return tuple(title for role, title in ROLE_TITLES.items() if role in self.role_ids)


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _claims(token: str) -> dict[str, Any]:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
