"""The SAML endpoint: reads the AuthnRequest, asks who signs in, and issues what the tenant is configured to issue."""

import base64
from dataclasses import dataclass

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.reads import mirrored
from flexsso_helpers.rehearsal.entra import claims, logout, saml_request, tenant
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal, as_page, trace_ids
from flexsso_helpers.rehearsal.entra.response import Request as Answered
from flexsso_helpers.rehearsal.entra.response import build_refusal, build_response
from flexsso_helpers.rehearsal.entra.signing import active_key, signing_option
from flexsso_helpers.rehearsal.world import pages, rules
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare(
    {
        "G75": "The issuer of the request is one of the identifiers, the reply URL one of those registered, exactly",
        "AADSTS50057": "A disabled account does not sign in",
        "AADSTS50058": "A passive request of somebody who is not signed in comes back without an assertion",
        "AADSTS7000112": "A disabled application signs nobody on",
    }
)

TITLE = "Sign in to your account"
KEPT = ("SAMLRequest", "RelayState", "binding")
SHOW = "show"
"""The box that has a response shown on its way, as developer tools would show it."""


@dataclass(frozen=True)
class Asked:
    """A request that was found good, and the service principal it is for."""

    sp: Document
    request: Answered
    name_id_format: str
    passive: bool = False


