"""Twilio's new Console, as far as it is known: it is there, and Flex's pages still lead to the Legacy Console.

Twilio's documentation links the new Console for other products and the old paths for Flex (2026). Where Flex's single
sign-on is in it, no page says; so every address of it leads to the page that is known.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.world import pages

HOST = clouds.NEW_CONSOLE.removeprefix("https://")


def table() -> list[Route]:
    """The one page of the new Console."""

    async def show(request: Request) -> Response:
        way = pages.anchor(request, clouds.CONSOLE_SSO_PAGE, text="Single sign-on in the Legacy Console")
        text = "The rehearsal knows Flex’s pages in the Legacy Console only, as Twilio’s documentation links them."
        return pages.page("Twilio Console", f"{pages.trail('Twilio Console')}<p>{text}</p><p>{way}</p>")

    return [Route("/{path:path}", show, methods=["GET"])]
