"""The whole onboarding as a person goes through it: `flexsso guide`, JupyterLab, the rehearsal's pages beside it.

Pictures of every step are kept under `runs/pictures/guide/`. Nothing but this machine is asked for anything.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from installed import CHROMIUM, QUIET, needs_chromium
from jupyterlab_walk import PROJECT, USUAL, Notebook, guided
from playwright.sync_api import BrowserContext, Locator, Page, Request, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.kernel,
    pytest.mark.full,
    needs_chromium,
]

ADA, SOL, BO = "ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com"
ROLES = {ADA: "admin", SOL: "supervisor", BO: "agent"}
PICTURES = PROJECT / "runs" / "pictures" / "guide"
ALONE = (*QUIET, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1")


@pytest.fixture
def window() -> Iterator[BrowserContext]:
    """A browser window that may ask this machine only."""
    strangers: list[str] = []

    def note(request: Request) -> None:
        if not re.match(r"(http://(localhost|127\.0\.0\.1):|blob:|data:)", request.url):
            strangers.append(request.url)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        context = browser.new_context(viewport=USUAL, permissions=["clipboard-read", "clipboard-write"])
        context.on("request", note)
        yield context
        browser.close()
    assert strangers == []


def words(cell: Locator) -> str:
    """What a cell says, blanks of any kind as one."""
    return " ".join(cell.inner_text().split())


def press(page: Page, button: str) -> None:
    """Press a button that leads to a page, and wait for that."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


class Walk(Notebook):
    """One person, from 00 to 08."""

    def sign_in(self) -> None:
        """Run *Open the tenant*: the code it prints is typed into the page it names."""
        cell = self.start("await flexsso.open(")
        said = cell.locator(".jp-OutputArea-output", has_text="type the code")
        said.wait_for()
        code = re.search(r"type the code (\w+)", said.inner_text())
        assert code is not None
        if self.name == "00":
            self.picture("00-open-asks")
        page = self.beside(said.get_by_role("link"))
        page.get_by_label("Code", exact=True).fill(code[1])
        page.get_by_label("User name").fill(ADA)
        if self.name == "00":
            page.screenshot(path=self.pictures / "00-sign-in-page.png")
        press(page, "Sign in")
        page.get_by_role("heading", name="You have signed in").wait_for()
        page.close()
        self.done(cell)
        assert "Signed in as" in words(cell)
        if self.name == "00":
            self.picture("00-open", cell)

    def open(self) -> None:
        """Parameters, and the sign-in."""
        cell = self.run("tenant = ")
        assert 'tenant = "practice"' in words(cell)
        self.sign_in()

    def look(self) -> Locator:
        """The plan."""
        cell = self.run(".plan(session)")
        self.picture(f"{self.name}-plan", cell)
        return cell

    def change(self, tick: bool = True, by_keyboard: bool = False) -> None:
        """Tick the box and make the changes; without the tick nothing is made."""
        box = self.run("session.approval(plan)")
        for each in box.get_by_role("checkbox").all():
            assert not each.is_checked()
            if by_keyboard:
                self.page.keyboard.press("ArrowUp")
                self.page.keyboard.press("ArrowUp")
                self.tab_to(each)
                self.page.keyboard.press("Space")
                assert each.is_checked()
            elif tick:
                each.check()
        self.picture(f"{self.name}-approval", box)
        made = self.run(".apply(session, plan, approval)")
        self.picture(f"{self.name}-changes", made)
        assert ("changes made" in words(made) or "change made" in words(made)) is tick, words(made)

    def prove(self, verdict: str = "✓ proved", cell_with: str = ".verify(session)") -> None:
        """The proof, without anything red."""
        cell = self.run(cell_with)
        self.picture(f"{self.name}-proof", cell)
        assert verdict in words(cell), words(cell)
        assert "✗" not in words(cell)

    def search(self) -> None:
        """07: everybody by name, and a word that leaves one of them."""
        people = self.run("assignments.assigned_people(session)")
        people.get_by_label("Search").fill("agent bo")
        people.get_by_text("1 of 16 people").wait_for()
        assert "bo.agent@contoso.com" in people.locator("tbody").inner_text()
        self.picture("07-people", people)

    def mistype(self) -> None:
        """03: what the file would refuse is said as one types, and goes away when it is mended."""
        form = self.run("signing.form(session)")
        field = form.get_by_label("Days a new certificate is valid")
        field.fill("9999")
        alert = form.get_by_role("alert")
        alert.filter(has_text="signing.valid_days is 9999").wait_for()
        self.picture("03-form-refused", form)
        field.fill("1095")
        alert.wait_for(state="detached")
        self.picture("03-form", form)

    def copy_connection(self) -> Page:
        """02: the two values are copied from Console's page into the form."""
        form = self.run("basic_saml.form(session)")
        waiting = self.look()
        assert "known after Flex Console shows it" in words(waiting)
        console = self.beside(waiting.get_by_role("link", name=re.compile("localhost")))
        console.screenshot(path=self.pictures / "02-console.png")
        for label, place in (("ACS URL (reply URL)", "acs-url"), ("Entity ID (identifier)", "entity-id")):
            form.get_by_label(label).fill(console.locator(f"#{place}").inner_text())
        self.page.bring_to_front()
        self.picture("02-form", form)
        assert "known after Flex Console" not in words(self.look())
        return console

    def paste(self, console: Page) -> None:
        """06: the three values go by the clipboard into Console's page."""
        values = self.run("flex_console.values(session)")
        self.picture("06-values", values)
        console.get_by_label("I have updated my identity provider").check()
        press(console, "Save and continue")
        for label in ("X.509 Certificate", "Identity Provider Issuer", "Single Sign-On URL"):
            self.page.bring_to_front()
            button = values.get_by_role("button", name=f"Copy {label}")
            button.click()
            values.get_by_role("status").get_by_text(f"{label} copied").wait_for(state="attached")
            if label.startswith("Single"):
                self.picture("06-copied", values)
            console.bring_to_front()
            console.get_by_label(label).focus()
            console.keyboard.press("Control+v")
        console.get_by_label("Friendly Name").fill("Microsoft Entra ID")
        console.screenshot(path=self.pictures / "06-console.png", full_page=True)
        press(console, "Save")
        assert console.get_by_role("heading", level=1).inner_text() == "Single sign-on (SSO)"
        self.page.bring_to_front()

    def sign_on(self) -> None:
        """08: each test user signs on; what the browser posts is pasted into the form."""
        form = self.run("sign_on.responses(session)")
        self.look()
        self.picture("08-foreseen", self.run("claims.forecast(session)"))
        box = self.run("session.approval(plan)")
        box.get_by_role("checkbox").check()
        asked = self.run(".apply(session, plan, approval)")
        links = asked.locator(".jp-RenderedText", has_text="sign in as")
        for user, role in ROLES.items():
            links.filter(has_text=f"sign in as {user}").wait_for()
            line = re.search(rf"sign in as {re.escape(user)} at (\S+)", links.inner_text())
            assert line is not None
            form.get_by_label(f"Response or error page of {user}").fill(self.signed_on(line[1], user, role))
        self.picture("08-responses", form)
        self.run(".plan(session)")
        self.change()
        pictures = self.run("sign_on.pictures(session)")
        self.picture("08-pictures", pictures)
        self.picture("08-sign-on", pictures.locator(".fx-card").first)

    def signed_on(self, link: str, user: str, role: str) -> str:
        """Sign on in a tab; the response as the developer tools show it."""
        sent: list[str] = []
        page = self.context.new_page()
        page.on("request", lambda request: sent.append(request.post_data or ""))
        page.goto(link)
        page.get_by_label("User name").fill(user)
        press(page, "Sign in")
        page.get_by_role("heading", name="Signed in to Flex").wait_for()
        assert page.locator("#roles").inner_text() == role
        if user == ADA:
            page.screenshot(path=self.pictures / "08-signed-in.png")
        page.close()
        return next(parse_qs(body)["SAMLResponse"][0] for body in sent if "SAMLResponse" in body)


