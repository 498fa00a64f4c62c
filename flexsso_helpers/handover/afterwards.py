"""What the handover tells for the time after it: the end of the certificate and its exchange, and the way back."""

from datetime import date, timedelta
from gettext import NullTranslations

from flexsso_helpers.handover.record import Record
from flexsso_helpers.handover.way_back import way_back as of_steps
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.views import Row, Shown, card
from flexsso_helpers.views.table import Content

ROTATE_DAYS = 90
"""Days before its end from which the certificate should be exchanged (03 warns from then on)."""


def certificate(record: Record, say: NullTranslations) -> Shown | None:
    """When the certificate ends, who is told, and how it is exchanged; None where nobody looked at one."""
    _ = say.gettext
    if (found := record.certificate) is None:
        return None
    end = date.fromisoformat(found.not_after)
    mails = next((each.received for each in record.checks if each.check == "D16"), "")
    facts: list[tuple[str, Content]] = [
        (_("Valid"), f"{found.not_before} – {found.not_after}" if found.not_before else found.not_after),
        (_("Days left"), _("{days} on {day}").format(days=f"{found.days_left:,}", day=found.looked_at[:10])),
        (_("Exchange it from"), (end - timedelta(days=ROTATE_DAYS)).isoformat()),
        (_("Entra writes 60, 30 and 7 days before to"), mails or _("not read")),
    ]
    return card(
        title=_("Signing certificate"),
        facts=facts,
        footer=_(
            "After its end nobody signs in. Notebook 21 exchanges it: the new one is made in Entra some days before. "
            "In one quiet hour it is made active there, and right after that pasted into Flex Console. certificate.ics "
            "beside this page is a calendar entry for the end."
        ),
    )


def way_back(record: Record, say: NullTranslations) -> Shown | None:
    """What undoing would give back of each step, and what not; None where nothing was changed."""
    _ = say.gettext
    rows = [
        Row(
            (
                f"{each.section} · {TITLES[each.section]}",
                str(each.exact or ""),
                str(each.away or ""),
                "; ".join(each.lost),
            )
        )
        for each in of_steps(record.changes)
    ]
    return (
        card(
            title=_("The way back"),
            columns=(_("Step"), _("Set back exactly"), _("Taken away again"), _("What does not come back")),
            rows=rows,
            footer=_(
                "flexsso undo {name}, or notebook 29, plans it in this order and shows what can be given back before "
                "anything is. As Graph had it, what stood before is beside each write in ledger.jsonl of its run "
                "(before)."
            ).format(name=record.tenant),
        )
        if rows
        else None
    )
