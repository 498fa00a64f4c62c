"""What notebook 30 shows of all tenants: how each stands, what moved, which certificates end, and whom to write to.

Cards only; where each line comes from is `fleet.overview`. People are named in them only where that was asked for.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from flexsso_helpers.fleet import page
from flexsso_helpers.fleet.overview import Overview, Seen
from flexsso_helpers.fleet.standing import BEST_FIRST, PLANNED
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.plan.progress import OWNERS, moment
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.table import Badge

OLD = 2
"""Days after which a look counts as an old one: a night was missed."""
MARKS = {-1: "over", 7: "within 7 days", 30: "within 30 days", 60: "within 60 days", page.SOON: "within 90 days"}
"""Days that a certificate has left at most, in words; each is counted once."""
LOOKING = ("00", "20")
"""Notebooks that say of others what these say themselves."""
FIRST = 50
"""As many tenants are not folded."""
MOST = 12
"""As many tenants are named in one line."""
OPERATOR = "you, who run this"
"""Whose it is when a run was stopped by an error, and nobody's of the customer."""
_PERSON = re.compile(r"[^\s@·,;:()]+@[^\s@·,;:()]+")
_LEVELS = ("error", "warning")


def tenants(seen: Overview) -> Shown:
    """How each tenant stands, worst first; beyond the first ones they are folded, so that a record has them all."""
    counts = {words: sum(each.standing.words == words for each in seen.tenants) for words in BEST_FIRST}
    return card(
        title=page.counted(len(seen.tenants)),
        right=", ".join(f"{count:,} {words}" for words, count in counts.items() if count) or "nothing in runs/ yet",
        badge=_badge(seen),
        columns=(*page.COLUMNS[:-1], "Looked at") if seen.tenants else (),
        rows=[Row((*_named(page.row(each.standing), seen), _looked(each))) for each in seen.tenants],
        most=FIRST,
    )


def moved(seen: Overview) -> Shown:
    """Which checks do not hold and which changes are planned, by how many tenants it concerns; errors first."""
    where: dict[tuple[int, str, str, str], list[str]] = defaultdict(list)
    for each in seen.tenants:
        told: dict[tuple[int, str, str], str] = {}
        for level, number, check, what in sorted(_moved(each, seen), key=lambda line: line[1] in LOOKING):
            told.setdefault((level, check, what), number)
        for (level, check, what), number in told.items():
            where[level, number, check, what].append(each.standing.tenant)
    lines = sorted(where.items(), key=lambda line: (line[0][0], -len(line[1]), line[0][1:]))
    return card(
        title="What moved, or does not hold",
        subtitle="the newest word of each notebook",
        badge=_badge(seen),
        columns=("Check", "What", "Notebook", "Tenants", "Which") if lines else (),
        rows=[
            Row((check, Cell(what, ("no", "wait")[level > 0]), _notebook(number), f"{len(which):,}", _some(which)))
            for (level, number, check, what), which in lines
        ],
        footer="" if lines else "Every check that was made holds, and no change is planned.",
    )


def certificates(seen: Overview) -> Shown:
    """When the token-signing certificates end, the next one first; those after three months are folded."""
    known = [each.standing for each in seen.tenants if each.standing.days_left is not None]
    soonest = sorted(known, key=lambda each: (each.days_left or 0, each.tenant))
    rows = [(Row((page.left(each), each.tenant)), each.days_left or 0) for each in soonest]
    later = [row for row, days in rows if days > page.SOON]
    unknown = [each.standing.tenant for each in seen.tenants if each.standing.days_left is None]
    return card(
        title="Certificates",
        subtitle="token-signing, as read last",
        right=", ".join(_by_mark([days for _, days in rows])),
        badge=_badge(seen),
        columns=("Left", "Tenant") if rows else (),
        rows=[row for row, days in rows if days <= page.SOON],
        folded=(f"{len(later):,} end later", later) if later else ("", ()),
        facts=[("Not known", Cell(_some(unknown), "wait"))] if unknown else (),
        footer="21 · Rotate certificate: exchange one that ends soon.",
    )