def test_a_person_goes_from_nothing_to_three_proved_sign_ons(window: BrowserContext, tmp_path: Path) -> None:
    with guided(tmp_path) as address:
        page = window.new_page()
        page.goto(address)
        walk = Walk(page, PICTURES)
        walk.picture("00-start")
        walk.open()
        walk.prove("! waiting for a person")
        walk.follow("01")
        walk.open()
        walk.picture("01-form", walk.run("enterprise_application.form(session)"))
        walk.look()
        walk.change(tick=False)
        walk.change()
        walk.prove()
        walk.follow("02")
        walk.open()
        console = walk.copy_connection()
        walk.change()
        walk.prove("1 said and not yet seen, 2 changes made")
        walk.follow("03")
        walk.open()
        walk.mistype()
        walk.look()
        walk.change()
        walk.prove()
        walk.picture("03-timeline", walk.run("signing.timeline(session)"))
        for number, section in (("04", "claims"), ("05", "app_roles")):
            walk.follow(number)
            walk.open()
            walk.picture(f"{number}-form", walk.run(f"{section}.form(session)"))
            walk.look()
            if number == "04":
                walk.picture("04-preview", walk.run("claims.preview(session)"))
            walk.change(by_keyboard=True)
            walk.prove()
        walk.follow("06")
        walk.open()
        walk.paste(console)
        walk.look()
        walk.change()
        walk.prove("said and not yet seen, 3 changes made")
        walk.follow("07")
        walk.open()
        walk.picture("07-form", walk.run("assignments.form(session)"))
        walk.look()
        walk.change()
        walk.prove()
        walk.search()
        walk.follow("08")
        walk.open()
        walk.sign_on()
        walk.prove(cell_with="sign_on.verify(session)")
        walk.darken()
        walk.outputs("dark")
        kept = next((tmp_path / "runs" / "practice").glob("20*"))
    proofs = [json.loads(path.read_text("utf-8")) for path in sorted((kept / "evidence").glob("*.json"))]
    assert [proof["section"] for proof in proofs] == [f"0{number}" for number in range(9)]
    assert sorted(proofs[-1]["facts"]) == sorted(ROLES)
    assert (kept / "handover.html").is_file()
