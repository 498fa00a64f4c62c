"""How Twilio's APIs answer: lists (F104), errors (F103), Basic credentials (F24), ids of the right shape (F01)."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from flexsso_helpers.rehearsal.flex import seed
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

Handler = Callable[[Request], Awaitable[Response]]

PAGE_SIZE, LARGEST_PAGE = 50, 1000

SHAPES = {
    "AccountSid": re.compile(r"AC[0-9a-f]{32}"),
    "FlexInstanceSid": re.compile(r"GO[0-9a-f]{32}"),
    "SSOProfileSid": re.compile(r"JQ[0-9a-f]{32}"),
    "ssoProfileSid": re.compile(r"JQ[0-9a-f]{32}"),
}


EDGES = (
    "ashburn", "dublin", "frankfurt", "roaming", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla",
)  # fmt: skip


def hosts(origin: str, region: str = "us1") -> list[str]:
    """The host of a product, as the SDK names it: by default, in its region, and by way of an edge."""
    product, _, rest = origin.removeprefix("https://").partition(".")
    regional = [f"{product}.{region}.{rest}", *(f"{product}.{edge}.{region}.{rest}" for edge in EDGES)]
    return [f"{product}.{rest}", *regional] if region == "us1" else regional


def error(world: World, status: int, code: int, message: str) -> Response:
    """Twilio's error body."""
    if not world.rules.on("F103"):
        return PlainTextResponse(message, status)
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)


def not_found(world: World, path: str) -> Response:
    """Twilio's answer for what does not exist."""
    return error(world, 404, 20404, f"The requested resource {path} was not found")


def of_existing(world: World, kind: str, answer: Callable[[Request, Document], Awaitable[Response]]) -> Handler:
    """Answers for the object of this kind whose sid stands in the path; that it does not exist, where there is none."""

    async def handle(request: Request) -> Response:
        found = world.store.get(kind, request.path_params["sid"])
        return await answer(request, found) if found else not_found(world, request.scope["path"])

    return handle


def misshapen(world: World, request: Request) -> Response | None:
    """A refusal when a query parameter that is an id has not the shape of one (F01)."""
    if not world.rules.on("F01"):
        return None
    for name, shape in SHAPES.items():
        given = request.query_params.get(name)
        if given and not shape.fullmatch(given):
            status = int(world.quirks.value("bad_id_status"))
            return error(world, status, 20404 if status == 404 else 20001, f"[sim] {name} is no id of that kind")
    return None


def listed(world: World, request: Request, key: str, url: str, bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """A page of a list, of 50 entries or `PageSize`; its addresses are absolute and on the real host (F104)."""
    given = {name: value for name, value in request.query_params.items() if name not in ("Page", "PageSize")}
    size = min(max(_whole(request.query_params.get("PageSize"), PAGE_SIZE), 1), LARGEST_PAGE)
    number = _whole(request.query_params.get("Page"), 0)
    base = url if world.rules.on("F104") else urlsplit(url).path

    def address(page: int) -> str:
        return f"{base}?{urlencode({**given, 'PageSize': size, 'Page': page})}"

    more = (number + 1) * size < len(bodies)
    meta = {
        "key": key,
        "page": number,
        "page_size": size,
        "first_page_url": address(0),
        "previous_page_url": address(number - 1) if number else None,
        "next_page_url": address(number + 1) if more else None,
        "url": address(number),
    }
    return {"meta": meta, key: bodies[number * size : (number + 1) * size]}


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text) else default


def guarded(world: World, handler: Handler, *, region: str = "us1") -> Handler:
    """The handler behind Basic credentials: the API key with its secret, or the account with its token.

    A key of another region is no key here (F114).
    """

    async def guard(request: Request) -> Response:
        if _authorised(world, request, region) or not world.rules.on("F24"):
            return await handler(request)
        return error(world, 401, 20003, "Authenticate")

    return guard


def _authorised(world: World, request: Request, region: str) -> bool:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    here, elsewhere = {seed.ACCOUNT_SID, seed.API_KEY}, {seed.IE1_KEY}
    known = here if region == "us1" else elsewhere
    if not world.rules.on("F114"):
        known = here | elsewhere
    return scheme.lower() == "basic" and user in known and secret == seed.SECRET
