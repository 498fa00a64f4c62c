"""Sign-in in a browser: the page that asks who signs in, and the code that goes back to the program (PKCE).

What a request may say is of the page on the authorization code flow: response_type, response_mode, prompt, login_hint.
"""

import hashlib
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flexsso_helpers.rehearsal.directory.objects import signer
from flexsso_helpers.rehearsal.entra import own_clients
from flexsso_helpers.rehearsal.entra.clients import client_name, scopes_of
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal, as_page
from flexsso_helpers.rehearsal.entra.oauth import Grant, OAuth, client_info, declined
from flexsso_helpers.rehearsal.world import pages, rules
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID

KEPT = (
    "client_id", "scope", "redirect_uri", "state", "response_mode", "code_challenge", "code_challenge_method", "nonce",
    "claims", "response_type",
)  # fmt: skip
rules.declare({"E11": "A program gets a code and nothing else, where it asks for it; prompt=none shows no page"})
IMPLICIT = {"token": 700051, "id_token": 700054}
"""What no application here gets, with the number that says so (microsoft-authentication-library-for-js#766,
react-aad#158).
"""
CODE_LIFETIME = 600
TITLE = "Sign in to your account"
TEXT = "<p>This is a rehearsal of Microsoft’s sign-in page: the user name alone signs you in.</p>"


class AuthorizePage:
    """`/{tenant}/oauth2/v2.0/authorize`."""

    def __init__(self, oauth: OAuth) -> None:
        """The page for the codes of this service."""
        self.oauth, self.world = oauth, oauth.world

    async def ask(self, request: Request) -> Response:
        """Check what the program asks for, then ask for the user name."""
        asked = {name: value for name, value in request.query_params.items() if name in KEPT}
        try:
            self._check(request, asked)
        except SignInRefusal as refusal:
            return as_page(self.world, request, refusal)
        if unwanted := self._unwanted(asked, request.query_params.get("prompt", "")):
            return self._refused(request, asked, unwanted)
        return self._asking(request, asked, request.query_params.get("login_hint", ""))

    def _unwanted(self, asked: dict[str, str], prompt: str) -> SignInRefusal | None:
        """What is told to the program and not to a person: another answer than a code, or no page (E11)."""
        if not self.world.rules.on("E11"):
            return None
        for kind in asked.get("response_type", "code").split():
            if kind in IMPLICIT:
                text = f"response_type '{kind}' is not enabled for the application."
                return SignInRefusal(IMPLICIT[kind], text, error="unsupported_response_type")
        if prompt == "none":  # the rehearsal keeps no session between sign-ins
            text = "A silent sign-in request was sent but no user is signed in."
            return SignInRefusal(50058, text, error="login_required")
        return None

    async def answer(self, request: Request) -> Response:
        """Take the user name and send a code to the program, or say why not."""
        sent = await pages.form_fields(request)
        try:
            self._check(request, sent)
            if "decline" in sent:
                return self._refused(request, sent, declined())
            user = self._user(sent)
        except SignInRefusal as refusal:
            if refusal.of_the_name:
                asked = {name: value for name, value in sent.items() if name in KEPT}
                return self._asking(request, asked, sent.get("user", ""), refusal.text)
            return as_page(self.world, request, refusal)
        number = f"{self.world.seed}/{self.world.clock.now}/{len(self.oauth.codes)}/{sent.get('code_challenge')}"
        code = hashlib.sha256(f"code/{number}".encode()).hexdigest()
        self.oauth.codes[code] = Grant(
            client_id=sent["client_id"],
            scope=sent.get("scope", ""),
            code=code,
            ends=self.world.clock.now + CODE_LIFETIME,
            user=user,
            redirect_uri=sent["redirect_uri"],
            challenge=sent["code_challenge"],
            claims=sent.get("claims", ""),
            nonce=sent.get("nonce", ""),
        )
        return self._back(request, sent, {"code": code, "client_info": client_info(user["id"])})

    def _asking(self, request: Request, asked: dict[str, str], typed: str, problem: str = "") -> Response:
        """The form for a user name; again with the name that was typed, where that is the `problem`."""
        name = client_name(self.world, asked["client_id"])
        fields = (
            pages.text(
                "User name", "user", value=typed,
                hint="For example ada.admin@contoso.com. No password is asked.",
            ),
            pages.tick(f"I do not want to sign in to {name}", "decline"),
        )  # fmt: skip
        address = f"{self.world.cloud.login}/{TENANT_ID}/oauth2/v2.0/authorize"
        body = (pages.error(problem) if problem else "") + TEXT
        body += pages.form(request, address, *fields, button="Sign in", hidden=asked)
        return pages.page(TITLE, body, status=400 if problem else 200)

    def _check(self, request: Request, asked: dict[str, str]) -> None:
        self.oauth.check_tenant(request, any_tenant=True)
        client_name(self.world, asked.get("client_id", ""))
        if not self._is_registered(asked.get("client_id", ""), asked.get("redirect_uri", "")):
            raise SignInRefusal(
                50011, f"The redirect URI '{asked.get('redirect_uri')}' specified in the request does not match the "
                f"redirect URIs configured for the application '{asked.get('client_id')}'.",
            )  # fmt: skip
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise SignInRefusal(9002325, "Proof Key for Code Exchange is required for this redemption.")
        scopes_of(self.world, asked["client_id"], asked.get("scope", ""))

    def _is_registered(self, client_id: str, url: str) -> bool:
        app = own_clients.application(self.world, client_id)
        if app is not None:
            return own_clients.is_redirect_uri(app, url)
        address = urlsplit(url)
        return address.scheme == "http" and address.hostname in own_clients.LOOPBACK

    def _user(self, sent: dict[str, str]) -> Document:
        name = sent.get("user", "").strip()
        user = signer(self.world, name)
        if user is None:
            text = f"The user account {name} does not exist in the contoso.com directory."
            raise SignInRefusal(50034, text)
        self.oauth.check_person(user, sent["client_id"], scopes_of(self.world, sent["client_id"], sent["scope"]))
        return user

    def _refused(self, request: Request, sent: dict[str, str], refusal: SignInRefusal) -> Response:
        error = "access_denied" if refusal.error == "authorization_declined" else refusal.error
        return self._back(request, sent, {"error": error, "error_description": refusal.text})

    def _back(self, request: Request, sent: dict[str, str], answer: dict[str, str]) -> Response:
        """To the program's own address: by a form that posts itself, in the query, or behind a #."""
        fields = answer | ({"state": sent["state"]} if "state" in sent else {})
        if sent.get("response_mode") == "form_post":
            return pages.auto_post(request, "Signing you in", sent["redirect_uri"], fields)
        if sent.get("response_mode") == "fragment" and self.world.rules.on("E11"):
            return RedirectResponse(f"{sent['redirect_uri']}#{urlencode(fields)}", 303)
        joint = "&" if "?" in sent["redirect_uri"] else "?"
        return RedirectResponse(f"{sent['redirect_uri']}{joint}{urlencode(fields)}", 303)
