"""One look at all steps: what holds is proved by the checks of its notebook, and nothing after what does not."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from onboarding import STEPS, change_principal, onboard
from stage import Stage

from flexsso_helpers import notebooks
from flexsso_helpers.errors import Refused
from flexsso_helpers.ledger import read_evidence
from flexsso_helpers.plan import Evidence
from flexsso_helpers.sections import converged
from flexsso_helpers.sections.converged import holding, shown

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A tenant after its onboarding, some minutes later."""
    stage = Stage(tmp_path_factory.mktemp("stage"))
    asyncio.run(onboard(stage, apply=True))
    stage.world.advance(600.0)
    return stage


class RoundTrips:
    """The application behind a list of what reaches it, a batch being one."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.graph: list[str] = []
        self.others: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        of_graph = dict(scope["headers"]).get(b"host") == b"graph.microsoft.com"
        said = f"{scope['method']} {ID.sub('*', scope['path'])}"
        (self.graph if of_graph else self.others).append(said)
        await self._app(scope, receive, send)


def copied(stage: Stage, folder: Path) -> Stage:
    return Stage(folder, world=stage.world.copy(), changes=stage.changes)


def looked(stage: Stage, *only: str) -> tuple[list[Evidence], Any]:
    async def go() -> tuple[list[Evidence], Any]:
        session = await stage.open(apply=True, unattended=True)
        return await holding(session, only), session

    return asyncio.run(go())


def test_the_steps_are_those_of_the_notebooks_in_their_order() -> None:
    assert [step.number for step in converged.ALL] == [each.number for each in notebooks.STEPS]


def test_what_holds_is_proved_by_the_checks_of_its_notebook_and_noted(ready: Stage, tmp_path: Path) -> None:
    stage = copied(ready, tmp_path)
    proved, session = looked(stage)
    assert [each.section for each in proved] == list(STEPS)
    assert {each.verdict for each in proved} == {"proved, nothing changed"}
    noted = {each.section: each for each in read_evidence(session.ledger.folder)}
    assert list(noted) == list(STEPS)

    async def as_in_notebooks() -> dict[str, Evidence]:
        session = await stage.open(apply=True)
        return {number: await step.verify(session) for number, step in STEPS.items()}

    by_notebooks = asyncio.run(as_in_notebooks())
    checks = {each.section: {(f.check, f.title, f.state) for f in each.findings} for each in proved}
    assert checks == {number: {(f.check, f.title, f.state) for f in e.findings} for number, e in by_notebooks.items()}


def test_the_second_look_asks_little(ready: Stage, tmp_path: Path) -> None:
    stage = copied(ready, tmp_path)
    looked(stage)
    stage.world.advance(600.0)
    stage.app = heard = RoundTrips(stage.app)
    looked(stage)
    assert heard.graph == [
        "POST /v1.0/$batch",  # who has signed in
        "POST /v1.0/$batch",  # what all nine steps read
        "POST /v1.0/$batch",  # the same, from the 21st address on
        "POST /v1.0/$batch",  # people by name: no disk remembers them
        "GET /beta/servicePrincipals/*/claimsPolicy",  # no batch of v1.0 takes it
        "POST /v1.0/$batch",  # people by id
    ]
    assert len(heard.others) == 18
    assert stage.writes["graph"] == ready.writes["graph"]


@pytest.mark.parametrize(
    ("moved", "first"),
    [
        ({"notificationEmailAddresses": []}, "03"),
        ({"loginUrl": "https://flex.twilio.com/other"}, "02"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else each,
)
def test_nothing_is_said_of_what_comes_after_a_step_that_moved(
    moved: dict[str, Any], first: str, ready: Stage, tmp_path: Path
) -> None:
    stage = copied(ready, tmp_path)
    change_principal(stage.world, **moved)
    proved, _ = looked(stage)
    assert max((each.section for each in proved), default="") < first


def test_a_refusal_ends_the_look_and_not_the_run(ready: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: Any) -> Any:
        raise Refused("Reading it", status=403)

    monkeypatch.setattr(type(converged.ALL[0]), "examine", refused)
    assert looked(copied(ready, tmp_path))[0] == []


def test_only_the_steps_that_are_asked_for(ready: Stage, tmp_path: Path) -> None:
    proved, _ = looked(copied(ready, tmp_path), "04", "05")
    assert [each.section for each in proved] == ["04", "05"]
    text = shown(proved).text
    assert "04 · Attributes and claims" in text
    assert "2 of 9" in text


@pytest.mark.parametrize("number", ["01", "03", "06", "07"])
def test_where_nothing_is_to_do_a_person_who_applies_asks_nothing(number: str, ready: Stage, tmp_path: Path) -> None:
    """A look again is for what is written next; what moved meanwhile is seen by the proof, which reads anew."""
    stage = copied(ready, tmp_path)

    stage.app = heard = RoundTrips(stage.app)

    async def go() -> tuple[list[str], str, Evidence]:
        session = await stage.open(apply=True)
        plan = await STEPS[number].plan(session)
        before = len(heard.graph)
        applied = await STEPS[number].apply(session, plan, session.approval(plan))
        return heard.graph[before:], applied.why_not, await STEPS[number].verify(session)

    asked, why_not, evidence = asyncio.run(go())
    assert (asked, why_not) == ([], "there was nothing to do")
    assert evidence.verdict == "proved, nothing changed"
