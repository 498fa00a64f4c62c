"""How plans, applied changes and evidence look: the same card, signs and words, with the exact values to copy."""

from collections import Counter
from datetime import datetime

from flexsso_helpers.plan.changes import Applied, Change, Kind, Pending, Plan, Target, Value, count, in_words
from flexsso_helpers.plan.drawing import drawn
from flexsso_helpers.plan.evidence import Evidence, EvidenceInSession, Finding, State
from flexsso_helpers.plan.facts import DAYS_LEFT
from flexsso_helpers.plan.ticket import ticket
from flexsso_helpers.views import Cell, CopyField, Row, Shown, card
from flexsso_helpers.views.copy_field import WithCopy
from flexsso_helpers.views.table import Badge, Style, Tone

MOST = 40
"""How many rows of changes are shown at once; a long list of people is folded behind them."""
FEW_HOLD = 8
"""As many checks that hold are shown among the others; more are folded behind their number."""
FEW_RIGHT = 12
"""As many settings that are right already are shown below those that are not; more are folded."""
_TONES: dict[Kind, Tone] = {"+": "add", "~": "change", "-": "remove", "=": "keep"}


@drawn.register
def of_plan(plan: Plan) -> Shown:
    """Now, should be, why; what is already right last."""
    done = sum(not change.open for change in plan.changes)
    nothing = "Nothing to do: everything is as it should be."
    last = f"Plan {plan.digest[:12]}: its approval is for this one alone." if plan.open else nothing
    unseen = [f"Could not be previewed: {text}." for text in plan.unseen]
    lost = "; ".join(f"{text} ({count(number, 'change')})" for text, number in Counter(_undo(plan)).items())
    irreversible = [f"Cannot be undone exactly: {lost}."] if lost else []
    rows = [(change, _row(change)) for change in sorted(plan.changes, key=_order)]
    folds = len(rows) <= MOST and done > FEW_RIGHT
    return card(
        title=f"{plan.section} · {plan.title}",
        subtitle=f"plan for “{plan.target.application}” in {plan.target.title}",
        right=count(len(plan.open), "change") + (f" · {done} already right" if done else ""),
        badge=_badge(plan.target),
        columns=("Setting", "Now", "Should be", "Why"),
        rows=[row for change, row in rows if change.open or not folds],
        most=MOST,
        folded=(f"{done} already right", [row for change, row in rows if folds and not change.open]),
        note=[*_breaks(plan), *plan.remarks, *irreversible],
        footer=" ".join([*plan.edits, *unseen, last]),
    )


@drawn.register
def of_applied(applied: Applied) -> Shown:
    """What was changed, and what was left and why."""
    rows = [_row(change, made=True) for change in applied.made]
    rows += [
        Row((change.setting, "", Cell("left as it is", "muted"), applied.why_not), "keep") for change in applied.left
    ]
    return card(
        title=f"{applied.section} · {applied.title}",
        subtitle="changes",
        right=_made(applied),
        badge=_badge(applied.target),
        columns=("Setting", "Before", "Now", "Why"),
        rows=rows,
        most=MOST,
        facts=_approval(applied),
        footer="Nothing was written now. For another change, run Look again."
        if applied.again
        else applied.told or "Read back as written."
        if applied.made
        else _sentence(applied.why_not),
    )


def _made(applied: Applied) -> str:
    made = f"{count(len(applied.made), 'change')} made" if applied.made else "nothing changed"
    at = f"done already at {datetime.fromisoformat(applied.approved_at):%H:%M} UTC · " if applied.again else ""
    return at + made


def _approval(applied: Applied) -> list[tuple[str, Cell | str]]:
    """Who approved what, when, and by which plan; the box above shows none of it."""
    if not applied.approved_by:
        return []
    how = "ticked" if applied.by_hand else "approved by the start of the run"
    at = datetime.fromisoformat(applied.approved_at)
    facts: list[tuple[str, Cell | str]] = [
        ("Approved by", Cell(applied.approved_by, sub=f"{how} · {at:%Y-%m-%d %H:%M} UTC · plan {applied.plan[:12]}"))
    ]
    named = [change.setting for change in applied.made if change.by_name]
    return [*facts, ("Approved by name", ", ".join(named))] if named else facts


