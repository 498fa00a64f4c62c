"""The identity provider's data on the page of an account on Legacy: three values and where a login ends, as before."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.console import pages as console_pages
from flexsso_helpers.rehearsal.flex import console_check, legacy_realm, twilio_answers
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

PAGE = clouds.CONSOLE_SSO_PAGE
EDIT = f"{PAGE}/legacy-data"
Row = tuple[str, twilio_answers.Handler, str]


def table(world: World) -> list[Row]:
    """Paths below the page, handlers and methods."""
    return [("/legacy-data", _edit(world), "GET"), ("/legacy-data", _save(world), "POST")]


def _edit(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        realm = legacy_realm.realm(world)
        if realm is None or not legacy_realm.in_force(world):
            return pages.redirect(request, PAGE, 303)
        return _form(world, request, {**realm, "certificate": ""})

    return handle


def _save(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        realm = legacy_realm.realm(world)
        if realm is None or not legacy_realm.in_force(world):
            return pages.redirect(request, PAGE, 303)
        fields = await pages.form_fields(request)
        names = ("friendly_name", "certificate", "issuer", "sso_url", "default_redirect_url")
        entered = {name: fields.get(name, "").replace("\r\n", "\n").strip() for name in names}
        if not entered["certificate"]:  # the box is empty while editing: the stored certificate stays
            entered["certificate"] = realm["certificate"]
        checked = {**entered, "trusted_urls": [], "login_popup": False}
        refusal = console_check.refused_at_once(world, checked, self_hosted=False)
        if refusal is not None:
            return _form(world, request, entered, refusal)
        world.store.put("flex_legacy", realm["sid"], {**realm, **entered}, at=world.clock.now)
        world.count("console")
        world.wrote()
        return pages.redirect(request, PAGE, 303)

    return handle


def _form(world: World, request: Request, filled: dict[str, Any], problem: str = "") -> HTMLResponse:
    fields = (
        pages.text("Friendly Name", "friendly_name", value=filled["friendly_name"]),
        pages.area(
            "X.509 Certificate",
            "certificate",
            value=filled["certificate"],
            hint="A certificate is stored. Leave the box empty to keep it.",
        ),
        pages.text("Identity Provider Issuer", "issuer", value=filled["issuer"]),
        pages.text("Single Sign-On URL", "sso_url", value=filled["sso_url"]),
        pages.text("Default Redirect URL", "default_redirect_url", value=filled["default_redirect_url"]),
    )
    form = pages.form(request, EDIT, *fields, button="Save", cancel=PAGE)
    title = "Legacy identity provider data"
    return console_pages.shown(world, request, title, (pages.error(problem) if problem else "") + form)
