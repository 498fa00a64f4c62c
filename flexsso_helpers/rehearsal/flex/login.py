"""The start of a login: from the hosted link or an application to the identity provider (F32-F40)."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import connection as flex_connection
from flexsso_helpers.rehearsal.flex import console_check, failures, seed, twilio_answers, workers
from flexsso_helpers.rehearsal.flex import request as flex_request
from flexsso_helpers.rehearsal.flex.failures import NOT_CONFIGURED, LoginFailed
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

CALLBACK = f"{clouds.FLEX_SERVICES}/v1/Flex/Authentication/Callback"


def failed(world: World, failure: LoginFailed) -> Response:
    """The page after a login that failed: Flex's words; the library's only by quirk, and always in the log (F102)."""
    failures.log(world, failure.number, failure.detail, code=failure.code)
    hidden = world.rules.on("F102") and world.quirks.value("show_library_text") == "false"
    shown = failure.screen if hidden else f"{failure.screen} {failure.detail}"
    return pages.page("Log in failed", pages.error(shown), status=failure.status)


def not_configured() -> Response:
    """The page of an account whose connection nobody can use (F34)."""
    return pages.page("Log in failed", pages.error(NOT_CONFIGURED), status=400)


def in_iframe(request: Request) -> bool:
    """Whether the browser says that it asks for the content of an iframe."""
    return request.headers.get("sec-fetch-dest") == "iframe"


def no_session(world: World) -> Response:
    """The page of a login whose cookies the browser withholds, as it does in an iframe (F101)."""
    failures.log(world, "F101", "[sim] the login's cookie did not come back")
    return pages.page("Log in failed", pages.error("Session not found"), status=400)


def is_trusted(world: World, url: str) -> bool:
    """Whether Flex sends a browser there after a login: the hosted link, its own callback, the trusted URLs (F33)."""
    if not world.rules.on("F33"):
        return True
    hosted = f"{clouds.FLEX_UI}/{workers.account(world)['runtime_domain']}"
    connection = flex_connection.connection(world)
    entered = connection["trusted_urls"] if connection is not None else []
    return url in (hosted, CALLBACK) or any(_matches(world, url, trusted) for trusted in entered)


def _matches(world: World, url: str, trusted: str) -> bool:
    how = world.quirks.value("trusted_match")
    if how == "exact":
        return url == trusted
    same_origin = urlsplit(url)[:2] == urlsplit(trusted)[:2]
    return same_origin and (how == "origin" or urlsplit(url).path.startswith(urlsplit(trusted).path))


def authorize(world: World) -> twilio_answers.Handler:
    """`GET services.twilio.com/v1/Flex/Authorize`: the address that starts a login (F33-F35)."""

    async def handle(request: Request) -> Response:
        given = request.query_params
        refusal = twilio_answers.misshapen(world, request)
        if refusal is not None:
            return refusal
        connection = flex_connection.connection(world)
        known = connection is not None and given.get("ssoProfileSid", connection["sid"]) == connection["sid"]
        usable = connection is not None and known and flex_connection.is_active(world, connection)
        if connection is None or (not usable and world.rules.on("F34")):
            return not_configured()
        missing = [name for name in ("state", "nonce", "codeChallenge") if not given.get(name)]
        if missing and world.rules.on("F35") and world.quirks.value("missing_pkce") != "accept":
            return failed(world, LoginFailed("F35", "45004", f"[sim] missing: {missing}"))
        wanted = given.get("redirectUrl") or CALLBACK
        if not is_trusted(world, wanted) and world.quirks.value("untrusted_at") == "authorize":
            return failed(world, LoginFailed("F33", "70002", f"[sim] not trusted: {wanted}"))
        return pages.redirect(request, _login_url(world, connection, _remember(world, given, wanted)))

    return handle


def _remember(world: World, given: Any, redirect_url: str) -> str:
    """Keep what the login was started with; the key travels as RelayState."""
    key = world.new_id("oauth_state")
    flow = {
        "state": given.get("state", ""),
        "nonce": given.get("nonce", ""),
        "challenge": given.get("codeChallenge", ""),
        "redirect_url": redirect_url,
        "request_id": f"_{world.new_id('request')}",
        "used": False,
    }
    world.store.put("oauth_state", key, flow, at=world.clock.now)
    return key


def _login_url(world: World, connection: dict[str, Any], key: str) -> str:
    query = {
        "client_id": seed.CLIENT_ID,
        "response_type": "code",
        "scope": "openid",
        "connection": connection["sid"],
        "redirect_uri": CALLBACK,
        "state": key,
    }
    return f"{flex_connection.login_origin(world)}/authorize?{urlencode(query)}"


def login_authorize(world: World) -> twilio_answers.Handler:
    """`GET login.flex.us1.twilio.com/authorize`: on to the identity provider with the request (F32, F36)."""

    async def handle(request: Request) -> Response:
        key = request.query_params.get("state", "")
        flow, connection = world.store.get("oauth_state", key), flex_connection.connection(world)
        if flow is None or connection is None:
            return not_configured()
        sso_url = connection["sso_url"]
        if not console_check.is_web_address(sso_url) and world.rules.on("F36"):
            return failed(world, LoginFailed("F36", "70251", f"Invalid identity provider URL: {sso_url}"))
        if not world.rules.on("F37") and "federationmetadata" in sso_url.lower():
            return failed(world, LoginFailed("F37", "70251", "[sim] this is the address of a metadata document"))
        asked = flex_request.authn_request(
            world,
            sso_url=sso_url,
            reply_url=flex_connection.reply_url(world, connection),
            entity_id=flex_connection.entity_id(connection),
            request_id=flow["request_id"],
        )
        return pages.redirect(request, flex_request.address(world, sso_url, asked, key))

    return handle
