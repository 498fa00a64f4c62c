"""How far the documented steps are: pure, over the newest proof of each, and drawn the same wherever it is shown."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from flexsso_helpers.notebooks import STEPS, TITLES
from flexsso_helpers.plan.changes import Target, count
from flexsso_helpers.plan.evidence import CHANGED, FAILED, WAITING, Evidence, Finding, worst
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.table import Style

Standing = Literal["proved", "said", "open", "waiting", "failed", "no proof yet"]
_STYLES: dict[Standing, Style] = {
    "proved": "ok", "said": "said", "open": "wait", "waiting": "wait", "failed": "no", "no proof yet": "muted",
}  # fmt: skip
ENTRA, FLEX, TESTERS = "administrator of Entra", "administrator of Flex", "whoever signs on"
OWNERS = dict.fromkeys(TITLES, ENTRA) | {"06": FLEX, "08": TESTERS}
"""Who can do what a notebook says."""
FIRST = tuple(each.number for each in STEPS)
_NUMBER = re.compile(rf"\b(?:{'|'.join(FIRST)}|2[0-9])\b")
MOST_POINTS, MOST_NOTES = 12, 6
SAID = "Nothing is left to do; what was only said is not seen yet."


@dataclass(frozen=True, kw_only=True)
class Point:
    """Something that is still open: what, what mends it, whose it is, and since when or until when."""

    section: str
    check: str = ""
    title: str
    to_do: str = ""
    owner: str = ""
    since: str = ""
    due: str = ""
    by: str = ""
    """Who noted it; empty where a proof tells it."""


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What somebody wanted remembered, and nobody has to do: in which notebook, by whom, when."""

    section: str
    text: str
    by: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One documented step, as its newest proof tells."""

    number: str
    title: str
    standing: Standing
    verdict: str
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """All steps, what is open, what was noted, and what comes next; empty when nothing does."""

    stages: tuple[Stage, ...]
    points: tuple[Point, ...]
    notes: tuple[Noted, ...]
    next: str
    here: str = ""
    target: Target | None = None

    @property
    def outcome(self) -> int:
        """The worst of the steps, as the exit codes; one that is not begun waits for a person."""
        codes = {"open": CHANGED, "waiting": WAITING, "said": WAITING, "failed": FAILED, "no proof yet": WAITING}
        return worst(codes.get(each.standing, 0) for each in self.stages)


def progress(
    proofs: Mapping[str, tuple[Evidence, str]],
    notes: Iterable[Mapping[str, object]] = (),
    stopped: Mapping[str, tuple[str, str]] | None = None,
    *,
    here: str = "",
) -> Progress:
    """`proofs` are the newest evidence and its moment, by section; `notes` as the ledger keeps them, oldest first;
    `stopped` are the sections that an error broke off since: how, and when; `here` is the notebook in front of the
    reader.
    """
    broken = {number: _broken(number, *told) for number, told in (stopped or {}).items()}
    later = [number for number in TITLES if number in {*proofs, *broken} and number not in FIRST]
    numbers = (*FIRST, *later)  # the documented steps, and of the other notebooks those that were begun
    stages = tuple(broken.get(number) or _stage(number, *proofs.get(number, (None, ""))) for number in numbers)
    found = {(each.number, each.verdict): _of_broken(each) for each in broken.values()} | {
        (point.check, point.title): point  # what 00 has seen coming is told by the step that it concerns
        for number in numbers
        if number in proofs
        for point in _points(*proofs[number])
    }
    after = next((each.number for each in stages if each.standing not in ("proved", "said")), "")
    open_notes, plain_notes = _noted(notes)
    targets = [evidence.target for evidence, _ in proofs.values()]
    return Progress(
        stages=stages,
        points=(*sorted(found.values(), key=lambda point: point.section), *open_notes),
        notes=tuple(plain_notes),
        next=f"{after} · {TITLES[after]}" if after else "",
        here=here,
        target=targets[-1] if targets else None,
    )


def _stage(number: str, evidence: Evidence | None, at: str) -> Stage:
    if evidence is None:
        return Stage(number=number, title=TITLES[number], standing="no proof yet", verdict="no proof yet")
    standing: Standing = "proved"
    if evidence.failed:
        standing = "failed"
    elif evidence.planned or any(finding.fails for finding in evidence.findings):
        standing = "open"
    elif any(finding.state == "waiting" for finding in evidence.findings):
        standing = "waiting"
    elif evidence.only_said:
        standing = "said"
    return Stage(number=number, title=TITLES[number], standing=standing, verdict=evidence.verdict, at=at)


def _broken(number: str, how: str, at: str) -> Stage:
    return Stage(number=number, title=TITLES[number], standing="failed", verdict=how, at=at)


def _of_broken(stage: Stage) -> Point:
    to_do = f"{stage.number} · {stage.title}: look again; what was made stays made. The ledger has the answer."
    owner = OWNERS[stage.number]
    return Point(
        section=stage.number, title=f"{stage.number}: {stage.verdict}", to_do=to_do, owner=owner, since=stage.at
    )


def _points(evidence: Evidence, at: str) -> list[Point]:
    listed = [_point(evidence.section, finding, at) for finding in evidence.findings if _is_open(finding)]
    if evidence.planned:
        title = f"{evidence.section}: {count(evidence.planned, 'change')} planned and not made"
        to_do = f"{evidence.section} · {TITLES[evidence.section]}: look, approve, change."
        owner = OWNERS[evidence.section]
        listed.insert(0, Point(section=evidence.section, title=title, to_do=to_do, owner=owner, since=at))
    return listed


def _is_open(finding: Finding) -> bool:
    wrong = finding.state == "wrong" and finding.level != "info"
    return wrong or finding.state == "waiting" or (finding.state == "said" and not finding.backed)


def _point(section: str, finding: Finding, at: str) -> Point:
    mends = next((number for number in _NUMBER.findall(finding.fix) if number in OWNERS), section)
    to_do = finding.fix or finding.beside
    return Point(section=section, check=finding.check, title=finding.title, to_do=to_do, owner=OWNERS[mends], since=at)


def _noted(notes: Iterable[Mapping[str, object]]) -> tuple[list[Point], list[Noted]]:
    """Notes stand until a later note of the same words says that it is done; with an owner or a date they are open."""
    points, plain = [], []
    for text, note in {str(note["text"]): note for note in notes}.items():
        section, by, at, owner, due = (str(note.get(key) or "") for key in ("section", "by", "at", "owner", "due"))
        if note.get("done"):
            continue
        if owner or due:
            points.append(Point(section=section, title=text, owner=owner, since=at, due=due, by=by))
        else:
            plain.append(Noted(section=section, text=text, by=by, at=at))
    return points, plain


def of_progress(told: Progress, *, folded: bool = True) -> Shown:
    """The card; `folded` with the first open points and the last notes only."""
    done = sum(each.standing == "proved" for each in told.stages)
    points = told.points[: MOST_POINTS if folded else None]
    notes = told.notes[-MOST_NOTES if folded else None :]
    left_out = {"further open point": len(told.points) - len(points), "earlier note": len(told.notes) - len(notes)}
    further = " and ".join(count(number, words) for words, number in left_out.items() if number)
    more = f" {further} in `flexsso status`." if further else ""
    whole = "All steps are proved." if done == len(told.stages) else SAID
    return card(
        title="Progress",
        subtitle=told.target.title if told.target else "",
        right=f"{done} of {len(told.stages)} proved",
        badge="" if told.target is None else "REHEARSAL" if told.target.rehearsal else "LIVE",
        columns=("State", "Step", "Last proof", "When"),
        rows=[_row(each, told.here) for each in told.stages],
        facts=[
            *((_named("Open", point.section), Cell(point.title, sub=_rest(point))) for point in points),
            *((_named("Note", note.section), Cell(note.text, sub=_told(note))) for note in notes),
        ],
        footer=(f"Next: {told.next}." if told.next else whole) + more,
    )


def _row(stage: Stage, here: str) -> Row:
    name = Cell(f"{stage.number} · {stage.title}", sub="you are here" if stage.number == here else "")
    verdict = "" if stage.verdict == stage.standing else stage.verdict
    return Row((Cell(stage.standing, _STYLES[stage.standing]), name, verdict, Cell(moment(stage.at), "muted")))


def _named(what: str, section: str) -> str:
    return f"{what} · {section}" if section else what


def _told(note: Noted) -> str:
    return " · ".join(filter(None, (note.by, note.at[:10])))


def _rest(point: Point) -> str:
    since, due = moment(point.since)[:10], f"until {point.due}" if point.due else ""
    noted = f"noted by {point.by}" if point.by else ""
    return " · ".join(filter(None, (point.check, point.to_do, point.owner, due or (since and f"since {since}"), noted)))


def moment(at: str) -> str:
    """An ISO moment for people, to the minute."""
    return f"{at[:10]} {at[11:16]} UTC" if len(at) > 15 else at
