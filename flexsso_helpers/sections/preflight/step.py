"""00 · Before anything is changed: rights, licences, policies, leftovers, people, and the Flex account. Only reads."""

from dataclasses import dataclass, field, replace

from flexsso_helpers.flex import Configuration
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.plan import Change, Finding
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.facts import LOGIN_LINK
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources import legacy_sso, people, people_checks
from flexsso_helpers.resources.application import known_connection
from flexsso_helpers.resources.connection import Addresses
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.looking import NotSeen, could_not_look, look
from flexsso_helpers.resources.people_checks import PeopleProblems
from flexsso_helpers.sections.preflight import entra as entra_readiness
from flexsso_helpers.sections.preflight.entra import Readiness, read_readiness
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session

KEY = "If it stays so, check tenant.flex (account_sid, api_key, api_secret) in the tenant's file: 08 needs them."
OLDEST_UI = (2, 5)
OLDEST_TO_MIGRATE = (2, 7)


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read, or why it was not seen."""

    entra: Readiness = field(default_factory=Readiness)
    problems: PeopleProblems | NotSeen = field(default_factory=PeopleProblems)
    flex: Configuration | NotSeen
    connection: Addresses | NotSeen | None = None
    legacy_sso_url: str | NotSeen = ""
    """Where a Legacy login leads; empty where Legacy is not in force."""


async def read(session: Session) -> State:
    """Everything that fails late and confusingly when it is not looked at first. Every read is advisory."""
    connection = await look(known_connection(session))
    configuration = await look(_configuration(session))
    return State(
        entra=await read_readiness(session, connection),
        problems=await look(_problems(session)),
        flex=configuration,
        connection=connection,
        legacy_sso_url=await _legacy(session, configuration),
    )


async def _configuration(session: Session) -> Configuration:
    """Flex's configuration. Raises ValueError for an answer that is none."""
    found = await session.flex.configuration()
    if not found.account_sid:
        raise ValueError("no configuration")
    return found


async def _problems(session: Session) -> PeopleProblems:
    return people_checks.problems(await people.everyone(session, clear=False), session.tenant)


async def _legacy(session: Session, configuration: Configuration | NotSeen) -> str | NotSeen:
    if isinstance(configuration, NotSeen):
        return configuration
    probe = await look(session.flex.legacy_probe(configuration.login_link))
    return probe if isinstance(probe, NotSeen) else probe.sso_url


def changes(_context: Context, _state: State) -> tuple[Change, ...]:
    """Nothing: this section only reads."""
    return ()


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """One table, worst first."""
    return (*entra_readiness.findings(context, state.entra), *_people(state), *_flex(context, state))


def _people(state: State) -> list[Finding]:
    """As in 07, but nothing fails yet: a name may still be corrected, and an account made, before it is needed."""
    if isinstance(state.problems, NotSeen):
        return [could_not_look("D24", "People and groups of the tenant's file", "looked up", state.problems)]
    found = people_checks.findings(state.problems)
    return [replace(each, level="warning") if each.level == "error" else each for each in found]


def _flex(context: Context, state: State) -> list[Finding]:
    set_up, legacy_url = _set_up(state.flex), state.legacy_sso_url
    if legacy_sso.is_target(context.tenant):
        answers = "Legacy single sign-on"
        if isinstance(legacy_url, NotSeen):
            return [set_up, could_not_look("F115", answers, "answers", legacy_url), legacy_sso.ending()]
        seen = "answers" if legacy_url else "does not answer"
        return [set_up, judged("F115", answers, "answers", seen, bool(legacy_url), legacy_sso.OFF), legacy_sso.ending()]
    standing = (
        could_not_look("F115", "Legacy single sign-on of the account", "not in force", legacy_url)
        if isinstance(legacy_url, NotSeen)
        else legacy_sso.standing(legacy_url)
    )
    migrating = bool(legacy_url) and not isinstance(legacy_url, NotSeen)
    oldest = OLDEST_TO_MIGRATE if migrating or context.tenant.flex.self_hosted else OLDEST_UI
    return [set_up, _ui(state.flex, oldest), _shown(state.connection), standing]


def _ui(flex: Configuration | NotSeen, oldest: tuple[int, int]) -> Finding:
    title, wanted = "Flex UI version", f"{_dotted(oldest)} or newer"
    if isinstance(flex, NotSeen):
        return could_not_look("F07", title, wanted, flex)
    old = "Update Flex UI: older ones know only the retired single sign-on."
    return judged("F07", title, wanted, flex.ui_version, _version(flex.ui_version, oldest), old)


def _shown(connection: Addresses | NotSeen | None) -> Finding:
    title, wanted = "Reply URL and identifier", "shown by Flex"
    if isinstance(connection, NotSeen):
        return could_not_look("F19", title, wanted, connection)
    known: bool | FindingState = True if connection else "waiting"
    start = "Flex Console › Single sign-on: start the set-up, then copy the two values into 02."
    return judged("F19", title, wanted, connection.name if connection else "not started", known, start)


def _set_up(flex: Configuration | NotSeen) -> Finding:
    if isinstance(flex, NotSeen):
        return replace(could_not_look("F29", "Flex is set up", "ok", flex), level="warning", fix=KEY)
    finish = "Finish the set-up of Flex in Twilio Console first."
    return judged("F29", "Flex is set up", "ok", flex.status or "nothing", flex.status == "ok", finish)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _version(text: str, oldest: tuple[int, int]) -> FindingState:
    numbers = [int(part) for part in text.lstrip("~^>=v ").split(".")[:2] if part.isdigit()]
    if not numbers:
        return "unknown"
    return "holds" if (numbers[0], numbers[1] if len(numbers) > 1 else 99) >= oldest else "wrong"


def facts(_context: Context, state: State) -> dict[str, str]:
    """Where people will sign in, for the handover page."""
    if isinstance(state.flex, NotSeen) or not state.flex.runtime_domain:
        return {}
    return {LOGIN_LINK: state.flex.login_link}


STEP = Step(number="00", title=TITLES["00"], read=read, changes=changes, findings=findings, facts=facts)
verify = STEP.verify
