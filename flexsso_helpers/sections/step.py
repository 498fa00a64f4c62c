"""The three verbs of a section: plan, apply, verify. The sections differ in what they read, want and write."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from flexsso_helpers.errors import FlexSSOError, StalePlan
from flexsso_helpers.parameters import Tenant, objections
from flexsso_helpers.plan import (
    STOPPED,
    Applied,
    Approval,
    Change,
    Evidence,
    Finding,
    Outcome,
    Plan,
    count,
    digest_of_read,
    sort_worst_first,
)
from flexsso_helpers.resources.context import Context, context_of
from flexsso_helpers.sections import edits
from flexsso_helpers.sections.moved import moved, overtaken
from flexsso_helpers.sections.why_not import why_not_made
from flexsso_helpers.session import ApprovalCell, Session, seen_since
from flexsso_helpers.views import Field, Form, show

S = TypeVar("S")
Changes = tuple[Change, ...]
STABLE_READS = 4
FEW = 3
"""How many settings are waited for by name."""
SECOND_LOOKS, AFTER_ERRORS = (3.0, 6.0, 12.0), (3.0, 6.0)


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
    changes: Callable[[Context, S], Changes]
    """Desired and compared, purely."""
    findings: Callable[[Context, S], Sequence[Finding]]
    write: Callable[[Session, S, Changes, Approval], Awaitable[bool]] = nothing_to_write
    """Makes the approved changes, waiting where one needs another; False when a person has to do something first."""
    fields: Callable[[Tenant], Sequence[Field]] = no_fields
    begin: Callable[[Session], None] = nothing_to_forget
    """Called before each plan, to forget what the session keeps only until then."""
    to_file: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Edited values as the tenant's file writes them, by key."""
    settled: Callable[[S], object] = asdict  # type: ignore[assignment]
    """What an approval is for, of all that was read; where writing needs something to move, that is left out."""
    facts: Callable[[Context, S], dict[str, str]] = lambda _context, _state: {}
    """Values that a reader will want at hand, by name."""
    parts: Callable[[Context, S], tuple[Outcome, ...]] = lambda _context, _state: ()
    """Outcomes of the sections that this one looks at together; empty for a section by itself."""
    remarks: Callable[[Context, S], tuple[str, ...]] = lambda _context, _state: ()
    """What is asked for and cannot be planned, in whole sentences, for the plan."""
    unseen: tuple[str, ...] = ()
    asks: str = ""
    waiting: str = "a person has to do this first"

    def form(self, session: Session) -> Form:
        """The section's values, to look at and to edit; edits are saved to the tenant's file by the next plan."""
        with session.speaking(self.number):
            session.reread()
        form = Form(
            f"{self.number} · {self.title}: values",
            list(self.fields(session.tenant)),
            badge=session.badge,
            judge=lambda edited: self._objections(session, edited),
            told=edits.SHOWN,
        )
        session.forms[self.number] = form
        return form

    def _objections(self, session: Session, edited: dict[str, Any]) -> dict[str, str]:
        """What the tenant's file would say to what was edited, by the key of the field."""
        said = objections(session.tenant, edits.placed(self.to_file(edited)))
        fields = {key: tuple(key.split(".")) for key in edited}
        return {
            key: text for key, place in fields.items() for path, text in said.items() if path[: len(place)] == place
        }

    async def plan(self, session: Session) -> Plan:
        """What the section would change, and why. Only reads."""
        with session.speaking(self.number):
            taken = edits.take(session, self.number, self.fields, self.to_file)
            self.begin(session)
            plan, _ = await self._look(session)
            session.made_from[plan.digest] = session.tenant
            session.ledger.planned(plan)
            return replace(plan, edits=taken)

    async def compare(self, session: Session) -> Plan:
        """The plan as `plan` would make it now, to look at several sections at once: noted nowhere, no edits taken."""
        with session.graph.snapshot.looking(self.number):
            return (await self._look(session))[0]

    async def apply(self, session: Session, plan: Plan, approval: ApprovalCell | Approval) -> Applied:
        """Make the approved changes and read them back.

        Raises StalePlan when the tenant, its file or the form moved since the plan, InUse while another run of this
        machine writes to it.
        """
        given = approval.read() if isinstance(approval, ApprovalCell) else approval
        if earlier := _made_before(session, plan, given):
            return earlier
        with session.speaking(self.number), session.alone() if given.given else nullcontext():
            return await self._apply(session, plan, given)

    async def _apply(self, session: Session, plan: Plan, given: Approval) -> Applied:
        at = await session.present()
        edits.refuse_edited_since(session, self.number, self.to_file)
        session.reread()
        nothing = not plan.open and not edits.changed_since(session, plan)  # verify looks anew
        fresh, read = (plan, None) if nothing else await self._look_again(session, plan)
        possible = tuple(change for change in fresh.open if not change.pending)
        chosen = tuple(change for change in possible if given.covers(plan, change))
        why_not = why_not_made(fresh, possible, chosen, given)
        if plan.asks and session.person.human and possible and not given.given:
            why_not = self.waiting

        def noted(made: Changes, why_not: str, *, seen: bool = True) -> Applied:
            """Both for the verdicts of this session and in the ledger."""
            session.made.setdefault(self.number, []).extend(made)
            applied = Applied(
                section=self.number,
                title=self.title,
                target=fresh.target,
                made=made,
                left=tuple(change for change in fresh.open if change not in made),
                why_not=why_not,
                **(_approval(session, plan, given, at) if chosen else {}),
            )
            session.ledger.applied(applied, seen=seen)
            session.applied[self.number] = plan, applied
            return applied

        if not chosen or read is None:
            return noted((), why_not)
        before = session.ledger.writes
        try:
            done = await self.write(session, read[1], chosen, given)
        except BaseException as error:
            made = await self._half_made(session, chosen, error) if session.ledger.writes > before else ()
            noted(made, f"{STOPPED} half way" if made else STOPPED, seen=session.ledger.writes == before)
            raise
        if not done:
            return noted((), self.waiting)
        try:
            made = await self._read_back(session, chosen)
        except BaseException:
            noted(chosen, why_not, seen=False)
            raise
        return noted(made, why_not)

    async def _half_made(self, session: Session, chosen: Changes, error: BaseException) -> Changes:
        """Those that were made before the error. Where nobody can look, all: nothing is called unchanged by guess."""
        if not isinstance(error, FlexSSOError):
            return chosen
        made: set[str] = set()
        for pause in AFTER_ERRORS:
            await session.sleep(pause)  # what was written just now may not be read yet (G86)
            try:
                fresh, _ = await self._look(session)
            except FlexSSOError:
                return chosen
            made |= {change.key for change in chosen} - {change.key for change in fresh.open}
        return tuple(change for change in chosen if change.key in made)

    async def verify(self, session: Session) -> Evidence:
        """Read anew, the file too, and judge. Raises NotProven when a check fails that no open change explains."""
        with session.speaking(self.number):
            session.reread()
            _, evidence = await self._examined(session)
            for pause in SECOND_LOOKS:
                if not evidence.failed:
                    break
                await session.sleep(pause)  # what fails may only not have arrived yet (G86)
                _, evidence = await self._examined(session)
            session.ledger.proved(evidence)
            told = session.with_progress(evidence)
            if told.failed:
                show(told)  # the error that follows would hide it
            told.require()
            return told

    async def examine(self, session: Session) -> tuple[Plan, Evidence]:
        """Plan and evidence as they are now, to look at several sections at once: noted nowhere, no edits taken."""
        with session.graph.snapshot.looking(self.number):
            return await self._examined(session)

    async def _examined(self, session: Session) -> tuple[Plan, Evidence]:
        plan, (context, state) = await self._look(session)
        return plan, Evidence(
            section=self.number,
            title=self.title,
            target=plan.target,
            findings=sort_worst_first(tuple(self.findings(context, state))),
            planned=len(plan.open),
            made=len(session.made.get(self.number, ())),
            facts=self.facts(context, state),
            parts=self.parts(context, state),
        )

    async def _read(self, session: Session) -> tuple[Context, S]:
        await seen_since(session)
        session.graph.snapshot.again()
        state = await self.read(session)
        return await context_of(session), state

    async def _look(self, session: Session) -> tuple[Plan, tuple[Context, S]]:
        context, state = await self._read(session)
        plan = Plan(
            section=self.number,
            title=self.title,
            target=session.target,
            changes=self.changes(context, state),
            read=digest_of_read(self.settled(state)),
            unseen=self.unseen,
            asks=self.asks,
            remarks=self.remarks(context, state),
        )
        return plan, (context, state)

    async def _look_again(self, session: Session, approved: Plan) -> tuple[Plan, tuple[Context, S]]:
        """The plan made anew; reads that lag behind are given some time to agree with what was approved."""
        changed = edits.changed_since(session, approved)
        for attempt in range(STABLE_READS):
            fresh, read = await self._look(session)
            if fresh.digest == approved.digest:
                return fresh, read
            if changed:
                break  # no read will agree again
            if attempt + 1 < STABLE_READS:
                await session.sleep(2.0 * (attempt + 1))
        lines = [*edits.told(changed), *moved(approved, fresh)]
        raise StalePlan(
            "Between the plan and now this has moved:\n" + "\n".join(lines),
            why="The tenant's file was edited; nothing was written."
            if changed
            else "Somebody else, or another run, changed the tenant; nothing was written.",
            fix=edits.LOOK_AGAIN,
            notebook=self.number,
        )

    async def _read_back(self, session: Session, chosen: Changes) -> Changes:
        """Wait until nothing of it is open any more; what was truly made, which leaves out what Entra refused."""
        wanted = {change.key: change.setting for change in chosen}

        def arrived(read: tuple[Context, S]) -> bool:
            return not any(change.open and change.key in wanted for change in self.changes(*read))

        def never(read: tuple[Context, S]) -> str:
            return overtaken(chosen, self.changes(*read))

        names = ", ".join(sorted(wanted.values())) if len(wanted) <= FEW else count(len(wanted), "setting")
        read = await session.wait_until(
            lambda: self._read(session), arrived, what=f"{names} to read back as written", never=never
        )
        after = {change.key: change for change in self.changes(*read)}
        return tuple(each for each in chosen if each.key not in after or after[each.key].now != each.now)


def _made_before(session: Session, plan: Plan, given: Approval) -> Applied | None:
    """What this very plan made already, unless more of it is approved now."""
    before, applied = session.applied.get(plan.section, (None, None))
    if before is not plan or applied is None or not applied.made:
        return None
    return None if any(given.covers(plan, change) for change in applied.left) else replace(applied, again=True)


def _approval(session: Session, plan: Plan, given: Approval, at: datetime) -> dict[str, Any]:
    return {
        "plan": plan.digest,
        "approved_by": session.principal.user_name or session.principal.name,
        "approved_at": at.isoformat(),
        "by_hand": given.by_hand,
    }
