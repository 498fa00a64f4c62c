"""What Flex makes of the claims of an accepted response: roles, typed attributes, channels (F68-F80, F94, F96)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flexsso_helpers.rehearsal.flex.failures import ATTRIBUTE_FORMAT, LoginFailed
from flexsso_helpers.rehearsal.world.quirks import Quirks
from flexsso_helpers.rehearsal.world.rules import Rules

MANDATORY = ("roles", "full_name", "email")
FLEX_ROLES = ("admin", "supervisor", "agent")
INSIGHTS_ROLES = tuple(
    f"wfo.{name}"
    for name in (
        "full_access",
        "team_leader",
        "data_analyst",
        "data_auditor",
        "quality_manager",
        "quality_process_manager",
        "dashboard_viewer",
    )
)
NOT_BY_SSO = "flex.readonlyadmin"
NAMESPACED_EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"

Value = str | list[str]


@dataclass(kw_only=True)
class Claims:
    """What is to be written: attributes (a name in `cleared` was sent empty), channel settings, the team."""

    roles: list[str]
    attributes: dict[str, object] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)
    channels: dict[str, dict[str, int | bool]] = field(default_factory=dict)
    team: str | None = None
    warnings: list[str] = field(default_factory=list)


def read(asserted: dict[str, Value], rules: Rules, quirks: Quirks) -> Claims:
    """Raises `LoginFailed` when a mandatory claim is missing or a typed value is none."""
    sent = _bare(asserted, rules, quirks)
    if rules.on("F69"):
        _check_mandatory(sent, quirks)
    claims = Claims(roles=_roles(sent.get("roles", ""), rules, quirks))
    verdict = quirks.value("unknown_role") if rules.on("F73") else "store"
    if verdict != "store" and not all(map(_known, claims.roles)):
        raise LoginFailed("F73", verdict, f"[sim] unknown role among {claims.roles}")
    for name, value in sent.items():
        if name == "roles" and rules.on("F71"):
            as_received = quirks.value("roles_shape") == "as_received" and rules.on("F72")
            claims.attributes[name] = value if as_received else claims.roles
        elif rules.on("F79") and name.startswith("channel."):
            _set_channel(claims, name, value)
        else:
            _set_attribute(claims, name, value, rules, quirks)
    if rules.on("F96"):
        claims.warnings += [
            f"[sim] {name}: a hyphen in a value may not parse" for name in sent if "-" in str(sent[name])
        ]
    return claims


def granted(roles: list[str], rules: Rules) -> list[str]:
    """The roles that work: read-only admin is not granted by SSO (F75)."""
    return [role for role in roles if role != NOT_BY_SSO or not rules.on("F75")]


def effective_role(roles: list[str], rules: Rules) -> str:
    """What the client lets the person be: admin before supervisor before agent, exact lower case (F74)."""
    if not rules.on("F74"):
        return roles[0] if roles else ""
    return next((role for role in FLEX_ROLES if role in roles), "agent")


def insights(roles: list[str], rules: Rules) -> str:
    """`none` without an Insights role, `refused` for an agent who has one, else `open` (F76)."""
    if not any(role in INSIGHTS_ROLES for role in roles):
        return "none"
    refused = rules.on("F76") and effective_role(roles, rules) == "agent"
    return "refused" if refused else "open"


def _known(role: str) -> bool:
    return role in FLEX_ROLES or role in INSIGHTS_ROLES or role.startswith("flex.")


def _bare(asserted: dict[str, Value], rules: Rules, quirks: Quirks) -> dict[str, Value]:
    """Without the claims whose names carry a namespace (F68)."""
    if not rules.on("F68"):
        return {name.rsplit("/", 1)[-1].lower(): value for name, value in asserted.items()}
    bare = {name: value for name, value in asserted.items() if not set(":/") & set(name) and name}
    if quirks.value("namespaced_emailaddress") == "fills_email" and NAMESPACED_EMAIL in asserted:
        bare.setdefault("email", asserted[NAMESPACED_EMAIL])
    return bare


def _check_mandatory(sent: dict[str, Value], quirks: Quirks) -> None:
    accepts_empty = quirks.value("empty_mandatory") == "accept"
    missing = [name for name in MANDATORY if name not in sent or not (accepts_empty or _filled(sent[name]))]
    invalid = [name for name in MANDATORY[1:] if isinstance(sent.get(name), list)]
    if missing or invalid:
        raise LoginFailed("F69", "45050", f"[sim] missing: {missing}; not one text: {invalid}")


def _filled(value: Value) -> bool:
    return any(part.strip() for part in _parts(value))


def _parts(value: Value) -> list[str]:
    return value if isinstance(value, list) else [value]


def _roles(value: Value, rules: Rules, quirks: Quirks) -> list[str]:
    """Several values, or one text with commas, or both (F71)."""
    if not rules.on("F71"):
        return _parts(value)
    split = [role for part in _parts(value) for role in part.split(",")]
    return [role for role in (role.strip() if quirks.value("trim_roles") == "true" else role for role in split) if role]


def _set_channel(claims: Claims, name: str, value: Value) -> None:
    """`channel.chat.capacity` and `channel.chat.availability` set the worker's channel, no attribute (F79)."""
    channel, _, setting = name.removeprefix("channel.").rpartition(".")
    if not channel or setting not in ("capacity", "availability") or not isinstance(value, str):
        raise LoginFailed("F79", ATTRIBUTE_FORMAT, f"[sim] {name} names no channel setting")
    parsed = _int(value) if setting == "capacity" else _boolean(value)
    if parsed is None:
        raise LoginFailed("F79", ATTRIBUTE_FORMAT, f"[sim] {name} is {value!r}")
    claims.channels.setdefault(channel, {})[setting] = parsed


