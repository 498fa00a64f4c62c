"""The reply URL: takes the response, judges it, makes the worker, sends the browser on with a code (F41-F64, F97)."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from flexsso_helpers.rehearsal.flex import connection as flex_connection
from flexsso_helpers.rehearsal.flex import console_check, failures, login, provisioning, twilio_answers
from flexsso_helpers.rehearsal.flex.failures import LoginFailed
from flexsso_helpers.rehearsal.flex.saml_judge import Asserted, Expected, Judge, Refused
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

Flow = dict[str, Any]


def callback(world: World) -> twilio_answers.Handler:
    """`POST login.flex.us1.twilio.com/login/callback?connection=JQ…` with SAMLResponse and RelayState."""

    async def handle(request: Request) -> Response:
        fields = await pages.form_fields(request) if request.method == "POST" else dict(request.query_params)
        if request.method != "POST" and world.rules.on("F41"):
            return PlainTextResponse("[sim] This address takes POST only.\n", 405, {"Allow": "POST"})
        connection = flex_connection.connection(world)
        named = request.query_params.get("connection", "")
        if connection is None or (named != connection["sid"] and world.rules.on("F42")):
            return PlainTextResponse("[sim] The address must name a connection.\n", 400)
        if login.in_iframe(request) and not connection["login_popup"] and world.rules.on("F101"):
            return login.no_session(world)
        try:
            return pages.redirect(request, _accept(world, connection, fields))
        except LoginFailed as failure:
            return login.failed(world, failure)

    return handle


def _accept(world: World, connection: dict[str, Any], fields: dict[str, str]) -> str:
    """Where the browser goes after a good login. Raises `LoginFailed`."""
    asserted = _judged(world, connection, fields.get("SAMLResponse", ""))
    flow = _flow(world, connection, asserted, fields.get("RelayState", ""))
    _check_replay(world, asserted)
    user, warnings = provisioning.provision(world, asserted.name_id, asserted.attributes)
    for warning in warnings:
        failures.log(world, "F96", warning)
    code = world.new_id("oauth_code")
    issued = {"user_sid": user["sid"], "challenge": flow["challenge"], "used": False, "nonce": flow["nonce"]}
    world.store.put("oauth_code", code, issued, at=world.clock.now)
    world.count("sign_ins")
    world.wrote()
    state = flow["state"] if world.rules.on("F64") else ""
    query = {"code": code, **({"state": state} if state else {})}
    joint = "&" if urlsplit(flow["redirect_url"]).query else "?"
    return f"{flow['redirect_url']}{joint}{urlencode(query)}"


def _judged(world: World, connection: dict[str, Any], saml_response: str) -> Asserted:
    try:
        console_check.usable(world, connection)
        expected = Expected(
            entity_id=flex_connection.entity_id(connection),
            reply_url=flex_connection.reply_url(world, connection),
            issuer=connection["issuer"],
            certificates=console_check.certificates(world, connection["certificate"]),
        )
        judge = Judge(expected=expected, now=world.clock.now, rules=world.rules, quirks=world.quirks)
        asserted = judge.judge(saml_response)
    except console_check.BadSettings as error:
        raise LoginFailed(error.number, "70251", error.message) from error
    except Refused as refusal:
        code = refusal.code or world.quirks.value("saml_error_code")
        raise LoginFailed(refusal.number, code, refusal.text) from refusal
    for event in asserted.events:
        failures.log(world, "F54", event)
    return asserted


def _flow(world: World, connection: dict[str, Any], asserted: Asserted, relay_state: str) -> Flow:
    """The login that this response belongs to, marked as used; one of its own when nobody asked for it (F60)."""
    if not asserted.in_response_to:
        return _unasked(world, connection)
    flow = world.store.get("oauth_state", relay_state)
    if flow is None:
        if world.rules.on("F64") and world.quirks.value("bad_relaystate") == "refuse":
            raise _saml_failure(world, "F64", "[sim] RelayState names no login that was started here.")
        return _unasked(world, connection)
    checks = world.quirks.value("check_in_response_to") == "true" or world.quirks.value("sp_profile") == "strict"
    if checks and world.rules.on("F61") and (flow["used"] or asserted.in_response_to != {flow["request_id"]}):
        raise _saml_failure(world, "F61", "[sim] InResponseTo names no login that is waiting.")
    if flow["redirect_url"] and not login.is_trusted(world, flow["redirect_url"]):
        raise LoginFailed("F33", "70002", f"[sim] not trusted: {flow['redirect_url']}")
    world.store.put("oauth_state", relay_state, {**flow, "used": True}, at=world.clock.now)
    return flow


def _unasked(world: World, connection: dict[str, Any]) -> Flow:
    if world.quirks.value("idp_initiated") == "refused" or not world.rules.on("F60"):
        raise _saml_failure(world, "F60", "[sim] This connection takes no response that it did not ask for.")
    if not connection["default_redirect_url"]:
        raise LoginFailed(
            "F60", "45002", "[sim] There is no Default Redirect URL for a login from the identity provider."
        )
    return {"state": "", "nonce": "", "challenge": "", "redirect_url": connection["default_redirect_url"]}


def _check_replay(world: World, asserted: Asserted) -> None:
    seen = world.store.get("flex_assertion", asserted.assertion_id) is not None
    refuses = world.quirks.value("reject_replay") == "true" or world.quirks.value("sp_profile") == "strict"
    if seen and refuses and world.rules.on("F62"):
        raise _saml_failure(world, "F62", "[sim] This response was used before.")
    world.store.put("flex_assertion", asserted.assertion_id, {"at": world.clock.iso()}, at=world.clock.now)


def _saml_failure(world: World, number: str, text: str) -> LoginFailed:
    return LoginFailed(number, world.quirks.value("saml_error_code"), text)
