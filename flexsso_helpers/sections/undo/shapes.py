"""Values taken apart into what can be given back by itself: an identifier, a role, a claim, a line of the notes.

So what we put into a list can be taken out of it again, and what others have put beside it stays. Pure.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any
Elements = dict[str, Json]
NOTHING: tuple[Any, ...] = (None, False, "", [], {})
CLAIMS = "ClaimsSchema"


@dataclass(frozen=True)
class Shape:
    """How one kind of value is taken apart, and put together again from all its elements."""

    apart: Callable[[Json], Elements]
    together: Callable[[Elements], Json]


def plain(value: Json) -> Json:
    """What two values are compared by: without what is empty, null or false, since Graph fills that in as it likes."""
    if isinstance(value, dict):
        value = {key: kept for key, each in value.items() if (kept := plain(each)) is not None and key != "origin"}
    if isinstance(value, list):
        value = sorted((plain(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return None if value in NOTHING else value


def same(one: Json, other: Json) -> bool:
    """Whether two values, or elements, mean the same."""
    return bool(plain(one) == plain(other))


def elements(name: str, value: Json) -> Elements:
    """The elements of a property by their names; a value of one piece is its only element, without a name."""
    return SHAPES.get(name, WHOLE).apart(value)


def put(name: str, value: Json, changes: Mapping[str, Json]) -> Json:
    """The property with these elements set; None takes one away. All others stay, in their order."""
    shape = SHAPES.get(name, WHOLE)
    merged = shape.apart(value) | dict(changes)
    return shape.together({key: each for key, each in merged.items() if each is not None or shape is WHOLE})


def _texts(value: Json) -> Elements:
    return {str(each): True for each in value or ()}


def _roles(value: Json) -> Elements:
    """Without `origin`, which is read-only and refused when sent (G63)."""
    return {str(each["id"]): {key: part for key, part in each.items() if key != "origin"} for each in value or ()}


def _lines(value: Json) -> Elements:
    return dict.fromkeys(str(value or "").splitlines(), True)


def _definition(value: Json) -> Elements:
    """A policy's definition, which travels as one JSON text in a list: key by key, and claim by claim."""
    try:
        read = json.loads(next(iter(value or ()), "{}"))
    except ValueError:
        return {"": value}
    return dict(_keys(read)) if isinstance(read, dict) else {"": value}


def _keys(read: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for kind, body in read.items():
        for key, part in body.items() if isinstance(body, dict) else {"": body}.items():
            if key == CLAIMS and isinstance(part, list):
                yield from ((f"{kind}\t{key}\t{name}", claim) for name, claim in _named(part))
            else:
                yield f"{kind}\t{key}", part


def _named(claims: list[Json]) -> Iterator[tuple[str, Json]]:
    """Claims by the name that a response would give them; a second one of a name is told apart."""
    seen: dict[str, int] = {}
    for claim in claims:
        name = str(claim.get("SamlClaimType") or claim.get("name") or claim.get("ID") or "NameID")
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), claim


def _defined(parts: Elements) -> Json:
    if "" in parts:
        return parts[""]
    made: dict[str, Any] = {}
    for name, part in parts.items():
        kind, key, *claim = name.split("\t")
        if claim:
            made.setdefault(kind, {}).setdefault(key, []).append(part)
        elif key:
            made.setdefault(kind, {})[key] = part
        else:
            made[kind] = part
    return [json.dumps(made, separators=(",", ":"))]


def _page(value: Json) -> Elements:
    """The claims of the admin center's own page: setting by setting, claim by claim."""
    body = value or {}
    rest = {key: part for key, part in body.items() if key not in ("claims", "id") and not key.startswith("@")}
    return rest | {f"claims\t{name}": claim for name, claim in _named(body.get("claims") or [])}


def _paged(parts: Elements) -> Json:
    """What the page is without us: Microsoft's default claims, and none beside them."""
    rest = {key: part for key, part in parts.items() if not key.startswith("claims\t")}
    claims = [part for key, part in parts.items() if key.startswith("claims\t")]
    return {"includeBasicClaimSet": True, **rest, "claims": claims}


def _assigned(value: Json) -> Elements:
    """Assignments by whom and as what: made again they have another id."""
    names = ("principalId", "resourceId", "appRoleId")
    return {f"{each['principalId']}/{each['appRoleId']}": {name: each[name] for name in names} for each in value or ()}


WHOLE = Shape(lambda value: {"": value}, lambda parts: parts[""])
TEXTS = Shape(_texts, list)
SHAPES: Mapping[str, Shape] = {
    "identifierUris": TEXTS,
    "redirectUris": TEXTS,
    "tags": TEXTS,
    "notificationEmailAddresses": TEXTS,
    "claimsMappingPolicies": TEXTS,
    "tokenIssuancePolicies": TEXTS,
    "appRoleAssignedTo": Shape(_assigned, lambda parts: list(parts.values())),
    "appRoles": Shape(_roles, lambda parts: list(parts.values())),
    "notes": Shape(_lines, lambda parts: "\n".join(parts) or None),
    "definition": Shape(_definition, _defined),
    "claimsPolicy": Shape(_page, _paged),
}
