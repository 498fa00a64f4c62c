"""One look at all steps of a tenant that was proved before: which of them hold as they stand, by all their checks.

Each section reads and judges as in its own notebook, from the same reads, which few requests to Graph bring together.
A step without a change to plan, of which every check holds, is proved anew; its notebook would show nothing else. What
no reading shows, a sign-on that nobody tried again, is as old as each check says.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import flexsso_helpers
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import PROVED, Evidence
from flexsso_helpers.sections.documented import ALL
from flexsso_helpers.session import Session
from flexsso_helpers.views import Cell, Row, Shown, card

NAME = "all"
"""Of this kind of look, by which its addresses are remembered."""


async def look(tenant: str | Mapping[str, Any], only: Sequence[str] = (), *, apply: bool | None = None) -> Shown:
    """Open the tenant, note in the ledger which of these steps are proved as they stand, and show them."""
    return shown(await holding(await flexsso_helpers.open(tenant, apply=apply), only))


async def holding(session: Session, only: Sequence[str] = ()) -> list[Evidence]:
    """The evidence of the steps that hold, noted in the ledger; ends with the first that does not.

    Those after it may rest on what it will change, so nothing is said of them.
    """
    proved: list[Evidence] = []
    snapshot = session.graph.snapshot
    with snapshot.looking(NAME), session.ledger.together():
        if not snapshot.told([NAME]):
            snapshot.expect(snapshot.told(step.number for step in ALL))
        for step in ALL:
            if only and step.number not in only:
                continue
            session.ledger.section = step.number  # nothing is written, so a rehearsal's journal need not know
            try:
                plan, evidence = await step.examine(session)
            except FlexSSOError:  # its notebook says what it is, and in which words
                break
            if plan.open or evidence.outcome != PROVED:
                break
            session.ledger.proved(evidence)
            proved.append(evidence)
    return proved


def shown(proved: Sequence[Evidence]) -> Shown:
    """The steps that hold, each with how many checks were made."""
    return card(
        title="Steps that hold as they stand",
        right=f"{len(proved)} of {len(ALL)}",
        columns=("Step", "Checks", "Verdict") if proved else (),
        rows=[
            Row((f"{each.section} · {each.title}", f"{len(each.findings)}", Cell(each.verdict, "ok")))
            for each in proved
        ],
        footer="What comes after these is executed by its notebook.",
    )
