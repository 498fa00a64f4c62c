"""The person in front of the screen: the notebook shows what to do, and the step waits."""

import asyncio
import webbrowser

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.person.nearby import can_open_a_browser
from flexsso_helpers.person.tasks import ConsoleValues, CopiedConnection, SeenSignOn
from flexsso_helpers.views import Cell, Row, card, show
from flexsso_helpers.wire import RehearsalDoor


class PersonAtTheConsole:
    """A human being. Whatever needs one is answered with "not yet"; the notebook's own fields take the results."""

    human = True

    def __init__(self, name: str) -> None:
        """`name` is the signed-in account, noted with what it attests."""
        self.name = name

    def address(self, url: str) -> str:
        """The page itself."""
        return url

    def enter_code(self, address: str, code: str) -> None:
        """Show where to type which code; the sign-in waits for up to fifteen minutes."""
        print(f"To sign in, open {self.address(address)} and type the code {code}")

    async def copy_connection(self) -> CopiedConnection | None:
        """Not yet: the two values are typed into the form of notebook 02."""
        return None

    async def paste(self, values: ConsoleValues) -> bool:  # noqa: ARG002 - shown by the notebook's copy fields
        """Not yet: whoever has pasted them ticks the box of notebook 06."""
        return False

    async def sign_on(self, login_link: str, user: str) -> SeenSignOn | None:  # noqa: ARG002 - shown by the notebook
        """Not yet: the response is pasted into the field of notebook 08."""
        return None

    async def answer_request(self, link: str, user: str, reply_url: str) -> None:  # noqa: ARG002 - the link names it
        """Show the link, and open it where a browser of this machine can be opened."""
        await self._follow(link, user)

    async def _follow(self, link: str, user: str) -> None:
        row = Row(
            (Cell(f"Sign in as {user}", href=link), "A private window is best. The link is good for five minutes.")
        )
        show(card(title="Capture: one sign-on", columns=("Open this", "How"), rows=[row]))
        if can_open_a_browser():
            await asyncio.to_thread(webbrowser.open, link)


class PersonInRehearsal(PersonAtTheConsole):
    """A human being who practises: the same steps, on the rehearsal's pages, and told where those are.

    The addresses name a port of this machine. They are printed while somebody practises and belong in no output that
    is kept, so `practice: you` is for a person alone.
    """

    def __init__(self, name: str, door: RehearsalDoor) -> None:
        """`door` leads to the rehearsal's pages."""
        super().__init__(name)
        self._door = door
        self._said: set[str] = set()

    def address(self, url: str) -> str:
        """The page's place in the rehearsal."""
        return self._door.face(url)

    async def copy_connection(self) -> CopiedConnection | None:
        """Not yet; says where Console's page is."""
        self._say(f"Practice: Flex Console’s page is {self.address(CONSOLE_SSO_PAGE)}")
        return None

    async def paste(self, values: ConsoleValues) -> bool:  # noqa: ARG002 - shown by the notebook's copy fields
        """Not yet; says where to paste them."""
        self._say(f"Practice: paste the three values at {self.address(CONSOLE_SSO_PAGE)}, save, and tick the box")
        return False

    async def sign_on(self, login_link: str, user: str) -> SeenSignOn | None:
        """Not yet; says where to sign in, and as whom."""
        self._say(f"Practice: sign in as {user} at {self.address(login_link)}")
        return None

    async def answer_request(self, link: str, user: str, reply_url: str) -> None:  # noqa: ARG002 - the link names it
        """Show the link to the rehearsal's sign-in page, on another site than the capture's."""
        await self._follow(self._door.face_apart(link), user)

    def _say(self, text: str) -> None:
        """Say something once; a section that reads again would repeat it."""
        if text not in self._said:
            self._said.add(text)
            print(text)
