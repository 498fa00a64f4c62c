"""A capture in a real browser: sign-in on 127.0.0.1, the capture on localhost, so rules between sites apply."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import CHROMIUM, needs_chromium
from onboarding import onboard
from playwright.async_api import async_playwright
from serving import TRY_SECONDS, serving
from stage import PROJECT, REHEARSAL, Stage, approved

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.parameters import load
from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.capture_url import urls_of
from flexsso_helpers.sections.sign_on import capture
from flexsso_helpers.session import Session
from flexsso_helpers.session.opening import assemble
from flexsso_helpers.wire import RehearsalClient, Wire

pytestmark = [pytest.mark.browser, pytest.mark.full, needs_chromium]
PICTURES = PROJECT / "runs" / "pictures" / "capture"
ADA = "ada.admin@contoso.com"


class AtChromium(PersonAtTheConsole):
    """Somebody at a browser, who may close it half way."""

    human = False

    def __init__(self, rehearsal_client: RehearsalClient, *, closes: bool) -> None:
        super().__init__("ada")
        self.rehearsal_client, self.closes, self.read = rehearsal_client, closes, ""

    async def answer_request(self, link: str, user: str, reply_url: str) -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            )
            page = await browser.new_page()
            await page.goto(self.rehearsal_client.face_apart(link))
            await page.get_by_label("User name").fill(user)
            if not self.closes:
                await page.get_by_role("button", name="Sign in").click()
                await page.wait_for_url(reply_url)
                self.read = await page.locator("main").inner_text()
                PICTURES.mkdir(parents=True, exist_ok=True)
                for scheme in ("light", "dark"):
                    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                    await page.screenshot(path=PICTURES / f"received-{scheme}.png")
            await browser.close()


@pytest.fixture
def rehearsal_client(tmp_path: Path) -> Iterator[RehearsalClient]:
    """A rehearsal at a port, as it stands after notebook 08."""
    stage = Stage(tmp_path / "stage")
    asyncio.run(onboard(stage))
    stage.world.advance(600.0)
    with serving(stage.world.store, tmp_path) as found:
        yield RehearsalClient(folder=tmp_path, port=found["port"], nonce=found["nonce"])


async def reply_urls(session: Session) -> list[str]:
    found = await find(session)
    assert found is not None
    return urls_of(found.application)


@pytest.mark.parametrize("closes", [False, True], ids=["signs-in", "closes-the-browser"])
def test_the_response_comes_across_sites_and_the_reply_url_is_gone(
    closes: bool, rehearsal_client: RehearsalClient, tmp_path: Path
) -> None:
    async def capture_once() -> None:
        wire = Wire.for_cloud(GLOBAL, rehearsal_client.origin)
        session = await assemble(
            load(REHEARSAL), None, cloud=GLOBAL, wire=wire, rehearsal_client=rehearsal_client, folder=tmp_path / "run"
        )
        try:
            person = session.person = AtChromium(rehearsal_client, closes=closes)
            before = await reply_urls(session)
            plan = await capture.plan(session, ADA, limit=1.0 if closes else TRY_SECONDS)
            await capture.apply(session, plan, approved(plan, capture.SETTING))
            evidence = await capture.verify(session)
            assert await reply_urls(session) == before
            assert len(before) == 1
            if closes:
                assert evidence.findings[0].received == "no response came within five minutes"
            else:
                assert evidence.outcome == 0
                assert "You may close this window." in person.read
        finally:
            await session.graph.sending.adapter._http_client._transport.transport.aclose()

    asyncio.run(capture_once())