def _set_attribute(claims: Claims, name: str, value: Value, rules: Rules, quirks: Quirks) -> None:
    base, _, kind = name.rpartition(".")
    typed = rules.on("F77") and bool(base) and kind in PARSERS
    stored = base if typed and quirks.value("strip_suffix") == "true" else name
    made: object = value
    if value == "" and rules.on("F84"):
        claims.cleared.append(stored)
    elif typed:
        made = PARSERS[kind](value)
        if made is None:
            if rules.on("F78"):
                raise LoginFailed("F78", ATTRIBUTE_FORMAT, f"[sim] {name} is {value!r}")
            return
    if stored == "team_member" and rules.on("F94"):
        claims.team = _team(value)
    if "." in (base if typed else name):
        _set_dotted(claims, stored, made, quirks.value("dotted") if rules.on("F80") else "flat")
    else:
        claims.attributes[stored] = made


def _set_dotted(claims: Claims, name: str, value: object, form: str) -> None:
    """Any other dotted name: flat, nested or refused; nobody has said which (F80)."""
    if form == "400":
        raise LoginFailed("F80", ATTRIBUTE_FORMAT, f"[sim] {name} is no known dotted name")
    if form == "flat":
        claims.attributes[name] = value
        return
    *path, last = name.split(".")
    inside = claims.attributes
    for step in path:
        below = inside.setdefault(step, {})
        if not isinstance(below, dict):
            raise LoginFailed("F80", ATTRIBUTE_FORMAT, f"[sim] {name} lies inside a plain value")
        inside = below
    inside[last] = value


def _team(value: Value) -> str:
    if isinstance(value, list):
        raise LoginFailed("F94", ATTRIBUTE_FORMAT, "[sim] team_member names several teams")
    return value or "default"


def _int(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _each(parse: Callable[[str], object]) -> Callable[[Value], list[object] | None]:
    """A list by several values or by commas; None when one of them is none."""

    def parsed(value: Value) -> list[object] | None:
        parts = [part.strip() for text in _parts(value) for part in text.split(",")]
        made = [parse(part) for part in parts]
        return None if None in made else made

    return parsed


def _one(parse: Callable[[str], object]) -> Callable[[Value], object]:
    return lambda value: None if isinstance(value, list) else parse(value)


PARSERS: dict[str, Callable[[Value], object]] = {
    "string": _one(str),
    "int": _one(_int),
    "boolean": _one(_boolean),
    "stringarray": _each(str),
    "intarray": _each(_int),
    "booleanarray": _each(_boolean),
}
