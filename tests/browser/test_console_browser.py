"""A person at a real browser: Console is set up by its labels, somebody signs on, and every page can be read and used.

The pictures are kept under `runs/pictures/`, each page in light and dark, for whoever wants to look.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from installed import needs_chromium
from onboarding import STEPS
from playwright.sync_api import Browser, BrowserContext, Page
from serving import serving
from stage import PROJECT, Stage, through

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE, FLEX_UI
from flexsso_helpers.rehearsal.world.store import Store
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.flex_console import step as flex_console
from flexsso_helpers.wire import RehearsalClient

pytestmark = [pytest.mark.browser, pytest.mark.full, needs_chromium]

PICTURES = PROJECT / "runs" / "pictures"

# Every text's contrast with what lies behind it, and everything that can be operated without a name.
UNREADABLE = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c }
    return [255, 255, 255] };
  const bad = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.tagName === "SCRIPT" || !e.getClientRects().length) continue;
    const pair = [parse(getComputedStyle(e).color), behind(e)].map(light).sort((a, b) => b - a);
    const ratio = (pair[0] + .05) / (pair[1] + .05);
    if (ratio < 4.5) bad.push(`${e.tagName} ${e.textContent.trim().slice(0, 40)} ${ratio.toFixed(2)}`);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), textarea"))
    if (!e.labels.length) bad.push(`no label: ${e.name}`);
  if (document.documentElement.scrollWidth > innerWidth) bad.push("wider than the window");
  return bad;
}"""


@dataclass
class Served:
    """A rehearsal at a port, with what the notebooks 01 to 05 and 07 did, and the three values of 06."""

    client: RehearsalClient
    certificate: str
    issuer: str
    sso_url: str

    def face(self, url: str) -> str:
        """Where a browser finds this page."""
        return self.client.face(url)

    def wait_days(self, days: int) -> None:
        """Let days go by."""
        self.client.advance(days * 86400)


async def _configure(stage: Stage) -> flex_console.State:
    session = await stage.open()
    for number in ("01", "02", "03", "04", "05", "07"):
        await through(session, STEPS[number])
    return await flex_console.read(session)


@pytest.fixture(scope="module")
def configured_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, flex_console.State]:
    world = World()
    stage = Stage(tmp_path_factory.mktemp("configured"), world=world)
    with ThreadPoolExecutor(1) as apart:  # this thread's event loop belongs to playwright
        state = apart.submit(lambda: asyncio.run(_configure(stage))).result()
    world.advance(600.0)
    return world.store, state


@pytest.fixture
def served(configured_store: tuple[Store, flex_console.State], tmp_path: Path) -> Iterator[Served]:
    store, state = configured_store
    with serving(store, tmp_path) as found:
        client = RehearsalClient(folder=tmp_path, port=found["port"], nonce=found["nonce"])
        yield Served(client, state.certificate_pem, state.issuer, state.sso_url)


@pytest.fixture
def window(chromium: Browser, served: Served) -> Iterator[BrowserContext]:
    """A private window that can reach the rehearsal and nothing else."""
    context = chromium.new_context(
        viewport={"width": 900, "height": 700}, permissions=["clipboard-read", "clipboard-write"]
    )
    strangers: list[str] = []

    def stop(route: object, request: object) -> None:
        url = str(request.url)  # type: ignore[attr-defined]
        if url.startswith(f"{served.client.home}/"):
            route.continue_()  # type: ignore[attr-defined]
        else:
            strangers.append(url)
            route.abort()  # type: ignore[attr-defined]

    context.route("**/*", stop)
    yield context
    context.close()
    assert strangers == []


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Judge a page as it stands, light and dark, and keep both pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def judge(page: Page, name: str) -> None:
        assert page.locator("h1").count() == 1
        assert page.locator("text=REHEARSAL").first.is_visible()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert page.evaluate(UNREADABLE) == [], (name, scheme)
            found = Axe().run(page).response["violations"]
            assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == [], (name, scheme)
            page.screenshot(path=PICTURES / f"{name}-{scheme}.png", full_page=True)

    return judge


def heading(page: Page) -> str:
    return str(page.locator("h1").inner_text())


def arrives(page: Page, title: str) -> None:
    """Wait for the page with this heading."""
    page.get_by_role("heading", level=1, name=title, exact=True).wait_for()


