"""Every card that a session shows, in every state: the notebooks' own cells, over stages of several tenants.

What a cell leaves as its last value, and what it shows on the way, is kept as HTML under `<state>-<notebook>-<cell>`.
"""

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import CO_COROUTINE
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

import nbformat
from other_shapes import other_shapes
from preparations import PREPARATIONS
from stage import PROJECT, Stage

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.views.errors_html import error_card

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("[02]*.ipynb"))
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
    """A tenant as it is found, and whether its changes are approved."""

    seed: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    apply: bool = False


STATES: Mapping[str, State] = {
    "planned": State(),
    "made": State(apply=True),
    "found": State(
        ("application_made_by_hand", "certificate_from_the_admin_center", "second_certificate", "foreign_notification"),
        {
            "flex": {"self_hosted": [LONG_PATH], "landing": LONG_PATH, "connection": CONNECTION},
            "assignments": {"exact": True},
        },
    ),
    "nobody": State(changes={"assignments": {"users": [], "groups": []}, "test_sign_ons": []}, apply=True),
}


async def every_card(folder: Path) -> dict[str, str]:
    """All of them by name, as HTML."""
    cards: dict[str, str] = {}
    for name, state in STATES.items():
        (folder / name).mkdir()
        stage = Stage(folder / name, changes=state.changes)
        for each in state.seed:
            await PREPARATIONS[each](stage)
        for path in NOTEBOOKS:
            await _notebook(stage, path, state, f"{name}-{path.stem[:2]}", cards)
    for number, cell in enumerate(other_shapes().cells):
        cards[f"other-{number}"] = cell.outputs[0].data["text/html"]
    return cards


async def _notebook(stage: Stage, path: Path, state: State, name: str, cards: dict[str, str]) -> None:
    """The cells of one notebook in their order; one that raises leaves its error card, as in JupyterLab."""

    async def opened(_tenant: str, *, apply: bool | None) -> Any:
        return await stage.open(apply=state.apply)

    for cell in nbformat.read(path, 4).cells:  # type: ignore[no-untyped-call]
        if cell.cell_type != "code":
            continue
        if cell.id == "parameters":
            names: dict[str, Any] = {}
        shown: list[Any] = []
        names["display"] = shown.append
        with patch("flexsso_helpers.open", opened), patch("flexsso_helpers.sections.step.show", shown.append):
            try:
                shown.append(await _run(cell.source, names))
            except FlexSSOError as error:
                shown.append(error_card(error.parts, error.title))
            except NameError:
                return  # what an earlier cell could not make
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