class SamlEndpoint:
    """`/{tenant}/saml2`."""

    def __init__(self, world: World) -> None:
        """The endpoint of this tenant."""
        self.world = world

    async def ask(self, request: Request) -> Response:
        """A message by HTTP-Redirect."""
        return self._received(request, dict(request.query_params), posted=False)

    async def answer(self, request: Request) -> Response:
        """A message by HTTP-POST, or the user name that was asked for: issue, or say why not."""
        sent = await pages.form_fields(request)
        if "user" not in sent:
            return self._received(request, sent, posted=True)
        try:
            message = self._message(request, sent, posted=sent.get("binding") == "POST")
            asked = self._asked(message)
            user = self._user(sent["user"])
            response = self._issue(asked, user)
        except SignInRefusal as refusal:
            if refusal.of_the_name:
                kept = {name: text for name, text in sent.items() if name in KEPT}
                return self._asking(request, self.world.cloud.login_url(TENANT_ID), kept, sent["user"], refusal.text)
            return as_page(self.world, request, refusal)
        return self._send(request, asked, response, sent.get("RelayState"), shown=SHOW in sent)

    def _received(self, request: Request, sent: dict[str, str], *, posted: bool) -> Response:
        """Check the message, then ask for the user name; sign out; or send back a passive request."""
        try:
            message = self._message(request, sent, posted=posted)
            if message.tag == saml_request.LOGOUT:
                sp = self._service_principal(saml_request.issuer(message))
                return logout.answer(self.world, request, message, sp, sent.get("RelayState"))
            asked = self._asked(message)
        except SignInRefusal as refusal:
            return as_page(self.world, request, refusal)
        if asked.passive and self.world.rules.on("AADSTS50058"):
            return self._nobody_is_signed_in(request, asked, sent.get("RelayState"))
        kept = {name: text for name, text in sent.items() if name in KEPT}
        kept |= {"binding": "POST"} if posted else {}
        return self._asking(request, self.world.cloud.login_url(TENANT_ID), kept, sent.get("login_hint", ""))

    def _nobody_is_signed_in(self, request: Request, asked: Asked, relay_state: str | None) -> Response:
        """The rehearsal keeps no session between sign-ons, so a passive request always ends here."""
        trace, correlation = trace_ids(self.world, request)
        text = "AADSTS50058: A silent sign-in request was sent but no user is signed in."
        ids = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {self.world.clock.iso().replace('T', ' ')}"
        return self._post(request, asked, build_refusal(self.world, asked.request, f"{text} {ids}"), relay_state)

    async def start(self, request: Request) -> Response:
        """A tile of My Apps: to the sign-on URL where there is one, else ask who signs on (2b, loginUrl)."""
        try:
            sp = self._tile(request)
        except SignInRefusal as refusal:
            return as_page(self.world, request, refusal)
        if sp["loginUrl"]:
            return pages.redirect(request, sp["loginUrl"])
        return self._asking(request, _tile_address(sp), {}, request.query_params.get("login_hint", ""))

    async def start_as(self, request: Request) -> Response:
        """Send a response that nobody asked for to the application's default reply URL."""
        sent = await pages.form_fields(request)
        name = sent.get("user", "")
        try:
            sp = self._tile(request)
            answered = Answered("", _identifier(sp), self._default_reply_url(sp))
            asked = Asked(sp, answered, "")
            response = self._issue(asked, self._user(name))
        except SignInRefusal as refusal:
            if refusal.of_the_name:
                return self._asking(request, _tile_address(sp), {}, name, refusal.text)
            return as_page(self.world, request, refusal)
        relay_state = (sp["samlSingleSignOnSettings"] or {}).get("relayState")
        return self._send(request, asked, response, relay_state, shown=SHOW in sent)

    def _tile(self, request: Request) -> Document:
        app_id = request.path_params["app_id"]
        sp = objects.service_principal_of(self.world, app_id)
        if sp is None or sp["preferredSingleSignOnMode"] != "saml":
            raise _unknown(app_id)
        return self._enabled(mirrored(self.world, sp))

    def _send(
        self, request: Request, asked: Asked, response: bytes, relay_state: str | None, *, shown: bool
    ) -> Response:
        self.world.count("sign_ins")
        self.world.wrote()
        return self._post(request, asked, response, relay_state, shown=shown)

    def _post(
        self, request: Request, asked: Asked, response: bytes, relay_state: str | None, *, shown: bool = False
    ) -> Response:
        fields = {"SAMLResponse": base64.b64encode(response).decode()}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        to_copy = "SAMLResponse" if shown else ""
        return pages.auto_post(request, "Signing you in", asked.request.reply_url, fields, to_copy=to_copy)

    def _asking(self, request: Request, url: str, kept: dict[str, str], name: str, problem: str = "") -> Response:
        """The form for a user name; again with the name that was typed, where that is the `problem`."""
        field = pages.text(
            "User name", "user", value=name, hint="For example bo.agent@contoso.com. No password is asked."
        )
        text = "<p>This is a rehearsal of Microsoft’s sign-in page: the user name alone signs you in.</p>"
        body = (pages.error(problem) if problem else "") + text
        stops = pages.tick("Show the SAMLResponse before it is sent, to copy it", SHOW)
        body += pages.form(request, url, field, stops, button="Sign in", hidden=kept)
        return pages.page(TITLE, body, status=400 if problem else 200)

    def _message(self, request: Request, sent: dict[str, str], *, posted: bool) -> etree._Element:
        tenant.check(self.world, request.path_params["tenant"])
        return saml_request.read(self.world, sent.get("SAMLRequest"), posted=posted)

    def _asked(self, authn: etree._Element) -> Asked:
        issuer = saml_request.issuer(authn)
        sp = self._enabled(self._service_principal(issuer))
        saml_request.check(self.world, authn, sp)
        answered = Answered(authn.get("ID", ""), issuer, self._reply_url(authn, sp))
        wanted = saml_request.name_id_format(authn)
        return Asked(sp, answered, wanted, passive=saml_request.is_passive(authn))

    def _enabled(self, sp: Document) -> Document:
        if not sp["accountEnabled"] and self.world.rules.on("AADSTS7000112"):
            raise SignInRefusal(7000112, f"Application '{sp['appId']}'({sp['displayName']}) is disabled.")
        return sp

    def _service_principal(self, issuer: str) -> Document:
        for sp in self.world.store.all("servicePrincipal"):
            known = mirrored(self.world, sp)
            names = known["servicePrincipalNames"]
            loose = [name.lower().rstrip("/") for name in names]
            if issuer in names or (not self.world.rules.on("G75") and issuer.lower().rstrip("/") in loose):
                return known
        raise _unknown(issuer)

    def _reply_url(self, authn: etree._Element, sp: Document) -> str:
        asked = authn.get("AssertionConsumerServiceURL", "")
        if not asked:
            return self._default_reply_url(sp)
        if asked not in sp["replyUrls"] and self.world.rules.on("G75"):
            raise SignInRefusal(
                50011,
                f"The reply URL '{asked}' specified in the request does not match the reply URLs configured for the "
                f"application '{sp['appId']}'. Make sure the reply URL sent in the request matches one added to your "
                "application in the Azure portal.",
            )
        return asked

    def _default_reply_url(self, sp: Document) -> str:
        app = objects.application_of(self.world, sp["appId"]) or {}
        known = [app.get("defaultRedirectUri"), *sp["replyUrls"]]
        default = next((url for url in known if url), None)
        if default is None:
            raise SignInRefusal(900971, "No reply address provided.")
        return str(default)

    def _user(self, name: str) -> Document:
        user = objects.user_by_name(self.world, name)
        if user is None:
            raise SignInRefusal(
                50034, f"The user account {name} does not exist in the contoso.com directory. To sign into this "
                "application, the account must be added to the directory.",
            )  # fmt: skip
        if not user["accountEnabled"] and self.world.rules.on("AADSTS50057"):
            raise SignInRefusal(50057, "The user account is disabled.")
        return user

    def _issue(self, asked: Asked, user: Document) -> bytes:
        world, sp = self.world, asked.sp
        roles = claims.roles_of(world, sp, user)
        if roles is None and sp["appRoleAssignmentRequired"] and world.rules.on("G73"):
            raise SignInRefusal(
                50105,
                f"Your administrator has configured the application {sp['displayName']} ('{sp['appId']}') to block "
                "users unless they are specifically granted ('assigned') access to the application. The signed in user "
                f"'{user['userPrincipalName']}' is blocked because they are not a direct member of a group with "
                "access, nor had access directly assigned by an administrator. Please contact your administrator to "
                "assign access to this application.",
            )
        key = active_key(world, sp)
        subject = claims.subject(world, sp, user, roles or [], wanted_format=asked.name_id_format)
        return build_response(world, asked.request, subject, key=key, option=signing_option(world, sp))


def _unknown(name: str) -> SignInRefusal:
    return SignInRefusal(
        700016,
        f"Application with identifier '{name}' was not found in the directory 'Contoso'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
    )


def _identifier(sp: Document) -> str:
    """The audience of a response that nobody asked for: the identifier, else the client id."""
    return str(next((name for name in sp["servicePrincipalNames"] if name != sp["appId"]), sp["appId"]))


def _tile_address(sp: Document) -> str:
    return f"https://launcher.myapps.microsoft.com/api/signin/{sp['appId']}"
