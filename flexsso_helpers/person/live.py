"""The person in front of the screen: the notebook shows what to do, and the step waits."""

from flexsso_helpers.person.tasks import ConsoleValues, CopiedConnection, SeenSignOn


class PersonAtTheConsole:
    """A human being. Whatever needs one is answered with "not yet"; the notebook's own fields take the results."""

    def __init__(self, name: str) -> None:
        """`name` is the signed-in account, noted with what it attests."""
        self.name = name

    def enter_code(self, address: str, code: str) -> None:
        """Show where to type which code; the sign-in waits for up to fifteen minutes."""
        print(f"To sign in, open {address} and type the code {code}")

    async def copy_connection(self) -> CopiedConnection | None:
        """Not yet: the two values are typed into the form of notebook 02."""
        return None

    async def paste(self, values: ConsoleValues) -> bool:  # noqa: ARG002 - shown by the notebook's copy fields
        """Not yet: whoever has pasted them ticks the box of notebook 06."""
        return False

    async def sign_on(self, login_link: str, user: str) -> SeenSignOn | None:  # noqa: ARG002 - shown by the notebook
        """Not yet: the response is pasted into the field of notebook 08."""
        return None
