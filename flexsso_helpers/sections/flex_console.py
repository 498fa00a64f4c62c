"""06 · Flex Console: three values that only a person can paste (D21–D23), and what can be proved without signing in.

No API writes or returns these fields (flex.md 3.2). What was pasted is attested in the tenant's file, and the start of
a login shows the sign-on URL, the identifier and the reply URL that Flex really uses.
"""

from dataclasses import dataclass, field
from typing import Any

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.flex import Connection, Probe
from flexsso_helpers.parameters import AttestedConsole
from flexsso_helpers.person import ConsoleValues
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.sections import legacy, published, self_hosting
from flexsso_helpers.sections.addresses import Addresses
from flexsso_helpers.sections.application import find, known_connection
from flexsso_helpers.sections.attesting import moment
from flexsso_helpers.sections.findings import judged
from flexsso_helpers.sections.self_hosting import Landing
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import CopyField, CopyFields

# Twilio documents none of it, and the claims policy fixes the NameID whatever is asked; a sign-on shows.
EXTRAS = "Whether Entra goes along shows in 08 · Test sign-on."
PASTE_ALL = "Paste these into Flex Console › Single sign-on"
FIX = "06 · Flex Console: paste the three values again and save."
FIRST = "02 · Basic SAML configuration comes first: it takes reply URL and identifier from Flex Console."


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
    legacy: bool = False
    """Whether Legacy is the target; the probe is then that of Legacy."""
    connection: str = ""
    identifier: str = ""
    reply_url: str = ""
    connection_active: bool = False
    probe_sso_url: str = ""
    probe_issuer: str = ""
    probe_reply_url: str = ""
    probe_extras: str = ""
    probe_said: str = ""
    landing: Landing = field(default_factory=Landing)

    @property
    def published(self) -> bool:
        """Whether Entra publishes all three values."""
        return bool(self.certificate_sha256 and self.issuer and self.sso_url)


async def read(session: Session) -> State:
    """Metadata of the application, attestation, and the probe."""
    connection = await known_connection(session)
    attested = _attested(session, connection)
    on_legacy = legacy.is_target(session)
    listed = () if on_legacy else await session.flex.connections()
    probe = await _probe(session, connection)
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
        legacy=on_legacy,
        connection=connection.name if connection else "",
        identifier=connection.identifier if connection else "",
        reply_url=connection.reply_url if connection else "",
        connection_active=any(entry.active for entry in listed if connection and entry.name == connection.name),
        probe_sso_url=probe.sso_url if probe else "",
        probe_issuer=probe.issuer if probe else "",
        probe_reply_url=probe.reply_url if probe else "",
        probe_extras=", ".join(extras),
        probe_said=probe.said if probe else "",
        landing=self_hosting.read(
            session.tenant, listed, connection.name if connection else "", attested=attested is not None
        ),
    )


def _attested(session: Session, connection: Addresses | None) -> AttestedConsole | None:
    """What was pasted into this connection's page; another one's, such as that of Legacy, counts for nothing."""
    found = session.tenant.attested.console if session.tenant.attested else None
    ours = found is not None and (not found.identifier or not connection or found.identifier == connection.identifier)
    return found if ours else None


async def _probe(session: Session, connection: Addresses | None) -> Probe | None:
    if isinstance(connection, Connection):
        return await session.flex.probe(connection.name, stop_at=session.cloud.login)
    return await legacy.start(session) if connection else None


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
    after: Value = Pending("02") if state.published else Pending("03")
    ready = state.published and bool(state.reply_url)  # before 02 knows where responses go, nobody could sign on
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
    pasted = tuple(
        compare(
            setting,
            attested or None,
            value if ready else after,
            reason=f"{hint}; by hand, there is no API",
            instructions=(instruction,),
            undo="Flex Console keeps no earlier value; paste the old one back",
        )
        for setting, attested, value, hint, instruction in rows
    )
    return (*pasted, *self_hosting.changes(state.landing, known=ready))


def _short(sha256: str) -> str:
    return f"SHA-256 {sha256[:8].upper()}…{sha256[-8:].upper()}" if sha256 else ""


