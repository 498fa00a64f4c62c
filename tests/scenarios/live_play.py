"""The notebooks' own cells played under `practice: live`, in this process, with a human in front of them."""

import ast
import contextlib
import inspect
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from human import Human, Screen
from onboarding import open_settings
from scenario import Scenario
from scenario_play import SMALL, Run, nobody, play, readable
from stage import PROJECT, Stage

import flexsso_helpers
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.graph import KeptSignIn
from flexsso_helpers.parameters import Tenant, load
from flexsso_helpers.plan import WAITING, Evidence, Plan
from flexsso_helpers.session.tenant_values import TenantValues

NUMBERS = ("00", "01", "02", "03", "04", "05", "06", "07", "08")
LOOK = "plan = await "
LIVE = {"practice": "live", "apply": False}
TIMES = 3
"""How many times the requests of a run without anybody: each notebook opens a session, and some are run again."""


class LiveStage(Stage):
    """A stage whose tenant's file says `practice: live`: a file of its own, written to as a live tenant's is."""

    @property
    def file(self) -> Path:
        """The tenant's file."""
        return self.folder / "rehearsal.yaml"

    def _tenant(self) -> tuple[Tenant, Path | None]:
        if not self.file.exists():
            self.changes = {**self.changes, **LIVE}
            given, _ = super()._tenant()  # what earlier runs noted lies with the rehearsal; live it stands in the file
            tenant = TenantValues(given, None, self.rehearsal_client).tenant()
            users = tenant.assignments.users if not tenant.assignments.csv else ()
            values = tenant.model_dump(mode="json", exclude_none=True)
            values["assignments"]["users"] = [each.model_dump(mode="json") for each in users]
            self.file.write_text(yaml.safe_dump({"tenant": values}, sort_keys=False, allow_unicode=True), "utf-8")
        return load(self.file), self.file


class Notebook:
    """One notebook's code cells, run as a kernel runs them, each shown to the human."""

    def __init__(self, number: str, human: Human) -> None:
        [path] = (PROJECT / "notebooks").glob(f"{number}_*.ipynb")
        cells = json.loads(path.read_text("utf-8"))["cells"]
        self.sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        self.look = next((at for at, source in enumerate(self.sources) if source.startswith(LOOK)), 0)
        self.number, self.human, self.names = number, human, dict[str, Any]()
        self.planned: Plan | None = None
        self.evidence: Evidence | None = None

    async def run(self, since: int = 0) -> None:
        """Run All, or from the Look cell on. Raises what a cell raises."""
        for source in self.sources[since:]:
            shown = await _cell(source, self.names)
            if shown is None:
                continue
            self.human.looks_at(shown)
            if isinstance(shown, Plan | Evidence):
                readable(shown)
            if source.startswith(LOOK) and self.planned is None:
                self.planned = shown
            if isinstance(shown, Evidence):
                self.evidence = shown

    async def work_through(self) -> None:
        """Run All; where a person is awaited do that, and run it again from the Look cell on."""
        await self.run()
        if self.evidence is None or (self.evidence.outcome != WAITING and not self._pending()):
            return
        deeds: dict[str, Callable[[], bool]] = {
            "02": self.human.copies,
            "08": self.human.signs_everybody_on,
        }
        if self.number in deeds and deeds[self.number]():
            await self.run(self.look)

    def _pending(self) -> bool:
        return self.number == "02" and self.planned is not None and "known after Flex" in str(self.planned.changes)


class LiveRun(Run):
    """All notebooks, once, with a human."""

    def __init__(self, human: Human) -> None:
        super().__init__()
        self.human = human

    async def go(self, stage: Stage, approve: list[str], before: Callable[[str], Awaitable[None]]) -> "LiveRun":
        """Until the last notebook, or the first error."""
        self.human.approves = tuple(approve)
        try:
            for number in NUMBERS:
                if number != "00":
                    await before(number)
                await self._work_through(Notebook(number, self.human))
            await before("09")
        except FlexSSOError as error:
            self.error = error
        return self

    async def _work_through(self, notebook: Notebook) -> None:
        try:
            await notebook.work_through()
        finally:
            if notebook.planned is not None:
                self.planned[notebook.number] = open_settings(notebook.planned)
            if notebook.evidence is not None and notebook.number != "00":
                self.evidence.append(notebook.evidence)


@contextlib.contextmanager
def at_the_screen(stage: Stage, human: Human) -> Iterator[None]:
    """Notebooks open this stage's tenant, and what is printed is read by the human."""

    async def opened(_tenant: Any, *, apply: bool | None = None) -> Any:
        return await stage.open(apply=apply)

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(Screen(human)):
        patch.setattr(flexsso_helpers, "open", opened)
        # Each session asks for a code, whatever this machine has; and its keychain is left alone.
        patch.setattr(KeptSignIn, "_can_be_kept", lambda _self: False)
        yield


async def run_live(stage: LiveStage, human: Human | None = None, approve: tuple[str, ...] = ()) -> LiveRun:
    """00 to 08 with this human, by default one without mistakes."""
    human = human or Human(stage)
    with at_the_screen(stage, human):
        return await LiveRun(human).go(stage, list(approve), nobody)


async def play_live(stage: LiveStage, scenario: Scenario) -> None:
    """A scenario as its file tells it, the first run by a human; the second one is a night's, which only signs in."""
    human = Human(stage)
    with at_the_screen(stage, human):
        await play(stage, scenario, lambda: LiveRun(human), TIMES * SMALL)


async def _cell(source: str, names: dict[str, Any]) -> Any:
    """The value of the cell's last expression, as a kernel would display it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    await _evaluated(compile(tree, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    return await _evaluated(compile(ast.Expression(last.value), "cell", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)


async def _evaluated(code: Any, names: dict[str, Any]) -> Any:
    value = eval(code, names)  # the cells of our own notebooks
    return await value if inspect.iscoroutine(value) else value
