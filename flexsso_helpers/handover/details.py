"""What the handover folds: every change with its approval, every write with Graph's request id, checks, files."""

from collections.abc import Sequence
from gettext import NullTranslations

from flexsso_helpers.catalogue import N_
from flexsso_helpers.handover.record import Check, Record
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.plan.progress import moment
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.table import Style

_VERDICTS: dict[str, tuple[str, Style]] = {
    "holds": (N_("holds"), "ok"),
    "said": (N_("said"), "said"),
    "wrong": (N_("fails"), "no"),
    "waiting": (N_("waits"), "wait"),
    "unknown": (N_("not known"), "muted"),
}
Folded = tuple[str, Sequence[Shown]]


def folded(record: Record, say: NullTranslations) -> list[Folded]:
    """The details, by their names."""
    _ = say.gettext
    found = [
        (_("Every change, with its reason and approval"), _changes(record, say), len(record.changes)),
        (_("Every write to Graph, with its request id"), _requests(record, say), len(record.requests)),
        (_("Every check of the newest proofs"), _checks(record, say), len(record.checks)),
        (_("Sessions and versions"), _sessions(record, say), len(record.sessions)),
        (_("Files that this page rests on"), _files(record, say), len(record.files)),
    ]
    return [(f"{name} ({number:,})", shown) for name, shown, number in found if number]


def _changes(record: Record, say: NullTranslations) -> list[Shown]:
    _ = say.gettext
    rows = [
        Row(
            (
                each.section,
                Cell(each.setting, sub=", ".join(each.instructions)),
                Cell(each.before, "value"),
                Cell(each.after, "value"),
                each.reason,
                Cell(each.approved_by, sub=f"{moment(each.approved_at)} · {each.plan[:12]}"),
                each.lost,
            )
        )
        for each in record.changes
    ]
    columns = _("Step"), _("Setting"), _("Before"), _("After"), _("Why"), _("Approved by"), _("What does not come back")
    return [card(title=_("What was changed"), columns=columns, rows=rows)]


def _requests(record: Record, say: NullTranslations) -> list[Shown]:
    _ = say.gettext
    rows = [
        Row(
            (
                Cell(moment(each.at), "muted"),
                each.section,
                Cell(each.why, sub=f"{each.method} {each.path}"),
                _("no answer") if not each.status else str(each.status),
                Cell(each.request_id, "value"),
                Cell(f"{each.run} · {each.n}", "muted"),
            )
        )
        for each in record.requests
    ]
    columns = _("When"), _("Step"), _("What"), _("Answer"), "request-id", _("Run and line of the ledger")
    return [card(title=_("Writes"), columns=columns, rows=rows)]


def _checks(record: Record, say: NullTranslations) -> list[Shown]:
    _ = say.gettext
    columns = _("Verdict"), _("Check"), _("Expected"), _("Found")
    return [
        card(title=f"{section} · {title}", columns=columns, rows=[_row(each, say) for each in listed])
        for section, title in TITLES.items()
        if (listed := [each for each in record.checks if each.section == section])
    ]


def _row(each: Check, say: NullTranslations) -> Row:
    words, style = _VERDICTS[each.state]
    if each.state == "wrong" and each.level != "error":
        words, style = N_("look"), "wait"
    cells = Cell(say.gettext(words), style, sub=each.said), Cell(each.title, sub=each.check)
    return Row((*cells, Cell(each.configured, "value"), Cell(each.received, "value")))


def _sessions(record: Record, say: NullTranslations) -> list[Shown]:
    _ = say.gettext
    rows = [
        Row(
            (
                Cell(moment(each.at), "muted"),
                each.by,
                each.run,
                ", ".join(f"{name} {number}" for name, number in each.versions.items()),
            )
        )
        for each in record.sessions
    ]
    return [card(title=_("Sessions"), columns=(_("When"), _("Signed in as"), _("Run"), _("Versions")), rows=rows)]


def _files(record: Record, say: NullTranslations) -> list[Shown]:
    _ = say.gettext
    rows = [Row((each.path, f"{each.bytes:,}", Cell(each.sha256, "value"))) for each in record.files]
    return [card(title=_("Files"), columns=(_("File"), _("Bytes"), "SHA-256"), rows=rows)]
