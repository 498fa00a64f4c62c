"""06 · Flex Console: three values that only a person can paste (D21–D23), and what can be proved without signing in.

No API writes or returns these fields (flex.md 3.2). What was pasted is attested in the tenant's file, and the start of
a login shows the sign-on URL, the identifier and the reply URL that Flex really uses.
"""

from dataclasses import dataclass
from datetime import datetime

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.person import ConsoleValues
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.sections import published
from flexsso_helpers.sections.application import find, known_connection
from flexsso_helpers.sections.findings import judged
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import CopyField, CopyFields

# Twilio documents none of it, and the claims policy fixes the NameID whatever is asked; a sign-on shows.
EXTRAS = "Whether Entra goes along shows in 08 · Test sign-on."
FIX = "06 · Flex Console: paste the three values again and save."


@dataclass(frozen=True, kw_only=True)
class State:
    """What Entra publishes, what was attested, and what a started login shows."""

    certificate_pem: str = ""
    certificate_sha256: str = ""
    certificate_end: str = ""
    issuer: str = ""
    sso_url: str = ""
    attested_sha256: str = ""
    attested_issuer: str = ""
    attested_sso_url: str = ""
    attested_by: str = ""
    connection: str = ""
    identifier: str = ""
    reply_url: str = ""
    connection_active: bool = False
    probe_sso_url: str = ""
    probe_issuer: str = ""
    probe_reply_url: str = ""
    probe_extras: str = ""
    probe_said: str = ""

    @property
    def published(self) -> bool:
        """Whether Entra publishes all three values."""
        return bool(self.certificate_sha256 and self.issuer and self.sso_url)


async def read(session: Session) -> State:
    """Metadata of the application, attestation, and the probe."""
    attested = session.tenant.attested.console if session.tenant.attested else None
    connection = await known_connection(session)
    listed = await session.flex.connections()
    probe = await session.flex.probe(connection.name, stop_at=session.cloud.login) if connection else None
    extras = (
        [
            *(["a NameID policy"] if probe.name_id_policy else []),
            *(["a demand on how the user signs in"] if probe.requested_context else []),
            *(["a signature"] if probe.signed else []),
        ]
        if probe
        else []
    )
    return State(
        **await _published(session),
        attested_sha256=attested.certificate_sha256 if attested else "",
        attested_issuer=attested.issuer if attested else "",
        attested_sso_url=attested.sso_url if attested else "",
        attested_by=f"{attested.by}, {attested.at[:10]}" if attested else "",
        connection=connection.name if connection else "",
        identifier=connection.identifier if connection else "",
        reply_url=connection.reply_url if connection else "",
        connection_active=any(entry.active for entry in listed if connection and entry.name == connection.name),
        probe_sso_url=probe.sso_url if probe else "",
        probe_issuer=probe.issuer if probe else "",
        probe_reply_url=probe.reply_url if probe else "",
        probe_extras=", ".join(extras),
        probe_said=probe.said if probe else "",
    )


async def _published(session: Session) -> dict[str, str]:
    """The active certificate and both addresses, as the federation metadata says, never by a formula (saml.md 5.1)."""
    found = await find(session)
    document = await published.metadata(session, found) if found else None
    certificate = published.active(found, document) if found else None
    if document is None or certificate is None:
        return {}
    return {
        "certificate_pem": certificate.pem,
        "certificate_sha256": certificate.sha256,
        "certificate_end": f"{certificate.not_after:%Y-%m-%d}",
        "issuer": document.entity_id,
        "sso_url": document.sso_url,
    }


def changes(_session: Session, state: State) -> tuple[Change, ...]:
    """What a person has to paste: whatever differs from what was attested."""
    after: Value = Pending("03")
    rows = (
        ("Identity Provider Issuer", state.attested_issuer, state.issuer, "Microsoft Entra Identifier", "D22"),
        ("Single Sign-On URL", state.attested_sso_url, state.sso_url, "Login URL", "D23"),
        (
            "X.509 Certificate",
            _short(state.attested_sha256),
            _short(state.certificate_sha256),
            "Certificate (Base64)",
            "D21",
        ),
    )
    return tuple(
        compare(
            setting,
            attested or None,
            value if state.published else after,
            reason=f"{hint}; by hand, there is no API",
            instructions=(instruction,),
            undo="Flex Console keeps no earlier value; paste the old one back",
        )
        for setting, attested, value, hint, instruction in rows
    )


