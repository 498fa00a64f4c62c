"""06 · Flex Console: three values that only a person can paste (D21–D23), and what can be proved without signing in.

No API writes or returns these fields. What was pasted is attested in the tenant's file, and the start of
a login shows the sign-on URL, the identifier and the reply URL that Flex really uses.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.flex import Connection, Probe
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.parameters import AttestedConsole
from flexsso_helpers.person import ConsoleValues
from flexsso_helpers.plan import Applied, Approval, Change, Pending, Plan, Value
from flexsso_helpers.resources import federation_metadata, legacy_sso
from flexsso_helpers.resources.application import find, known_connection
from flexsso_helpers.resources.attested import moment, standing_sign_ons
from flexsso_helpers.resources.connection import Addresses
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.saml.aadsts import explain
from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.sections import settings
from flexsso_helpers.sections.flex_console import self_hosting
from flexsso_helpers.sections.flex_console.findings import (
    CERTIFICATE,
    IN_ENTRA,
    State,
    by_instruction,
    findings,
    three_values,
)
from flexsso_helpers.sections.flex_console.self_hosting import Landing
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import ApprovalCell, Session, speaks
from flexsso_helpers.views import CopyField, CopyFields

PASTE_ALL = "Paste these into Flex Console › Single sign-on"
TOLD = "Noted in the tenant’s file as pasted: a person’s word. Prove shows what of it is seen."


async def read(session: Session) -> State:
    """Metadata of the application, attestation, and the probe."""
    connection = await known_connection(session)
    attested = _attested(session, connection)
    on_legacy = legacy_sso.is_target(session.tenant)
    told = await look(session.flex.connections()) if not on_legacy else ()
    listed = () if isinstance(told, NotSeen) else told
    probe = await _probe(session, connection)
    certificate, published_values = await _published(session)
    standing = standing_sign_ons(session.tenant, certificate)
    return State(
        **published_values,
        attested_sha256=attested.certificate_sha256 if attested else "",
        attested_issuer=attested.issuer if attested else "",
        attested_sso_url=attested.sso_url if attested else "",
        attested_by=f"by {attested.by} on {attested.at[:10]}" if attested else "",
        seen_by_sign_on=standing.at[:10] if standing and standing.users else "",
        opened_by_sign_on=standing.at[:10] if standing and standing.said else "",
        legacy=on_legacy,
        connection=connection.name if connection else "",
        identifier=connection.identifier if connection else "",
        reply_url=connection.reply_url if connection else "",
        connection_active=None if isinstance(told, NotSeen) else _active(listed, connection),
        probe_known=isinstance(probe, Probe) and bool(probe.sso_url or probe.refused or explain(probe.said)),
        **_probed(probe),
        lists_others=_others(listed, connection),
        landing=self_hosting.read(
            session.tenant, listed, connection.name if connection else "", attested=attested is not None
        ),
    )


def _attested(session: Session, connection: Addresses | None) -> AttestedConsole | None:
    """What was pasted into this connection's page; another one's, such as that of Legacy, counts for nothing."""
    found = session.tenant.attested.console if session.tenant.attested else None
    ours = found is not None and (not found.identifier or not connection or found.identifier == connection.identifier)
    return found if ours else None


async def _probe(session: Session, connection: Addresses | None) -> Probe | NotSeen | None:
    """The start of a login, which tells much where it works and is no part of the set-up where it does not."""
    if isinstance(connection, Connection):
        return await look(session.flex.probe(connection.name, stop_at=session.cloud.login))
    return await look(legacy_sso.start(session)) if connection else None


def _probed(probe: Probe | NotSeen | None) -> dict[str, Any]:
    if not isinstance(probe, Probe):
        return {"probe_said": f"could not look: {probe.why}"} if probe else {}
    extras = {
        "a NameID policy": probe.name_id_policy,
        "a demand on how the user signs in": probe.requested_context,
        "a signature": probe.signed,
    }
    return {
        "probe_sso_url": probe.sso_url,
        "probe_issuer": probe.issuer,
        "probe_reply_url": probe.reply_url,
        "probe_extras": ", ".join(words for words, there in extras.items() if there),
        "probe_said": probe.said,
    }


def _active(listed: Sequence[Connection], connection: Addresses | None) -> bool | None:
    """Whether Flex says that people can sign on through this connection; None where it lists it and does not say."""
    told = [entry.active for entry in listed if connection and entry.name == connection.name]
    return None if not told or None in told else any(told)


def _others(listed: Sequence[Connection], connection: Addresses | None) -> str:
    """What Flex lists for this account where ours is not among it; empty where it is, or where nothing is listed."""
    names = [each.name for each in listed]
    return "" if connection is None or connection.name in names else ", ".join(names)


async def _published(session: Session) -> tuple[Certificate | None, dict[str, Any]]:
    """The active certificate and both addresses, as the federation metadata says, never by a formula."""
    found = await find(session)
    document = await federation_metadata.metadata(session, found) if found else None
    certificate = federation_metadata.active(found, document) if found else None
    if document is None or certificate is None:
        return None, {}
    return certificate, {
        "certificate_pem": certificate.pem,
        "certificate_sha256": certificate.sha256,
        "thumbprints": tuple((each.sha256, short(each.sha1)) for each in document.certificates),
        "certificate_end": f"{certificate.not_after:%Y-%m-%d}",
        "issuer": document.entity_id,
        "sso_url": document.sso_url,
    }


def changes(_context: Context, state: State) -> tuple[Change, ...]:
    """What a person has to paste: whatever differs from what was attested."""
    after: Value = Pending("02") if state.published else Pending("03")
    ready = state.published and bool(state.reply_url)  # before 02 knows where responses go, nobody could sign on
    rows = [row if ready else replace(row, wanted=after) for row in three_values(state)]
    return (*settings.planned(rows, state), *self_hosting.changes(state.landing, known=ready))


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
    rows = by_instruction(state)
    session.record(
        {
            ("attested", "console"): {
                **settings.body(rows, [row.key for row in rows], "Flex Console"),
                **({"identifier": state.identifier} if state.identifier else {}),
                **_landed(state.landing),
                "by": session.person.name,
                "at": moment(await session.present()),
            }
        }
    )
    return True


def _landed(landing: Landing) -> dict[str, Any]:
    default = {"default_redirect_url": landing.default} if landing.default else {}
    return default | ({"trusted_urls": list(landing.trusted)} if landing.trusted else {})


@speaks("06")
async def values(session: Session) -> CopyFields:
    """The three values to paste, each with a button that copies it."""
    state = await read(session)
    unknown = "known after 02" if state.published else "known after 03"
    # Before 02 knows where responses go, a connection with these values would sign nobody on.
    ready = state.published and bool(state.reply_url)
    end = f" · valid to {state.certificate_end}" if state.certificate_end else ""
    texts, ends = {CERTIFICATE: state.certificate_pem}, {CERTIFICATE: end}
    return CopyFields(
        "Paste these three into Flex Console › Single sign-on" if not state.landing.default else PASTE_ALL,
        [
            *(
                CopyField(
                    row.title,
                    f"{IN_ENTRA[row.key]}{ends.get(row.key, '')}",
                    texts.get(row.key, str(row.wanted)) if ready else unknown,
                    there=ready,
                )
                for row in three_values(state)
            ),
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


def facts(_context: Context, state: State) -> dict[str, str]:
    """For the handover page: which single sign-on, who pasted its values, and where else logins may begin and end."""
    told = {"Single sign-on of Flex": "Legacy, which Twilio ends" if state.legacy else f"Enhanced, {state.connection}"}
    if state.attested_by:
        told["Pasted into Flex Console"] = f"said {state.attested_by}"
    if state.landing.default:
        told["A tile on My Apps leads to"] = state.landing.default
    if state.landing.trusted:
        told["Self-hosted Flex at"] = ", ".join(state.landing.trusted)
    return told


def settled(state: State) -> object:
    """What a tick is for: what is pasted and where, and not what Flex shows, which moves by the pasting itself."""
    published_values = (state.certificate_sha256, state.issuer, state.sso_url)
    attested = (state.attested_sha256, state.attested_issuer, state.attested_sso_url)
    return [published_values, attested, state.legacy, state.connection, state.identifier, state.reply_url]


STEP = Step(
    number="06",
    title=TITLES["06"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    facts=facts,
    settled=settled,
    asks="These values have been pasted into Flex Console, and saved there",
    waiting="a person has to paste the values into Flex Console, save, and tick the box",
)
plan, verify = STEP.plan, STEP.verify


async def apply(session: Session, plan: Plan, approval: ApprovalCell | Approval) -> Applied:
    """As in each section. What a person pasted is noted, and nobody reads it back."""
    return replace(await STEP.apply(session, plan, approval), told=TOLD)
