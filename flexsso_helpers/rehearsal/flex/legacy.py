"""The older single sign-on at iam.twilio.com (F115-F120): its login start, its reply URL, and its end.

Where Legacy still works, its reply URL answers programs as much as people: errors are JSON, and what the identity
provider got wrong makes the browser ask for a Twilio user name and password (F117, F119).
"""

import base64
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flexsso_helpers.rehearsal.flex import (
    console_check,
    failures,
    identity,
    legacy_realm,
    provisioning,
    signature,
    twilio_answers,
    users,
)
from flexsso_helpers.rehearsal.flex import request as flex_request
from flexsso_helpers.rehearsal.flex.failures import LoginFailed
from flexsso_helpers.rehearsal.flex.legacy_realm import Realm
from flexsso_helpers.rehearsal.flex.saml_judge import Asserted, Expected, Judge, Refused
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

NO_REALM = "[sim] no valid certificate for this identity realm"
BAD_NAME_ID = "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy"
BASIC = {"WWW-Authenticate": 'Basic realm="Twilio API"'}
TOKEN_SECONDS = 3600.0


def routes(world: World) -> dict[str, list[Route]]:
    """The routes of iam.twilio.com."""
    account = "/v1/Accounts/{account}"
    return {
        legacy_realm.HOST: [
            Route(f"{account}/authenticate", _authenticate(world), methods=["POST"]),
            Route(f"{account}/saml2", _reply(world), methods=["GET", "POST"]),
            Route(f"{account}/saml2/metadata", _metadata(world), methods=["GET"]),
            Route(f"{account}/Tokens/validate", users.token_validate(world), methods=["POST"]),
        ]
    }


def is_retired(world: World) -> bool:
    """Whether Legacy answers nobody any more (F120)."""
    return world.rules.on("F120") and world.quirks.value("legacy") == "retired"


def start(world: World, realm: Realm, resource: str) -> str:
    """Where the identity provider is asked for a login that ends at `resource`. Raises `LoginFailed`."""
    if not console_check.is_web_address(realm["sso_url"]):
        raise LoginFailed("F115", "70251", f"[sim] no web address: {realm['sso_url']}")
    key = world.new_id("legacy_state")
    world.store.put("legacy_state", key, {"resource": resource}, at=world.clock.now)
    asked = flex_request.authn_request(
        world,
        sso_url=realm["sso_url"],
        reply_url=legacy_realm.reply_url(),
        entity_id=legacy_realm.entity_id(),
        request_id=f"_{world.new_id('legacy_request')}",
    )
    return flex_request.address(world, realm["sso_url"], asked, key)


def _authenticate(world: World) -> twilio_answers.Handler:
    """The start of a Legacy login (F115); an account on Enhanced, or without any, has no realm there (F116)."""

    async def handle(request: Request) -> Response:
        if is_retired(world):
            return _gone(world)
        realm = legacy_realm.realm(world)
        if (realm is None or not legacy_realm.in_force(world)) and world.rules.on("F116"):
            return twilio_answers.error(world, 400, 70251, NO_REALM)
        resource = str((await _json(request)).get("resource", ""))
        if realm is None or not world.rules.on("F115"):
            return JSONResponse({"location": resource})
        try:
            return JSONResponse({"location": start(world, realm, resource)})
        except LoginFailed as failure:
            return twilio_answers.error(world, 400, int(failure.code), failure.detail)

    return handle


def _reply(world: World) -> twilio_answers.Handler:
    """`POST iam.twilio.com/v1/Accounts/AC…/saml2`: the Legacy reply URL."""

    async def handle(request: Request) -> Response:
        if is_retired(world):
            return _gone(world)
        realm = legacy_realm.realm(world)
        if realm is None or not legacy_realm.in_force(world):
            return twilio_answers.error(world, 400, 70251, NO_REALM)
        if request.method != "POST":
            return twilio_answers.error(world, 405, 20004, "[sim] This address takes POST only")
        fields = await pages.form_fields(request)
        return _accept(world, request, realm, fields.get("SAMLResponse", ""), fields.get("RelayState", ""))

    return handle


def _accept(world: World, request: Request, realm: Realm, saml_response: str, relay_state: str) -> Response:
    issuer, statuses = _said(saml_response)
    if BAD_NAME_ID in statuses and world.rules.on("F119"):
        return _asks_for_password(world, "F119", 70002, "[sim] Status InvalidNameIDPolicy")
    if issuer and issuer != realm["issuer"] and world.rules.on("F117"):
        text = f"Invalid issuer in the Assertion/Response. Was '{issuer}', but expected '{realm['issuer']}'"
        return _asks_for_password(world, "F117", 70004, f"authentication failed: {text}")
    try:
        asserted = _judged(world, realm, saml_response)
        user, _ = provisioning.provision(world, asserted.name_id, asserted.attributes)
    except Refused as refusal:
        return _refused(world, refusal.number, 70252, refusal.text)
    except console_check.BadSettings as error:
        return _refused(world, error.number, 70251, error.message)
    except LoginFailed as failure:
        return _refused(world, failure.number, int(failure.code), failure.detail)
    world.count("sign_ins")
    world.wrote()
    return pages.redirect(request, _back(world, realm, relay_state, user), 303)


def _judged(world: World, realm: Realm, saml_response: str) -> Asserted:
    expected = Expected(
        entity_id=legacy_realm.entity_id(),
        reply_url=legacy_realm.reply_url(),
        issuer=realm["issuer"],
        certificates=console_check.certificates(world, realm["certificate"]),
    )
    return Judge(expected=expected, now=world.clock.now, rules=world.rules, quirks=world.quirks).judge(saml_response)


def _back(world: World, realm: Realm, relay_state: str, user: dict[str, Any]) -> str:
    """The address that the login was started for, with the user's token in its query (F118)."""
    started = world.store.get("legacy_state", relay_state) or {}
    resource = started.get("resource") or realm["default_redirect_url"] or legacy_realm.hosted_link(world)
    token = world.new_id("flex_token")
    world.store.put("flex_token", token, {"user_sid": user["sid"]}, at=world.clock.now)
    query = {
        "Token": token,
        "Identity": identity.escape(user["name_id"]),
        "Roles": ",".join(user["roles"]),
        "Expiration": world.clock.iso(TOKEN_SECONDS),
    }
    if not world.rules.on("F118"):
        return str(resource)
    return f"{resource}{'&' if urlsplit(resource).query else '?'}{urlencode(query)}"


def _said(saml_response: str) -> tuple[str, list[str]]:
    """What the response says before anybody has checked it: its issuer and its status codes."""
    try:
        root = signature.parse(base64.b64decode("".join(saml_response.split())))
    except (ValueError, etree.XMLSyntaxError):
        return "", []
    codes = [code.get("Value", "") for code in root.iterfind("{*}Status//{*}StatusCode")]
    return (root.findtext("{*}Issuer") or "").strip(), codes


def _asks_for_password(world: World, number: str, code: int, text: str) -> Response:
    failures.log(world, number, text, code=str(code))
    answer = twilio_answers.error(world, 401, code, text)
    answer.headers.update(BASIC)
    return answer


def _refused(world: World, number: str, code: int, text: str) -> Response:
    failures.log(world, number, text, code=str(code))
    return twilio_answers.error(world, 401, code, "[sim] authentication failed")


def _metadata(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        if is_retired(world):
            return _gone(world)
        return twilio_answers.not_found(world, request.scope["path"])

    return handle


def _gone(world: World) -> Response:
    return twilio_answers.error(world, 410, 20404, "[sim] This way of signing on is retired")


async def _json(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; empty when it is none."""
    try:
        read = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
