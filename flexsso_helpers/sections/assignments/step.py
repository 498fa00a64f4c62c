"""07 · Assign users and groups: one Flex role each, and to users their Insights roles one by one (D24–D26)."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

from flexsso_helpers.notebooks import TITLES, fix_in
from flexsso_helpers.parameters import INSIGHTS, MAY_HAVE_INSIGHTS, Tenant
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare, few
from flexsso_helpers.plan.findings import listed
from flexsso_helpers.resources import people, people_checks
from flexsso_helpers.resources.application import Found, Json, find
from flexsso_helpers.resources.assignments import Assignment, offered_ids, read_all
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.entra_pages import USERS_AND_GROUPS, Ids, ids_of, page_in_entra
from flexsso_helpers.resources.people_checks import PeopleProblems
from flexsso_helpers.resources.role_assignments import Grant, assign, unassign
from flexsso_helpers.resources.test_users import roles_by_user
from flexsso_helpers.sections.assignments import people_table
from flexsso_helpers.sections.assignments.people_form import fields, to_file
from flexsso_helpers.sections.settings import keys
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views.search_table import SearchTable

FIX = fix_in("07", "plan and apply.")
NEW_ID = "an assignment made again has a new id"
ROLE_FIRST = "after 05, which makes the role"
PROGRAM = "ServicePrincipal"
NO_ROLE = "They may sign on, and Flex gets no role of them: assign a role of 05, or end this assignment."
PROGRAMS = "They sign nobody on; whether they need it, their owner knows."
INSIGHTS_ALONE = "Flex Insights opens only to supervisor or admin: assign one of them, or end the Insights role."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One role of one entry of the tenant's file, and whom it means in Entra (no id: nobody)."""

    named: str
    role: str
    kind: Literal["user", "group"]
    id: str = ""
    lacks: str = ""
    """What the person lacks for a sign-on at Flex, in words."""

    @property
    def setting(self) -> str:
        """The name of its change."""
        more = f", {self.role}" if self.role in INSIGHTS else ""
        return f"{self.kind.title()} {self.named}{more}"

    @property
    def key(self) -> str:
        """By what code knows it: a role of Flex takes the place of another one, and one of Insights stands beside."""
        return f"{self.kind} {self.named} {self.role if self.role in INSIGHTS else ''}".rstrip()


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    ids: Ids = field(default_factory=Ids)
    role_ids: tuple[tuple[str, str], ...] = ()
    """(value, id) of the enabled roles on the service principal that the file offers."""
    wanted: tuple[Wanted, ...] = ()
    assigned: tuple[Assignment, ...] = ()
    """Every assignment of the application, whoever made the role."""
    insights_alone: tuple[str, ...] = ()
    """Those who hold an Insights role, and no role that opens Flex Insights."""
    problems: PeopleProblems = field(default_factory=PeopleProblems)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """(principal id, role value) of all assignments."""
        return frozenset((entry.principal_id, entry.role) for entry in self.assigned)

    @property
    def surplus(self) -> tuple[Assignment, ...]:
        """Assignments of people and groups that the file does not ask for."""
        wanted = {(entry.id, entry.role) for entry in self.wanted}
        return tuple(entry for entry in self._of_people if (entry.principal_id, entry.role) not in wanted)

    @property
    def valueless(self) -> tuple[Assignment, ...]:
        """Those of people and groups that are let in and have no role in Flex by any assignment of theirs."""
        held = {entry.principal_id for entry in self._of_people if entry.role}
        return tuple(entry for entry in self._of_people if entry.principal_id not in held)

    @property
    def programs(self) -> tuple[Assignment, ...]:
        """Those of other applications, which sign nobody on and are left alone."""
        return tuple(entry for entry in self.assigned if entry.kind == PROGRAM)

    @property
    def _of_people(self) -> tuple[Assignment, ...]:
        return tuple(entry for entry in self.assigned if entry.kind != PROGRAM)


async def read(session: Session) -> State:
    """The wanted people, the assignments, and what would go wrong for whom at sign-in."""
    found = await find(session)
    everyone = await people.everyone(session)
    assigned = await read_all(session, found) if found else ()
    return State(
        app=found is not None,
        ids=ids_of(found) if found else Ids(),
        role_ids=offered_ids(session.tenant, found) if found else (),
        wanted=_wanted(session.tenant, everyone),
        assigned=assigned,
        insights_alone=await _insights_alone(session, found, assigned) if found else (),
        problems=people_checks.problems(everyone, session.tenant),
    )


def _wanted(tenant: Tenant, everyone: people.Everyone) -> tuple[Wanted, ...]:
    users = [
        Wanted(
            named=name,
            role=each,
            kind="user",
            id=user.id if user else "",
            lacks=people_checks.lacks(user) if user else "",
        )
        for (name, role, user), entry in zip(everyone.users, tenant.assignments.users, strict=True)
        for each in (role, *entry.insights)
    ]
    groups = [
        Wanted(named=name, role=role, kind="group", id=group.id if group else "")
        for name, role, group in everyone.groups
    ]
    return (*users, *groups)


async def _insights_alone(session: Session, found: Found, assigned: tuple[Assignment, ...]) -> tuple[str, ...]:
    """Judged by all roles that a person has, through every group of the application too, whoever assigned it."""
    suspects = [entry for entry in assigned if entry.role in INSIGHTS and entry.kind == "User"]
    direct = {entry.principal_id for entry in assigned if entry.role in MAY_HAVE_INSIGHTS}
    if all(entry.principal_id in direct for entry in suspects):
        return ()
    held = await roles_by_user(session, found)
    alone = [entry for entry in suspects if not set(held.get(entry.principal_id, ())) & set(MAY_HAVE_INSIGHTS)]
    return tuple(dict.fromkeys(f"{entry.principal} as {entry.role}" for entry in alone))


