"""The life after an onboarding as a person goes through it in JupyterLab: drift, certificate, people, undo.

The tenant was set up in this process, almost three years before. Pictures of every step, light and dark, are kept
under `runs/pictures/life/`. Nothing but this machine is asked for anything.
"""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from guided_walk import Walk, press, words
from installed import in_jupyterlab
from jupyterlab_walk import PROJECT, guided
from onboarding import application, principal
from past import leave, set_up
from playwright.sync_api import BrowserContext, TimeoutError
from portal import by_hand

from flexsso_helpers.ledger import read_ledger

pytestmark = in_jupyterlab

DAY = 86400.0
LEFT = 45
"""Days that the certificate of the set-up still has."""
WRONG = "user,role\nsol.supervisor@contoso.com,boss\n"
LIST = "user,role\nsol.supervisor@contoso.com,admin\nbo.agent@contoso.com,agent\nrhea.reader@contoso.com,agent\n"
AUDITED = "  practice: you\n  sign_in: {audit_log: true}\n"
PICTURES = PROJECT / "runs" / "pictures" / "life"
ENTRA_FOLLOWS = 13_000.0
"""Milliseconds until the rehearsal’s sign-in service signs with another certificate (G74)."""


def lived_in(runs: Path) -> None:
    """Set up long ago; since then somebody edited the application."""
    stage = set_up(runs, "practice")
    world = stage.world
    world.advance((1095 - LEFT) * DAY)
    by_hand(stage, "PATCH", f"/applications/{application(world)['id']}", {"groupMembershipClaims": "SecurityGroup"})
    by_hand(stage, "PATCH", f"/servicePrincipals/{principal(world)['id']}", {"notes": "Ask Greta first."})
    leave(stage, runs, "practice")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose practice reads Entra's audit log; and a tenant to practise on that has a past."""
    with ThreadPoolExecutor(1) as apart:  # this thread's event loop belongs to playwright
        apart.submit(lived_in, tmp_path / "runs").result()
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "parameters", project / "parameters")
    for each in ("notebooks", "docs"):
        (project / each).symlink_to(PROJECT / each)
    file = project / "parameters" / "practice.yaml"
    text = file.read_text("utf-8")
    assert "  practice: you\n" in text
    file.write_text(text.replace("  practice: you\n", AUDITED), "utf-8")
    return project


class Life(Walk):
    """The same person, almost three years later."""

    def turn_to(self, number: str) -> None:
        """Open another notebook by the list at the side, or by its tab."""
        self.acts["links"] += 1
        title = self.page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel")
        there = title.filter(has_text=f"{number}_")
        for _ in range(2):  # the list draws itself anew at times, and then a key goes nowhere
            self.page.locator(".jp-DirListing-item", has_text=f"{number}_").click()
            self.page.keyboard.press("Enter")
            with suppress(TimeoutError):
                there.wait_for(timeout=15_000)
                break
        there.wait_for()
        self.ready()
        self.answered()

    def look(self, *cells: str, step: str = "", all_of_it: bool = True) -> None:
        """Run all of the open notebook, where nothing is ticked; then a picture of these cells."""
        if all_of_it:
            self.press_above("Run all")
        for number, text in enumerate(cells, 1):
            self.picture(f"{self.name}-{step}{number}", self.cell(text))

    def choose(self, phase: str) -> None:
        """Write another phase into the parameters of 21, and run all of it."""
        self.cell("phase = ").locator(".cm-line", has_text="phase = ").click()
        self.page.keyboard.press("Home")
        self.page.keyboard.press("Shift+End")
        self.page.keyboard.type(f'phase = "{phase}"')
        self.acts["values"] += 1
        self.look("rotation.values(", "step.plan(", "session.approval(plan)", step=f"{phase}-")

    def make(self, step: str, made: str, box: str = "session.approval(plan)") -> str:
        """Tick all that is asked for, and run from there on; what the cell that makes it says then."""
        asked = self.cell(box)
        for each in asked.get_by_role("checkbox").all():
            self.acts["ticks"] += 1
            each.check()
        self.picture(f"{self.name}-{step}ticked", asked)
        self.press_above("Run from here")
        self.picture(f"{self.name}-{step}made", self.cell(made))
        return words(self.cell(made))

    def says(self, text: str, *said: str, step: str = "") -> None:
        """A cell says all of this; its picture is kept."""
        cell = self.cell(text)
        self.picture(f"{self.name}-{step}proof", cell)
        told = words(cell)
        assert [each for each in said if each not in told] == [], told

    def paste_successor(self) -> None:
        """The certificate goes by the clipboard into Console's page, and nothing else does."""
        values = self.cell("rotation.values(")
        values.get_by_role("button", name="Copy X.509 Certificate").click()
        values.get_by_role("status").get_by_text("X.509 Certificate copied").wait_for(state="attached")
        console = self.beside(values.get_by_role("link", name="open the page"))
        press(console, "Edit identity provider data")
        console.get_by_label("X.509 Certificate").focus()
        console.keyboard.press("Control+v")
        console.screenshot(path=self.pictures / "21-console.png", full_page=True)
        press(console, "Save")
        self.acts["values"] += 5  # copied, the page, Edit, pasted, Save
        console.close()
        self.page.bring_to_front()

    def drop(self, text: str, told: str) -> None:
        """22: a file is chosen; the form says so, and this."""
        form = self.cell("user_changes.form(")
        file = {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()}
        form.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        self.acts["values"] += 1
        form.get_by_text("people.csv is read").wait_for()
        form.get_by_text(told).wait_for()


