"""What the ledgers say was written, place by place, each with what stood there before. Pure.

A place is one element of one property of one object, such as a reply URL of an application. A write whose answer is
missing may have arrived or not: only what stands there now tells.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, NamedTuple

from flexsso_helpers.ledger import Write
from flexsso_helpers.sections.undo.shapes import Json, elements, same

ID = r"([0-9a-f-]{36})"
OBJECT = re.compile(rf"/(?:applications|servicePrincipals)/{ID}")
POLICY = re.compile(rf"/policies/\w+/{ID}")
LINK = re.compile(rf"(/(?:applications|servicePrincipals)/{ID})/(\w+Policies)/(?:{ID}/)?\$ref")
ASSIGNED = re.compile(rf"(/servicePrincipals/{ID})/appRoleAssignedTo(?:/.+)?")
CERTIFICATE = re.compile(rf"(/servicePrincipals/{ID})/addTokenSigningCertificate")
PAGE = re.compile(rf"/beta(/servicePrincipals/{ID})/claimsPolicy")
SETUP_NAME = re.compile(r" · setup [0-9a-f]{8}$")
KEYS = ("keyCredentials", "passwordCredentials")
"""Certificates and their passwords: whole lists that hold everybody's, and keys that nobody can put back."""
SECTION = "29"


class Place(NamedTuple):
    """`owner` is the path of an object in Graph; `element` is empty for a value of one piece."""

    owner: str
    name: str
    element: str


@dataclass(frozen=True)
class Wrote:
    """One write to one place; None stands for nothing. `sure`: it was answered as done. `undone` is this section's."""

    before: Json
    after: Json
    sure: bool
    undone: bool
    writer: str


@dataclass(frozen=True)
class Added:
    """A token-signing certificate that was asked for: the day it ends, and those that were there before."""

    owner: str
    end: str
    before: frozenset[str]


