"""What stands in a tenant and its Flex account, and what of it a run took away or replaced.

Everything counts that somebody may have put there, ours and others': what is empty, null or false does not. So no list
has to be kept of what is foreign, and nothing can be forgotten in it.
"""

import json
from collections.abc import Mapping
from typing import Any

from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

KINDS = (
    "organization", "subscribedSku", "user", "group", "member", "application", "servicePrincipal", "appRoleAssignment",
    "claimsMappingPolicy", "tokenIssuancePolicy", "customClaimsPolicy", "policyLink", "deleted", "worker",
    "flex_legacy",
)  # fmt: skip
OF_ITS_OWN = ("date_updated", "date_status_changed", "channels", "replaced_at")
"""Properties that follow from others, or tell how far a migration is."""
KEYS = ("SamlClaimType", "keyId", "id")
"""What tells an entry of a list from the others, where it is more than a text."""

Standing = Mapping[tuple[str, str], Document]


def standing(world: World) -> Standing:
    """All that stands now, by kind and key, under names that people know."""
    titles = {body["appId"]: body["displayName"] for body in world.store.all("application")}
    found: dict[tuple[str, str], Document] = {}
    for kind in KINDS:
        for body in world.store.all(kind):
            key = str(body.get("id") or body.get("sid") or sorted(body.items()))
            inherited = titles.get(body.get("appId", ""))
            titles.setdefault(key, str(inherited or body.get("displayName") or body.get("friendly_name") or key))
            found[kind, key] = _read(body)
    roles = {
        role["id"]: str(role["value"] or role["displayName"])
        for (kind, _), body in found.items()
        if kind == "application"
        for role in body["appRoles"]
    }
    return {
        place: body | {"title": _title(place[0], body, titles, roles), "keyCredentials": _public(body)}
        for place, body in found.items()
    }


def lost(before: Standing, after: Standing) -> list[str]:
    """What stood before and does not now, in words: the thing, or the property of it, that is gone or another."""
    words: list[str] = []
    for (kind, key), body in before.items():
        there = after.get((kind, key))
        name = f"{kind} {body['title']}"
        words += [name] if there is None else _less(f"{name} · ", {**body, "title": None}, there)
    return sorted(words)


def _less(place: str, old: Any, new: Any) -> list[str]:
    if not old or old == new:
        return []
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return [text for name, value in old.items() for text in _less(f"{place}{name} ", value, new.get(name))]
    if isinstance(old, list) and isinstance(new, list):
        there = {_key(each): each for each in new}
        words = []
        for each in old:
            if _key(each) not in there:
                words.append(f"{place}{_name(each)}")
            elif isinstance(each, Mapping):
                words += _less(f"{place}{_name(each)} ", each, there[_key(each)])
        return words
    return [place.strip()]


def _key(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    return next((str(entry[name]) for name in KEYS if entry.get(name)), json.dumps(entry, sort_keys=True))


def _name(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    return str(entry.get("value") or entry.get("displayName") or _key(entry))


def _read(body: Document) -> Document:
    """The document without what follows from others, and with the text of policies and attributes read."""
    named_by_application = ("displayName",) if "samlSingleSignOnSettings" in body else ()
    read = {name: value for name, value in body.items() if name not in (*OF_ITS_OWN, *named_by_application)}
    if "web" in read:
        read["web"] = {name: value for name, value in read["web"].items() if name != "redirectUriSettings"}
    if "definition" in read:
        read["definition"] = json.loads(read["definition"][0])
    if "attributes" in read:
        read["attributes"] = json.loads(read["attributes"])
    return read


def _public(body: Document) -> list[Document]:
    """Certificates, by their public halves; the private ones come and go with them."""
    return [entry for entry in body.get("keyCredentials", ()) if entry["usage"] == "Verify"]


def _title(kind: str, body: Document, titles: Mapping[str, str], roles: Mapping[str, str]) -> str:
    if kind == "appRoleAssignment":
        role = roles.get(body["appRoleId"], "a role that is gone")
        return f"{body['principalDisplayName']} as {role} in {titles.get(body['resourceId'], 'what is gone')}"
    if kind == "policyLink":
        return f"{titles.get(body['policy'], 'gone')} on {body['kind']} {titles.get(body['object'], 'gone')}"
    if kind == "member":
        return f"{titles[body['member']]} in {titles[body['group']]}"
    return titles[str(body.get("id") or body.get("sid"))]