async def write(session: Session, state: State, _chosen: tuple[Change, ...], approval: Approval) -> bool:
    """Have it pasted, then attest what was pasted. A human's tick says that it has been done."""
    values = ConsoleValues(
        certificate_pem=state.certificate_pem,
        issuer=state.issuer,
        sso_url=state.sso_url,
        legacy=state.legacy,
        default_redirect_url=state.landing.default,
        trusted_urls=state.landing.trusted,
    )
    done_already = approval.by_hand and session.person.human
    if not done_already and not await session.person.paste(values):
        return False
    session.record(
        {
            ("attested", "console"): {
                "certificate_sha256": state.certificate_sha256,
                "issuer": state.issuer,
                "sso_url": state.sso_url,
                **({"identifier": state.identifier} if state.identifier else {}),
                **_landed(state.landing),
                "by": session.person.name,
                "at": moment(session.now()),
            }
        }
    )
    return True


def _landed(landing: Landing) -> dict[str, Any]:
    default = {"default_redirect_url": landing.default} if landing.default else {}
    return default | ({"trusted_urls": list(landing.trusted)} if landing.trusted else {})


def findings(_session: Session, state: State) -> tuple[Finding, ...]:
    """The attested values equal what Entra publishes; the probe shows what Flex really asks for."""
    attested = (
        ("D21", "Certificate in Flex Console", _short(state.certificate_sha256), _short(state.attested_sha256)),
        ("D22", "Issuer in Flex Console", state.issuer, state.attested_issuer),
        ("D23", "Single Sign-On URL in Flex Console", state.sso_url, state.attested_sso_url),
    )
    probed = (
        _alive(state),
        ("S32", "A started login leads to", state.sso_url, state.probe_sso_url or state.probe_said),
        ("S35", "Flex presents itself as", state.identifier, state.probe_issuer),
        ("S33", "Flex asks for the response at", state.reply_url, state.probe_reply_url),
    )
    ending = (legacy.ending(),) if state.legacy else ()
    said = f"attested by {state.attested_by}" if state.attested_by else "not attested yet"
    only = "certificate, default redirect URL, trusted URLs"
    # Before anything has been pasted, nothing can be expected of a started login.
    ready = state.published and bool(state.attested_sha256)
    do = FIX if state.reply_url or not state.published else FIRST
    return (
        *(judged(*row[:3], row[3] or "nobody has said so yet", _as_attested(row, state), do) for row in attested),
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
        *self_hosting.findings(state.landing, state.connection),
        *ending,
        judged("S80", "Only a person can see", only, said, "holds" if state.attested_by else "unknown", "", "info"),
    )


def _alive(state: State) -> tuple[str, str, str, str]:
    if state.legacy:
        return "F115", "Legacy answers", "yes", "yes" if state.probe_sso_url else f"no: {state.probe_said}"
    return "F19", "Connection is active", "yes", "yes" if state.connection_active else "no"


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
        "Paste these three into Flex Console › Single sign-on" if not state.landing.default else PASTE_ALL,
        [
            CopyField("Identity Provider Issuer", "Microsoft Entra Identifier", state.issuer or "known after 03"),
            CopyField("Single Sign-On URL", "Login URL", state.sso_url or "known after 03"),
            CopyField("X.509 Certificate", f"Certificate (Base64){end}", pem),
            *_landing_fields(session, state.landing),
        ],
        link=("open the page", session.person.address(CONSOLE_SSO_PAGE)),
        badge=session.badge,
    )


def _landing_fields(session: Session, landing: Landing) -> list[CopyField]:
    """What the file asks for beside the three: where logins end, and the block for a self-hosted Flex."""
    fields = [CopyField("Default Redirect URL", "tenant.flex", landing.default)] if landing.default else []
    if landing.trusted:
        block = self_hosting.app_config(session.tenant, landing)
        fields.append(CopyField("Trusted URLs", "tenant.flex.self_hosted", " ".join(landing.trusted)))
        fields.append(CopyField("appConfig of the self-hosted Flex", "not for Console: deploy it last", block))
    return fields


def facts(_session: Session, state: State) -> dict[str, str]:
    """For the handover page: which single sign-on, and where else logins may begin and end."""
    told = {"Single sign-on of Flex": "Legacy, which Twilio ends" if state.legacy else f"Enhanced, {state.connection}"}
    if state.landing.default:
        told["A tile on My Apps leads to"] = state.landing.default
    if state.landing.trusted:
        told["Self-hosted Flex at"] = ", ".join(state.landing.trusted)
    return told


STEP = Step(
    number="06",
    title="Flex Console",
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    facts=facts,
    asks="These three values have been pasted into Flex Console, and saved there",
    waiting="a person has to paste the three values into Flex Console, save, and tick the box",
)
plan, apply, verify = STEP.plan, STEP.apply, STEP.verify
