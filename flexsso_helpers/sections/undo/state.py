"""What an undo would do, as plain values: what is given back or taken away, what others changed, what stays lost."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from flexsso_helpers.plan import Kind
from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.sections.undo import others, wording
from flexsso_helpers.sections.undo.shapes import Json
from flexsso_helpers.sections.undo.standing import ACTIVE, LINKED, Standing
from flexsso_helpers.sections.undo.trail import Place, Trail, Verdict, judge

Way = Literal["value", "certificate", "policy", "principal", "application"]
MADE: Mapping[str, Way] = {"policies": "policy", "servicePrincipals": "principal", "applications": "application"}
NAMES_OF_OURS = ("displayName", "notes")
"""What an application of ours keeps where it stays: by these it is known."""
BIN = "Entra keeps it among the deleted ones for 30 days, and its identifier with it; certificate and assignments end"
NO_KEY = "a certificate that was removed cannot be put back: nobody else has its key"
NEW_ID = "an assignment made again has a new id"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to give back or to take away. `back` is JSON, empty for what is to be gone."""

    setting: str
    way: Way
    owner: str
    name: str = ""
    element: str = ""
    back: str = ""
    now: str | None = None
    then: str | None = None
    kind: Kind = "~"
    reason: str = ""
    undo: str = ""
    breaks: str = ""

    @property
    def key(self) -> str:
        """By what code knows it, however it stands: a certificate's `name` says only whether it is the active one."""
        return f"{self.way} {self.owner} {self.name if self.way == 'value' else ''} {self.element}"

    @property
    def value(self) -> Json:
        """What to give back."""
        return json.loads(self.back) if self.back else None


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read, and what follows from it."""

    lines: tuple[Line, ...] = ()
    kept: tuple[str, ...] = ()
    """What others changed since, in words; it stays as it is."""
    lost: tuple[str, ...] = ()
    """What cannot come back, in words."""
    unseen: tuple[str, ...] = ()
    """What could not be looked at, in words."""
    runs: int = 0
    """How many writes the ledgers tell of."""


def build(found: Trail, standing: Standing, *, writer: str, names: Mapping[str, str]) -> State:
    """Pure. `names` are those of people and groups, by id; `writer` is this session's ledger."""
    verdicts = {
        place: judge(standing.at(place), wrote, writer)
        for place, wrote in found.places.items()
        if place.owner in standing.objects
    }
    theirs = {path: others.within(found, standing, path) for path in standing.made if _deletable(path)}
    whole = {path for path, things in theirs.items() if not things}
    gone = whole | {standing.pair(path)[1] for path in whole if path.startswith("/applications/")}
    gone = {path for path in gone if path}
    words = wording.Words(standing, found, names)
    lines = [
        *_made(standing, words, whole),
        *_certificates(verdicts, found, standing, gone),
        *_values(verdicts, found, standing, words, gone),
    ]
    kept = [
        f"{words.of(place)} ({words.owner(place.owner)})"
        for place, each in verdicts.items()
        if each.others and place.owner not in gone
    ]
    kept += [f"{words.owner(path)} holds {', '.join(things)}" for path, things in theirs.items() if things]
    kept += _used_elsewhere(standing)
    unseen = {
        f"{words.of(place)} ({words.owner(place.owner)})"
        for place in verdicts
        if place.name in LINKED and standing.objects[place.owner].get(place.name) is None
    }
    return State(
        lines=tuple(_told_apart(lines)),
        kept=tuple(sorted(kept)),
        lost=(*_lost(found), *_signing_on(verdicts, standing)),
        unseen=tuple(sorted(unseen)),
        runs=sum(len(wrote) for wrote in found.places.values()),
    )


def _deletable(path: str) -> bool:
    return not path.startswith("/policies/")


def _made(standing: Standing, words: "wording.Words", whole: set[str]) -> Iterator[Line]:
    """What we made and nobody else uses: application with service principal, service principal alone, policies."""
    for path in sorted(standing.made):
        way = MADE[path.split("/")[1]]
        if way == "policy":
            if _strangers(standing, path):
                continue
        elif path not in whole or (way == "principal" and standing.pair(path)[0] in whole):
            continue
        yield Line(
            setting=words.owner(path),
            way=way,
            owner=path,
            now="made here",
            kind="-",
            reason="made by these notebooks, used by nothing else" if way == "policy" else "made by these notebooks",
            undo="" if way == "policy" else BIN,
            breaks=wording.BREAKS[path.split("/")[2] if way == "policy" else way],
        )


def _strangers(standing: Standing, path: str) -> list[str]:
    """What else a policy hangs on."""
    ours = {each.rsplit("/", 1)[-1] for each in standing.objects}
    return [str(each.get("displayName")) for each in standing.users.get(path, ()) if str(each["id"]) not in ours]


