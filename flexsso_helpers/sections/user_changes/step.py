"""22 · Change users: a list comes in, and the difference goes out, to Entra, to Flex and into the tenant's file.

Whoever is on the list is assigned; whoever was on it, or was assigned by these notebooks, and is not, leaves. Others'
assignments are theirs, and 07 lists them. What stays at Twilio of those who leave is ended by name.
"""

from pathlib import Path
from typing import Any

from flexsso_helpers.notebooks import TITLES, fix_in
from flexsso_helpers.plan import Approval, Change, Finding, Pending, compare, count, few
from flexsso_helpers.plan.findings import judged, listed
from flexsso_helpers.resources import at_flex
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.at_flex import Held
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.looking import NotSeen, could_not_look
from flexsso_helpers.resources.role_assignments import Grant, assign, unassign
from flexsso_helpers.sections.settings import keys
from flexsso_helpers.sections.step import Step
from flexsso_helpers.sections.user_changes import comparing
from flexsso_helpers.sections.user_changes.comparing import Person, Renamed
from flexsso_helpers.sections.user_changes.given import (
    KEY,
    SECTION,
    as_written,
    fields,
    not_saved,
    of_csv,
)
from flexsso_helpers.sections.user_changes.state import State, read
from flexsso_helpers.session import Session
from flexsso_helpers.views import Form

LIST = "People in the tenant’s file"
THE_LIST = "list"
ENDS = "nobody at Twilio gives a worker back: skills and reports of this one end with it"
NEW_ID = "an assignment made again has a new id"
FIX = fix_in(SECTION, "plan and apply; who leaves is approved by name.")
SECOND = (
    "Their next sign-on makes a second, billed worker without the skills of the first. Give them the former address "
    "in Entra, or end the earlier one here by name once the new one is in use."
)
AT_FLEX = "Approve their end in 22 by name. Whoever is still let in would be made anew by the next sign-on."
CORRECT = "Correct these names in the list."


def changes(_context: Context, state: State) -> tuple[Change, ...]:
    """The file's list; a line for each who joins, leaves or changes; and who is to be ended at Twilio, by name."""
    offered = dict(state.role_ids)
    found = [_list(state)]
    for person in state.persons:
        if person.what == "leaves":
            if person.now:
                found.append(_leaving(person))
        elif person.id:
            ready = all(role in offered for role in person.then)
            should_be: Any = ", ".join(sorted(person.then)) if ready else Pending("05" if state.app else "01")
            now = ", ".join(sorted(person.now)) or None
            reason = "" if person.what == "stays" else person.what
            found.append(
                compare(
                    f"User {person.name}",
                    now,
                    should_be,
                    reason=reason,
                    instructions=("D24",),
                    undo=NEW_ID,
                    key=_user(person.name),
                )
            )
    found += [_ended(each, f"{name} leaves") for name, each in state.held]
    found += [_ended(each.earlier, f"{each.person} signs on as {each.name_id} now") for each in _twice(state)]
    return tuple({change.key: change for change in found}.values())


def _twice(state: State) -> list[Renamed]:
    """Those whom Flex has under both NameIDs: the earlier one serves nobody any more."""
    return [each for each in state.renamed if each.met]


def _new(state: State) -> list[Renamed]:
    """Those whom the next sign-on would make a second time."""
    return [each for each in state.renamed if not each.met]


def _list(state: State) -> Change:
    if set(state.entries) == set(state.former):
        words = f"{count(len(state.entries), 'user')}, as the list has them"
        return compare(LIST, words, words, key=THE_LIST)
    return Change(
        setting=LIST,
        now=count(len(state.former), "user"),
        should_be=comparing.summary(state.persons),
        kind="~",
        reason="written there when this is approved",
        key=THE_LIST,
    )


def _leaving(person: Person) -> Change:
    more = f"; the group {person.by_group} still lets them in" if person.by_group else ""
    return Change(
        setting=f"Assignment of {person.name}",
        now=", ".join(person.now),
        should_be=None,
        kind="-",
        reason=f"not on the list any more{more}",
        instructions=("D25",),
        undo=NEW_ID,
        key=_leaves(person.name),
    )


def _ended(held: Held, why: str) -> Change:
    return Change(
        setting=f"{held.name} at Flex",
        now=held.words,
        should_be=None,
        kind="-",
        reason=f"{why}; billed as long as it is there",
        undo=ENDS,
        key=_at_flex(held.name),
    )


