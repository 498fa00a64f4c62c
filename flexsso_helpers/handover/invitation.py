"""The mail to the customer before the session: who must be there, what is needed, how long each part takes, what
changes, and what leaves the tenant. From the tenant's file alone; nothing is contacted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from gettext import NullTranslations

from flexsso_helpers.calendar_entry import calendar_entry
from flexsso_helpers.catalogue import N_, translations
from flexsso_helpers.documented_claims import DOCUMENTED
from flexsso_helpers.graph import SCOPES
from flexsso_helpers.output import clean
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.views import Row, Shown, card
from flexsso_helpers.views.document import record as whole

PARTS: tuple[tuple[str, int, str, str], ...] = (
    ("00", 10, N_("Sign in and look at everything; nothing is changed"), N_("Entra")),
    ("01", 5, N_("The enterprise application"), N_("Entra")),
    ("02", 10, N_("Reply URL and identifier, copied from Flex Console"), N_("Entra and Flex")),
    ("03", 5, N_("The signing certificate"), N_("Entra")),
    ("04", 10, N_("The claims, and what leaves the tenant"), N_("Entra")),
    ("05", 5, N_("The roles"), N_("Entra")),
    ("06", 10, N_("Three values, pasted into Flex Console"), N_("Flex")),
    ("07", 10, N_("Users and groups"), N_("Entra")),
)
PER_SIGN_ON, LAST = 5, 10
"""Minutes for each person who signs on in 08, and for the end."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """The mail in its forms. `calendar` is empty while no time is agreed."""

    subject: str
    text: str
    html: str
    calendar: bytes

    @property
    def eml(self) -> bytes:
        """A draft that mail programs open to be sent: both faces, and the calendar entry."""
        message = EmailMessage()
        message["Subject"], message["X-Unsent"] = self.subject, "1"
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        if self.calendar:
            message.add_attachment(self.calendar, maintype="text", subtype="calendar", filename="invitation.ics")
        return message.as_bytes()


def invitation(tenant: Tenant, *, language: str, at: datetime | None, now: datetime) -> Invitation:
    """The mail for this tenant; `at` is aware. Raises ParametersError for a language that has no file."""
    say = translations(language)
    _ = say.gettext
    subject = _("Single sign-on to Twilio Flex for {title}: our session").format(title=_line(tenant.title))
    if tenant.rehearsal:
        subject = f"REHEARSAL · {subject}"
    shown = _cards(tenant, at, say)
    text = "\n\n".join(each.text for each in shown) + "\n"
    minutes = duration(tenant)
    return Invitation(
        subject=subject,
        text=text,
        html=whole(
            subject,
            shown,
            (),
            language=language,
            across="REHEARSAL" if tenant.rehearsal else "",
            numbers=_("What the numbers mean"),
        ),
        calendar=calendar_entry(
            subject,
            at.astimezone(UTC),
            stamp=now,
            minutes=minutes,
            alarm_days=(1,),
            description=text,
            same=f"session {tenant.tenant_id} {tenant.flex.account_sid}",
        )
        if at
        else b"",
    )


def _line(text: str) -> str:
    """Text that a mail's head takes: one line, in which all is seen."""
    return " ".join(clean(text).split())


def duration(tenant: Tenant) -> int:
    """Minutes of the whole session."""
    return sum(minutes for _, minutes, _, _ in PARTS) + PER_SIGN_ON * max(len(tenant.test_sign_ons), 1) + LAST


def _cards(tenant: Tenant, at: datetime | None, say: NullTranslations) -> list[Shown]:
    _ = say.gettext
    when = (
        f"{at:%Y-%m-%d %H:%M} (UTC{at.isoformat()[19:]})"
        if at
        else _("still to be agreed; please propose a time for all who are named")
    )
    return [
        card(
            title=tenant.title,
            subtitle=_("single sign-on from Microsoft Entra ID to Twilio Flex"),
            badge="REHEARSAL" if tenant.rehearsal else "",
            facts=[
                (_("When"), when),
                (_("How long"), _("{minutes} minutes").format(minutes=duration(tenant))),
                (_("Entra tenant"), tenant.tenant_id),
                (_("Twilio account"), tenant.flex.account_sid),
            ],
            footer=_(
                "Send no secret beforehand. Every change is shown before it is made, and made only after you agree."
            ),
        ),
        _people(tenant, say),
        _at_hand(tenant, say),
        _agenda(tenant, say),
        _changes(tenant, say),
        _leaving(tenant, say),
    ]