def _used_elsewhere(standing: Standing) -> list[str]:
    return [
        f"Policy “{standing.objects[path].get('displayName')}” hangs on {', '.join(users)} too"
        for path in sorted(standing.made)
        if path.startswith("/policies/") and (users := _strangers(standing, path))
    ]


def _certificates(
    verdicts: Mapping[Place, Verdict], found: Trail, standing: Standing, gone: set[str]
) -> Iterator[Line]:
    """Those that we added, but for one that signs where the one from before it cannot sign again."""
    for owner in sorted({each.owner for each in found.certificates} & set(standing.objects) - gone):
        active = str(standing.objects[owner].get(ACTIVE) or "").lower()
        before = _before(verdicts, owner)
        for sha1 in sorted(others.our_certificates(found, standing, owner)):
            if sha1 == active and before and before not in standing.objects[owner]["certificates"]:
                continue
            yield Line(
                setting=f"Certificate {short(sha1)}",
                way="certificate",
                owner=owner,
                name=ACTIVE if sha1 == active and not before else "",
                element=sha1,
                now="added here",
                kind="-",
                reason="added by these notebooks",
                undo=NO_KEY,
                breaks=wording.BREAKS["certificate"],
            )


def _values(
    verdicts: Mapping[Place, Verdict], found: Trail, standing: Standing, words: "wording.Words", gone: set[str]
) -> Iterator[Line]:
    ours = {path.rsplit("/", 1)[-1] for path in {**found.made, **standing.made} if not _strangers(standing, path)}
    for place, verdict in verdicts.items():
        if not verdict.open or place.owner in gone or (place.owner in standing.made and place.name in NAMES_OF_OURS):
            continue
        if place.owner.startswith("/policies/") and place.owner in standing.made:
            continue  # it goes as a whole, or stays for those who use it
        goes = place.name in LINKED and place.element in ours and verdict.back is None
        if goes and not _replaced(place, verdicts):
            continue  # it comes off when the policy goes
        if place.name == ACTIVE and _before(verdicts, place.owner) not in standing.objects[place.owner]["certificates"]:
            continue
        if place.name == "defaultRedirectUri" and not verdict.back:
            continue  # it goes with its reply URL
        now, then = words.value(place, standing.at(place)), words.value(place, verdict.back)
        yield Line(
            setting=words.of(place),
            way="value",
            owner=place.owner,
            name=place.name,
            element=place.element,
            back="" if verdict.back is None else json.dumps(verdict.back, sort_keys=True),
            now=now,
            then=then,
            kind=_kind(place, verdicts, now, then),
            reason=words.reason(place),
            undo=NEW_ID if place.name == "appRoleAssignedTo" else "",
            breaks=wording.breaks(place, then),
        )


def _replaced(place: Place, verdicts: Mapping[Place, Verdict]) -> bool:
    """Whether another policy takes the place of this one."""
    return any(other[:2] == place[:2] and each.open and each.back is not None for other, each in verdicts.items())


def _before(verdicts: Mapping[Place, Verdict], owner: str) -> str:
    """The thumbprint of the certificate that was active before ours; empty where none was."""
    verdict = verdicts.get(Place(owner, ACTIVE, ""))
    return str(verdict.back or "").lower() if verdict else ""


def _signing_on(verdicts: Mapping[Place, Verdict], standing: Standing) -> Iterator[str]:
    """Certificates that signed before ours and are gone: ours stays and signs, or nobody could sign on."""
    for owner, body in standing.objects.items():
        before, active = _before(verdicts, owner), str(body.get(ACTIVE) or "").lower()
        if before and before != active and before not in body.get("certificates", ()):
            yield f"Certificate {short(before)}, which signed: {short(active)} goes on signing, or nobody could sign on"


def _kind(place: Place, verdicts: Mapping[Place, Verdict], now: str | None, then: str | None) -> Kind:
    if place.name in LINKED and then is None and _replaced(place, verdicts):
        return "~"
    return "-" if then is None else "+" if now is None else "~"


def _lost(found: Trail) -> tuple[str, ...]:
    lost = ["Workers and Flex users that sign-ons made stay at Twilio, and are billed (22 ends them)"]
    lost.append("What was pasted into Flex Console stays there (no API takes it out)")
    if found.removed_keys:
        lost.append("Certificates that these notebooks removed: nobody has their keys")
    return tuple(lost) if found.places else ()


def _told_apart(lines: Iterable[Line]) -> Iterator[Line]:
    """Settings of one name, such as those of two applications, with the id of what they belong to."""
    listed = list(lines)
    often = Counter(line.setting for line in listed)
    for line in listed:
        more = f" of {line.owner.rsplit('/', 1)[-1]}" if often[line.setting] > 1 else ""
        yield replace(line, setting=f"{line.setting}{more}")
