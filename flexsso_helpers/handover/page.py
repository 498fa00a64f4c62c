"""The handover as a page: what was changed, by whom, what was seen and what was only said, what is open, the way back.

Four pages of A4 for an ordinary tenant; every write, check and file is folded behind them.
"""

from collections import Counter
from collections.abc import Iterable
from gettext import GNUTranslations, NullTranslations

from flexsso_helpers.catalogue import N_, translations
from flexsso_helpers.handover import details
from flexsso_helpers.handover.afterwards import certificate, way_back
from flexsso_helpers.handover.record import Made, Open, Record
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.plan.progress import ENTRA, FLEX, TESTERS, moment
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.document import record as whole
from flexsso_helpers.views.table import Content, Style, Tone

MOST = 14
"""How many changes of one step are shown unfolded; assignments can be thousands."""
_TONES: dict[str, Tone] = {"+": "add", "~": "change", "-": "remove"}
_STYLES: dict[str, Style] = {
    "proved": "ok", "said": "said", "open": "wait", "waiting": "wait", "failed": "no", "no proof yet": "muted",
}  # fmt: skip
_WORDS = (
    N_("proved"), N_("said"), N_("open"), N_("waiting"), N_("failed"), N_("no proof yet"),
    N_("administrator of Entra"), N_("administrator of Flex"), N_("whoever signs on"),
)  # fmt: skip
assert {ENTRA, FLEX, TESTERS} <= set(_WORDS)


def page(record: Record, language: str = "en") -> str:
    """The whole page. Raises ParametersError for a language that has no file."""
    say = translations(language)
    _ = say.gettext
    return whole(
        _("Handover · {title}").format(title=record.title),
        cards(record, say),
        details.folded(record, say),
        language=language,
        across="REHEARSAL" if record.rehearsal else "",
        numbers=_("What the numbers mean"),
    )


def cards(record: Record, say: NullTranslations) -> list[Shown]:
    """What is read without unfolding anything."""
    parts = (_summary, _progress, _open, _changes, _approvals, _sign_ons, _said, certificate, way_back, _notes)
    return [shown for part in parts if (shown := part(record, say)) is not None]


def _summary(record: Record, say: NullTranslations) -> Shown:
    _ = say.gettext
    outcomes = {
        0: _("Every step is proved."),
        1: _("A step fails; see what is open."),
        2: _("Changes are planned and not made; see what is open."),
        3: _("Not everything is proved; see what is open."),
    }
    who = list(dict.fromkeys(each.by for each in record.sessions if each.by))
    sessions = say.ngettext("{count} session", "{count} sessions", len(record.sessions)).format(
        count=len(record.sessions)
    )
    quiet = say.ngettext("{count} further run only looked", "{count} further runs only looked", record.quiet_runs)
    worked = [sessions, quiet.format(count=record.quiet_runs) if record.quiet_runs else "", ", ".join(who)]
    period = moment(record.first) if record.first == record.last else f"{moment(record.first)} – {moment(record.last)}"
    facts: list[tuple[str, Content]] = [
        *([("REHEARSAL", rehearsed(say))] if record.rehearsal else []),
        (_("State"), outcomes[record.outcome]),
        (_("Entra tenant"), record.tenant_id),
        (_("Enterprise application"), record.application),
        (_("Twilio account"), record.account_sid),
        *record.told.items(),
        (_("Login link"), record.login_link or _("not read yet; 00 reads it")),
        (_("Certificate valid to"), record.certificate.not_after if record.certificate else _("not read yet")),
        (_("Claims that leave the tenant"), record.leaving or _("not set up yet")),
        (_("Worked"), Cell(period, sub=" · ".join(filter(None, worked)))),
        (_("Checksum"), Cell(record.checksum, "value", sub=f"flexsso handover {record.tenant} --verify")),
    ]
    return card(
        title=record.title,
        subtitle=_("single sign-on from Microsoft Entra ID to Twilio Flex"),
        badge="REHEARSAL" if record.rehearsal else "LIVE",
        facts=facts,
        footer=_("Steps, settings and checks have the English names that the notebooks give them.")
        if isinstance(say, GNUTranslations)
        else "",
    )


def rehearsed(say: NullTranslations) -> str:
    """What a rehearsal's page is worth."""
    return say.gettext(
        "This was a rehearsal: no account was touched, and nothing here says anything about a live tenant. "
        "The rehearsal follows public documentation and reports; first contact with a real tenant is still to come."
    )


