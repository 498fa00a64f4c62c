"""The three verbs of a section: plan, apply, verify. The sections differ in what they read, want and write."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from flexsso_helpers.errors import FlexSSOError, StalePlan
from flexsso_helpers.parameters import Tenant, objections
from flexsso_helpers.plan import (
    Applied,
    Approval,
    Change,
    Evidence,
    Finding,
    Pending,
    Plan,
    count,
    digest_of,
    few,
    sort_worst_first,
)
from flexsso_helpers.plan.cards import words
from flexsso_helpers.session import ApprovalCell, Session
from flexsso_helpers.views import Field, Form, show

S = TypeVar("S")
STABLE_READS = 4
_BY_NAME = {
    frozenset({"-"}): "removals are",
    frozenset({""}): "what else leaves the tenant is",
    frozenset({"-", ""}): "removals, and what else leaves the tenant, are",
}
FEW = 12
"""How many settings are waited for by name."""
SECOND_LOOKS = (3.0, 6.0, 12.0)


async def nothing_to_write(_session: Session, _state: object, _changes: object, _approval: object) -> bool:
    """For sections that only read."""
    return True


def nothing_to_forget(_session: Session) -> None:
    """For sections that keep nothing between plans."""


def no_fields(_tenant: Tenant) -> tuple[Field, ...]:
    """For sections without values of their own."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Step(Generic[S]):
    """One documented section. `S` is a frozen dataclass of plain values: all that was read."""

    number: str
    title: str
    read: Callable[[Session], Awaitable[S]]
    changes: Callable[[Session, S], tuple[Change, ...]]
    """Desired and compared, purely."""
    findings: Callable[[Session, S], Sequence[Finding]]
    write: Callable[[Session, S, tuple[Change, ...], Approval], Awaitable[bool]] = nothing_to_write
    """Makes the approved changes, waiting where one needs another; False when a person has to do something first."""
    fields: Callable[[Tenant], Sequence[Field]] = no_fields
    begin: Callable[[Session], None] = nothing_to_forget
    """Called before each plan, to forget what the session keeps only until then."""
    to_file: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Edited values as the tenant's file writes them, by key."""
    settled: Callable[[S], object] = asdict  # type: ignore[assignment]
    """What an approval is for, of all that was read; where writing needs something to move, that is left out."""
    facts: Callable[[Session, S], dict[str, str]] = lambda _session, _state: {}
    """Values that a reader will want at hand, by name."""
    unseen: tuple[str, ...] = ()
    asks: str = ""
    waiting: str = "a person has to do this first"

    def form(self, session: Session) -> Form:
        """The section's values, to look at and to edit; edits are saved to the tenant's file by the next plan."""
        session.enter(self.number)
        form = Form(
            f"{self.number} · {self.title}: values",
            list(self.fields(session.tenant)),
            badge=session.badge,
            judge=lambda edited: self._objections(session, edited),
        )
        session.forms[self.number] = form
        return form

    def _objections(self, session: Session, edited: dict[str, Any]) -> dict[str, str]:
        """What the tenant's file would say to what was edited, by the key of the field."""
        said = objections(session.tenant, _placed(self.to_file(edited)))
        fields = {key: tuple(key.split(".")) for key in edited}
        return {
            key: text for key, place in fields.items() for path, text in said.items() if path[: len(place)] == place
        }

    async def plan(self, session: Session) -> Plan:
        """What the section would change, and why. Only reads."""
        with self._speaking(session):
            self._take_edits(session)
            self.begin(session)
            plan, _ = await self._look(session)
            session.ledger.planned(plan)
            return plan

    async def compare(self, session: Session) -> Plan:
        """The plan as `plan` would make it now, to look at several sections at once: noted nowhere, no edits taken."""
        return (await self._look(session))[0]

    async def apply(self, session: Session, plan: Plan, approval: ApprovalCell | Approval) -> Applied:
        """Make the approved changes and read them back.

        Raises StalePlan when the tenant moved since the plan, InUse while another run of this machine writes to it.
        """
        given = approval.read() if isinstance(approval, ApprovalCell) else approval
        with self._speaking(session), session.alone() if given.given else nullcontext():
            return await self._apply(session, plan, given)

    async def _apply(self, session: Session, plan: Plan, given: Approval) -> Applied:
        fresh, state = await self._look_again(session, plan)
        possible = tuple(change for change in fresh.open if not change.pending)
        chosen = tuple(change for change in possible if given.covers(plan, change))
        made: tuple[Change, ...] = ()
        why_not = self._why_not(fresh, possible, chosen, given)
        if plan.asks and session.person.human and possible and not given.given:
            why_not = self.waiting
        if chosen:
            done = await self.write(session, state, chosen, given)
            if done:
                made = await self._read_back(session, chosen)
                session.made.setdefault(self.number, []).extend(made)
            else:
                why_not = self.waiting
        left = tuple(change for change in fresh.open if change not in made)
        applied = Applied(
            section=self.number, title=self.title, target=fresh.target, made=made, left=left, why_not=why_not
        )
        session.ledger.applied(applied)
        return applied

    async def verify(self, session: Session) -> Evidence:
        """Read anew and judge. Raises NotProven when a check fails that no open change explains."""
        with self._speaking(session):
            return await self._verify(session)

    async def _verify(self, session: Session) -> Evidence:
        evidence = await self._judge(session)
        for pause in SECOND_LOOKS:
            if not evidence.failed:
                break
            await session.sleep(pause)  # what fails may only not have arrived yet (G86)
            evidence = await self._judge(session)
        session.ledger.proved(evidence)
        if evidence.failed:
            show(evidence)  # the error that follows would hide it
        evidence.require()
        return evidence

    @contextmanager
    def _speaking(self, session: Session) -> Iterator[None]:
        """Note in the ledger which section speaks; an error that names no notebook names this one."""
        session.enter(self.number)
        try:
            yield
        except FlexSSOError as error:
            error.notebook = error.notebook or self.number
            raise

    def _take_edits(self, session: Session) -> None:
        """Write what was edited by hand in this section's form into the tenant's file."""
        form = session.forms.get(self.number)
        if form and (edits := self.to_file(form.edited())):
            session.record(_placed(edits))
            form.settle()

    async def _judge(self, session: Session) -> Evidence:
        plan, state = await self._look(session)
        return Evidence(
            section=self.number,
            title=self.title,
            target=plan.target,
            findings=sort_worst_first(tuple(self.findings(session, state))),
            planned=len(plan.open),
            made=len(session.made.get(self.number, ())),
            facts=self.facts(session, state),
        )

    async def _look(self, session: Session) -> tuple[Plan, S]:
        state = await self.read(session)
        plan = Plan(
            section=self.number,
            title=self.title,
            target=session.target,
            changes=self.changes(session, state),
            read=digest_of(self.settled(state)),
            unseen=self.unseen,
            asks=self.asks,
        )
        return plan, state

    async def _look_again(self, session: Session, approved: Plan) -> tuple[Plan, S]:
        """The plan made anew; reads that lag behind are given some time to agree with what was approved."""
        for attempt in range(STABLE_READS):
            fresh, state = await self._look(session)
            if fresh.digest == approved.digest:
                return fresh, state
            if attempt + 1 < STABLE_READS:
                await session.sleep(2.0 * (attempt + 1))
        moved = _moved(approved, fresh)
        raise StalePlan(
            "Between the plan and now this has moved:\n" + "\n".join(moved),
            why="Somebody else, or another run, changed the tenant; nothing was written.",
            fix="Run the Look cell again, read the new plan, and approve that.",
            notebook=self.number,
        )

    async def _read_back(self, session: Session, chosen: tuple[Change, ...]) -> tuple[Change, ...]:
        """Wait until nothing of it is open any more; what was truly made, which leaves out what Entra refused."""
        wanted = {change.setting for change in chosen}

        def arrived(state: S) -> bool:
            return not any(change.open and change.setting in wanted for change in self.changes(session, state))

        names = ", ".join(sorted(wanted)) if len(wanted) <= FEW else count(len(wanted), "setting")
        state = await session.wait_until(lambda: self.read(session), arrived, what=f"{names} to read back as written")
        after = {change.setting: change for change in self.changes(session, state)}
        return tuple(each for each in chosen if each.setting not in after or after[each.setting].now != each.now)

    def _why_not(self, plan: Plan, possible: tuple[Change, ...], chosen: tuple[Change, ...], given: Approval) -> str:
        """Why changes are left, without their names: these may be those of people, and the ledger keeps this."""
        if not plan.open:
            return "there was nothing to do"
        pending = [value for change in plan.open for value in (change.now, change.should_be)]
        later = next((f"the values it needs are {value}" for value in pending if isinstance(value, Pending)), "")
        if not possible:
            return later
        if not given.given:
            return "not approved"
        if given.digest != plan.digest:
            return "the approval is for another plan"
        if len(chosen) < len(possible):
            kinds = {"-" if change.kind == "-" else "" for change in possible if change not in chosen}
            return f"{_BY_NAME[frozenset(kinds)]} approved one by one"
        return later


def _placed(edits: dict[str, Any]) -> dict[tuple[str | int, ...], Any]:
    """Edited values by their place below `tenant:`."""
    return {tuple(key.split(".")): value for key, value in edits.items()}


def _moved(approved: Plan, fresh: Plan) -> list[str]:
    before = {change.setting: change for change in approved.changes}
    now = {change.setting: change for change in fresh.changes}
    lines = [
        _movement(setting, before.get(setting), now.get(setting))
        for setting in sorted({*before, *now})
        if before.get(setting) != now.get(setting)
    ]
    return few(lines) or ["something that was read for this plan, though none of its settings"]


def _movement(setting: str, before: Change | None, now: Change | None) -> str:
    if before and now and before.now == now.now:
        return f"{setting}: should have been {words(before.should_be)}, should be {words(now.should_be)}"
    was, is_ = (words(change.now) if change else "not there" for change in (before, now))
    return f"{setting}: was {was}, is {is_}"
