"""Flex Console's Single sign-on pages, as a person walks them: start, copy two values, enter the provider's data.

What is drawn is in `console_pages`; the change from Legacy to Enhanced is in `console_migration`.
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.console import migration, new_console
from flexsso_helpers.rehearsal.console import pages as console_pages
from flexsso_helpers.rehearsal.flex import connection as flex_connection
from flexsso_helpers.rehearsal.flex import console_check, legacy_realm, seed, twilio_answers, workers
from flexsso_helpers.rehearsal.flex.connection import Connection
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

PAGE = clouds.CONSOLE_SSO_PAGE
HOST = clouds.CONSOLE.removeprefix("https://")
PATH = PAGE.removeprefix(clouds.CONSOLE)


def routes(world: World) -> dict[str, list[Route]]:
    """The pages of console.twilio.com, and of the new Console beside it."""
    table = [
        ("", _show(world), "GET"),
        ("/start", _start(world), "POST"),
        ("/confirm", _confirm(world), "POST"),
        ("/edit", _edit(world), "GET"),
        ("/edit", _edit(world), "POST"),
        ("/save", _save(world), "POST"),
        *migration.table(world),
    ]
    legacy = [Route(f"{PATH}{path}", handler, methods=[method]) for path, handler, method in table]
    return {HOST: legacy, new_console.HOST: new_console.table()}


def _show(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_connection.connection(world)
        if connection is None and legacy_realm.in_force(world):
            return migration.legacy_page(world, request)
        if connection is None:
            return console_pages.not_started(world, request)
        if connection["stage"] == "started":
            return console_pages.set_up(world, request, connection)
        if connection["stage"] == "confirmed":
            return console_pages.data_form(world, request, connection, connection)
        if connection["stage"] == "validating":
            return migration.validate_page(world, request, connection)
        return console_pages.overview(world, request, connection)

    return handle


def _start(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        if legacy_realm.in_force(world):
            return pages.redirect(request, migration.CHOICE, 303)
        if flex_connection.connection(world) is None and console_pages.offered(world, since=(2, 5)):
            console_pages.keep(world, seed.started())
        return pages.redirect(request, PAGE, 303)

    return handle


def _confirm(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_connection.connection(world)
        if connection is not None and connection["stage"] == "started":
            if "updated" not in await pages.form_fields(request):
                problem = "Tick the box when your identity provider has both values."
                return console_pages.set_up(world, request, connection, problem)
            console_pages.keep(world, migration.confirmed(world, connection))
        return pages.redirect(request, PAGE, 303)

    return handle


def _edit(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_connection.connection(world)
        if connection is None or connection["stage"] == "started":
            return pages.redirect(request, PAGE, 303)
        return console_pages.data_form(world, request, connection, connection)

    return handle


def _save(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_connection.connection(world)
        if connection is None or connection["stage"] == "started":
            return pages.redirect(request, PAGE, 303)
        entered = _entered(await pages.form_fields(request))
        if not entered["certificate"]:  # the box is empty while editing: the stored certificate stays
            entered["certificate"] = connection["certificate"]
        self_hosted = workers.account(world)["self_hosted"]
        refusal = console_check.refused_at_once(world, entered, self_hosted=self_hosted)
        if refusal is not None:
            return console_pages.data_form(world, request, connection, entered, refusal)
        default = entered["default_redirect_url"]
        if default and default not in entered["trusted_urls"] and world.rules.on("F13"):
            entered["trusted_urls"].append(default)
        console_pages.keep(world, {**connection, **entered, "stage": _next(connection)})
        return pages.redirect(request, PAGE, 303)

    return handle


def _next(connection: Connection) -> str:
    """Where saving leads: a migration is validated before it is finished."""
    return "validating" if connection.get("migration") and connection["stage"] != "saved" else "saved"


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
