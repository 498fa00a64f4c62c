"""A first contact from beginning to end: the steps, the clean-up, its proof, and the verdicts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.entra_numbers import numbers_in
from flexsso_helpers.errors import FlexSSOError, SignInError
from flexsso_helpers.first_contact import guard, trials
from flexsso_helpers.first_contact.hand import Hand
from flexsso_helpers.first_contact.observations import Observations, with_attested
from flexsso_helpers.first_contact.questions import questions
from flexsso_helpers.first_contact.steps import STEPS, Step, the_end
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


async def write(session: Session, test_tenant: str, *, sign_ons: bool = False, patience: float = LIMIT) -> None:
    """Walk the steps that write, those before them where that was not done, and leave nothing behind.

    `test_tenant` is the tenant's default domain or id, typed again. With `sign_ons` somebody signs on, on this machine;
    a response is awaited for `patience` seconds. Raises ParametersError where nothing may be written, InUse, Stopped.
    """
    contact = session.memory(Contact)
    hand = contact.begun(session)
    hand.sign_ons, hand.patience = sign_ons, patience
    guard.refuse_unless_named(session, test_tenant)
    await guard.refuse_beside_live_flex(session)
    if not contact.walked:
        await read(session)
    with session.alone():
        for mark in unfinished(session):
            await _leave_nothing(Hand(session=session, recorder=hand.recorder, mark=mark))
        session.ledger.remark(f"{BEGUN}{hand.mark}")
        contact.wrote = True
        try:
            for step in STEPS:
                if step.writes:
                    await contact.walk(hand, step)
        finally:
            contact.clean, contact.left = await _leave_nothing(hand)


def found(session: Session, attested: Mapping[str, str] | None = None) -> Observations:
    """What this session observed so far. Raises ParametersError for what nobody can have seen."""
    contact = session.memory(Contact)
    return _observed(
        contact.begun(session).recorder.exchanges,
        session.cloud.name,
        attested,
        steps=tuple(contact.walked.values()),
        read_only=not contact.wrote,
        clean=contact.clean,
        left=contact.left,
    )


async def observe(
    session: Session,
    *,
    test_tenant: str = "",
    read_only: bool = False,
    sign_ons: bool = False,
    patience: float = LIMIT,
    attested: Mapping[str, str] | None = None,
) -> Observations:
    """Both, or with `read_only` the first half alone. Raises as write and found do."""
    if read_only:
        await read(session)
    else:
        await write(session, test_tenant, sign_ons=sign_ons, patience=patience)
    return found(session, attested)


async def open_and_observe(
    tenant: str | Mapping[str, Any],
    *,
    test_tenant: str = "",
    read_only: bool = False,
    sign_ons: bool = False,
    attested: Mapping[str, str] | None = None,
    told: Told = lambda _line: None,
) -> tuple[Observations, Path]:
    """Open the tenant and observe; a refused sign-in is an observation too. Beside it the folder of the recording.

    `told` gets a line for each step as it ends.
    """
    name = tenant if isinstance(tenant, str) else str(tenant.get("name", "tenant"))
    folder = places.run_folder(Path(name).stem)
    try:
        session = await open_session(tenant, apply=not read_only, folder=folder, record=True)
    except SignInError as error:
        if not numbers_in(str(error)):
            raise
        return of_refusal(error, attested), folder
    try:
        session.memory(Contact).told = told
        seen = await observe(
            session, test_tenant=test_tenant, read_only=read_only, sign_ons=sign_ons, attested=attested
        )
        return seen, session.folder
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
    remarks = [
        str(line.get("text", ""))
        for lines in history_until(session.folder).lines.values()
        for line in lines
        if line.get("kind") == "remark"
    ]
    begun = [text.removeprefix(BEGUN) for text in remarks if text.startswith(BEGUN)]
    ended = {text.removeprefix(ENDED) for text in remarks if text.startswith(ENDED)}
    return [mark for mark in begun if mark not in ended]


async def _leave_nothing(hand: Hand) -> tuple[bool, tuple[str, ...]]:
    try:
        await the_end.clean_up(hand)
    except FlexSSOError as error:  # what is left is found by the proof
        hand.mishaps["clean up"] = error
    clean, left = await the_end.proof(hand)
    if clean:
        hand.session.ledger.remark(f"{ENDED}{hand.mark}")
    return clean, left


def _observed(
    exchanges: list[Exchange],
    cloud: str,
    attested: Mapping[str, str] | None,
    **more: Any,
) -> Observations:
    told = with_attested(verdicts(exchanges, list(questions())), attested or {})
    return Observations(cloud=cloud, verdicts=tuple(told), **more)
