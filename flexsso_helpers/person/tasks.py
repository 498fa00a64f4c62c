"""The tasks of a person, as the sections ask for them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class CopiedConnection:
    """The two values that only Flex Console shows before its set-up is saved."""

    reply_url: str
    identifier: str


@dataclass(frozen=True, kw_only=True)
class ConsoleValues:
    """The three values that go into Flex Console (D21–D23), as the notebook displays them."""

    certificate_pem: str
    issuer: str
    sso_url: str
    legacy: bool = False
    """They go into the page of Legacy; otherwise Enhanced is set up, or migrated to."""
    default_redirect_url: str = ""
    """Where a login ends that begins at the identity provider (D27); empty leaves the field as it is."""
    trusted_urls: tuple[str, ...] = ()
    """Addresses of a self-hosted Flex (D28); none leaves the field as it is."""


@dataclass(frozen=True, kw_only=True)
class SeenSignOn:
    """What a person saw when signing in: the last page's words, and the response if the browser carried one."""

    user: str
    signed_in: bool | None
    """Whether Flex opened; None where nobody has said so yet."""
    said: str
    response: str = ""
    """The form field SAMLResponse, base64. It stays in memory and is never kept."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Something to do once, of which is only known afterwards what this person saw. One of the two, or neither."""

    title: str
    words: str
    """Exactly what to do, and what to tell."""
    choices: tuple[str, ...]
    """What may be seen; the person says one of them."""
    values: ConsoleValues | None = None
    """What to paste into Flex Console, and save."""
    link: str = ""
    """Where to sign in."""
    user: str = ""
    """As whom."""


SAVED = ("saved", "refused")
"""What Flex Console does with pasted values."""
FLEX_CODES = ("45002", "45004", "45050", "70002", "70251", "70252", "70253", "14240")
ENDED = ("opened", *FLEX_CODES, "elsewhere")
"""How a sign-on ends: Flex opens, or shows a page with this code; elsewhere: the identity provider ended it, say."""


class Person(Protocol):
    """Somebody who can do what no API offers. `None` means: not done yet, a person is awaited."""

    name: str
    """Who attests, as it stands in the tenant's file."""

    human: bool
    """Whether only this person's own tick says that something has been done."""

    def signed_in_as(self, name: str) -> None:
        """Be told which account signed in."""

    def address(self, url: str) -> str:
        """Where this person's browser finds the page that the world knows by `url`."""

    def elsewhere(self) -> str:
        """Where the kernel runs, when that is plainly not the machine of this person's browser; else empty."""

    def enter_code(self, address: str, code: str) -> None:
        """Sign in at `address` with a device code."""

    async def copy_connection(self) -> CopiedConnection | None:
        """Read the two values off Flex Console's page."""

    async def paste(self, values: ConsoleValues) -> bool:
        """Paste the three values into Flex Console and save; whether that has been done."""

    async def sign_on(self, login_link: str, user: str) -> SeenSignOn | None:
        """Open the login link and sign in as this user."""

    async def answer_request(self, link: str, user: str, reply_url: str) -> None:
        """Open the link and sign in as this user; the browser then posts the response to `reply_url`."""

    async def tries(self, trial: Trial) -> str:
        """Do this once and say what was seen, one of its choices; empty where nobody does it, or somebody stops."""
