"""A sign-on capture on this machine: what the plan says, what is judged, and that the second reply URL goes again."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from onboarding import application, change_application, change_policy
from stage import Stage, approved

from flexsso_helpers.errors import NotProven, ParametersError
from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.capture_url import sweep
from flexsso_helpers.sections.sign_on import capture

ADA = "ada.admin@contoso.com"
LEFT = f"http://localhost:4321/flexsso/{'a' * 32}"


def urls(world: World) -> list[str]:
    return list(application(world)["web"]["redirectUris"])


@pytest.fixture
def stage(configured: Stage) -> Stage:
    return configured


def test_a_sign_on_comes_to_this_machine_is_judged_and_the_reply_url_is_gone(stage: Stage) -> None:
    async def capture_once() -> None:
        session = await stage.open()
        before = application(stage.world)
        plan = await capture.plan(session, ADA)
        url = str(plan.open[0].should_be)
        assert await asyncio.to_thread(lambda: urls(stage.world)) == [before["defaultRedirectUri"]]
        applied = await capture.apply(session, plan, approved(plan, capture.SETTING))
        assert [change.setting for change in applied.made] == [capture.SETTING]
        evidence = await capture.verify(session)
        assert not evidence.failed
        received = {finding.title: finding.received for finding in evidence.findings}
        assert received["Worker in Flex"] == "Flex did not see this response"
        after = application(stage.world)
        assert (after["web"], after["defaultRedirectUri"]) == (before["web"], before["defaultRedirectUri"])
        found = await find(session)
        assert found is not None
        assert found.principal["replyUrls"] == [before["defaultRedirectUri"]]
        ledger = (session.folder / "ledger.jsonl").read_text("utf-8")
        assert f"Capture: response {received['SHA-256 of the response']}, accepted" in ledger
        written = [
            json.loads(line)["body"]["web"]["redirectUris"] for line in ledger.splitlines() if '"intent"' in line
        ]
        assert written == [[before["defaultRedirectUri"], url], [before["defaultRedirectUri"]]]

    asyncio.run(capture_once())


def test_no_start_of_a_run_approves_it(stage: Stage) -> None:
    async def capture_once() -> None:
        session = await stage.open(apply=True)
        plan = await capture.plan(session, ADA)
        before = stage.writes
        applied = await capture.apply(session, plan, session.approval(plan))
        assert not applied.made
        assert stage.writes == before

    asyncio.run(capture_once())


def test_it_is_off_unless_somebody_is_named_and_then_reads_and_writes_nothing(stage: Stage) -> None:
    async def off() -> None:
        session = await stage.open()
        before = session.rehearsal_client.status() if session.rehearsal_client else {}
        plan = await capture.plan(session)
        applied = await capture.apply(session, plan, session.approval(plan))
        evidence = await capture.verify(session)
        assert (plan.open, applied.made, evidence.outcome) == ((), (), 0)
        assert evidence.verdict == "nothing to prove"
        assert [(each.state, each.received) for each in evidence.findings] == [("unknown", "off")]
        assert session.rehearsal_client is not None
        assert session.rehearsal_client.status()["writes"] == before["writes"]

    asyncio.run(off())


def test_somebody_who_is_no_test_user_is_named_with_the_choice(stage: Stage) -> None:
    async def other() -> None:
        with pytest.raises(ParametersError, match=r"eve@contoso\.com"):
            await capture.plan(await stage.open(), "eve@contoso.com")

    asyncio.run(other())


def test_before_02_it_waits_for_the_reply_url_of_flex(stage: Stage) -> None:
    change_application(stage.world, defaultRedirectUri=None)

    async def early() -> None:
        plan = await capture.plan(await stage.open(), ADA)
        assert plan.open[0].pending

    asyncio.run(early())


def test_a_tenant_that_refuses_such_a_url_gets_the_paste_form(proved_world: World, tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=World(proved_world.store.copy(), quirks={"localhost_reply_url": "refused"}))

    async def refused() -> None:
        session = await stage.open()
        before = urls(stage.world)
        plan = await capture.plan(session, ADA)
        applied = await capture.apply(session, plan, approved(plan, capture.SETTING))
        assert not applied.made
        assert "Paste the response" in applied.why_not
        assert urls(stage.world) == before
        evidence = await capture.verify(session)
        assert evidence.outcome == 3
        assert evidence.findings[0].received == "this tenant takes no reply URL on localhost"

    asyncio.run(refused())


class Absent(PersonAtTheConsole):
    """Somebody who closes the browser half way."""

    human = False

    def __init__(self, then: Callable[[], Awaitable[None]] | None = None) -> None:
        super().__init__("ada")
        self.then = then

    async def answer_request(self, link: str, user: str, reply_url: str) -> None:
        if self.then:
            await self.then()


def test_when_nobody_comes_back_the_reply_url_is_gone_all_the_same(stage: Stage) -> None:
    async def closed() -> None:
        session = await stage.open()
        session.person = Absent()
        before = urls(stage.world)
        plan = await capture.plan(session, ADA, limit=0.1)
        await capture.apply(session, plan, approved(plan, capture.SETTING))
        assert urls(stage.world) == before
        assert (await capture.verify(session)).findings[0].received == "no response came within five minutes"

    asyncio.run(closed())


def test_an_interrupted_cell_removes_it_too(stage: Stage) -> None:
    async def interrupted() -> None:
        session = await stage.open()
        there, before = asyncio.Event(), urls(stage.world)

        async def arrive() -> None:
            there.set()

        session.person = Absent(arrive)
        plan = await capture.plan(session, ADA)
        task = asyncio.ensure_future(capture.apply(session, plan, approved(plan, capture.SETTING)))
        await there.wait()
        assert len(urls(stage.world)) == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert urls(stage.world) == before

    asyncio.run(interrupted())


def leave(world: World, *further: str) -> list[str]:
    """What a capture left whose kernel was killed, and what others have there."""
    before = urls(world)
    kept: dict[str, Any] = {**application(world)["web"], "redirectUris": [*before, *further, LEFT]}
    kept["redirectUriSettings"] = [{"uri": url, "index": index} for index, url in enumerate(kept["redirectUris"])]
    change_application(world, web=kept)
    return [*before, *further]


def test_the_next_open_sweeps_what_a_dead_kernel_left_and_nothing_else(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = leave(stage.world, "http://localhost:4321/flexsso/other")

    async def opened() -> None:
        session = await stage.open(apply=True)
        await sweep(session)
        assert urls(stage.world) == kept
        said = capsys.readouterr().out
        assert "removed" in said
        assert "not removed" not in said
        assert "Swept 1 reply URL" in (session.folder / "ledger.jsonl").read_text("utf-8")
        before = stage.writes
        await sweep(session)
        assert stage.writes == before

    asyncio.run(opened())


@pytest.mark.parametrize("running", [False, True], ids=["may-not-write", "a-capture-is-running"])
def test_the_next_open_leaves_it_where_it_may_not_write_or_another_is_at_work(
    running: bool, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(stage.world)

    async def opened() -> None:
        session, other = await stage.open(apply=running), await stage.open()
        before = stage.writes
        if running:
            with other.alone():
                await sweep(session)
        else:
            await sweep(session)
            assert "not removed" in capsys.readouterr().out
        assert stage.writes == before
        assert LEFT in urls(stage.world)

    asyncio.run(opened())


@pytest.mark.parametrize("others", [[], ["https://elsewhere.example.com/acs"]], ids=["Flex's alone", "a third one"])
def test_flexs_own_reply_url_beside_it_is_no_reason_to_look(others: list[str], stage: Stage) -> None:
    found = application(stage.world)
    change_application(stage.world, web=found["web"] | {"redirectUris": [*found["web"]["redirectUris"], *others]})

    async def go() -> list[str]:
        session = await stage.open()
        plan = await capture.plan(session, ADA)
        label = session.approval(plan)._repr_mimebundle_()["text/plain"]
        assert label.startswith("Make what is approved by name below in Contoso")
        await capture.apply(session, plan, approved(plan, capture.SETTING))
        evidence = await capture.verify(session)
        return [each.received for each in evidence.findings if each.check == "S78"]

    assert asyncio.run(go()) == others


def test_a_wrong_response_is_judged_as_when_pasted(stage: Stage) -> None:
    change_policy(stage.world, "tokenIssuancePolicy", "TokenIssuancePolicy", TokenResponseSigningPolicy="TokenOnly")

    async def wrong() -> None:
        session = await stage.open()
        plan = await capture.plan(session, ADA)
        await capture.apply(session, plan, approved(plan, capture.SETTING))
        with pytest.raises(NotProven):
            await capture.verify(session)

    asyncio.run(wrong())