def changes(context: Context, state: State) -> tuple[Change, ...]:
    """One line a role of an entry of the file. Whoever else is assigned stays, unless `exact` asks for removals.

    These are held back while a name of the file is nobody: it may be a new spelling of somebody who is assigned.
    """
    wanted = [_assigned(entry, state) for entry in state.wanted if entry.id]
    removals = context.tenant.assignments.exact and not state.problems.unknown
    return (*wanted, *(_removal(setting, entry) for setting, entry in _leaving(state) if removals))


def remarks(context: Context, state: State) -> tuple[str, ...]:
    """Names of the file that nobody has: they are in no line of the plan."""
    unknown = state.problems.unknown
    if not unknown:
        return ()
    held = " Removals wait until each name is somebody." if context.tenant.assignments.exact else ""
    return (f"Not in Entra, so not planned: {', '.join(few(unknown, 10))}.{held}", *state.problems.near)


def _leaving(state: State) -> list[tuple[str, Assignment]]:
    """Surplus assignments by the name of their change; two of one name are told apart by their ids."""
    named = [(f"{entry.kind} {entry.principal} as {entry.title}, not in the file", entry) for entry in state.surplus]
    for ids in ("principal_id", "id"):
        often = Counter(setting for setting, _ in named)
        named = [
            (f"{setting} ({getattr(entry, ids)})" if often[setting] > 1 else setting, entry) for setting, entry in named
        ]
    return named


def _removal(setting: str, entry: Assignment) -> Change:
    return Change(
        setting=setting,
        now=entry.title,
        should_be=None,
        kind="-",
        reason="assigned, and not in the file",
        instructions=("D25",),
        undo=NEW_ID,
        key=_leaves(entry),
    )


def _leaves(entry: Assignment) -> str:
    return f"leaves {entry.id}"


def _assigned(entry: Wanted, state: State) -> Change:
    """Nobody has a role that is not there yet: that is known now, and what it will be too."""
    now: Value = entry.role if (entry.id, entry.role) in state.pairs else None
    change = compare(
        entry.setting,
        now if state.app else Pending("01"),
        entry.role,
        reason="direct members only" if entry.kind == "group" else entry.lacks,
        instructions=("D26" if entry.role in INSIGHTS else "D24",),
        undo=NEW_ID,
        key=entry.key,
    )
    missing = state.app and change.open and entry.role not in dict(state.role_ids)
    return replace(change, waits=ROLE_FIRST) if missing else change


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Many at once. New ones first: nobody who changes role stands without one in between."""
    found = await find(session)
    assert found is not None
    chosen_keys, ids = keys(chosen), dict(state.role_ids)
    await assign(
        session,
        found,
        [
            Grant(
                principal_id=entry.id,
                role_id=ids[entry.role],
                role=entry.role,
                group=entry.named if entry.kind == "group" else "",
            )
            for entry in state.wanted
            if entry.id and entry.key in chosen_keys
        ],
    )
    await unassign(session, found, [_raw(found, entry) for entry in state.surplus if _leaves(entry) in chosen_keys])
    return True


def _raw(found: Found, entry: Assignment) -> Json:
    """What it takes to make it again; without the name, which has no place in the ledger."""
    return {
        "id": entry.id,
        "principalId": entry.principal_id,
        "resourceId": found.principal_id,
        "appRoleId": entry.role_id,
    }


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """Everyone wanted is assigned; who is assigned beyond the list; who would fail at sign-in."""
    unassigned = [
        f"{entry.named} as {entry.role}"
        for entry in state.wanted
        if entry.id and (entry.id, entry.role) not in state.pairs
    ]
    surplus = [f"{entry.principal} as {entry.title}" for entry in state.surplus]
    valueless = [f"{entry.principal} as {entry.title}" for entry in state.valueless]
    programs = [entry.principal for entry in state.programs]
    first, *others = people_checks.findings(state.problems)
    beyond = "Add them to the file, or write assignments.exact: true to have their removal planned."
    if context.tenant.assignments.exact:
        beyond = "Approve their removal by name in 07, once every name in the file exists in Entra."
    return (
        first,
        listed("D25", "In the file and not assigned", unassigned, FIX, "error"),
        listed("D25", "Assigned and not in the file", surplus, beyond),
        *([listed("S61", "Assigned without a role in Flex", valueless, NO_ROLE)] if valueless else []),
        *([listed("D25", "Other applications with a role here", programs, PROGRAMS, "info")] if programs else []),
        *others,
        *([listed("S63", "Insights without supervisor or admin", state.insights_alone, INSIGHTS_ALONE)]
          if context.tenant.insights else []),
    )  # fmt: skip


@speaks("07")
async def assigned_people(session: Session) -> SearchTable:
    """Each person with a role in the tenant's file, and whoever else is assigned, the worst first. Only reads."""
    found = await find(session)
    everyone = await people.everyone(session)
    assigned = await read_all(session, found) if found else ()
    state = State(wanted=_wanted(session.tenant, everyone), assigned=assigned)
    beyond = tuple((entry.principal, entry.kind, entry.title) for entry in state.surplus)
    return people_table.table(session, everyone, state.pairs, beyond)


def facts(context: Context, state: State) -> dict[str, str]:
    """Its page Users and groups in the admin center."""
    return page_in_entra(context, USERS_AND_GROUPS, state.ids)


STEP = Step(
    number="07",
    title=TITLES["07"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    to_file=to_file,
    remarks=remarks,
    facts=facts,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