def _user(name: str) -> str:
    """By what code knows the change of a person's assignment; the next two: its removal, and the end at Flex."""
    return f"user {name}"


def _leaves(name: str) -> str:
    return f"leaves {name}"


def _at_flex(name: str) -> str:
    return f"at_flex {name}"


def remarks(_context: Context, state: State) -> tuple[str, ...]:
    """Names that nobody has, and whom Flex would take for somebody new."""
    told = [f"The list is that of {state.source}."] if state.source else []
    if state.unknown:
        told.append(f"Not in Entra, so not planned: {', '.join(few(state.unknown, 10))}.")
        told += state.near
    told += [
        f"{each.person} would be somebody new to Flex, which knows them as {each.earlier.name}. {SECOND}"
        for each in _new(state)[:3]
    ]
    return tuple(told)


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """New roles first, then old ones end; then the file's list; at last Twilio, which nobody can give back."""
    chosen_keys = keys(chosen)
    if THE_LIST in chosen_keys:
        session.require_notes()
    found = await find(session)
    ids = dict(state.role_ids)
    if found:
        staying = [each for each in state.persons if each.then and _user(each.name) in chosen_keys]
        await assign(
            session,
            found,
            [
                Grant(principal_id=each.id, role_id=ids[role], role=role)
                for each in staying
                for role in each.then
                if role not in each.now
            ],
        )
        leaving = [each for each in state.persons if _leaves(each.name) in chosen_keys]
        ending = [
            {"id": entry, "principalId": each.id, "resourceId": found.principal_id, "appRoleId": role}
            for each in (*staying, *leaving)
            for entry, role in each.own
        ]
        await unassign(session, found, ending)
    if THE_LIST in chosen_keys:
        _record(session, state)
    held = [*(each for _, each in state.held), *(each.earlier for each in _twice(state))]
    await at_flex.end(session, [each for each in held if _at_flex(each.name) in chosen_keys])
    return True


def _record(session: Session, state: State) -> None:
    """The list into the tenant's file. Who was on it is noted by id, so that who leaves and stays is not forgotten."""
    before = sorted(each.id for each in state.persons if each.id and each.what != "joins")
    entry = session.ledger.intent(
        service="file", method="PUT", path="assignments.users", why="Writing the list", before={"ids": before}, body={}
    )
    session.record_people(as_written(state.entries))
    session.ledger.answer(entry, status=200, note="")


def findings(_context: Context, state: State) -> tuple[Finding, ...]:
    """The list is what is assigned; nobody of those who left is at Flex; nobody is somebody new."""
    open_ones = [f"{each.name} ({each.what})" for each in state.persons if _differs(each)]
    twice = [each.earlier for each in _twice(state)]
    left = [f"{each.name} ({each.words})" for each in (*(held for _, held in state.held), *twice)]
    new = [f"{each.person} (known as {each.earlier.name})" for each in _new(state)]
    in_file = set(state.entries) == set(state.former)
    return (
        judged("S94", LIST, "the list", "the list" if in_file else "another one", in_file, FIX),
        listed("D25", "Assigned otherwise than the list says", open_ones, FIX, "error"),
        listed("D24", "Does not exist in Entra", state.unknown, " ".join((CORRECT, *state.near)), "error"),
        could_not_look("S95", "Left, and still at Flex", "nobody", NotSeen(state.unseen))
        if state.unseen
        else listed("S95", "Left, and still at Flex", left, AT_FLEX, want="nobody"),
        listed("S50", "Would be somebody new to Flex", new, SECOND, want="nobody"),
    )


def _differs(person: Person) -> bool:
    return bool(person.now) if person.what == "leaves" else bool(person.id) and person.what != "stays"


STEP = Step(
    number=SECTION,
    title=TITLES[SECTION],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    to_file=not_saved,
    remarks=remarks,
)
plan, apply, verify = STEP.plan, STEP.apply, STEP.verify


def form(session: Session, people_csv: str | None = None) -> Form:
    """The list, to look at and to edit; with the path of a CSV file, the list of that one, as if it was dropped there.

    Raises ParametersError for a file with a bad line.
    """
    made = STEP.form(session)
    if people_csv:
        made.inputs[KEY].value = "\n".join(f"{user}, {roles}" for user, roles in of_csv(Path(people_csv)))
    return made
