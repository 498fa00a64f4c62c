"""What Flex would make of a sign-on: the worker's name, attributes and channels."""

import re
from collections.abc import Iterable, Mapping

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.parameters.roles import INSIGHTS, ROLES

FLEX_ROLES = ROLES
"""Strongest first; Flex takes the strongest one that a person has."""
INSIGHTS_ROLES = INSIGHTS
ROLE_NAMES = FLEX_ROLES + INSIGHTS_ROLES
"""Every role value that Flex documents for single sign-on, in its exact letter case."""

TYPES = ("string", "int", "boolean", "stringarray", "intarray", "booleanarray")
MAX_ATTRIBUTES = 4096
"""Characters of a worker's attributes as JSON, white space included."""
MAX_NAME = 64
KEPT_BY_FLEX = ("contact_uri", "routing", "disabled_skills")
"""Attributes that Flex itself or TaskRouter's skills keep; no claim may set them, and none leaves them behind."""

_CHANNEL = re.compile(r"channel\.([^.]+)\.(availability|capacity)")

Plain = str | int | bool | list[str] | list[int] | list[bool]


class BadClaim(FlexSSOError):
    """A typed claim whose value is of another type: Flex answers 400 and changes nothing at all (F78)."""

    title = "Flex would refuse this claim"


def escape_identity(name_id: str, *, escape_underscore: bool = True) -> str:
    """The identity in `contact_uri`: every byte but letters and digits becomes `_` and two hex digits (F82).

    `ada.l@example.org` becomes `ada_2El_40example_2Eorg`. Whether the underscore itself is escaped is not documented.
    """
    plain = b"" if escape_underscore else b"_"
    return "".join(chr(b) if (chr(b).isalnum() and b < 128) or b in plain else f"_{b:02X}" for b in name_id.encode())


def contact_uris(name_id: str) -> tuple[str, ...]:
    """The addresses that Flex may give to this NameID; whether an underscore is escaped is not known (F82)."""
    return tuple(
        dict.fromkeys(f"client:{escape_identity(name_id, escape_underscore=escaped)}" for escaped in (True, False))
    )


def as_text(value: object) -> str:
    """An attribute of a worker as text, to be shown and compared; the order of a list says nothing."""
    if isinstance(value, list):
        return ", ".join(sorted(map(as_text, value)))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def left_behind(worker: Iterable[str], sent: Iterable[str]) -> tuple[str, ...]:
    """Attributes of a worker that no claim sets any more: a value once sent stays until it is sent empty (F84)."""
    set_now = {*KEPT_BY_FLEX, *(typed_name(name)[0] for name in sent)}
    return tuple(name for name in worker if name not in set_now)


def split_roles(values: Iterable[str]) -> tuple[str, ...]:
    """Role values from several elements or from one comma-separated text, trimmed, in order, each once (F71)."""
    return tuple(dict.fromkeys(role.strip() for value in values for role in value.split(",") if role.strip()))


def typed_name(name: str) -> tuple[str, str]:
    """A claim's name without its type suffix, and the type, by default `string`: `skill.int` gives `skill`, `int`."""
    bare, dot, kind = name.rpartition(".")
    return (bare, kind) if dot and bare and kind in TYPES else (name, "string")


def typed_value(name: str, values: tuple[str, ...]) -> Plain:
    """The value of a claim as its name demands. Raises BadClaim when it does not parse."""
    _, kind = typed_name(name)
    base = kind.removesuffix("array")
    if base != kind:
        parts = [part.strip() for value in values for part in value.split(",") if part.strip()]
        return [_single(name, base, part) for part in parts]  # type: ignore[return-value]
    if len(values) > 1 and base == "string":
        return list(values)
    if len(values) != 1:
        raise _bad(name, base, values)
    return _single(name, base, values[0])


def expected_worker(name_id: str, attributes: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """The worker that a first sign-on makes: `friendly_name`, `attributes` and `channels`.

    Names with a namespace (`:` or `/`) are ignored (F68); `roles` becomes a list; `channel.<name>.capacity` and
    `.availability` go to the worker's channels. Raises BadClaim.
    """
    result: dict[str, object] = {}
    channels: dict[str, dict[str, Plain]] = {}
    for name, values in attributes.items():
        if is_namespaced(name):
            continue
        if name == "roles":
            result[name] = list(split_roles(values))
        elif channel := _CHANNEL.fullmatch(name):
            kind = {"availability": "boolean", "capacity": "int"}[channel.group(2)]
            channels.setdefault(channel.group(1), {})[channel.group(2)] = typed_value(f"{name}.{kind}", values)
        else:
            result[typed_name(name)[0]] = typed_value(name, values or ("",))
    result.setdefault("contact_uri", f"client:{escape_identity(name_id)}")
    return {"friendly_name": name_id, "attributes": result, "channels": channels}


def is_namespaced(name: str) -> bool:
    """Whether Flex ignores a claim of this name."""
    return ":" in name or "/" in name


def _single(name: str, kind: str, value: str) -> str | int | bool:
    if kind == "string":
        return value
    if kind == "int" and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _bad(name, kind, (value,))


def _bad(name: str, kind: str, values: tuple[str, ...]) -> BadClaim:
    return BadClaim(
        f"The claim {name} is “{', '.join(values)}”, which is not one {kind}.",
        why="Flex answers “400 Error invalid attribute format” and changes nothing, not even for the other claims.",
        fix="Correct the value, or the type in the claim's name.",
        notebook="04",
    )
