"""The session: one open tenant, with everything that a section needs to read, write, wait and note."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from flexsso_helpers.clouds import Cloud
from flexsso_helpers.errors import FlexSSOError, NotPermitted, ParametersError
from flexsso_helpers.flex import Flex
from flexsso_helpers.graph import Graph, Principal
from flexsso_helpers.history import history_until
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.notebooks import in_folder, open_notebook
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.person import Person
from flexsso_helpers.places import guided
from flexsso_helpers.plan import Applied, Change, Evidence, Plan, Target
from flexsso_helpers.plan.evidence import EvidenceInSession
from flexsso_helpers.plan.progress import of_progress
from flexsso_helpers.session.approval import ApprovalCell
from flexsso_helpers.session.rights import Right, rights_for
from flexsso_helpers.session.standing import standing, verdict_cell
from flexsso_helpers.session.tenant_values import TenantValues
from flexsso_helpers.session.waiting import Waiting
from flexsso_helpers.session.writing_lock import WritingLock
from flexsso_helpers.traffic import Recorder
from flexsso_helpers.views import Cell, Form, Shown, card
from flexsso_helpers.views.shown import stack
from flexsso_helpers.views.table import Badge
from flexsso_helpers.wire import Clock, RehearsalClient

T = TypeVar("T")
PLACE = ("name", "cloud", "tenant_id", "sign_in", "practice")
"""What a session is opened with; the file may not change it under an open session, and neither account nor key."""


@dataclass(kw_only=True)
class Session(Waiting):
    """One open tenant. `may_apply` and `may_remove` say what the start of the run already approved."""

    tenant: Tenant
    cloud: Cloud
    principal: Principal
    organization: str
    graph: Graph
    flex: Flex
    person: Person
    clock: Clock
    ledger: Ledger
    tenant_values: TenantValues
    lock: WritingLock
    rehearsal_client: RehearsalClient | None
    asked: tuple[str, ...]
    """The permissions that this run asks for."""
    may_apply: bool
    may_remove: bool
    recorder: Recorder | None = None
    """What keeps the traffic, where that is wished."""
    sign_in_kept: str = ""
    """Whether the next notebook will ask a person to sign in again, in words; empty where nobody has to."""
    made: dict[str, list[Change]] = field(default_factory=dict)
    """Changes made in this run, by earlier kernels too, by section."""
    approvals: dict[str, ApprovalCell] = field(default_factory=dict)
    """The box that a section showed last, by section."""
    applied: dict[str, tuple[Plan, Applied]] = field(default_factory=dict)
    """The plan that a section applied last, and what that made."""
    forms: dict[str, Form] = field(default_factory=dict)
    """The form that a section showed last, by section."""
    made_from: dict[str, Tenant] = field(default_factory=dict)
    """What the tenant's file said when a plan was made, by the plan's digest."""
    _memory: dict[type, object] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where this run keeps what it leaves."""
        return self.ledger.folder

    @property
    def target(self) -> Target:
        """What a plan of this session would touch."""
        return Target(
            tenant=self.tenant.name,
            title=self.tenant.title,
            cloud=self.tenant.cloud,
            tenant_id=self.tenant.tenant_id,
            account_sid=self.tenant.flex.account_sid,
            application=self.tenant.application.name,
        )

    @property
    def badge(self) -> Badge:
        """The mark on everything this session shows."""
        return "REHEARSAL" if self.target.rehearsal else "LIVE"

    @property
    def rights(self) -> tuple[Right, ...]:
        """What an account has to be allowed for this run."""
        return rights_for(self.asked)

    def now(self) -> datetime:
        """The present, aware, in UTC; in a rehearsal the rehearsal's."""
        return self.clock.now()

    async def present(self) -> datetime:
        """The present, asked beside the event loop: a rehearsal tells it over a socket."""
        return await asyncio.to_thread(self.clock.now)

    async def sleep(self, seconds: float) -> None:
        """Let time pass; in a rehearsal at once. Raises Stopped after Ctrl-C on the run."""
        self.ledger.refuse_when_stopped()
        self.graph.snapshot.paused()
        await self.clock.sleep(seconds)

    async def close(self) -> None:
        """Give the connections back; nothing can be read afterwards. Happens by itself when a session is dropped."""
        await self.graph.close()
        self.flex.close()

    def enter(self, section: str) -> None:
        """Note which section is speaking now, in the ledger and in the rehearsal's journal."""
        if self.ledger.section != section:
            self.ledger.section = section
            if self.rehearsal_client is not None:
                self.rehearsal_client.mark(section)

    @contextmanager
    def speaking(self, section: str) -> Iterator[None]:
        """One cell of a section: the ledger notes whose it is, what it reads is read once, and an error that names no
        notebook names this one.
        """
        self.enter(section)
        with self.graph.snapshot.looking(section):
            try:
                yield
            except FlexSSOError as error:
                error.notebook = error.notebook or section
                if isinstance(error, NotPermitted) and (lacking := self.lacking(section)):
                    error.why = f"{error.why} Of what this takes, missing or not known: {', '.join(lacking)}."
                raise

    def lacking(self, section: str) -> tuple[str, ...]:
        """What the signed-in account lacks for this section, or may lack, in words; where that is nothing, for any."""
        found = [(right, right.verdict(self.principal).why) for right in self.rights]
        here = [words for right, words in found if section in right.notebooks]
        told = here if any(here) else [words for _, words in found]
        return tuple(dict.fromkeys(each for words in told for each in words))

    def alone(self) -> AbstractContextManager[None]:
        """Keep other runs of this machine from writing to this tenant meanwhile. Raises InUse when one of them is."""
        return self.lock.held(self.principal.shown_name, self.now())

    def memory(self, kind: type[T]) -> T:
        """What a section keeps for the length of this session, made empty at first use."""
        kept = self._memory.setdefault(kind, kind())
        assert isinstance(kept, kind)
        return kept

    def progress(self) -> Shown:
        """How far this tenant is, from 00 to 08, by all its runs: what is proved, what is open, and what is next."""
        return of_progress(history_until(self.folder).progress(here=open_notebook()))

    def with_progress(self, evidence: Evidence) -> Evidence:
        """A proof with the same below it, where a person goes from notebook to notebook.

        What a program executes is read in its handover page, which tells this once for all notebooks.
        """
        if not (guided() and in_folder(self.folder)):
            return evidence
        return EvidenceInSession(**vars(evidence), progress=self.progress())

    def note(self, text: str, *, owner: str = "", due: str = "", done: bool = False) -> Shown:
        """Keep a note with the run. With an `owner` or a `due` date it is an open point, until it is noted again with
        the same words as `done`.
        """
        self.ledger.note(text, by=self.principal.shown_name, owner=owner, due=due, done=done)
        return self.progress()

    def approval(self, plan: Plan) -> ApprovalCell:
        """The approval of this plan, to show and to hand to the section's apply.

        Its cell may run again, which keeps the tick: the plan is the same. A plan looked up anew starts without one.
        """
        kept = self.approvals.get(plan.section)
        if kept is None or kept.plan is not plan:
            kept = self.approvals[plan.section] = ApprovalCell(
                plan,
                human=self.person.human,
                may_apply=self.may_apply,
                may_remove=self.may_remove,
                badge=self.badge,
            )
        return kept

    def reread(self) -> None:
        """Take the tenant as its file stands now.

        Raises ParametersError for a file that is wrong, and for one that has come to mean another tenant or account.
        """
        tenant = self.tenant_values.tenant()
        moved = [key for key in PLACE if getattr(tenant, key) != getattr(self.tenant, key)]
        account, before = tenant.flex, self.tenant.flex
        keys = ("account_sid", "api_key", "api_secret")
        moved += [f"flex.{key}" for key in keys if getattr(account, key) != getattr(before, key)]
        if moved:
            raise ParametersError(
                f"Changed in the tenant's file since it was opened: {', '.join(f'tenant.{key}' for key in moved)}.",
                why="This session is signed in with what stood there before.",
                fix="Run the Open cell again.",
                notebook=self.ledger.section,
            )
        self.tenant = tenant

    def require_notes(self) -> None:
        """Raise ParametersError now, before anything is written, where `record` would raise it afterwards."""
        self.tenant_values.require()

    def record(self, changes: Mapping[tuple[str | int, ...], Any]) -> None:
        """Write values into the tenant's file (in a rehearsal: into what it keeps in place of the file)."""
        self.tenant = self.tenant_values.record(changes)

    def record_people(self, users: Sequence[Mapping[str, Any]]) -> None:
        """Write the list of users as a whole: into the tenant's file, or into the CSV file that it names."""
        self.tenant = self.tenant_values.record_people(users)

    def card(self) -> Shown:
        """Who is signed in, where, and what the account may do."""
        who = self.principal
        facts: list[tuple[str, Cell | str]] = [("Signed in as", Cell(who.shown_name, sub=standing(who)))]
        facts += [(f"May {right.words}", verdict_cell(right, who)) for right in self.rights]
        if self.sign_in_kept:
            facts.append(("Sign-in", self.sign_in_kept))
        facts.append(("Flex account", Cell(self.tenant.flex.account_sid, "value")))
        return card(
            title=self.tenant.title,
            subtitle=f"{self.organization} · {self.cloud.title}",
            badge=self.badge,
            facts=facts,
            footer=self._mode(),
        )

    def _mode(self) -> str:
        if not self.may_apply:
            return "Changes are planned and shown; each is made only after its box is ticked."
        removals = "removals too" if self.may_remove else "removals only one by one"
        return f"Changes are approved by the start of this run; {removals}."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Beside who and where, how far the run is that these notebooks belong to; one alone has no others."""
        shared = in_folder(self.folder)
        return stack(self.card(), *([self.progress()] if shared else []))._repr_mimebundle_(**kwargs)
