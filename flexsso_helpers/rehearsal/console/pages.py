"""How Flex Console's Single sign-on pages look: the two values, the identity provider's form, the overview."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import connection as flex_connection
from flexsso_helpers.rehearsal.flex import console_check, legacy_realm, workers
from flexsso_helpers.rehearsal.flex.connection import Connection
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

PAGE = clouds.CONSOLE_SSO_PAGE
TITLE = "Single sign-on (SSO)"


def keep(world: World, connection: Connection) -> None:
    """Save what a person entered; it counts as one write in Console."""
    world.store.put("flex_connection", connection["sid"], connection, at=world.clock.now)
    world.count("console")
    world.wrote()


def offered(world: World, *, since: tuple[int, int]) -> bool:
    """Whether the account's Flex UI is at least this version; a bare major number is the newest of its kind (F07)."""
    numbers = [int(part) for part in re.findall(r"\d+", workers.account(world)["ui_version"])[:2]]
    return not world.rules.on("F07") or len(numbers) < 2 or tuple(numbers) >= since


def shown(world: World, request: Request, title: str, body: str, *, practice: bool = True) -> HTMLResponse:
    """A Console page: where one is, whose account it is, the body, and the way to practise the migration."""
    home = workers.account(world)
    above = pages.trail("Flex", "Users and access", "Single sign-on (SSO)", aside=f"Account {home['sid']}")
    way = pages.anchor(request, f"{PAGE}/practice", text="practise the change from Legacy single sign-on")
    return pages.page(title, above + body, footer=f"In a rehearsal you can also {way}." if practice else "")


def not_started(world: World, request: Request) -> HTMLResponse:
    """Nobody has begun."""
    if not offered(world, since=(2, 5)):
        return shown(world, request, TITLE, "<p>Flex UI 2.5 or newer is needed for single sign-on.</p>")
    text = (
        "<p>Single sign-on is not set up for this account. With it, people log in to Flex with the account that they "
        "have at your company.</p>"
    )
    return shown(world, request, TITLE, text + pages.form(request, f"{PAGE}/start", button="Start setup"))


def connection_values(world: World, connection: Connection) -> str:
    """The two values that an identity provider needs, each with a button that copies it."""
    return pages.values(
        pages.value("Entity ID", flex_connection.entity_id(connection), id_="entity-id", copy=True),
        pages.value("ACS URL", flex_connection.reply_url(world, connection), id_="acs-url", copy=True),
    )


def set_up(world: World, request: Request, connection: Connection, problem: str = "") -> HTMLResponse:
    """The page with both values and the box that says they have been entered."""
    way = {
        "modify": "Replace both values in the application that your identity provider has for Flex already.",
        "create": "Make a new application in your identity provider, and assign every user to it.",
    }.get(connection.get("migration", ""), "Copy both values into your identity provider, then come back to this page.")
    body = (pages.error(problem) if problem else "") + (
        f"<p>{way}</p>"
        + connection_values(world, connection)
        + pages.form(
            request,
            f"{PAGE}/confirm",
            pages.tick("I have updated my identity provider", "updated"),
            button="Save and continue",
        )
    )
    return shown(world, request, "Set up your identity provider", body)


def data_form(
    world: World, request: Request, connection: Connection, filled: dict[str, Any], problem: str = ""
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
        pages.text(
            "Default Redirect URL",
            "default_redirect_url",
            value=filled["default_redirect_url"],
            hint="Where a login goes that begins at the identity provider.",
        ),
        pages.text(
            "Trusted URLs",
            "trusted_urls",
            value=" ".join(filled["trusted_urls"]),
            hint="Separated by blanks. For Flex on a host of your own.",
        ),
        pages.tick("Login using popup", "login_popup", checked=filled["login_popup"]),
    )
    form = pages.form(request, f"{PAGE}/save", *fields, button="Save", cancel=PAGE if connection["certificate"] else "")
    body = (
        f"{pages.error(problem) if problem else ''}{form}<h2>Values for your identity provider</h2>"
        f"{connection_values(world, connection)}"
    )
    return shown(world, request, "Enter identity provider data", body)


def overview(world: World, request: Request, connection: Connection) -> HTMLResponse:
    """The page of a finished set-up."""
    realm = legacy_realm.realm(world)
    until = legacy_realm.kept_until(realm)[:10] if realm else ""
    way = pages.anchor(request, f"{PAGE}/legacy", text="The Legacy connection")
    legacy = f"<h2>Before the migration</h2><p>{way} is kept until {until}.</p>" if realm else ""
    body = (
        f"{login(world, request)}{connection_values(world, connection)}<h2>Identity provider</h2>"
        f"{provider(world, connection)}"
        f"{pages.form(request, f'{PAGE}/edit', button='Edit identity provider data', method='get', second=True)}"
        f"{legacy}"
    )
    return shown(world, request, TITLE, body)


def login(world: World, request: Request) -> str:
    """The login link, at the top as in Console."""
    link = pages.anchor(request, legacy_realm.hosted_link(world), id_="login-link", new_window=True)
    return pages.values(f"<dt>Log in with SSO</dt><dd>{link}</dd>")


def provider(world: World, connection: dict[str, Any]) -> str:
    """What is stored of the identity provider; of the certificate only that it is there, and until when."""
    return pages.values(
        pages.value("Friendly Name", connection["friendly_name"] or "–"),
        pages.value("X.509 Certificate", _certificate_words(world, connection), id_="certificate"),
        pages.value("Identity Provider Issuer", connection["issuer"] or "–", id_="issuer"),
        pages.value("Single Sign-On URL", connection["sso_url"] or "–", id_="sso-url"),
        pages.value("Default Redirect URL", connection["default_redirect_url"] or "–"),
        pages.value("Trusted URLs", " ".join(connection.get("trusted_urls", ())) or "–", id_="trusted-urls"),
        pages.value("Login using popup", "on" if connection.get("login_popup") else "off"),
    )


def _certificate_words(world: World, connection: dict[str, Any]) -> str:
    try:
        found = console_check.certificates(world, connection["certificate"])
    except console_check.BadSettings:
        return "stored; it cannot be read"
    last = max(certificate.not_valid_after_utc for certificate in found)
    return f"stored, valid until {last:%Y-%m-%d}"
