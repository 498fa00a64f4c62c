"""00 · Before anything is changed: rights, licences, policies, leftovers, people, and the Flex account. Only reads."""

from dataclasses import dataclass, field, replace

from flexsso_helpers.graph import SCOPES, consent_link
from flexsso_helpers.plan import Change, Finding
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.sections import entra_readiness, legacy, people
from flexsso_helpers.sections import troubles as trouble
from flexsso_helpers.sections.application import known_connection
from flexsso_helpers.sections.entra_readiness import Readiness, read_readiness
from flexsso_helpers.sections.findings import judged
from flexsso_helpers.sections.step import Step
from flexsso_helpers.sections.troubles import Troubles
from flexsso_helpers.session import Session
from flexsso_helpers.views import Cell, CopyField, CopyFields, Shown, card

OLDEST_UI = (2, 5)
OLDEST_TO_MIGRATE = (2, 7)


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read. `None` where the account may not look."""

    entra: Readiness = field(default_factory=Readiness)
    troubles: Troubles = field(default_factory=Troubles)
    flex_status: str = ""
    flex_version: str = ""
    connection: str = ""
    legacy_sso_url: str = ""
    """Where a Legacy login leads; empty where Legacy is not in force."""


async def read(session: Session) -> State:
    """Everything that fails late and confusingly when it is not looked at first."""
    connection = await known_connection(session)
    configuration = await session.flex.configuration()
    everyone = await people.everyone(session, clear=False)
    return State(
        entra=await read_readiness(session, connection),
        troubles=trouble.troubles(everyone, session.tenant),
        flex_status=configuration.status,
        flex_version=configuration.ui_version,
        connection=connection.name if connection else "",
        legacy_sso_url=(await session.flex.legacy_probe(configuration.login_link)).sso_url,
    )


def changes(_session: Session, _state: State) -> tuple[Change, ...]:
    """Nothing: this section only reads."""
    return ()


def findings(session: Session, state: State) -> tuple[Finding, ...]:
    """One table, worst first."""
    return (*entra_readiness.findings(session, state.entra), *_people(state), *_flex(session, state))


def _people(state: State) -> list[Finding]:
    """As in 07, but nothing fails yet: a name may still be corrected, and an account made, before it is needed."""
    found = trouble.findings(state.troubles)
    return [replace(each, level="warning") if each.level == "error" else each for each in found]


def _flex(session: Session, state: State) -> list[Finding]:
    if legacy.is_target(session):
        return _on_legacy(state)
    start = "Flex Console › Single sign-on: start the set-up, then copy the two values into 02."
    old = "Update Flex UI: older ones know only the retired single sign-on."
    oldest = OLDEST_TO_MIGRATE if state.legacy_sso_url or session.tenant.flex.self_hosted else OLDEST_UI
    modern = _version(state.flex_version, oldest)
    known: bool | FindingState = True if state.connection else "waiting"
    return [
        _set_up(state),
        judged("F07", "Flex UI version", f"{_dotted(oldest)} or newer", state.flex_version, modern, old),
        judged("F19", "Reply URL and identifier", "shown by Flex", state.connection or "not started", known, start),
        legacy.standing(state.legacy_sso_url),
    ]


def _on_legacy(state: State) -> list[Finding]:
    seen = "answers" if state.legacy_sso_url else "does not answer"
    return [
        _set_up(state),
        judged("F115", "Legacy single sign-on", "answers", seen, bool(state.legacy_sso_url), legacy.OFF),
        legacy.ending(),
    ]


def _set_up(state: State) -> Finding:
    finish = "Finish the set-up of Flex in Twilio Console first."
    return judged("F29", "Flex is set up", "ok", state.flex_status or "nothing", state.flex_status == "ok", finish)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _version(text: str, oldest: tuple[int, int]) -> FindingState:
    numbers = [int(part) for part in text.lstrip("~^>=v ").split(".")[:2] if part.isdigit()]
    if not numbers:
        return "unknown"
    return "holds" if (numbers[0], numbers[1] if len(numbers) > 1 else 99) >= oldest else "wrong"


STEP = Step(number="00", title="Start here", read=read, changes=changes, findings=findings)
verify = STEP.verify


def consent(session: Session) -> CopyFields | Shown:
    """The address at which an administrator consents to all that the notebooks ask for, where something is lacking."""
    lacking = [scope for scope in SCOPES if scope not in session.principal.scopes]
    if not lacking:
        return card(title="00 · Consent", right=Cell("nothing to consent to", "ok"), badge=session.badge)
    sign_in = session.tenant.sign_in
    link = consent_link(session.cloud, session.tenant.tenant_id, sign_in.client_id, app_only=session.principal.app_only)
    return CopyFields(
        "00 · Consent, for an administrator of the tenant",
        [CopyField("Address to open", f"lacking: {', '.join(lacking)}", link)],
        badge=session.badge,
    )