def whom_to_write_to(seen: Overview) -> Shown:
    """What is open, by whose it is: a tenant a line, with everything that this person or team can do."""
    lines = sorted(
        (line for each in seen.tenants for line in _open(each, seen)), key=lambda line: (_rank(line[0]), line[:2])
    )
    rows = []
    for (owner, tenant), found in groupby(lines, key=lambda line: line[:2]):
        what = dict.fromkeys(words for *_, words in found)
        rows.append(Row((owner, tenant, "; ".join(what))))
    return card(
        title="Whom to write to",
        right=f"{len(rows):,} open",
        badge=_badge(seen),
        columns=("Whose it is", "Tenant", "What is open") if rows else (),
        rows=rows,
        footer="" if rows else "Nobody: nothing is open.",
    )


def _moved(each: Seen, seen: Overview) -> Iterator[tuple[int, str, str, str]]:
    for record in each.notebooks:
        number = record["notebook"][:2]
        if PLANNED in record["verdict"]:
            yield 0, number, "", f"Changes are planned in {number}"
        for check in record["checks"]:
            if check["state"] == "wrong" and check["level"] in _LEVELS:
                yield _LEVELS.index(check["level"]), number, check["check"], _without_people(check["title"], seen)


def _open(each: Seen, seen: Overview) -> Iterator[tuple[str, str, str]]:
    tenant = each.standing.tenant
    if not each.notebooks or (each.standing.why and not each.standing.owner):
        if each.standing.why:
            yield OPERATOR, tenant, _without_people(each.standing.why, seen)
        return
    for record in each.notebooks:
        number = record["notebook"][:2]
        for words in _words(record):
            yield OWNERS[number], tenant, f"{number}: {_without_people(words, seen)}"
    for note in each.notes:
        yield note.owner or OPERATOR, tenant, " · ".join(filter(None, (note.title, note.due and f"until {note.due}")))


def _words(record: Mapping[str, Any]) -> Iterator[str]:
    """What is open in a notebook: what fails or waits by name, what is planned, or that it was never run."""
    failing = [each for each in record["checks"] if each["state"] == "wrong" and each["level"] == "error"]
    found = [*failing, *(each for each in record["checks"] if each["state"] == "waiting" and each["level"] != "info")]
    if PLANNED in record["verdict"] or (record["outcome"] in (1, 3) and not found):
        yield str(record["verdict"])
    else:
        yield from (str(each["title"]) for each in found)


def _rank(owner: str) -> int:
    """The operator first, then the roles in their order, then whoever a note names."""
    known = (OPERATOR, *dict.fromkeys(OWNERS.values()))
    return known.index(owner) if owner in known else len(known)


def _named(row: Row, seen: Overview) -> Sequence[Any]:
    outcome, tenant, why, *rest = row.cells[:-1]
    assert isinstance(why, Cell)
    return outcome, tenant, Cell(_without_people(why.text, seen)), *rest


def _looked(each: Seen) -> Cell:
    ago = "yesterday" if each.days_ago == 1 else f"{each.days_ago:,} days ago" if each.days_ago > 1 else ""
    return Cell(moment(each.looked) or "never", "wait" if each.days_ago >= OLD else "muted", sub=ago)


def _by_mark(days: Sequence[int]) -> Iterator[str]:
    for before, mark in pairwise((-(10**6), *MARKS)):
        if count := sum(before < each <= mark for each in days):
            yield f"{count:,} {MARKS[mark]}"


def _notebook(number: str) -> str:
    return f"{number} · {TITLES[number]}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {more:,} more" if more > 0 else "")


def _without_people(text: str, seen: Overview) -> str:
    """As it is where people may be named; else whoever is named by an address is somebody."""
    return text if seen.names else _PERSON.sub("somebody", text)


def _badge(seen: Overview) -> Badge:
    return "REHEARSAL" if any(each.standing.rehearsal for each in seen.tenants) else ""