def _people(tenant: Tenant, say: NullTranslations) -> Shown:
    _ = say.gettext
    roles = _("directory role Application Administrator or Cloud Application Administrator, active during the session")
    permissions = _("may agree, for the tenant, to these permissions of Microsoft Graph: {names}").format(
        names=", ".join(SCOPES)
    )
    testers = ", ".join(tenant.test_sign_ons) or _("one person for each role in Flex")
    rows = [
        Row((_("Administrator of Entra"), f"{roles}; {permissions}", _("whole session"))),
        Row((_("Administrator of Flex"), _("may open Flex Console › Single sign-on of this account"), "02, 06")),
        Row((testers, _("sign in to Flex once, each with a private browser window and the second factor"), "08")),
    ]
    return card(title=_("Who has to be there"), columns=(_("Who"), _("Rights"), _("Step")), rows=rows)


def _at_hand(tenant: Tenant, say: NullTranslations) -> Shown:
    _ = say.gettext
    given = tenant.assignments
    known = _("in the file: {users} users and {groups} groups; please check them").format(
        users=len(given.users), groups=len(given.groups)
    )
    facts = [
        (_("An API key of the Twilio account"), _("SID and secret; the secret is kept in a keychain, never in a file")),
        (_("Who may use Flex, and as what"), known if given.users or given.groups else _("a list of users or groups")),
        (
            _("Who is written to before the certificate ends"),
            ", ".join(tenant.signing.notification_addresses)
            or _("a group address, since single persons leave; up to five"),
        ),
        (_("Mail addresses"), _("everybody who uses Flex has one in Entra: it identifies them to Flex")),
    ]
    if given.groups:
        facts.append((_("Licence"), _("Entra ID P1 or P2, which groups need")))
    return card(title=_("What to have at hand"), facts=facts)


def _agenda(tenant: Tenant, say: NullTranslations) -> Shown:
    _ = say.gettext
    parts: Sequence[tuple[str, int, str, str]] = (
        *((number, minutes, _(what), _(who)) for number, minutes, what, who in PARTS),
        ("08", PER_SIGN_ON * max(len(tenant.test_sign_ons), 1), _("Each test user signs on; it is proved"), _("all")),
        ("", LAST, _("The handover page, and your questions"), _("all")),
    )
    rows, begins = [], 0
    for number, minutes, what, who in parts:
        rows.append(Row((f"{begins // 60}:{begins % 60:02d}", number, what, who, str(minutes))))
        begins += minutes
    columns = _("After"), _("Step"), _("What"), _("Who"), _("Minutes")
    return card(title=_("Agenda"), columns=columns, rows=rows)


def _changes(tenant: Tenant, say: NullTranslations) -> Shown:
    _ = say.gettext
    facts = [
        (
            _("In Entra"),
            _(
                "an enterprise application “{name}” with SAML, a signing certificate, claims, the roles {roles}, and "
                "its users and groups"
            ).format(name=tenant.application.name, roles=", ".join(tenant.offered)),
        ),
        (_("In Flex"), _("three values on the page Single sign-on; a worker for each person at the first sign-on")),
        (_("Not touched"), _("other applications and their policies, people, and groups")),
    ]
    return card(
        title=_("What will change"),
        facts=facts,
        footer=_("What stood there before is noted first; how to go back stands on the handover page."),
    )


def _leaving(tenant: Tenant, say: NullTranslations) -> Shown:
    _ = say.gettext
    chosen = {"mail": "user.mail", "userprincipalname": "user.userprincipalname"}[tenant.name_id]
    claims = [(each.name, f"user.{each.source}" if each.source else chosen) for each in DOCUMENTED]
    claims += [(each.name, str(each.source or each.value)) for each in tenant.attributes]
    return card(
        title=_("What leaves the tenant"),
        columns=(_("Claim"), _("Taken from")),
        rows=[Row(each) for each in claims],
        footer=_("Of those who sign in, at each sign-on. Twilio stores it as attributes of the worker."),
    )
