"""From Legacy to Enhanced in Flex Console: choose the way, validate, finish, and go back within 30 days (F16, F17)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.console import legacy
from flexsso_helpers.rehearsal.console import pages as console_pages
from flexsso_helpers.rehearsal.flex import connection as flex_connection
from flexsso_helpers.rehearsal.flex import legacy as flex_legacy
from flexsso_helpers.rehearsal.flex import legacy_realm, seed, twilio_answers
from flexsso_helpers.rehearsal.flex.connection import Connection
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

PAGE = clouds.CONSOLE_SSO_PAGE
CHOICE = f"{PAGE}/migration"
INHERITED = ("friendly_name", "certificate", "issuer", "sso_url", "default_redirect_url")
WAYS = {
    "modify": (
        "Modify existing SSO connection",
        "Keeps the application in your identity provider. Flex takes over certificate, issuer and URL. Nobody may be "
        "able to log in while the values are being exchanged.",
    ),
    "create": (
        "Create new SSO connection",
        "Needs a new application in your identity provider, with every user assigned. Until you finish, and for 30 "
        "days after, you can switch back.",
    ),
}

Row = tuple[str, twilio_answers.Handler, str]


def table(world: World) -> list[Row]:
    """Paths below the page, handlers and methods."""
    return [
        ("/migration", _choose(world), "GET"),
        ("/migration", _begin(world), "POST"),
        ("/finish", _finish(world), "POST"),
        ("/legacy", _legacy(world), "GET"),
        ("/switch-back", _switch_back(world), "POST"),
        *legacy.table(world),
        ("/practice", _practice(world), "GET"),
        ("/practice", _put_on_legacy(world), "POST"),
    ]


def confirmed(world: World, connection: Connection) -> Connection:
    """The connection once the identity provider has its values: with Modify existing the data page is skipped (F16)."""
    realm = legacy_realm.realm(world)
    if connection.get("migration") == "modify" and realm is not None and world.rules.on("F16"):
        return {**connection, **{name: realm[name] for name in INHERITED}, "stage": "validating"}
    return {**connection, "stage": "confirmed"}


def legacy_page(world: World, request: Request) -> HTMLResponse:
    """The page of an account on Legacy, with the offer to leave it."""
    if console_pages.offered(world, since=(2, 7)):
        offer = "<p>Legacy single sign-on ends. Set up the new one; you can switch back for 30 days.</p>" + pages.form(
            request, f"{PAGE}/start", button="Start setup"
        )
    else:
        offer = "<p>Flex UI 2.7 or newer is needed for it.</p>"
    ended = flex_legacy.is_retired(world)
    note = "<p>Logins by Legacy are answered as retired.</p>" if ended else console_pages.login(world, request)
    edit = pages.form(request, legacy.EDIT, button="Edit identity provider data", method="get", second=True)
    body = f"<h2>New SSO Solution Available</h2>{offer}<h2>Legacy single sign-on</h2>{note}{_realm(world)}{edit}"
    return console_pages.shown(world, request, console_pages.TITLE, body)


def validate_page(world: World, request: Request, connection: Connection) -> HTMLResponse:
    """Try the new connection, then finish."""
    body = (
        "<p>Open the login link in a private window and log in. When it works, finish the migration.</p>"
        + console_pages.login(world, request)
        + pages.form(request, f"{PAGE}/finish", button="Finish")
        + pages.form(request, f"{PAGE}/edit", button="Edit identity provider data", method="get", second=True)
        + pages.form(request, f"{PAGE}/switch-back", button="Switch back to Legacy", second=True)
        + "<h2>Values for your identity provider</h2>"
        + console_pages.connection_values(world, connection)
        + "<h2>Identity provider</h2>"
        + console_pages.provider(world, connection)
    )
    return console_pages.shown(world, request, "Validate the new SSO connection", body)


def _realm(world: World) -> str:
    realm = legacy_realm.realm(world)
    assert realm is not None
    return (
        pages.values(
            pages.value("Entity ID (Legacy)", legacy_realm.entity_id(), id_="legacy-entity-id"),
            pages.value("ACS URL (Legacy)", legacy_realm.reply_url(), id_="legacy-acs-url"),
            pages.value("Twilio SSO URL", "iam"),
        )
        + "<h2>Identity provider</h2>"
        + console_pages.provider(world, realm)
    )


def _choose(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        if not _may_migrate(world):
            return pages.redirect(request, PAGE, 303)
        ways = "".join(
            f"<h2>{title}</h2><p>{text}</p>{pages.form(request, CHOICE, button=title, hidden={'way': way})}"
            for way, (title, text) in WAYS.items()
        )
        return console_pages.shown(world, request, "Choose how to migrate", ways)

    return handle


def _begin(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        way = (await pages.form_fields(request)).get("way", "")
        if way in WAYS and _may_migrate(world):
            console_pages.keep(world, {**seed.started(), "migration": way})
        return pages.redirect(request, PAGE, 303)

    return handle


def _may_migrate(world: World) -> bool:
    offered = console_pages.offered(world, since=(2, 7))
    return offered and legacy_realm.in_force(world) and flex_connection.connection(world) is None


def _finish(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        connection = flex_connection.connection(world)
        if connection is not None and connection["stage"] == "validating":
            legacy_realm.replace(world)
            console_pages.keep(world, {**connection, "stage": "saved"})
        return pages.redirect(request, PAGE, 303)

    return handle


def _legacy(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        realm = legacy_realm.realm(world)
        if realm is None or legacy_realm.in_force(world):
            return pages.redirect(request, PAGE, 303)
        return _kept(world, request, realm)

    return handle


def _kept(world: World, request: Request, realm: dict[str, Any], problem: str = "") -> HTMLResponse:
    until = legacy_realm.kept_until(realm)[:10]
    if legacy_realm.can_go_back(world):
        text = f"<p>You can switch back until {until}. The new connection is then removed.</p>"
        text += pages.form(request, f"{PAGE}/switch-back", button="Switch back to Legacy", cancel=PAGE)
    else:
        text = f"<p>It was kept until {until}. Switching back is no longer possible.</p>"
    body = f"{pages.error(problem) if problem else ''}{text}<h2>What it was</h2>{_realm(world)}"
    return console_pages.shown(world, request, "Legacy single sign-on", body)


def _switch_back(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        realm = legacy_realm.realm(world)
        if realm is None:
            return pages.redirect(request, PAGE, 303)
        if not legacy_realm.can_go_back(world):
            problem = "The 30 days in which one can switch back are over."
            return _kept(world, request, realm, problem)
        legacy_realm.go_back(world)
        world.count("console")
        world.wrote()
        return pages.redirect(request, PAGE, 303)

    return handle


def _practice(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        text = (
            "<p>No real Console has this page. It puts the rehearsed account on Legacy single sign-on, as if that had "
            "been set up a year ago, and takes the new connection away, so that you can practise the change. The "
            "applications in the rehearsed Entra tenant stay as they are.</p>"
            "<p>To go back to the beginning: <code>flexsso rehearsal reset</code>.</p>"
        )
        form = pages.form(request, f"{PAGE}/practice", button="Put this account on Legacy", cancel=PAGE)
        return console_pages.shown(world, request, "Practise the change from Legacy", text + form, practice=False)

    return handle


def _put_on_legacy(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        legacy_realm.plant(world)
        world.wrote()
        return pages.redirect(request, PAGE, 303)

    return handle