def of_evidence(evidence: Evidence) -> Shown:
    """Verdict, expected beside found, and the next step where there is one; worst first, many that hold folded."""
    good: Style = "ok" if evidence.anything_known else "muted"
    unfinished = evidence.planned or evidence.only_said
    styles: dict[int, Style] = {0: good, 1: "no", 2: "wait" if unfinished else good, 3: "wait"}
    rows = [_finding_row(finding, planned=bool(evidence.planned)) for finding in evidence.findings]
    quiet = {at for at, finding in enumerate(evidence.findings) if finding.state == "holds" and not finding.headline}
    if len(quiet) <= FEW_HOLD:
        quiet = set()
    return card(
        title=f"{evidence.section} · {evidence.title}",
        subtitle="proof",
        right=Cell(evidence.verdict, styles[evidence.outcome]),
        badge=_badge(evidence.target),
        columns=("Verdict", "Check", "Expected", "Found", "What to do"),
        rows=[row for at, row in enumerate(rows) if at not in quiet],
        folded=(f"{len(quiet)} checks hold", [row for at, row in enumerate(rows) if at in quiet]),
        facts=[(name, _fact(name, value, evidence.target)) for name, value in evidence.facts.items()],
    )


@drawn.register
def with_ticket(evidence: Evidence) -> WithCopy:
    """The card of the evidence, folded below it the text for a ticket, and in a session how far the person is."""
    field = CopyField("Summary", "names nobody", ticket(evidence))
    below = evidence.progress if isinstance(evidence, EvidenceInSession) else None
    return WithCopy(of_evidence(evidence), "For a ticket", field, below)


def _fact(name: str, value: str, target: Target) -> Cell | str:
    """An address is a link, but in a rehearsal: there it would lead to the real services."""
    if name == DAYS_LEFT and value.isdigit():
        return f"{int(value):,}"
    return Cell(value, href=value) if value.startswith("https://") and not target.rehearsal else value


def _order(change: Change) -> tuple[bool, bool]:
    """What is open first, and of a long plan what needs an approval of its own before all."""
    return (not change.open, not change.by_name)


def _undo(plan: Plan) -> list[str]:
    return [change.undo for change in plan.open if change.undo]


def _breaks(plan: Plan) -> list[str]:
    """What people who sign in today would notice, before anything is approved."""
    told = Counter(change.breaks for change in plan.open if change.breaks)
    return [f"Before you approve: {text} ({count(number, 'change')})." for text, number in told.items()]


def _badge(target: Target) -> Badge:
    return "REHEARSAL" if target.rehearsal else "LIVE"


def _row(change: Change, *, made: bool = False) -> Row:
    """One change. Only what was replaced is struck: of a plan all of it still stands."""
    waits = f"not yet: {change.waits}" if change.open and change.waits else ""
    why = " · ".join(filter(None, (", ".join(change.instructions), waits, change.reason)))
    now = Cell(in_words(change.now), "was" if made and change.kind in "~-" else "muted")
    return Row((change.setting, now, _value(change.should_be), Cell(why, "muted")), _TONES[change.kind])


def _value(value: Value) -> Cell:
    if isinstance(value, bool):
        return Cell(in_words(value))
    style: Style = "muted" if isinstance(value, Pending) or value in (None, "", ()) else "value"
    return Cell(in_words(value), style)


def _finding_row(finding: Finding, *, planned: bool) -> Row:
    """One check. What fails while changes are planned is not made yet, and no failure."""
    verdicts: dict[State, tuple[str, Style]] = {
        "holds": ("holds", "ok"),
        "said": ("said", "said"),
        "wrong": ("look", "wait") if not finding.fails else ("not yet", "wait") if planned else ("fails", "no"),
        "waiting": ("waits", "wait"),
        "unknown": ("not known", "muted"),
    }
    verdict, style = verdicts[finding.state]
    fix = finding.fix if finding.state in ("wrong", "waiting", "said") else ""
    return Row(
        (
            Cell(verdict, style, sub=finding.said),
            Cell(finding.title, sub=finding.check),
            Cell(finding.configured, "value"),
            Cell(finding.received, "value"),
            fix,
        ),
        "bad" if finding.fails and not planned else "",
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
