"""A first contact from beginning to end: the steps, the clean-up, its proof, and the verdicts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.entra_numbers import numbers_in
from flexsso_helpers.errors import FlexSSOError, SignInError
from flexsso_helpers.first_contact import guard, trials
from flexsso_helpers.first_contact.besides import WRONG, Fact, facts
from flexsso_helpers.first_contact.hand import Hand
from flexsso_helpers.first_contact.observations import Observations, with_attested
from flexsso_helpers.first_contact.questions import questions
from flexsso_helpers.first_contact.steps import STEPS, Step, certificates, flex_console, flex_user, the_end
from flexsso_helpers.first_contact.verdicts.all_of_them import verdicts
from flexsso_helpers.history import history_until
from flexsso_helpers.saml.capture import LIMIT
from flexsso_helpers.session import Session, open_session
from flexsso_helpers.traffic import Exchange, read_traffic

Told = Callable[[str], None]
SECTION = "90"
BEGUN, ENDED = "first contact begun: ", "first contact ended, nothing left: "


@dataclass
class Contact:
    """How far one session came; kept in its memory, so that cells can follow each other."""

    hand: Hand | None = None
    walked: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """(number, title, how it went) of each step, by number."""
    wrote: bool = False
    clean: bool = True
    left: tuple[str, ...] = ()
    told: Told = lambda _line: None
    """Gets a line for each step as it ends."""

    async def walk(self, hand: Hand, step: Step) -> None:
        """One step, which may fail."""
        before = len(hand.recorder.exchanges)
        try:
            await step.run(hand)
            went = "walked" if len(hand.recorder.exchanges) > before else "not tried"
        except FlexSSOError as error:
            hand.mishaps[step.title] = error
            went = "did not come through"
        self.walked[step.number] = (step.number, step.title, went)
        self.told(f"{step.number} · {step.title} · {went}")

    def begun(self, session: Session) -> Hand:
        """The hand of this session."""
        if self.hand is None:
            session.enter(SECTION)
            self.hand = Hand.of(session)
        return self.hand


async def read(session: Session) -> None:
    """Walk the steps that write nothing. Raises Stopped alone."""
    contact = session.memory(Contact)
    hand = contact.begun(session)
    for step in STEPS:
        if not step.writes:
            await contact.walk(hand, step)


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What somebody agreed to, beside the reads."""

    test_tenant: str = ""
    """The tenant's default domain or id, typed again: it may be written to."""
    sign_ons: bool = False
    """Somebody signs on, on this machine."""
    billed_user: str = ""
    """Who signs on to Flex, is billed there, and pastes into Flex Console; the user name, typed again."""
    watched: float = 30.0
    """Minutes for which the certificate is looked at."""
    patience: float = LIMIT
    """Seconds for which a response is awaited."""


async def write(session: Session, agreed: Agreed) -> None:
    """Walk the steps that write, those before them where that was not done, and leave nothing behind.

    Raises ParametersError where nothing may be written, InUse, Stopped.
    """
    contact = session.memory(Contact)
    hand = contact.begun(session)
    hand.sign_ons, hand.patience, hand.watched = agreed.sign_ons, agreed.patience, agreed.watched
    guard.refuse_unless_named(session, agreed.test_tenant)
    await guard.refuse_beside_live_flex(session)
    earlier = unfinished(session)
    if agreed.billed_user:
        for mark in earlier:
            await flex_user.end(_hand_of(hand, mark))
        await guard.refuse_unless_billable(session, agreed.billed_user)
        hand.billed_user = session.principal.user_name
    if not contact.walked:
        await read(session)
    with session.alone():
        for mark in earlier:
            await _leave_nothing(_hand_of(hand, mark))
        session.ledger.remark(f"{BEGUN}{hand.mark}")
        contact.wrote = True
        try:
            for step in STEPS:
                if step.writes:
                    await contact.walk(hand, step)
                    await certificates.glance(hand)
        finally:
            contact.clean, contact.left = await _leave_nothing(hand)


def found(session: Session, attested: Mapping[str, str] | None = None) -> Observations:
    """What this session observed so far. Raises ParametersError for what nobody can have seen."""
    contact = session.memory(Contact)
    told = _observed(
        contact.begun(session).recorder.exchanges,
        session.cloud.name,
        attested,
        steps=tuple(contact.walked.values()),
        read_only=not contact.wrote,
        clean=contact.clean,
        left=contact.left,
    )
    if any(each.name == "flex_console" for each in told.besides) or not mistaken(session):
        return told
    return replace(told, besides=(*told.besides, Fact(name="flex_console", told=WRONG)))


