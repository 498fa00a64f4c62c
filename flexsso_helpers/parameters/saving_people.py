"""Writing the whole list of people back into the CSV file that a tenant's file names."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.identities import identity
from flexsso_helpers.parameters.files import label, read, read_bytes
from flexsso_helpers.parameters.loading import judge
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.people_csv import as_entry, read_people
from flexsso_helpers.parameters.problems import refuse
from flexsso_helpers.parameters.saving import swap

SEPARATORS = {"commas": ",", "semicolons": ";", "tabs": "\t"}


def save_people(path: Path, users: Sequence[Mapping[str, Any]]) -> Tenant:
    """Put these users into the CSV file that the tenant's file at `path` names, and return the tenant.

    Written as UTF-8 with the mark by which spreadsheets know it, and with the separator that was there; a name that a
    spreadsheet would take for a formula gets a ' before it, which reading takes away. Users whom the tenant's file
    names itself are not written. Raises ParametersError where one of these is another in the new list, where the list
    holds nobody or what cannot be read back, and where the CSV file cannot be written; then nothing is.
    """
    judged = judge(path, read(path))
    judged.require()
    joined = judged.joined
    assert joined is not None
    assert joined.path is not None
    assert joined.people is not None
    before = read_bytes(joined.path)
    own = {identity(str(each["user"])): each for each in joined.body["assignments"]["users"][: joined.own]}
    given = {identity(str(each["user"])): each for each in users}
    if others := [str(each["user"]) for name, each in own.items() if not _same(each, given.get(name))]:
        raise ParametersError(
            f"{label(path)} names {', '.join(others[:5])} itself, beside the people of {label(joined.path)}.",
            why="The new list leaves them out, or gives them another role; only the CSV file is written from here.",
            fix="Take them out of tenant.assignments.users, or correct their role there, and run this again.",
            notebook="22",
        )
    text = _text([each for name, each in given.items() if name not in own], SEPARATORS[joined.people.separator])
    if wrong := read_people(text.encode(), label(joined.path)).problems:
        raise refuse(wrong, label(joined.path), "Nothing was saved. Correct the list, and run this again.")
    swap(joined.path, before, text.encode("utf-8-sig"))
    return judge(path, read(path)).require()


def _same(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    return other is not None and all(
        (one.get(key) or empty) == (other.get(key) or empty) for key, empty in (("role", ""), ("insights", []))
    )


def _text(users: Sequence[Mapping[str, Any]], separator: str) -> str:
    most = max((len(each.get("insights") or ()) for each in users), default=0)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(["user", "role", *["insights_role"] * most])
    for each in users:
        insights = list(each.get("insights") or ())
        writer.writerow([as_entry(each["user"]), each["role"], *insights, *[""] * (most - len(insights))])
    return out.getvalue()