def press(page: Page, button: str) -> None:
    """Press a button that leads to a page, and wait for that."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def fill_in(page: Page, served: Served) -> None:
    """The three values, where their labels are, and a name."""
    page.get_by_label("Friendly Name").fill("Microsoft Entra ID")
    page.get_by_label("X.509 Certificate").fill(served.certificate)
    page.get_by_label("Identity Provider Issuer").fill(served.issuer)
    page.get_by_label("Single Sign-On URL").fill(served.sso_url)


def test_a_person_sets_up_console_and_signs_on(
    window: BrowserContext, served: Served, look: Callable[[Page, str], None]
) -> None:
    page = window.new_page()
    page.goto(served.face(CONSOLE_SSO_PAGE))
    assert heading(page) == "Set up your identity provider"
    look(page, "01-set-up")
    page.get_by_role("button", name="Copy ACS URL").click()
    page.get_by_role("status").get_by_text("Copied ACS URL").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#acs-url").inner_text()
    press(page, "Save and continue")
    assert page.get_by_role("alert").inner_text() == "Tick the box when your identity provider has both values."
    look(page, "02-set-up-not-ticked")
    page.get_by_label("I have updated my identity provider").check()
    press(page, "Save and continue")
    assert heading(page) == "Enter identity provider data"
    look(page, "03-identity-provider-data")
    page.get_by_label("Trusted URLs").fill("https://*.example.com")
    press(page, "Save")
    assert "wildcards" in page.get_by_role("alert").inner_text()
    look(page, "04-identity-provider-data-refused")
    page.get_by_label("Trusted URLs").fill("http://localhost:3000")
    page.get_by_label("Default Redirect URL").fill(f"{FLEX_UI}/contoso-1234")
    fill_in(page, served)
    press(page, "Save")
    assert heading(page) == "Single sign-on (SSO)"
    assert page.locator("#issuer").inner_text() == served.issuer
    assert page.locator("#trusted-urls").inner_text() == f"http://localhost:3000 {FLEX_UI}/contoso-1234"
    look(page, "05-overview")
    press(page, "Edit identity provider data")
    assert page.get_by_label("X.509 Certificate").input_value() == ""
    look(page, "06-edit")
    page.get_by_role("link", name="Cancel").click()
    arrives(page, "Single sign-on (SSO)")

    with window.expect_page() as opened:
        page.get_by_role("link", name=f"{FLEX_UI}/contoso-1234").click()
    flex = opened.value
    arrives(flex, "Sign in to your account")
    look(flex, "07-sign-in")
    flex.get_by_label("User name").fill("bo.agent@contoso.com")
    press(flex, "Sign in")
    arrives(flex, "Signed in to Flex")
    assert flex.locator("#roles").inner_text() == "agent"
    assert flex.locator("#full-name").inner_text() == "Bo Agent"
    look(flex, "08-signed-in")


def test_somebody_who_is_not_assigned_is_told_so(
    window: BrowserContext, served: Served, look: Callable[[Page, str], None]
) -> None:
    page = window.new_page()
    page.goto(served.face(FLEX_UI) + "/contoso-1234")
    assert "has not been configured" in page.get_by_role("alert").inner_text()
    look(page, "09-not-configured")
    page.goto(served.face(CONSOLE_SSO_PAGE))
    page.get_by_label("I have updated my identity provider").check()
    press(page, "Save and continue")
    fill_in(page, served)
    press(page, "Save")
    page.goto(served.face(FLEX_UI) + "/contoso-1234")
    page.get_by_label("User name").fill("rhea.reader@contoso.com")
    press(page, "Sign in")
    assert "AADSTS50105" in page.get_by_role("alert").inner_text()
    look(page, "10-not-assigned")
    page.goto(served.face("https://microsoft.com/devicelogin"))
    look(page, "11-device-code")


def test_the_keyboard_alone_is_enough_and_no_script_is_needed(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.face(CONSOLE_SSO_PAGE))
    assert page.get_by_role("button", name="Copy").count() == 0  # without script there is nothing to press
    keys = page.keyboard
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    arrives(page, "Enter identity provider data")
    for text in ("Microsoft Entra ID", served.certificate, served.issuer, served.sso_url):
        keys.press("Tab")
        keys.insert_text(text)
    keys.press("Enter")
    page.locator("#login-link").wait_for()
    page.goto(served.face(FLEX_UI) + "/contoso-1234")
    arrives(page, "Sign in to your account")
    keys.press("Tab")
    keys.insert_text("sol.supervisor@contoso.com")
    keys.press("Enter")
    arrives(page, "Signing you in")
    keys.press("Tab")
    keys.press("Enter")
    arrives(page, "Signed in to Flex")
    assert page.locator("#roles").inner_text() == "supervisor"
    context.close()


def test_a_person_migrates_from_legacy_and_goes_back(
    window: BrowserContext, served: Served, look: Callable[[Page, str], None]
) -> None:
    page = window.new_page()
    page.goto(served.face(CONSOLE_SSO_PAGE))
    page.get_by_role("link", name="practise the change from Legacy").click()
    arrives(page, "Practise the change from Legacy")
    look(page, "20-practice")
    press(page, "Put this account on Legacy")
    assert page.get_by_role("heading", name="New SSO Solution Available").is_visible()
    look(page, "21-legacy")
    press(page, "Start setup")
    look(page, "22-choose")
    press(page, "Create new SSO connection")
    look(page, "23-create-new")
    page.get_by_label("I have updated my identity provider").check()
    press(page, "Save and continue")
    fill_in(page, served)
    press(page, "Save")
    assert heading(page) == "Validate the new SSO connection"
    look(page, "24-validate")
    with window.expect_page() as opened:
        page.locator("#login-link").click()
    opened.value.get_by_label("User name").fill("bo.agent@contoso.com")
    press(opened.value, "Sign in")
    arrives(opened.value, "Signed in to Flex")
    press(page, "Finish")
    look(page, "25-finished")
    page.get_by_role("link", name="The Legacy connection").click()
    arrives(page, "Legacy single sign-on")
    look(page, "26-legacy-kept")
    served.wait_days(20)
    press(page, "Switch back to Legacy")
    assert page.get_by_role("heading", name="New SSO Solution Available").is_visible()
    press(page, "Start setup")
    press(page, "Modify existing SSO connection")
    page.get_by_label("I have updated my identity provider").check()
    press(page, "Save and continue")
    assert heading(page) == "Validate the new SSO connection"
    press(page, "Finish")
    served.wait_days(31)
    page.get_by_role("link", name="The Legacy connection").click()
    arrives(page, "Legacy single sign-on")
    assert page.get_by_role("button", name="Switch back to Legacy").count() == 0
    look(page, "27-legacy-gone")
