"""Hosted Flex in the browser: starts a login from its link, ends it by exchanging the code (F40, F97, F98)."""

import base64
import hashlib
import json
from html import escape
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import claims, identity, legacy, legacy_realm, login, twilio_answers, users, workers
from flexsso_helpers.rehearsal.flex import connection as flex_connection
from flexsso_helpers.rehearsal.flex.failures import UNKNOWN_DOMAIN, LoginFailed
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World


def hosted(world: World) -> twilio_answers.Handler:
    """`GET flex.twilio.com/<runtime-domain>`: without a code it starts a login at once."""

    async def handle(request: Request) -> Response:
        domain = request.path_params["domain"]
        if domain != workers.account(world)["runtime_domain"] and world.rules.on("F40"):
            return pages.page("Log in failed", pages.error(UNKNOWN_DOMAIN), status=404)
        if "code" in request.query_params:
            return finish(world, request)
        if "Token" in request.query_params:
            return arrived(world, request.query_params["Token"])
        return start(world, request, f"{clouds.FLEX_UI}/{domain}")

    return handle


def start(world: World, request: Request, redirect_url: str) -> Response:
    """Start a login that ends at `redirect_url`."""
    connection = flex_connection.connection(world)
    realm = legacy_realm.realm(world)
    ready = connection is not None and flex_connection.is_active(world, connection)
    if realm is not None and legacy_realm.in_force(world) and not ready:
        return _start_legacy(world, request, realm)
    if connection is None:
        return login.not_configured()
    if connection["login_popup"] and login.in_iframe(request):
        way = f'<a href="{escape(pages.link(request, legacy_realm.hosted_link(world)))}" target="_blank">Log in</a>'
        return pages.page("Log in to Flex", f"<p>Flex logs in through a window of its own. {way}</p>")
    state, verifier = world.new_id("ui_state"), f"{world.new_id('ui_verifier')}{world.new_id('ui_verifier')}"
    world.store.put("flex_ui", state, {"verifier": verifier}, at=world.clock.now)
    query = {
        "isConsoleLogin": "false",
        "redirectUrl": redirect_url,
        "nonce": world.new_id("ui_nonce"),
        "codeChallenge": challenge(verifier),
        "state": state,
        "appType": "flex",
        "ssoProfileSid": connection["sid"],
    }
    return pages.redirect(request, f"{clouds.FLEX_SERVICES}/v1/Flex/Authorize?{urlencode(query)}")


def _start_legacy(world: World, request: Request, realm: legacy_realm.Realm) -> Response:
    """A login by Legacy, which ends here with a token in the address (F118)."""
    if legacy.is_retired(world):
        return pages.page("Log in failed", pages.error("Invalid SSO Settings. (error code 70251)"), status=400)
    try:
        return pages.redirect(request, legacy.start(world, realm, legacy_realm.hosted_link(world)))
    except LoginFailed as failure:
        return login.failed(world, failure)


def arrived(world: World, token: str) -> Response:
    """The page of whoever holds this token; it can be loaded again."""
    user = users.holder(world, token)
    if user is None:
        return login.failed(world, LoginFailed("F118", "45002", "[sim] the token is unknown"))
    shown = {**user, "identity": identity.escape(user["name_id"])}
    return pages.page("Signed in to Flex", _account_html(world, shown))


def finish(world: World, request: Request) -> Response:
    """Exchange the code, and go on to an address without it: a code counts once, and people load a page again.

    A login from the identity provider comes without state; any other must bring back the state it started with.
    """
    query = dict(request.query_params)
    code, state = query.pop("code"), query.pop("state", None)
    started = world.store.get("flex_ui", state) if state else None
    solicited = (world.store.get("oauth_code", code) or {}).get("challenge")
    if started is None and (state or solicited) and world.rules.on("F64"):
        text = "Locally stored state does not match response state"
        return pages.page("Log in failed", pages.error(text), status=400)
    try:
        token = exchange(world, code, started["verifier"] if started else "")
    except LoginFailed as failure:
        return login.failed(world, failure)
    address = f"https://{request.scope['host']}{request.scope['path']}"
    return pages.redirect(request, f"{address}?{urlencode({**query, 'Token': token['access_token']})}", 303)


def _account_html(world: World, token: dict[str, Any]) -> str:
    roles = claims.granted(token["roles"], world.rules)
    return pages.values(
        pages.value("Name", str(token["full_name"]), id_="full-name"),
        pages.value("Roles", ", ".join(roles), id_="roles"),
        pages.value("Works as", claims.effective_role(roles, world.rules), id_="effective-role"),
        pages.value("Flex Insights", claims.insights(roles, world.rules), id_="insights"),
        pages.value("Worker", token["worker_sid"], id_="worker-sid"),
        pages.value("Identity", token["identity"], id_="identity"),
    )


def challenge(verifier: str) -> str:
    """The PKCE challenge (S256) of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def exchange(world: World, code: str, verifier: str) -> dict[str, Any]:
    """The token for a code, once. Raises `LoginFailed` for a code that is unknown or used, and a wrong verifier."""
    issued = world.store.get("oauth_code", code)
    if issued is None or (issued["used"] and world.rules.on("F97")):
        raise LoginFailed("F97", "45002", "[sim] the code is unknown or was used before")
    if issued["challenge"] and challenge(verifier) != issued["challenge"] and world.rules.on("F98"):
        raise LoginFailed("F98", world.quirks.value("pkce_fail"), "[sim] the PKCE verifier does not fit")
    world.store.put("oauth_code", code, {**issued, "used": True}, at=world.clock.now)
    user = world.store.get("flex_user", issued["user_sid"]) or {}
    token = world.new_id("flex_token")
    world.store.put("flex_token", token, {"user_sid": issued["user_sid"]}, at=world.clock.now)
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "identity": identity.escape(user["name_id"]),
        "realm_user_id": user["name_id"],
        "full_name": user["full_name"],
        "roles": user["roles"],
        "worker_sid": user["worker_sid"],
        "flex_user_sid": user["sid"],
    }


def tokens(world: World) -> twilio_answers.Handler:
    """`POST services.twilio.com/v1/Flex/OAuth/Tokens`, JSON or form, with `code` and the PKCE verifier."""

    async def handle(request: Request) -> Response:
        fields = await _sent(request)
        try:
            return JSONResponse(exchange(world, fields.get("code", ""), fields.get("code_verifier", "")))
        except LoginFailed as failure:
            return twilio_answers.error(world, 401, int(failure.code), failure.detail)

    return handle


async def _sent(request: Request) -> dict[str, str]:
    if "json" not in request.headers.get("content-type", ""):
        return await pages.form_fields(request)
    try:
        read = json.loads(await request.body())
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}