@pytest.mark.locale("ja-JP")
def test_a_person_keeps_a_tenant_working_and_takes_it_back(
    project: Path, window: BrowserContext, tmp_path: Path
) -> None:
    with guided(tmp_path, "practice", project=project) as address:
        page = window.new_page()
        page.goto(address)
        walk = Life(page, PICTURES)

        walk.turn_to("20")
        walk.press_above("Run all", wait=False)
        walk.sign_in()
        walk.rest()
        walk.look("flexsso.open(", "drift.expiry(", "drift.plan(", "drift.history(", all_of_it=False)
        walk.says("drift.verify(", "groups (SecurityGroup)", "! look Active certificate")
        assert "greta.global@" in words(walk.cell("drift.history("))
        walk.judge()

        walk.turn_to("21")
        walk.look("rotation.orders(", "rotation.values(", "step.plan(", "session.approval(plan)", step="stage-")
        assert "1 change made" in walk.make("stage-", "step.apply(")
        walk.says("step.verify(", "✓ proved, 1 change made", step="stage-")
        walk.choose("activate")
        assert "1 change made" in walk.make("activate-", "step.apply(")
        walk.says("step.verify(", "Certificate in Flex Console", step="activated-")
        walk.paste_successor()
        assert "1 change made" in walk.make("paste-", "rotation.console.apply(", "session.approval(to_paste)")
        walk.says("step.verify(", "! waiting for a person", "said", step="pasted-")
        page.wait_for_timeout(ENTRA_FOLLOWS)
        walk.turn_to("08")
        walk.press_above("Run all")
        walk.sign_on()
        walk.prove(cell_with="sign_on.verify(session)")
        walk.turn_to("21")
        walk.press_above("Run all")
        walk.says("step.verify(", "✓ proved", step="signed-on-")
        walk.choose("clean_up")
        assert "1 change made" in walk.make("clean_up-", "step.apply(")
        walk.says("step.verify(", "✓ proved, 3 changes made", step="clean_up-")
        walk.picture("21-timeline", walk.cell("rotation.timeline("))
        walk.judge()

        walk.turn_to("22")
        walk.look("user_changes.form(", "user_changes.plan(")
        walk.drop(WRONG, "line 2: role is “boss”")
        walk.picture("22-refused", walk.cell("user_changes.form("))
        walk.drop(LIST, "3 users of it take the place of the list above")
        walk.picture("22-dropped", walk.cell("user_changes.form("))
        walk.run_from("user_changes.plan(")
        walk.look("user_changes.plan(", "session.approval(plan)", step="list-", all_of_it=False)
        assert "5 changes made" in walk.make("", "user_changes.apply(")
        walk.says("user_changes.verify(", "✓ proved, 5 changes made")
        walk.judge()

        walk.turn_to("29")
        walk.look("undo.plan(", "session.approval(plan)", "undo.apply(")
        assert "changes made" in walk.make("", "undo.apply(")
        walk.says("undo.verify(", "✓ proved", "holds group or optional claims")
        walk.judge()
        print(f"{sum(walk.acts.values())} acts: {dict(walk.acts)}")
        walk.darken()
        walk.outputs("dark")
        walk.judge()
        kept = next((tmp_path / "runs" / "practice").glob("20*"))
    removed = [each for each in read_ledger(kept) if each.get("method") == "DELETE"]
    assert removed
    handover = (kept / "handover.html").read_text("utf-8")
    assert "REHEARSAL" in handover
    result = json.loads((kept / "result.json").read_text("utf-8"))
    told = {each["notebook"][:2]: each["verdict"] for each in result["notebooks"]}
    assert told.pop("29").startswith("proved")
    assert set(told.values()) == {"not proved yet"}, "what was taken back is proved no more"