def _progress(record: Record, say: NullTranslations) -> Shown:
    _ = say.gettext
    proved = sum(each.standing == "proved" for each in record.steps)
    rows = [
        Row(
            (
                Cell(_(each.standing), _STYLES[each.standing]),
                f"{each.section} · {each.title}",
                "" if each.verdict == each.standing else each.verdict,
                Cell(moment(each.at), "muted"),
            )
        )
        for each in record.steps
    ]
    return card(
        title=_("Progress"),
        right=_("{done} of {all} proved").format(done=proved, all=len(record.steps)),
        columns=(_("State"), _("Step"), _("Last proof"), _("When")),
        rows=rows,
        footer=_("Next: {step}.").format(step=record.next)
        if record.next
        else _("All steps are proved.")
        if proved == len(record.steps)
        else _("Nothing is left to do; what was only said is not seen yet."),
    )


def _open(record: Record, say: NullTranslations) -> Shown:
    _ = say.gettext
    rows = [
        Row(
            (
                Cell(each.title, sub=each.check),
                each.to_do,
                _(each.owner) if each.owner in _WORDS else each.owner,
                Cell(_dated(each, say), "muted"),
            )
        )
        for each in record.open
    ]
    return card(
        title=_("Open points"),
        right=str(len(rows)) if rows else "",
        columns=(_("Point"), _("What to do"), _("Whose"), _("Date")) if rows else (),
        rows=rows,
        most=MOST,
        footer="" if rows else _("Nothing is open."),
    )


def _dated(each: Open, say: NullTranslations) -> str:
    if each.due:
        return say.gettext("until {day}").format(day=each.due)
    return say.gettext("since {day}").format(day=each.since[:10]) if each.since else ""


def _changes(record: Record, say: NullTranslations) -> Shown:
    _ = say.gettext
    counted = Counter(each.section for each in record.changes)
    rows, shown = [], Counter[str]()
    for each in sorted(record.changes, key=lambda made: made.at):
        shown[each.section] += 1
        if counted[each.section] <= MOST or shown[each.section] < MOST:
            rows.append(change_row(each))
    hidden = len(record.changes) - len(rows)
    more = (
        say.ngettext("{count} further change is in the details.", "{count} further changes are in the details.", hidden)
        if hidden
        else ""
    )
    return card(
        title=_("What was changed"),
        right=str(len(record.changes)),
        columns=(_("Step"), _("Setting"), _("Before"), _("After"), _("When")) if rows else (),
        rows=rows,
        footer=more.format(count=hidden) if rows else _("Nothing was changed by these runs."),
    )


def change_row(each: Made) -> Row:
    """One change: before and after."""
    before = Cell(each.before, "was" if each.kind in "~-" else "muted")
    after = Cell(each.after, "value" if each.kind != "-" else "muted")
    return Row((each.section, each.setting, before, after, Cell(each.at[:10], "muted")), _TONES[each.kind])


def _approvals(record: Record, say: NullTranslations) -> Shown | None:
    _ = say.gettext
    plans: dict[tuple[str, ...], list[Made]] = {}
    for each in record.changes:
        plans.setdefault((each.section, each.plan, each.approved_by, each.approved_at), []).append(each)
    rows = [
        Row(
            (
                f"{section} · {TITLES[section]}",
                Cell(by, sub=_("ticked") if made[0].by_hand else _("approved by the start of the run")),
                Cell(moment(at), "muted"),
                Cell(plan[:12], "value"),
                Cell(str(len(made)), sub=_named(made, say)),
            )
        )
        for (section, plan, by, at), made in sorted(plans.items(), key=lambda entry: entry[0][3])
    ]
    columns = (_("Step"), _("Approved by"), _("When"), _("Plan"), _("Changes"))
    return card(title=_("Who approved what"), columns=columns, rows=rows) if rows else None


def _named(made: Iterable[Made], say: NullTranslations) -> str:
    names = [each.setting for each in made if each.by_name]
    shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return say.gettext("by name: {names}").format(names=shown) if names else ""


def _sign_ons(record: Record, say: NullTranslations) -> Shown | None:
    return card(title=say.gettext("Sign-ons"), facts=list(record.sign_ons.items())) if record.sign_ons else None


def _said(record: Record, say: NullTranslations) -> Shown | None:
    _ = say.gettext
    rows = [
        Row(
            (
                each.section,
                Cell(each.title, sub=each.check),
                Cell(each.received, "value"),
                Cell(each.said, "said"),
                _("yes, beside it") if each.backed else _("never"),
            )
        )
        for each in record.checks
        if each.state == "said"
    ]
    return (
        card(
            title=_("Said by a person, not seen by a program"),
            columns=(_("Step"), _("What"), _("Value"), _("Said"), _("Seen since")),
            rows=rows,
            footer=_("No API shows these. They are as true as the person's word."),
        )
        if rows
        else None
    )


def _notes(record: Record, say: NullTranslations) -> Shown | None:
    facts: list[tuple[str, Content]] = [(moment(each.at), Cell(each.text, sub=each.by)) for each in record.notes]
    return card(title=say.gettext("Notes"), facts=facts) if facts else None
