"""An exchange with Microsoft Graph, held against Microsoft's own metadata and permission data."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exchange import Exchange
from typed import Types, description

V1 = Types("graph-v1.0")
BETA = Types("graph-v1.0", "graph-beta")
KEYED = re.compile(r"(\w+)\((\w+)='[^']*'\)")
INNER = re.compile(r"(?<=/any\()[^)]*")
NAMED = re.compile(r"(?:(?:startswith|endswith)\(\s*)(\w+)|(\w+)(?:/\w+)*\s+(?:eq|ne|ge|le|gt|lt|in)\b|(\w+)/any\(")
OPTIONS = ("$select", "$filter", "$top", "$count", "$orderby", "$search", "$skiptoken", "$expand")
UNDESCRIBED = {
    "getByIds": "the slice has no actions of directoryObjects",
    "oauth2PermissionGrants": "the slice has no grants",
    "roleManagement": "the slice has no role assignments",
    "deletedItems": "the slice has no deleted objects",
    "auditLogs": "the slice has no audit log",
    "conditionalAccess": "the slice has no Conditional Access",
}
"""What the descriptions here do not hold, and so cannot be judged."""
KNOWN_ERRORS = {
    "createdDateTime is no property of servicePrincipal": (
        "the metadata has it on applications alone; live answers and an example have it on both",
        "graph/api/claimsmappingpolicy-list-appliesto; Azure/azure-cli, recordings of its module role",
    ),
    "groupFilter is no property of customClaimsPolicy": (
        "the how-to page shows it in each answer; the types of the beta lack it",
        "MicrosoftDocs/entra-docs claims-customization-custom-claims-policy",
    ),
    "answer.value is no property of customClaimsPolicy": (
        "an older page and an export have the policy below `value` (the quirk claims_policy_shape)",
        "graph/api/resources/customclaimspolicy; Microsoft365DSC/Microsoft365DSC#7044",
    ),
    "is no property of customClaimConditionBase": (
        "a property of this type holds what inherits from it",
        "graph/api/resources/customclaimcondition",
    ),
    "directoryObject has no roleTemplateId": (
        "memberships hold directory roles, whose type the slice leaves out",
        "graph/api/resources/directoryrole",
    ),
}
"""Where the descriptions are wrong or end: what is said then, why, and the page or repository where it stands."""


class Unjudged(Exception):
    """The descriptions say nothing of this."""


@dataclass(frozen=True)
class Place:
    """Where an address leads: a type, whether to many of it, or an action; and the address without ids."""

    kind: str
    many: bool
    action: str = ""
    reference: bool = False
    counted: bool = False
    template: str = ""


def deviations(exchange: Exchange) -> list[str]:
    """What of an exchange is not as described. Raises Unjudged."""
    _, version, *_ = exchange.path.split("/")
    types = BETA if version == "beta" else V1
    place = located(types, exchange.path)
    if not exchange.done:
        return []
    found = [*_query(types, place, exchange.query)]
    if exchange.method in ("POST", "PATCH", "PUT"):
        found += _body(types, place, exchange.sent or {})
    found += _answer(types, place, exchange)
    found += [] if version == "beta" else _permissions(place, exchange)
    return [each for each in found if not any(name in each for name in KNOWN_ERRORS)]


def located(types: Types, path: str) -> Place:
    """Raises Unjudged for what the slice does not hold, LookupError for what there is not."""
    parts = path.strip("/").split("/")[1:]
    for name, reason in UNDESCRIBED.items():
        if any(part.lower() == name.lower() for part in parts):
            raise Unjudged(reason)
    roots = {name.lower(): root for name, root in description("graph-v1.0")["roots"].items()}
    first = KEYED.fullmatch(parts[0])
    root = roots.get((first[1] if first else parts[0]).lower())
    if root is None:
        raise LookupError(f"there is no {parts[0]}")
    template = (f"/{first[1]}({first[2]}={{value}})" if first else f"/{parts[0]}").lower()
    place = Place(root["type"], root["many"] and not first, template=template)
    for part in parts[1:]:
        place = _step(types, place, part)
    return place


def _step(types: Types, place: Place, part: str) -> Place:
    below = f"{place.template}/{part.lower()}"
    if part in ("$ref", "$count"):
        return Place(
            place.kind, place.many, reference=part == "$ref", counted=part == "$count", template=place.template
        )
    if part.startswith("microsoft.graph."):
        return Place(part.removeprefix("microsoft.graph."), place.many, template=place.template)
    if place.many:
        return Place(place.kind, many=False, template=f"{place.template}/{{id}}")
    links = {name.lower(): kind for name, kind in types.navigation(place.kind).items()}
    if part.lower() in links:
        kind = links[part.lower()]
        inner = kind.removeprefix("Collection(").removesuffix(")")
        if inner not in types.types:
            raise Unjudged(f"the slice has no {inner}")
        return Place(inner, kind.startswith("Collection("), template=below)
    if part == "claimsPolicy":
        return Place("customClaimsPolicy", many=False, template=below)
    actions = {name.lower(): name for name in description("graph-v1.0")["actions"]}
    if (action := f"{place.kind}.{part}".lower()) in actions:
        return Place(place.kind, many=False, action=actions[action], template=below)
    raise LookupError(f"{place.kind} has no {part}")


def _query(types: Types, place: Place, query: Mapping[str, str]) -> Iterator[str]:
    known = {name.lower() for name in _all_properties(types, place.kind)}
    yield from (f"there is no option {name}" for name in query if name.lower() not in OPTIONS)
    for text in (query.get("$select", ""), query.get("$orderby", "").split(" ")[0]):
        for name in filter(None, (each.strip().split("/")[0] for each in text.split(","))):
            if name.lower() not in known and not name.startswith("extension_"):
                yield f"{place.kind} has no {name}"
    for match in NAMED.finditer(INNER.sub("", re.sub(r"'[^']*'", "''", query.get("$filter", "")))):
        name = next(filter(None, match.groups()))
        if name.lower() not in known:
            yield f"{place.kind} has no {name} to filter by"


def _all_properties(types: Types, kind: str) -> set[str]:
    """The properties of a type; of objects of several types those of each."""
    kinds = ("user", "group", "servicePrincipal", "application") if kind == "directoryObject" else (kind,)
    return {name for each in kinds for name in (*types.properties(each), *types.navigation(each))}


def _body(types: Types, place: Place, sent: Any) -> Iterator[str]:
    if place.reference:
        yield from (f"a reference has no {name}" for name in sent if name != "@odata.id" and "@odata.type" not in name)
        return
    if not place.action:
        yield from types.entity(sent, place.kind, at="body", writing=True)
        return
    known = description("graph-v1.0")["actions"][place.action]["params"]
    for name, value in sent.items():
        if name.startswith("@"):
            continue
        if name not in known:
            yield f"{place.action} has no parameter {name}"
        else:
            yield from types.wrong(value, known[name][0], null=True, at=f"body.{name}")


def _answer(types: Types, place: Place, exchange: Exchange) -> Iterator[str]:
    answer = exchange.answer
    if exchange.status == 204 or place.reference or place.counted:
        return
    if place.action:
        kind = description("graph-v1.0")["actions"][place.action]["returns"]
        yield from types.entity(answer, kind, at="answer")
    elif place.many and exchange.method == "GET":
        for number, item in enumerate(answer["value"]):
            yield from _item(types, place, exchange, item, at=f"answer[{number}]")
    else:
        yield from _item(types, place, exchange, answer, at="answer")


def _item(types: Types, place: Place, exchange: Exchange, item: Any, *, at: str) -> Iterator[str]:
    """An object, and what was to be expanded of it."""
    wanted = exchange.query.get("$expand", "").partition("(")[0]
    if wanted in types.navigation(place.kind) and wanted in item:
        kind, at_relation = types.navigation(place.kind)[wanted], f"{at}.{wanted}"
        yield from types.wrong(item[wanted], kind, null=True, at=at_relation)
        item = {name: value for name, value in item.items() if name != wanted}
    yield from types.entity(item, place.kind, at=at)


def _permissions(place: Place, exchange: Exchange) -> Iterator[str]:
    """Whether what the caller holds is enough by the permission data."""
    held = set(exchange.principal.get("scopes") or exchange.principal.get("roles") or ())
    ways = permitted(place, exchange)
    if ways and not any(way <= held for way in ways):
        yield f"not permitted with {', '.join(sorted(held))}"


def permitted(place: Place, exchange: Exchange) -> list[set[str]]:
    """The sets of permissions of which one is enough; empty where the data say nothing."""
    template = place.template + ("/$ref" if place.reference else "")
    entries = description("graph-permissions")
    entry = entries.get(f"{exchange.method} {template}") or entries.get(f"{exchange.method} {place.template}") or {}
    way = "DelegatedWork" if exchange.principal.get("user_name") else "Application"
    return [
        {each["permission"], *([more] if more else [])}
        for each in entry.get(way, ())
        for more in each.get("and_one_of") or [""]
    ]