def _short(sha256: str) -> str:
    return f"SHA-256 {sha256[:8].upper()}…{sha256[-8:].upper()}" if sha256 else ""


async def write(session: Session, state: State, _chosen: tuple[Change, ...], approval: Approval) -> bool:
    """Have it pasted, then attest what was pasted. A human's tick says that it has been done."""
    values = ConsoleValues(certificate_pem=state.certificate_pem, issuer=state.issuer, sso_url=state.sso_url)
    done_already = approval.by_hand and session.person.human
    if not done_already and not await session.person.paste(values):
        return False
    session.record(
        {
            ("attested", "console"): {
                "certificate_sha256": state.certificate_sha256,
                "issuer": state.issuer,
                "sso_url": state.sso_url,
                "by": session.person.name,
                "at": _stamp(session.now()),
            }
        }
    )
    return True


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def findings(_session: Session, state: State) -> tuple[Finding, ...]:
    """The attested values equal what Entra publishes; the probe shows what Flex really asks for."""
    attested = (
        ("D21", "Certificate in Flex Console", _short(state.certificate_sha256), _short(state.attested_sha256)),
        ("D22", "Issuer in Flex Console", state.issuer, state.attested_issuer),
        ("D23", "Single Sign-On URL in Flex Console", state.sso_url, state.attested_sso_url),
    )
    probed = (
        ("F19", "Connection is active", "yes", "yes" if state.connection_active else "no"),
        ("S32", "A started login leads to", state.sso_url, state.probe_sso_url or state.probe_said),
        ("S35", "Flex presents itself as", state.identifier, state.probe_issuer),
        ("S33", "Flex asks for the response at", state.reply_url, state.probe_reply_url),
    )
    said = f"attested by {state.attested_by}" if state.attested_by else "not attested yet"
    only = "certificate, default redirect URL, trusted URLs"
    # Before anything has been pasted, nothing can be expected of a started login.
    ready = state.published and bool(state.attested_sha256)
    return (
        *(judged(*row[:3], row[3] or "nobody has said so yet", _as_attested(row, state), FIX) for row in attested),
        *(judged(*row[:3], row[3] or "nothing", row[2] == row[3] if ready else "unknown", FIX) for row in probed),
        judged(
            "F38",
            "Flex asks for nothing further",
            "nothing",
            state.probe_extras or "nothing",
            not state.probe_extras if ready else "unknown",
            EXTRAS,
            "warning",
        ),
        judged("S80", "Only a person can see", only, said, "holds" if state.attested_by else "unknown", "", "info"),
    )


def _as_attested(row: tuple[str, str, str, str], state: State) -> bool | FindingState:
    if not state.published:
        return "unknown"
    return row[2] == row[3] if row[3] else "waiting"


async def values(session: Session) -> CopyFields:
    """The three values to paste, each with a button that copies it."""
    session.enter("06")
    state = await read(session)
    pem = state.certificate_pem or "known after 03"
    end = f" · valid to {state.certificate_end}" if state.certificate_end else ""
    return CopyFields(
        "Paste these three into Flex Console › Single sign-on",
        [
            CopyField("Identity Provider Issuer", "Microsoft Entra Identifier", state.issuer or "known after 03"),
            CopyField("Single Sign-On URL", "Login URL", state.sso_url or "known after 03"),
            CopyField("X.509 Certificate", f"Certificate (Base64){end}", pem),
        ],
        link=("open the page", session.person.address(CONSOLE_SSO_PAGE)),
        badge=session.badge,
    )


STEP = Step(
    number="06",
    title="Flex Console",
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    asks="These three values have been pasted into Flex Console, and saved there",
    waiting="a person has to paste the three values into Flex Console, save, and tick the box",
)
plan, apply, verify = STEP.plan, STEP.apply, STEP.verify