@dataclass
class Trail:
    """All of it, oldest first, and what was made: paths of objects, or only the name where no answer told the id."""

    places: dict[Place, list[Wrote]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    """Path to name, of policies, service principals and applications."""
    lost: list[tuple[str, str]] = field(default_factory=list)
    """(collection, name) of what may have been made; of a service principal the application's id."""
    certificates: list[Added] = field(default_factory=list)
    removed_keys: int = 0
    """How many writes took certificates away."""

    def owners(self) -> set[str]:
        """Paths of all objects that something was written to."""
        return {place.owner for place in self.places} | {each.owner for each in self.certificates}


def trail(writes: Sequence[Write]) -> Trail:
    """Read the writes of all ledgers, oldest first. What was refused has not happened and is left out."""
    found = Trail()
    for write in writes:
        done = _done(write)
        if done is not False and write.intent.get("service") == "graph":
            _follow(found, write, sure=done is True)
    return found


def _done(write: Write) -> bool | None:
    """Whether it was carried out; None where no answer tells."""
    method, status = write.intent.get("method"), write.answer.get("status") if write.answer else 0
    if status == 200 or (method == "DELETE" and status == 404):
        return True
    unsure = not status or status >= 500 or (method == "POST" and status == 404)
    return None if unsure else False


def _follow(found: Trail, write: Write, *, sure: bool) -> None:
    intent = write.intent
    method, path, body = str(intent["method"]), str(intent["path"]), intent.get("body") or {}
    for place, before, after in _differences(method, path, intent.get("before") or {}, body):
        wrote = Wrote(before, after, sure, intent.get("section") == SECTION, str(intent.get("writer")))
        found.places.setdefault(place, []).append(wrote)
    if method == "POST":
        _note_made(found, path, body, str((write.answer or {}).get("note") or "") if sure else "")
    if (match := CERTIFICATE.fullmatch(path)) and method == "POST":
        known = frozenset((intent.get("before") or {}).get("certificates") or ())
        found.certificates.append(Added(match[1], str(body.get("endDateTime")), known))
    if method == "PATCH" and OBJECT.fullmatch(path):
        found.removed_keys += "keyCredentials" in body and intent.get("section") != SECTION
        if SETUP_NAME.search(str((intent.get("before") or {}).get("displayName") or "")):
            found.made[path] = str(body.get("displayName"))


def _note_made(found: Trail, path: str, body: Mapping[str, Any], told: str) -> None:
    name = str(body.get("displayName") or body.get("appId") or "")
    if path.endswith("/instantiate"):
        found.lost.append(("/applications", name))  # its answer's id is two levels down, and no ledger has it
    elif re.fullmatch(r"/policies/\w+|/servicePrincipals", path):
        if told:
            found.made[f"{path}/{told}"] = name
        else:
            found.lost.append((path, name))


def _differences(method: str, path: str, before: Any, body: Any) -> Iterator[tuple[Place, Json, Json]]:
    """Each place that a write changed, with its value before and after."""
    if match := LINK.fullmatch(path):
        policy = match[4] or str(body.get("@odata.id", "")).rsplit("/", 1)[-1]
        yield Place(match[1], match[3], policy), *((None, True) if method == "POST" else (True, None))
    elif match := ASSIGNED.fullmatch(path):
        entry = body if method == "POST" else before
        key = f"{entry['principalId']}/{entry['appRoleId']}"
        value = {name: entry[name] for name in ("principalId", "resourceId", "appRoleId")}
        yield Place(match[1], "appRoleAssignedTo", key), *((None, value) if method == "POST" else (value, None))
    elif method == "PUT" and (match := PAGE.fullmatch(path)):
        yield from _within(match[1], "claimsPolicy", before, body)
    elif method == "PATCH" and (OBJECT.fullmatch(path) or POLICY.fullmatch(path)):
        for name, after in body.items():
            if name == "web":
                urls = (before.get("web") or {}).get("redirectUris")
                yield from _within(path, "redirectUris", urls, after.get("redirectUris"))
            elif name not in KEYS:
                yield from _within(path, name, before.get(name), after)


def _within(owner: str, name: str, before: Json, after: Json) -> Iterator[tuple[Place, Json, Json]]:
    old, new = elements(name, before), elements(name, after)
    for element in dict.fromkeys((*old, *new)):
        if not same(old.get(element), new.get(element)):
            yield Place(owner, name, element), old.get(element), new.get(element)


@dataclass(frozen=True)
class Verdict:
    """What is to become of a place: `back` is what it is given back, where `open`; `others`: somebody changed it."""

    back: Json = None
    open: bool = False
    others: bool = False


def judge(now: Json, wrote: Sequence[Wrote], writer: str) -> Verdict:
    """Go back write by write, as long as what stands there is what was written. `writer` is this session's ledger.

    Where somebody else wrote in between, their value is what was found, and is given back. What an undo gave back
    is settled, also when somebody sets it anew; an undo that was stopped half way goes on.
    """
    chain, undone = _last_round(wrote)
    if not undone:
        value, stopped = _back(now, chain)
        if not same(value, now):
            return Verdict(back=value, open=True)
        return Verdict(others=stopped and not same(now, chain[0].before))
    if not chain or same(now, origin := _back(chain[-1].after, chain)[0]):
        return Verdict()
    half_way = any(same(now, each.after) for each in undone)
    not_seen_yet = same(now, chain[-1].after) and (undone[-1].writer == writer or not undone[-1].sure)
    if half_way or not_seen_yet:
        return Verdict(back=origin, open=True)
    return Verdict(others=True)


def _last_round(wrote: Sequence[Wrote]) -> tuple[list[Wrote], list[Wrote]]:
    """The last writes that belong together, and those that undid them, if any did."""
    undone = list(takewhile(lambda each: each.undone, reversed(wrote)))
    rest = wrote[: len(wrote) - len(undone)]
    chain = list(takewhile(lambda each: not each.undone, reversed(rest)))
    return chain[::-1], undone[::-1]


def _back(value: Json, chain: Sequence[Wrote]) -> tuple[Json, bool]:
    """What a value was before these writes, and whether somebody else's stands in between."""
    for each in reversed(chain):
        if same(value, each.after):
            value = each.before
        elif each.sure or not same(value, each.before):
            return value, True
    return value, False
