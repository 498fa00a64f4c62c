"""Flex Console's Single sign-on pages, as a person walks them: start, copy two values, enter the provider's data.

Stages of the connection: `started` (two values are shown), `confirmed` (the provider has them), `saved`.
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal import console_check, flex_config, flex_seed, pages, twilio_answers, workers
from flexsso_helpers.rehearsal.world import World

PAGE = clouds.CONSOLE_SSO_PAGE
HOST = clouds.CONSOLE.removeprefix("https://")
PATH = PAGE.removeprefix(clouds.CONSOLE)
TITLE = "Single sign-on (SSO)"


def routes(world: World) -> dict[str, list[Route]]:
    """The pages of console.twilio.com."""
    return {
        HOST: [
            Route(PATH, _show(world), methods=["GET"]),
            Route(f"{PATH}/start", _start(world), methods=["POST"]),
            Route(f"{PATH}/confirm", _confirm(world), methods=["POST"]),
            Route(f"{PATH}/edit", _edit(world), methods=["POST"]),
            Route(f"{PATH}/save", _save(world), methods=["POST"]),
        ]
    }


def reply_url(world: World, connection: dict[str, Any]) -> str:
    """The ACS URL of the connection (F02)."""
    named = connection["sid"] if world.rules.on("F02") else connection["sid"][::-1]
    return f"{clouds.FLEX_LOGIN}/login/callback?connection={named}"


def entity_id(connection: dict[str, Any]) -> str:
    """The entity ID of the connection (F02)."""
    return f"urn:flex:{connection['sid']}"


def _show(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_config.connection(world)
        if connection is None:
            return _not_started(world, request)
        if connection["stage"] == "started":
            return _set_up(world, request, connection)
        if connection["stage"] == "confirmed":
            return _data_form(world, request, connection, connection)
        return _overview(world, request, connection)

    return handle


def _start(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        if flex_config.connection(world) is None and _offered(world):
            _keep(world, flex_seed.started())
        return pages.redirect(request, PAGE, 303)

    return handle


def _confirm(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_config.connection(world)
        if connection is not None and connection["stage"] == "started":
            if "updated" not in await pages.form_fields(request):
                return _set_up(world, request, connection, "Tick the box when your identity provider has both values.")
            _keep(world, {**connection, "stage": "confirmed"})
        return pages.redirect(request, PAGE, 303)

    return handle


def _edit(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_config.connection(world)
        if connection is None or connection["stage"] == "started":
            return pages.redirect(request, PAGE, 303)
        return _data_form(world, request, connection, connection)

    return handle


def _save(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_config.connection(world)
        if connection is None or connection["stage"] == "started":
            return pages.redirect(request, PAGE, 303)
        entered = _entered(await pages.form_fields(request))
        if not entered["certificate"]:  # the box is empty while editing: the stored certificate stays
            entered["certificate"] = connection["certificate"]
        self_hosted = workers.account(world)["self_hosted"]
        refusal = console_check.refused_at_once(world, entered, self_hosted=self_hosted)
        if refusal is not None:
            return _data_form(world, request, connection, entered, refusal)
        default = entered["default_redirect_url"]
        if default and default not in entered["trusted_urls"] and world.rules.on("F13"):
            entered["trusted_urls"].append(default)
        _keep(world, {**connection, **entered, "stage": "saved"})
        return pages.redirect(request, PAGE, 303)

    return handle


def _keep(world: World, connection: dict[str, Any]) -> None:
    world.store.put("flex_connection", connection["sid"], connection, at=world.clock.now)
    world.count("console")
    world.wrote()


def _entered(fields: dict[str, str]) -> dict[str, Any]:
    """The fields of the data page; spaces around a value are a slip of the paste and fall away."""
    return {
        "friendly_name": fields.get("friendly_name", "").strip(),
        "certificate": fields.get("certificate", "").replace("\r\n", "\n").strip(),
        "issuer": fields.get("issuer", "").strip(),
        "sso_url": fields.get("sso_url", "").strip(),
        "default_redirect_url": fields.get("default_redirect_url", "").strip(),
        "trusted_urls": [url for url in re.split(r"[\s,]+", fields.get("trusted_urls", "")) if url],
        "login_popup": "login_popup" in fields,
    }


def _offered(world: World) -> bool:
    """Whether Enhanced single sign-on is offered: from Flex UI 2.5 on (F07)."""
    numbers = [int(part) for part in re.findall(r"\d+", workers.account(world)["ui_version"])[:2]]
    return not world.rules.on("F07") or len(numbers) < 2 or numbers >= [2, 5]


def _not_started(world: World, request: Request) -> HTMLResponse:
    if not _offered(world):
        return pages.page(TITLE, "<p>Flex UI 2.5 or newer is needed for single sign-on.</p>")
    start = pages.form(request, f"{PAGE}/start", button="Start setup")
    return pages.page(TITLE, f"<p>Single sign-on is not set up for this account.</p>{start}")


def _values(world: World, connection: dict[str, Any]) -> str:
    return pages.values(
        pages.value("Entity ID", entity_id(connection), id_="entity-id"),
        pages.value("ACS URL", reply_url(world, connection), id_="acs-url"),
    )


def _set_up(world: World, request: Request, connection: dict[str, Any], problem: str = "") -> HTMLResponse:
    shown = (pages.error(problem) if problem else "") + (
        "<p>Copy both values into your identity provider, then come back to this page.</p>"
        + _values(world, connection)
        + pages.form(
            request,
            f"{PAGE}/confirm",
            pages.tick("I have updated my identity provider", "updated"),
            button="Save and continue",
        )
    )
    return pages.page("Set up your identity provider", shown)


def _data_form(
    world: World, request: Request, connection: dict[str, Any], filled: dict[str, Any], problem: str = ""
) -> HTMLResponse:
    """The data page. A stored certificate is not shown again; what was just typed is."""
    stored = filled["certificate"] == connection["certificate"]
    hint = "A certificate is stored. Leave the box empty to keep it." if stored and connection["certificate"] else ""
    fields = (
        pages.text("Friendly Name", "friendly_name", value=filled["friendly_name"]),
        pages.area(
            "X.509 Certificate",
            "certificate",
            value="" if stored else filled["certificate"],
            hint=hint or "The whole PEM text, including all dashes.",
        ),
        pages.text("Identity Provider Issuer", "issuer", value=filled["issuer"]),
        pages.text("Single Sign-On URL", "sso_url", value=filled["sso_url"]),
        pages.text("Default Redirect URL", "default_redirect_url", value=filled["default_redirect_url"]),
        pages.text("Trusted URLs", "trusted_urls", value=" ".join(filled["trusted_urls"]), hint="Separated by blanks."),
        pages.tick("Login using popup", "login_popup", checked=filled["login_popup"]),
    )
    shown = (pages.error(problem) if problem else "") + pages.form(request, f"{PAGE}/save", *fields, button="Save")
    return pages.page("Enter identity provider data", f"{shown}<h2>Your values</h2>{_values(world, connection)}")


def _overview(world: World, request: Request, connection: dict[str, Any]) -> HTMLResponse:
    link = f"{clouds.FLEX_UI}/{workers.account(world)['runtime_domain']}"
    stored = pages.values(
        pages.value("Friendly Name", connection["friendly_name"]),
        pages.value("X.509 Certificate", _certificate_words(world, connection), id_="certificate"),
        pages.value("Identity Provider Issuer", connection["issuer"], id_="issuer"),
        pages.value("Single Sign-On URL", connection["sso_url"], id_="sso-url"),
        pages.value("Default Redirect URL", connection["default_redirect_url"] or "–"),
        pages.value("Trusted URLs", " ".join(connection["trusted_urls"]) or "–", id_="trusted-urls"),
        pages.value("Login using popup", "on" if connection["login_popup"] else "off"),
    )
    shown = (
        f"<p>Log in with SSO: {pages.anchor(request, link, id_='login-link')}</p>"
        f"{_values(world, connection)}<h2>Identity provider</h2>{stored}"
        f"{pages.form(request, f'{PAGE}/edit', button='Edit identity provider data')}"
    )
    return pages.page(TITLE, shown)


def _certificate_words(world: World, connection: dict[str, Any]) -> str:
    try:
        found = console_check.certificates(world, connection["certificate"])
    except console_check.BadSettings:
        return "stored; it cannot be read"
    last = max(certificate.not_valid_after_utc for certificate in found)
    return f"stored, valid until {last:%Y-%m-%d}"
