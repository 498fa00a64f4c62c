"""Every card that a session shows, in every state: the cells of all notebooks, over stages of several tenants.

What a cell leaves as its last value, and what it shows on the way, is kept as HTML under `<state>-<notebook>-<cell>`.
"""

import ast
import builtins
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from inspect import CO_COROUTINE
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

import nbformat
from fleet_samples import FLEET
from legacy_play import LEGACY
from onboarding import STEPS, application, principal
from other_shapes import other_shapes
from portal import by_hand
from preparations import PREPARATIONS
from stage import PROJECT, Stage, through

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.fleet.record import leave
from flexsso_helpers.person import Pages, PersonAtTheConsole
from flexsso_helpers.session.approval import ApprovalCell
from flexsso_helpers.views.errors_html import error_card

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
DAY = 86400.0
PHASES = ("stage", "activate", "roll_back", "activate", "clean_up")
SHOWN_BY = ("sections.step", "sections.sign_on.step", "person.live")
"""Modules that show something on the way."""
LONG_PATH = (
    "https://flex.contact-centre.emea.contoso.example.com/agent-desktop/production/landing?region=" + "emea" * 12
)

JQ = "JQf1e55000000000000000000000000001"
CONNECTION = {
    "reply_url": f"https://login.flex.us1.twilio.com/login/callback?connection={JQ}",
    "identifier": f"urn:flex:{JQ}",
}


@dataclass(frozen=True)
class State:
    """A tenant as it is found, and whether its changes are approved; `only` notebooks whose number begins so."""

    seed: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    apply: bool = False
    quirks: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ("0", "2")
    proved: str = ""
    """The last step that was made before."""
    days: float = 0.0
    """How long ago."""
    edited: bool = False
    """Somebody edited the application since."""
    human: bool = False
    """A person practises, and is awaited."""
    phase: str = ""
    """Of 21; the next state of the same name goes on in the same tenant."""


STATES: Mapping[str, State] = {
    "planned": State(only=("",)),
    "made": State(apply=True, only=("",)),
    "found": State(
        ("application_made_by_hand", "certificate_from_the_admin_center", "second_certificate", "foreign_notification"),
        {
            "flex": {"self_hosted": [LONG_PATH], "landing": LONG_PATH, "connection": CONNECTION},
            "assignments": {"exact": True},
        },
    ),
    "nobody": State(changes={"assignments": {"users": [], "groups": []}, "test_sign_ons": []}, apply=True),
    "legacy": State(("account_on_legacy",), LEGACY, apply=True, quirks={"legacy": "working"}),
    "drift": State(only=("20", "29"), proved="08", days=1050.0, edited=True),
    "person": State(only=("06", "08", "20"), proved="07", apply=True, human=True),
}
ROTATING = State(only=("21",), proved="08", days=1050.0, apply=True)


async def every_card(folder: Path) -> dict[str, str]:
    """All of them by name, as HTML."""
    cards: dict[str, str] = {}
    leave(folder / "fleet", FLEET, "")
    for name, state in STATES.items():
        stage = await _found(folder / name, state)
        for path in NOTEBOOKS:
            if path.stem.startswith(state.only):
                await _notebook(stage, path, state, f"{name}-{path.stem[:2]}", cards)
    stage = await _found(folder / "rotating", ROTATING)
    for number, phase in enumerate(PHASES, 1):
        state = replace(ROTATING, phase=phase)
        await _notebook(
            stage, next(path for path in NOTEBOOKS if path.stem[:2] == "21"), state, f"{number}-{phase}", cards
        )
        stage.world.advance(DAY)
    for number, cell in enumerate(other_shapes().cells):
        cards[f"other-{number}"] = cell.outputs[0].data["text/html"]
    return cards


async def _found(folder: Path, state: State) -> Stage:
    """The tenant as this state says."""
    folder.mkdir()
    stage = Stage(folder, changes=state.changes)
    stage.world.choose(dict(state.quirks))
    for each in state.seed:
        await PREPARATIONS[each](stage)
    if state.proved:
        session = await stage.open(apply=True)
        for number, step in STEPS.items():
            if number <= state.proved:
                await through(session, step)
        stage.world.advance(600.0 + state.days * DAY)
    if state.edited:
        app, sp = application(stage.world)["id"], principal(stage.world)["id"]
        by_hand(stage, "PATCH", f"/applications/{app}", {"groupMembershipClaims": "SecurityGroup"})
        by_hand(stage, "PATCH", f"/servicePrincipals/{sp}", {"notes": "Ask Greta first."})
    return stage


async def _notebook(stage: Stage, path: Path, state: State, name: str, cards: dict[str, str]) -> None:
    """The cells of one notebook in their order; one that raises leaves its error card, as in JupyterLab."""

    async def opened(_tenant: str, *, apply: bool | None) -> Any:
        session = await stage.open(apply=state.apply, record=path.stem.startswith("90"))
        if state.human:
            session.person = PersonAtTheConsole(session.person.name, Pages(stage.rehearsal_client), hints=True)
        return session

    for cell in nbformat.read(path, 4).cells:  # type: ignore[no-untyped-call]
        if cell.cell_type != "code":
            continue
        if cell.id == "parameters":
            names: dict[str, Any] = {}
        shown: list[Any] = []
        names["display"] = shown.append
        with ExitStack() as patched:
            patched.enter_context(patch.dict(os.environ, {"FLEXSSO_RUNS": str(stage.folder.parent / "fleet")}))
            for opens in ("open", "first_contact.open"):
                patched.enter_context(patch(f"flexsso_helpers.{opens}", opened))
            for module in SHOWN_BY:
                patched.enter_context(patch(f"flexsso_helpers.{module}.show", shown.append))
            try:
                value = await _run(cell.source, names)
                if state.human and isinstance(value, ApprovalCell) and value.plan.open:
                    value._box.tick.value = True
                shown.append(value)
            except FlexSSOError as error:
                shown.append(error_card(error.parts, error.title))
            except NameError:
                return  # what an earlier cell could not make
        if cell.id == "parameters" and state.phase:
            names["phase"] = state.phase
        html = (each._repr_mimebundle_()["text/html"] for each in shown if hasattr(each, "_repr_mimebundle_"))
        cards |= {f"{name}-{cell.id}-{number}": text for number, text in enumerate(html)}


async def _run(source: str, names: dict[str, Any]) -> Any:
    """Execute a cell as IPython does, and give the value of its last expression."""
    *body, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        body, last = [*body, last], ast.Expr(ast.Constant(None, lineno=1, col_offset=0))
    await _awaited(compile(ast.Module(body, []), "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    return await _awaited(
        compile(ast.Expression(last.value), "cell", "eval", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names
    )


async def _awaited(code: CodeType, names: dict[str, Any]) -> Any:
    value = builtins.eval(code, names)
    return await value if code.co_flags & CO_COROUTINE else value
