"""The person in front of the screen: the notebook shows what to do, and the step waits."""

import asyncio
import webbrowser

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.output import clean
from flexsso_helpers.person import nearby
from flexsso_helpers.person.nearby import can_open_a_browser, kernel_elsewhere
from flexsso_helpers.person.pages import Pages
from flexsso_helpers.person.tasks import ConsoleValues, CopiedConnection, SeenSignOn, Trial
from flexsso_helpers.places import guided
from flexsso_helpers.views import Cell, CopyField, CopyFields, Row, card, show


class PersonAtTheConsole:
    """A human being. Whatever needs one is answered with "not yet"; the notebook's own fields take the results.

    Live and in a rehearsal this is the same person at other pages. Addresses of a rehearsal's pages name a port of this
    machine and belong in no output that is kept, so a human's rehearsal is for this human alone.
    """

    human = True

    def __init__(self, name: str, pages: Pages | None = None, *, hints: bool = False) -> None:
        """`name` is noted with what this person attests; `hints` tell where to go in a rehearsal (`practice: you`)."""
        self.name, self._pages, self._hints = name, pages or Pages(), hints
        self._said: set[str] = set()

    def signed_in_as(self, name: str) -> None:
        """Whoever signed in is who sits there."""
        self.name = name

    def address(self, url: str) -> str:
        """The page itself; in a rehearsal its place there."""
        return self._pages.at(url)

    def elsewhere(self) -> str:
        """Where the kernel runs, when that is plainly not the machine of this person's browser."""
        return kernel_elsewhere()

    def enter_code(self, address: str, code: str) -> None:
        """Show where to type which code; the sign-in waits for up to fifteen minutes."""
        if guided():
            show(
                CopyFields(
                    f"Sign in as {self.name}",
                    [CopyField("Code", "type the code on that page; it is good for 15 minutes", code)],
                    link=("open the sign-in page", self.address(address)),
                    badge=self._pages.badge,
                )
            )
            return
        print(clean(f"To sign in, open {self.address(address)} and type the code {code}"))

    async def copy_connection(self) -> CopiedConnection | None:
        """Not yet: the two values are typed into the form of notebook 02."""
        self._hint("the form of 02 takes two values of this page")
        return None

    async def paste(self, values: ConsoleValues) -> bool:  # noqa: ARG002 - shown by the notebook's copy fields
        """Not yet: whoever has pasted them ticks the box of notebook 06."""
        self._hint("paste the three values of 06 there, save, and tick the box")
        return False

    async def sign_on(self, login_link: str, user: str) -> SeenSignOn | None:  # noqa: ARG002 - shown by the section
        """Not yet: the response is pasted into the field of notebook 08."""
        return None

    async def answer_request(self, link: str, user: str, reply_url: str) -> None:  # noqa: ARG002 - the link names it
        """Show the link, and open it where a browser of this machine can be opened."""
        link = self._pages.apart(link)
        row = Row(
            (Cell(f"Sign in as {user}", href=link), "A private window is best. The link is good for five minutes.")
        )
        badge = self._pages.badge
        show(card(title="Capture: one sign-on", badge=badge, columns=("Open this", "How"), rows=[row]))
        if can_open_a_browser():
            await asyncio.to_thread(webbrowser.open, link)

    async def tries(self, trial: Trial) -> str:
        """Show what to do, with each value to copy, and ask what was seen; whoever answers *stop* does no more."""
        if not nearby.somebody_can_type():
            return ""
        at = CONSOLE_SSO_PAGE if trial.values else trial.link
        shown = [CopyField("Do this", "", trial.words), *_to_paste(trial.values)]
        link = ("open the page", self.address(at)) if at else None
        show(CopyFields(trial.title, shown, link=link, badge=self._pages.badge))
        return nearby.told_by_hand(trial.choices)

    def _hint(self, text: str) -> None:
        """Show once where Flex Console is and what to do there; a section that reads again would repeat it."""
        if self._hints and text not in self._said:
            self._said.add(text)
            at = self.address(CONSOLE_SSO_PAGE)
            page = CopyField("Single sign-on", text, at)
            show(CopyFields("Practice: Flex Console", [page], link=("open the page", at), badge=self._pages.badge))


def _to_paste(values: ConsoleValues | None) -> list[CopyField]:
    if values is None:
        return []
    named = {
        "Identity Provider Issuer": values.issuer,
        "Single Sign-On URL": values.sso_url,
        "X.509 Certificate": values.certificate_pem,
        "Default Redirect URL": values.default_redirect_url,
    }
    return [CopyField(label, "", value) for label, value in named.items() if value]
