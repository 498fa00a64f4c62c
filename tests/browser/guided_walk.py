"""A person in a guided session: JupyterLab, the rehearsal's pages beside it, and every act counted by its kind."""

import re
from collections import Counter
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from jupyterlab_walk import OPEN, TROUBLE, Notebook
from playwright.sync_api import Locator, Page

ADA, SOL, BO = "ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com"
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
GRAVE = ("serious", "critical")
RIGHT_EDGES = "(cards) => cards.map((each) => each.getBoundingClientRect().right).filter(Boolean)"
ROLES = {ADA: "admin", SOL: "supervisor", BO: "agent"}


def words(cell: Locator) -> str:
    """What a cell says, blanks of any kind as one; scrolled to, as what is out of sight is not drawn."""
    cell.scroll_into_view_if_needed()
    cell.evaluate(DRAWN)
    return " ".join(cell.inner_text().split())


def press(page: Page, button: str) -> None:
    """Press a button that leads to a page, and wait for that."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


class Walk(Notebook):
    """One person at one notebook after the other, whose acts are counted by kind."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.acts = Counter[str]({"start": 1})
        super().__init__(page, pictures)

    def press_above(self, name: str, *, wait: bool = True) -> None:
        """Press one of the two buttons above the notebook, and wait until every cell has run."""
        self.acts["runs"] += 1
        last = self.panel.locator(".jp-CodeCell").last.locator(".jp-InputArea-prompt")
        before = str(last.text_content())
        self.panel.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_timeout(500)
        if wait:
            ran = last.filter(has_text=re.compile(r"\d")).filter(has_not_text=before or "-")
            ran.or_(self.panel.locator(TROUBLE)).first.wait_for(state="attached", timeout=120_000)
            self.rest()

    def rest(self) -> None:
        """Wait until no cell runs, none with an error."""
        self.panel.locator(".jp-InputArea-prompt", has_text="[*]").first.wait_for(state="detached", timeout=120_000)
        trouble = self.panel.locator(TROUBLE)
        assert trouble.count() == 0, trouble.all_inner_texts()

    def run_from(self, text: str) -> None:
        """Click the cell that holds this text, and run from there on."""
        self.acts["runs"] += 1
        self.select(self.cell(text))
        self.press_above("Run from here")

    def sign_in(self) -> None:
        """*Open the tenant* shows a code: it is copied into the page that the card leads to."""
        cell = self.cell("await flexsso.open(")
        said = cell.locator(".fx-card", has_text=f"Sign in as {ADA}")
        said.wait_for()
        self.picture("00-open-asks", cell)
        said.get_by_role("button", name="Copy Code").click()
        page = self.beside(said.get_by_role("link"))
        page.get_by_label("Code", exact=True).focus()
        page.keyboard.press("Control+v")
        page.get_by_label("User name").fill(ADA)
        page.screenshot(path=self.pictures / "00-sign-in-page.png")
        press(page, "Sign in")
        self.acts["sign-in"] += 5
        page.get_by_role("heading", name="You have signed in").wait_for()
        page.close()

    def answered(self) -> None:
        """Wait for the kernel: what is pressed before it answers is lost."""
        self.page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$")).wait_for()

    def next(self, number: str) -> None:
        """Follow the link to the next notebook, and run all of it: nothing is written, nobody has to sign in."""
        self.acts["links"] += 1
        self.follow(number)
        self.answered()
        self.press_above("Run all")
        assert "Signed in as" in words(self.cell("await flexsso.open("))
        self.picture(f"{self.name}-open", self.cell("await flexsso.open("))
        self.picture(f"{self.name}-plan", self.cell(".plan(session)"))
        made = words(self.cell(".apply(session, plan, approval)"))
        assert "nothing changed" in made, made

    def change(self, by_keyboard: bool = False) -> None:
        """Tick the box, and run from there on: the changes are made, and proved."""
        box = self.cell("session.approval(plan)")
        for each in box.get_by_role("checkbox").all():
            assert not each.is_checked()
            self.acts["ticks"] += 1
            if by_keyboard:
                self.select(box)
                self.tab_to(each)
                self.page.keyboard.press("Space")
                assert each.is_checked()
            else:
                each.check()
        self.picture(f"{self.name}-approval", box)
        self.press_above("Run from here")
        made = self.cell(".apply(session, plan, approval)")
        self.picture(f"{self.name}-changes", made)
        assert "changes made" in words(made) or "change made" in words(made), words(made)

    def prove(self, verdict: str = "✓ proved", cell_with: str = ".verify(session)") -> None:
        """The proof, without anything red; below it how far the tenant is. axe has nothing grave to say of either."""
        cell = self.cell(cell_with)
        self.picture(f"{self.name}-proof", cell)
        ends = self.panel.locator(".jp-OutputArea-output .fx-card").evaluate_all(RIGHT_EDGES)
        assert max(ends) - min(ends) <= 1, ends
        named = self.page.locator(".fx-head .fx-sub", has_text=re.compile("^proof$"))
        proof, progress = words(cell.locator(".fx-card").filter(has=named)), words(cell.locator(".fx-card").last)
        assert verdict in proof, proof
        assert "✗" not in words(cell)
        assert re.search(rf"Progress .*{self.name} · [^·]*· you are here", progress), progress
        self.judge()

    def judge(self) -> None:
        """axe has nothing grave to say of what is drawn in the open notebook."""
        found = Axe().run(self.page, context=f"{OPEN} .fx").response["violations"]
        grave = [each for each in found if each["impact"] in GRAVE]
        assert grave == [], [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in grave]

    def search(self) -> None:
        """07: everybody by name, and a word that leaves one of them."""
        people = self.cell("assignments.assigned_people(session)")
        people.get_by_label("Search").fill("agent bo")
        people.get_by_text("1 of 16 people").wait_for()
        assert "bo.agent@contoso.com" in people.locator("tbody").inner_text()
        self.picture("07-people", people)

    def mistype(self) -> None:
        """03: what the file would refuse is said as one types, and goes away when it is mended."""
        form = self.cell("signing.form(session)")
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
        form, waiting = self.cell("basic_saml.form(session)"), self.cell(".plan(session)")
        assert "known after Flex Console shows it" in words(waiting)
        console = self.beside(waiting.get_by_role("link", name="open the page"))
        console.screenshot(path=self.pictures / "02-console.png")
        for label, place in (("ACS URL (reply URL)", "acs-url"), ("Entity ID (identifier)", "entity-id")):
            form.get_by_label(label).fill(console.locator(f"#{place}").inner_text())
            self.acts["values"] += 2  # copied, pasted
        self.acts["links"] += 1
        self.page.bring_to_front()
        self.picture("02-form", form)
        self.run_from(".plan(session)")
        assert "known after Flex Console" not in words(self.cell(".plan(session)"))
        self.picture("02-planned", self.cell(".plan(session)"))
        return console

    def paste(self, console: Page) -> None:
        """06: the three values go by the clipboard into Console's page."""
        values = self.cell("flex_console.values(session)")
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
            self.acts["values"] += 2
        self.acts["values"] += 4  # the box, Save and continue, the name, Save
        console.get_by_label("Friendly Name").fill("Microsoft Entra ID")
        console.screenshot(path=self.pictures / "06-console.png", full_page=True)
        press(console, "Save")
        assert console.get_by_role("heading", level=1).inner_text() == "Single sign-on (SSO)"
        self.page.bring_to_front()

    def sign_on(self) -> None:
        """08: each test user signs on; the response goes by the clipboard into the form."""
        form = self.cell("sign_on.responses(session)")
        self.picture("08-foreseen", self.cell("claims.forecast(session)"))
        self.cell("session.approval(plan)").get_by_role("checkbox").check()
        self.acts["ticks"] += 1
        self.press_above("Run from here")
        links = self.cell(".apply(session, plan, approval)")
        self.picture("08-links", links)
        for user, role in ROLES.items():
            assert f"Sign in as {user} expected in Flex as {role}" in words(links)
            self.signed_on(links.get_by_role("link", name="open the login link"), user, role)
            self.page.bring_to_front()
            field = form.get_by_label(f"Response or error page of {user}")
            field.focus()
            self.page.keyboard.press("Control+v")
            assert len(field.input_value()) > 1000
            self.acts["sign-ons"] += 1  # pasted
        self.picture("08-responses", form)
        self.run_from(".plan(session)")
        self.change()
        pictures = self.cell("sign_on.pictures(session)")
        self.picture("08-pictures", pictures)
        self.picture("08-sign-on", pictures.locator(".fx-card").first)

    def signed_on(self, link: Locator, user: str, role: str) -> None:
        """Sign on in a tab, and copy the response on its way, as the page of a practice offers it."""
        page = self.beside(link)
        page.get_by_label("User name").fill(user)
        page.get_by_label("Show the SAMLResponse before it is sent").check()
        press(page, "Sign in")
        if user == ADA:
            page.screenshot(path=self.pictures / "08-response.png")
        press(page, "Copy SAMLResponse and continue")
        self.acts["sign-ons"] += 5  # the link, the name, the box, Sign in, copied
        page.get_by_role("heading", name="Signed in to Flex").wait_for()
        assert page.locator("#roles").inner_text() == role
        if user == ADA:
            page.screenshot(path=self.pictures / "08-signed-in.png")
        page.close()
