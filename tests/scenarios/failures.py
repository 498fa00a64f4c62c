"""The failures of real onboardings, each played under `practice: live`: prevented, detected, explained, or missed.

A file a failure, a case for each way in which it comes about. The run is a human's (human.py); what is said of the
cause is looked for in what the notebooks show, in their order.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import yaml
from cryptography.hazmat.primitives.serialization import Encoding
from human import Human, Mistakes, Seen, another_tenants, metadata_url, without_slash
from live_play import LiveRun, LiveStage, Notebook, at_the_screen
from onboarding import forget_sign_ons, stages_of
from preparations import PREPARATIONS
from pydantic import BaseModel, ConfigDict, Field
from scenario import Moment, Number, Scenario
from scenario import load as load_scenario
from stage import Stage
from starlette.types import ASGIApp, Receive, Scope, Send
from test_wrong_settings import ROWS

from flexsso_helpers.plan import Evidence, Finding
from flexsso_helpers.rehearsal.directory.credentials import build_certificate
from flexsso_helpers.rehearsal.server import seed as company
from flexsso_helpers.rehearsal.world.world import World

HERE = Path(__file__).parent
Verdict = Literal["prevented", "detected", "explained", "missed"]
ORDER: tuple[Verdict, ...] = ("prevented", "detected", "explained", "missed")
SIGN_ON = "08"


class Case(BaseModel):
    """One way in which a failure comes about, and what is expected of the runbook.

    `of` takes over another scenario's file; `wrong` a setting of test_wrong_settings by the name of its row, in a
    tenant where everybody has to sign on again. `sign_in_error` is what Entra answers whoever runs the notebooks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: str = ""
    wrong: str = ""
    before: Moment | None = None
    seed: list[str] = []
    days_later: float = 0
    quirks: dict[str, str] = {}
    parameters: dict[str, Any] = {}
    mistakes: str = ""
    signs_in: str = ""
    sign_in_error: int = 0
    approve: list[str] = []
    verdict: Verdict
    notebook: Number | None = None
    """Where the cause is told to be mended."""
    says: list[str] = []


class Failure(BaseModel):
    """One row of the table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    title: str
    cases: list[Case] = Field(min_length=1)


@dataclass(frozen=True)
class Told:
    """One thing that a notebook showed: where, what, and whether it says that something is not as it should be."""

    at: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a case."""

    verdict: Verdict
    where: str = ""
    sentence: str = ""


def classified(case: Case, told: list[Told], *, proved: bool) -> Outcome:
    """What a run came to. Pure.

    Prevented: everybody's sign-on is proved although the cause was there. Detected: told before a sign-on. Explained:
    told by the sign-on. Missed: the cause is told nowhere, or not with the notebook that mends it.
    """
    for each in told:
        if case.says and all(words in each.words for words in case.says) and _names(case, each):
            return Outcome(
                verdict="explained" if each.at == SIGN_ON else "detected", where=each.at, sentence=each.words
            )
    if proved and case.verdict == "prevented":
        return Outcome(verdict="prevented", where=case.notebook or "")
    return Outcome(verdict="missed", sentence="; ".join(each.words for each in told)[-400:])


def _names(case: Case, told: Told) -> bool:
    """Whether the notebook that mends it is named, or is the one that speaks."""
    return (
        case.notebook is None or told.at == case.notebook or re.search(rf"\b{case.notebook}\b", told.words) is not None
    )


def everything_told(run: "Watched") -> list[Told]:
    """What the notebooks said, in their order."""
    told = [Told(each.section, _words(finding)) for each in run.shown for finding in each.findings if _open(finding)]
    if run.error is not None:
        told.append(Told(run.at, str(run.error)))
    return told


def _open(finding: Finding) -> bool:
    """Not as it should be, and visible as such: what merely is not known says nothing of a cause unless it says why."""
    return finding.state in ("wrong", "waiting") or (finding.state == "unknown" and finding.level != "info")


def _words(finding: Finding) -> str:
    return f"{finding.title}: {finding.received}. {finding.fix}"


class Watched(LiveRun):
    """A run that keeps what each notebook showed, and where it stopped."""

    def __init__(self, human: Human) -> None:
        super().__init__(human)
        self.shown: list[Evidence] = []
        self.at = "00"

    async def _work_through(self, notebook: Notebook) -> None:
        self.at = notebook.number
        try:
            await super()._work_through(notebook)
        finally:
            if notebook.evidence is not None:
                self.shown.append(notebook.evidence)


def proved(run: Watched, world: World) -> bool:
    """Whether the run ended with sign-ons, each proved, and Flex has really let in everybody who signed on."""
    last = run.shown[-1] if run.shown else None
    if run.error is not None or last is None or last.section != SIGN_ON or last.outcome not in (0, 2):
        return False
    signed_on = [each for each in last.findings if each.title.startswith("Sign-on of")]
    let_in = bool(run.human.seen) and all(each.signed_in for each in run.human.seen.values())
    counted = world.writes()["sign_ins"] >= len(run.human.seen)
    return bool(signed_on) and all(each.state == "holds" for each in signed_on) and let_in and counted


