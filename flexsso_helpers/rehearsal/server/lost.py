"""What a person sees where the rehearsal plays nothing: no bare word of a server, but a page with the ways on."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.entra import device
from flexsso_helpers.rehearsal.flex import legacy_realm
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

UNPLAYED = "This is a rehearsal; it plays no such host. Use http://localhost:PORT/<host>/<path>."
SAID = {
    200: ("This form was sent before", "What it did is done, and nothing was done a second time."),
    403: (
        "This form came from another site",
        "A page that is not one of the rehearsal’s own sent it, and nothing was done. Open the page anew from here.",
    ),
    404: (
        "There is no such page",
        "The address may be mistyped, or the real service has a page here that is not played.",
    ),
    405: ("This page has nothing to show by itself", "It is the answer to a form. Go on from one of these."),
    421: ("The rehearsal plays no such host", "It has Microsoft’s and Twilio’s pages that this set-up needs."),
}


def nothing_here(world: World, scope: Scope, found: HTTPException) -> Response:
    """The answer of a host for an address it lacks (404), or one that is not to be opened (405)."""
    if scope["face"]:
        return _page(world, scope, found.status_code, found.headers)
    return PlainTextResponse(found.detail, found.status_code, found.headers)


def another_site(world: World, scope: Scope) -> Response:
    """The answer to a form that a page of another site sent into ours."""
    return _page(world, scope, 403)


def sent_before(world: World, scope: Scope) -> Response:
    """The answer to a form that was sent before, where nothing shows what came of it."""
    return _page(world, scope, 200)


def no_host(world: World, scope: Scope, *, browser: bool) -> Response:
    """The answer where no host of ours is meant: to a browser at the rehearsal's own address, a page."""
    if not browser:
        return PlainTextResponse(f"{UNPLAYED}\n", 421)
    if scope["path"] == "/":
        return _ways(world, scope, "Rehearsal", "Both sides of the set-up are practised here.", 200)
    return _page(world, scope, 421)


def _page(world: World, scope: Scope, status: int, headers: Mapping[str, str] | None = None) -> Response:
    title, text = SAID[status]
    return _ways(world, scope, title, text, status, headers)


def _ways(
    world: World, scope: Scope, title: str, text: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    request = Request({**scope, "face": True})
    links = {
        clouds.CONSOLE_SSO_PAGE: "Flex Console: Single sign-on",
        legacy_realm.hosted_link(world): "Log in to Flex",
        device.address(world): "Microsoft: enter a code to sign a program in",
    }
    ways = "".join(f"<li>{pages.anchor(request, url, text=name)}</li>" for url, name in links.items())
    return pages.page(title, f"<p>{text}</p><ul>{ways}</ul>", status=status, headers=dict(headers or {}))
