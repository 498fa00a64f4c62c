"""The start of a login: from the hosted link or an application to the identity provider (F32-F40)."""

import base64
import zlib
from html import escape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal import (
    console,
    console_check,
    flex_config,
    flex_log,
    flex_seed,
    pages,
    twilio_answers,
    workers,
)
from flexsso_helpers.rehearsal.flex_failures import NOT_CONFIGURED, LoginFailed
from flexsso_helpers.rehearsal.world import World

CALLBACK = f"{clouds.FLEX_SERVICES}/v1/Flex/Authentication/Callback"
NAMEID_FORMATS = {
    "emailAddress": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
}


def failed(world: World, failure: LoginFailed) -> Response:
    """The page after a login that failed: Flex's words; the library's only by quirk, and always in the log (F102)."""
    flex_log.note(world, failure.number, failure.detail, code=failure.code)
    hidden = world.rules.on("F102") and world.quirks.value("show_library_text") == "false"
    shown = failure.screen if hidden else f"{failure.screen} {failure.detail}"
    return pages.page("Log in failed", pages.error(shown), status=failure.status)


def not_configured() -> Response:
    """The page of an account whose connection nobody can use (F34)."""
    return pages.page("Log in failed", pages.error(NOT_CONFIGURED), status=400)


def is_trusted(world: World, url: str) -> bool:
    """Whether Flex sends a browser there after a login: the hosted link, its own callback, the trusted URLs (F33)."""
    if not world.rules.on("F33"):
        return True
    hosted = f"{clouds.FLEX_UI}/{workers.account(world)['runtime_domain']}"
    connection = flex_config.connection(world)
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
        connection = flex_config.connection(world)
        known = connection is not None and given.get("ssoProfileSid", connection["sid"]) == connection["sid"]
        usable = connection is not None and known and flex_config.is_active(world, connection)
        if connection is None or (not usable and world.rules.on("F34")):
            return not_configured()
        missing = [name for name in ("state", "nonce", "codeChallenge") if not given.get(name)]
        if missing and world.rules.on("F35") and world.quirks.value("missing_pkce") != "accept":
            return failed(world, LoginFailed("F35", "45004", f"[sim] missing: {missing}"))
        wanted = given.get("redirectUrl") or CALLBACK
        if not is_trusted(world, wanted) and world.quirks.value("untrusted_at") == "authorize":
            return failed(world, LoginFailed("F33", "70002", f"[sim] not trusted: {wanted}"))
        return pages.redirect(request, _login_url(connection, _remember(world, given, wanted)))

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


def _login_url(connection: dict[str, Any], key: str) -> str:
    query = {
        "client_id": flex_seed.CLIENT_ID,
        "response_type": "code",
        "scope": "openid",
        "connection": connection["sid"],
        "redirect_uri": CALLBACK,
        "state": key,
    }
    return f"{clouds.FLEX_LOGIN}/authorize?{urlencode(query)}"


def login_authorize(world: World) -> twilio_answers.Handler:
    """`GET login.flex.us1.twilio.com/authorize`: on to the identity provider with the request (F32, F36)."""

    async def handle(request: Request) -> Response:
        key = request.query_params.get("state", "")
        flow, connection = world.store.get("oauth_state", key), flex_config.connection(world)
        if flow is None or connection is None:
            return not_configured()
        sso_url = connection["sso_url"]
        if not console_check.is_web_address(sso_url) and world.rules.on("F36"):
            return failed(world, LoginFailed("F36", "70251", f"Invalid identity provider URL: {sso_url}"))
        packed = zlib.compressobj(9, zlib.DEFLATED, -15)
        deflated = packed.compress(authn_request(world, connection, flow["request_id"]).encode()) + packed.flush()
        query = {"SAMLRequest": base64.b64encode(deflated).decode(), "RelayState": key}
        if not world.rules.on("F32"):
            del query["RelayState"]
        joint = "&" if urlsplit(sso_url).query else "?"
        return pages.redirect(request, f"{sso_url}{joint}{urlencode(query, quote_via=quote)}")

    return handle


def authn_request(world: World, connection: dict[str, Any], request_id: str) -> str:
    """The AuthnRequest that goes to the identity provider (F38, F39). Unsigned, and it asks for no context."""
    forced = world.rules.on("F39") and world.quirks.value("force_authn") == "true"
    chosen = NAMEID_FORMATS.get(world.quirks.value("authn_nameid_policy"))
    policy = f'<samlp:NameIDPolicy Format="{chosen}" AllowCreate="true"/>' if chosen else ""
    identifier = request_id if world.rules.on("F38") else f"0{request_id[1:]}"
    attributes = {
        "xmlns:samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
        "AssertionConsumerServiceURL": console.reply_url(world, connection),
        "Destination": connection["sso_url"],
        "ID": identifier,
        "IssueInstant": world.clock.iso(),
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        "Version": "2.0",
        **({"ForceAuthn": "true"} if forced else {}),
    }
    written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    issuer = (
        f'<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{console.entity_id(connection)}</saml:Issuer>'
    )
    return f"<samlp:AuthnRequest {written}>{issuer}{policy}</samlp:AuthnRequest>"