@dataclass
class Refusing:
    """The application, whose token endpoint refuses whoever signs in."""

    app: ASGIApp
    number: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not (scope["type"] == "http" and str(scope["path"]).endswith("/oauth2/v2.0/token")):
            await self.app(scope, receive, send)
            return
        words = f"AADSTS{self.number}: refused. Trace ID: f1e55000-0000-4000-8000-000000000099"
        body = {"error": "interaction_required", "error_description": words, "error_codes": [self.number]}
        header = (b"content-type", b"application/json")
        await send({"type": "http.response.start", "status": 400, "headers": [header]})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def _another_certificate(world: World, _given: str) -> str:
    now = world.clock.now
    made = build_certificate(world, "another", start=now - 86400.0, end=now + 86400.0 * 300)
    return made.public_bytes(Encoding.PEM).decode()


def _the_page(seen: Mapping[str, Seen], user: str) -> str:
    return seen[user].words


MISTAKES: Mapping[str, Callable[[World], Mistakes]] = {
    "": lambda _world: Mistakes(),
    "another certificate": lambda world: Mistakes(certificate=partial(_another_certificate, world)),
    "issuer without slash": lambda _world: Mistakes(issuer=without_slash),
    "metadata address": lambda _world: Mistakes(sso_url=metadata_url),
    "another tenant": lambda _world: Mistakes(sso_url=another_tenants),
    "another certificate, page pasted": lambda world: Mistakes(
        certificate=partial(_another_certificate, world), given=_the_page
    ),
}


def load(path: Path) -> Failure:
    """A file of failures/."""
    return Failure.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))


def files() -> list[Path]:
    """All of them, by number."""
    return sorted((HERE / "failures").glob("*.yaml"))


def played(case: Case, worlds: Mapping[str, World], folder: Path) -> Outcome:
    """The case, from its world to what came of it."""
    scenario = load_scenario(HERE / "files" / f"{case.of}.yaml") if case.of else None
    world = _world(case, scenario, worlds)
    parameters = (scenario.parameters if scenario else {}) | case.parameters
    if case.signs_in:
        parameters = parameters | {"sign_in": {"method": "device_code", "user": case.signs_in}}
    stage = LiveStage(folder, world=world, changes=parameters)
    if case.sign_in_error:
        stage.app = Refusing(stage.app, case.sign_in_error)
    human = Human(stage, mistakes=MISTAKES[case.mistakes](world))
    human.user = case.signs_in or human.user
    run = Watched(human)
    asyncio.run(_go(case, scenario, stage, run))
    return classified(case, everything_told(run), proved=proved(run, world))


def _world(case: Case, scenario: Scenario | None, worlds: Mapping[str, World]) -> World:
    if scenario:
        scenario = scenario.model_copy(update={"quirks": scenario.quirks | case.quirks})
        return scenario.world(worlds)
    world = World(worlds[case.before or ("09" if case.wrong else "01")].store.copy(), quirks=case.quirks)
    if case.wrong:
        forget_sign_ons(world)
        next(row for row in ROWS if row.name == case.wrong).spoil(world)
    if case.days_later:
        world.advance(case.days_later * 86400.0)
    if case.signs_in:
        company.administrators(world)
    return world


async def _go(case: Case, scenario: Scenario | None, stage: LiveStage, run: Watched) -> None:
    for name in (*(scenario.seed if scenario else ()), *case.seed):
        await PREPARATIONS[name](stage)

    async def by_hand(number: str) -> None:
        for name in scenario.meanwhile.get(number, ()) if scenario else ():  # type: ignore[call-overload]
            await PREPARATIONS[name](stage)

    with at_the_screen(stage, run.human):
        await run.go(stage, [*(scenario.approve if scenario else ()), *case.approve], by_hand)


def worst(outcomes: list[Outcome]) -> Outcome:
    """A failure is as well met as its worst case."""
    return max(outcomes, key=lambda each: ORDER.index(each.verdict))


def table(worlds: Mapping[str, World] | None = None) -> list[tuple[Failure, Outcome, bool]]:
    """Each failure, what came of its worst case, and whether each case came out as its file says."""
    with tempfile.TemporaryDirectory() as folder:
        begun = worlds or stages_of(Stage(Path(folder) / "begun"))
        return [_row(load(path), begun, Path(folder)) for path in files()]


def _row(failure: Failure, worlds: Mapping[str, World], folder: Path) -> tuple[Failure, Outcome, bool]:
    outcomes = []
    for number, case in enumerate(failure.cases):
        place = folder / f"{failure.number:02d}-{number}"
        place.mkdir()
        outcomes.append(played(case, worlds, place))
    expected = [case.verdict for case in failure.cases] == [each.verdict for each in outcomes]
    return failure, worst(outcomes), expected
