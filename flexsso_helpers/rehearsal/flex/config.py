"""What can be read of a Flex account: its connection without credentials, its configuration with them (F19-F31)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import failures, seed, twilio_answers, workers
from flexsso_helpers.rehearsal.flex.connection import USABLE, connection, is_active
from flexsso_helpers.rehearsal.world.world import World

PLAIN_SELECTORS = {
    "AccountSid": "account_sid",
    "FlexInstanceSid": "instance_sid",
    "SSOProfileSid": "connection_name",
    "AppType": "app_type",
}
SELECTORS = (*PLAIN_SELECTORS, "RuntimeDomain")
SECRET_FIELDS = ("certificate", "issuer", "sso_url", "default_redirect_url", "trusted_urls")


def config_list(world: World) -> list[dict[str, Any]]:
    """The entries of Authentication/Config, before selectors (F10, F18, F19)."""
    found, home = connection(world), workers.account(world)
    hidden = world.rules.on("F10") and world.quirks.value("listed_before_save") == "no"
    if found is None or (found["stage"] not in USABLE and hidden):
        return []
    entry = {
        "account_sid": home["sid"],
        "instance_sid": home["instance_sid"],
        "connection_name": found["sid"],
        "client_id": seed.CLIENT_ID,
        "active": is_active(world, found),
        "app_type": "flex",
    }
    return [entry if world.rules.on("F18") else {**entry, **{name: found[name] for name in SECRET_FIELDS}}]


def authentication_config(world: World) -> twilio_answers.Handler:
    """`GET services.twilio.com/v1/Flex/Authentication/Config` for anyone."""

    async def handle(request: Request) -> Response:
        if "authorization" in request.headers and world.rules.on("F23"):
            failures.log(world, "F23", "credentials were sent to Authentication/Config")
        refusal = twilio_answers.misshapen(world, request)
        if refusal is not None:
            return refusal
        if not world.rules.on("F19"):
            return twilio_answers.error(world, 401, 20003, "Authenticate")
        account_sid = request.query_params.get("AccountSid")
        if account_sid and account_sid != workers.account(world)["sid"]:
            return _empty(world, "F22", "unknown_account")
        listed = config_list(world)
        if not listed:
            return _empty(world, "F21", "no_connection")
        return JSONResponse({"config_list": [entry for entry in listed if _selected(world, request, entry)]})

    return handle


def _empty(world: World, number: str, quirk: str) -> Response:
    choice = world.quirks.value(quirk) if world.rules.on(number) else "empty"
    if choice == "empty":
        return JSONResponse({"config_list": []})
    return twilio_answers.error(world, int(choice), 20404 if choice == "404" else 20001, "[sim] no configuration")


def _selected(world: World, request: Request, entry: dict[str, Any]) -> bool:
    """Whether every selector that was given matches (F20)."""
    if not world.rules.on("F20"):
        return True
    given = request.query_params
    plain = all(given[selector] == entry[name] for selector, name in PLAIN_SELECTORS.items() if given.get(selector))
    domain = given.get("RuntimeDomain")
    return plain and (not domain or domain in _domain_forms(world))


def _domain_forms(world: World) -> tuple[str, ...]:
    name = workers.account(world)["runtime_domain"]
    long = f"{name}.twil.io"
    return (long,) if world.quirks.value("runtime_domain_match") == "twil_io" else (name, long)


def configuration(world: World) -> twilio_answers.Handler:
    """`GET flex-api.twilio.com/v1/Configuration`: the account's Flex configuration (F24-F29)."""

    async def handle(_request: Request) -> Response:
        home = workers.account(world)
        missing = int(world.quirks.value("flex_missing_status"))
        if world.rules.on("F26") and home["status"] == "none":
            return twilio_answers.error(world, missing, 45101, "Configuration Not Found")
        if world.rules.on("F26") and not home["workspace_sid"]:
            return twilio_answers.error(world, missing, 45103, "Workspace Not Configured")
        return JSONResponse(_configuration(world, home))

    return handle


def _configuration(world: World, home: dict[str, Any]) -> dict[str, Any]:
    bare = not world.rules.on("F27") or world.quirks.value("runtime_domain_form") == "bare"
    domain = home["runtime_domain"] if bare else f"{clouds.FLEX_UI}/{home['runtime_domain']}"
    popups = _popups(world, home)
    return {
        "account_sid": home["sid"],
        "flex_instance_sid": home["instance_sid"],
        "status": home["status"] if world.rules.on("F29") else None,
        "runtime_domain": domain,
        "ui_version": home["ui_version"] if world.rules.on("F28") else f"{home['ui_version'].lstrip('~^')}.0",
        "ui_language": "en",
        "ui_attributes": {**home["ui_attributes"], **({"loginPopup": popups[1]})},
        "ui_dependencies": {},
        "public_attributes": {**home["public_attributes"], **({"loginPopup": popups[0]})},
        "attributes": {},
        "service_version": None,
        "taskrouter_workspace_sid": home["workspace_sid"],
        "taskrouter_offline_activity_sid": home["offline_activity_sid"],
        "taskrouter_target_workflow_sid": None,
        "taskrouter_target_taskqueue_sid": None,
        "taskrouter_taskqueues": [],
        "taskrouter_skills": [],
        "taskrouter_worker_channels": {},
        "taskrouter_worker_attributes": {},
        "call_recording_enabled": False,
        "crm_enabled": False,
        "integrations": [],
        "serverless_service_sids": [],
        "date_created": home["date_created"],
        "date_updated": home["date_created"],
        "url": f"{clouds.FLEX_API}/v1/Configuration",
    }


def _popups(world: World, home: dict[str, Any]) -> tuple[bool, bool]:
    """The pop-up flag in public_attributes and in ui_attributes; Console sets the one that wins (F31)."""
    found = connection(world)
    chosen = found["login_popup"] if found is not None else False
    public, ui = home["public_attributes"]["loginPopup"], home["ui_attributes"]["loginPopup"]
    if not world.rules.on("F31"):
        return chosen, chosen
    return (chosen, ui) if world.quirks.value("popup_wins") == "public" else (public, chosen)


def public_configuration(world: World) -> twilio_answers.Handler:
    """`GET flex-api.twilio.com/v1/Configuration/Public` for anyone (F30)."""

    async def handle(request: Request) -> Response:
        if not world.rules.on("F30"):
            return twilio_answers.error(world, 401, 20003, "Authenticate")
        refusal = twilio_answers.misshapen(world, request)
        if refusal is not None:
            return refusal
        home, given = workers.account(world), request.query_params
        by_account = given.get("AccountSid") == home["sid"]
        if not by_account and given.get("RuntimeDomain") not in _domain_forms(world):
            return JSONResponse({"configurations": []})
        popup = _popups(world, home)[0]
        found = {
            "runtime_domain": home["runtime_domain"],
            "account_sid": home["sid"],
            "public_attributes": {"loginPopup": popup},
        }
        return JSONResponse({"configurations": [found]})

    return handle