async def observe(
    session: Session, agreed: Agreed | None, *, attested: Mapping[str, str] | None = None
) -> Observations:
    """Both, or where nothing was agreed the first half alone. Raises as write and found do."""
    if agreed is None:
        await read(session)
    else:
        await write(session, agreed)
    return found(session, attested)


async def open_and_observe(
    tenant: str | Mapping[str, Any],
    agreed: Agreed | None,
    *,
    attested: Mapping[str, str] | None = None,
    told: Told = lambda _line: None,
) -> tuple[Observations, Path]:
    """Open the tenant and observe; a refused sign-in is an observation too. Beside it the folder of the recording.

    `told` gets a line for each step as it ends.
    """
    name = tenant if isinstance(tenant, str) else str(tenant.get("name", "tenant"))
    folder = places.run_folder(Path(name).stem)
    try:
        session = await open_session(tenant, apply=agreed is not None, folder=folder, record=True)
    except SignInError as error:
        if not numbers_in(str(error)):
            raise
        return of_refusal(error, attested), folder
    try:
        session.memory(Contact).told = told
        return await observe(session, agreed, attested=attested), session.folder
    finally:
        await session.close()


def of_refusal(error: SignInError, attested: Mapping[str, str] | None = None) -> Observations:
    """What a refused sign-in tells: its number stands in a page that a person saw, and in no recording."""
    told = {"error_codes": [int(number) for number in numbers_in(str(error))]}
    seen = Exchange(trial=trials.REFUSED_SIGN_IN, at=0.0, method="NOTE", place="", status=0, answer=told)
    return _observed([seen], "", attested)


def of_recording(folder: Path, *, cloud: str = "", attested: Mapping[str, str] | None = None) -> Observations:
    """What the recorded traffic of any run tells in passing."""
    return _observed(read_traffic(folder), cloud, attested)


def unfinished(session: Session) -> list[str]:
    """The marks of earlier contacts with this tenant that were not proved to have left nothing."""
    told = _remarks(session)
    begun = [text.removeprefix(BEGUN) for text in told if text.startswith(BEGUN)]
    ended = {text.removeprefix(ENDED) for text in told if text.startswith(ENDED)}
    return [mark for mark in begun if mark not in ended]


def _hand_of(hand: Hand, mark: str) -> Hand:
    """The same session, as an earlier contact."""
    earlier = Hand(session=hand.session, recorder=hand.recorder, mark=mark)
    begins = f"{flex_user.MADE}{mark} "
    for text in _remarks(hand.session):
        if text.startswith(begins):
            worker, user = text.removeprefix(begins).split()
            earlier.at_flex = (worker.strip("-"), user.strip("-"))
    return earlier


def mistaken(session: Session) -> bool:
    """Whether an earlier contact asked for a mistake in Flex Console, and for the right values no more."""
    told = [text for text in _remarks(session) if text.startswith((flex_console.MISTAKEN, flex_console.MENDED))]
    return bool(told) and told[-1].startswith(flex_console.MISTAKEN)


def _remarks(session: Session) -> list[str]:
    lines = [line for each in history_until(session.folder).lines.values() for line in each]
    return [str(line.get("text", "")) for line in lines if line.get("kind") == "remark"]


async def _leave_nothing(hand: Hand) -> tuple[bool, tuple[str, ...]]:
    at_flex: tuple[str, ...] = ()
    try:
        at_flex = await flex_user.end(hand)
    except FlexSSOError as error:
        hand.mishaps["the end at Flex"] = error
        at_flex = hand.at_flex or ()
    try:
        await the_end.clean_up(hand)
    except FlexSSOError as error:  # what is left is found by the proof
        hand.mishaps["clean up"] = error
    clean, left = await the_end.proof(hand)
    clean, left = clean and not at_flex, (*left, *(f"Flex: {each}" for each in at_flex if each))
    if clean:
        hand.session.ledger.remark(f"{ENDED}{hand.mark}")
    return clean, left


def _observed(
    exchanges: list[Exchange],
    cloud: str,
    attested: Mapping[str, str] | None,
    **more: Any,
) -> Observations:
    said = attested or {}
    told = with_attested(verdicts(exchanges, list(questions())), said)
    return Observations(cloud=cloud, verdicts=tuple(told), besides=facts(exchanges, said), **more)
