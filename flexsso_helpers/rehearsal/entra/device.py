"""Sign-in by device code: the code for the program, and the page where a person enters it."""

import hashlib

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexsso_helpers.rehearsal.directory.objects import signer
from flexsso_helpers.rehearsal.entra.clients import client_name, scopes_of
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal, as_json
from flexsso_helpers.rehearsal.entra.oauth import Grant, OAuth, blocked_by_policy, declined
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

DEVICE_PAGES = {"global": "devicelogin", "china": "deviceloginchina"}
GOVERNMENT_PAGE = "deviceloginus"
CODE_LIFETIME = 900
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
TITLE = "Enter code to allow access"
EXPLAINED = "<p>This is a rehearsal: the user name alone signs you in. Never type a password here.</p>"


def address(world: World) -> str:
    """The page of this cloud where a person enters a code."""
    return f"https://microsoft.com/{DEVICE_PAGES.get(world.cloud.name, GOVERNMENT_PAGE)}"


class DevicePage:
    """Enter the code and who you are."""

    def __init__(self, oauth: OAuth) -> None:
        """The page for the codes of this service."""
        self.oauth, self.world = oauth, oauth.world
        self.address = address(self.world)
        self.name = self.address.rpartition("/")[2]

    async def begin(self, request: Request) -> Response:
        """Give a program its code."""
        sent = await pages.form_fields(request)
        client_id, scope = sent.get("client_id", ""), sent.get("scope", "")
        try:
            self.oauth.check_tenant(request, any_tenant=True)
            client_name(self.world, client_id)
            scopes_of(self.world, client_id, scope)
        except SignInRefusal as refusal:
            return as_json(self.world, request, refusal)
        number = f"{self.world.seed}/{self.world.clock.now}/{len(self.oauth.devices)}"
        digest = hashlib.sha256(f"device/{number}".encode()).hexdigest()
        code = "".join(LETTERS[int(digest[2 * i : 2 * i + 2], 16) % len(LETTERS)] for i in range(9))
        self.oauth.devices[digest] = Grant(client_id, scope, code, self.world.clock.now + CODE_LIFETIME)
        return JSONResponse(
            {
                "user_code": code,
                "device_code": digest,
                "verification_uri": self.address,
                "expires_in": CODE_LIFETIME,
                "interval": 1,
                "message": f"To sign in, use a web browser to open the page {self.address} and enter the code {code} "
                "to authenticate.",
            }
        )

    async def ask(self, request: Request) -> Response:
        """The empty form."""
        return pages.page(TITLE, EXPLAINED + self._form(request, "", ""))

    async def enter(self, request: Request) -> Response:
        """Take the code and the user name; or the code alone, declined."""
        sent = await pages.form_fields(request)
        code, name = sent.get("code", "").strip().upper(), sent.get("user", "").strip()
        device = self._waiting(code)
        if device is None:
            return self._again(request, "That code didn’t work. Check the code and try again.", code, name)
        if "decline" in sent:
            device.refusal = declined()
            return pages.page("You have declined", "<p>You may close this window.</p>")
        user = signer(self.world, name)
        if user is None:
            text = f"AADSTS50034: The user account {name} does not exist in the contoso.com directory."
            return self._again(request, text, code, name)
        try:
            self._check(device, user)
        except SignInRefusal as refusal:
            if refusal.number != 50057:  # with another account the person may go on
                device.refusal = refusal
            return self._again(request, refusal.text, code, name)
        device.user = user
        return pages.page("You have signed in", "<p>You may close this window and go back to the notebook.</p>")

    def _waiting(self, code: str) -> Grant | None:
        now = self.world.clock.now
        return next(
            (
                device
                for device in self.oauth.devices.values()
                if device.code == code and device.user is None and device.refusal is None and now < device.ends
            ),
            None,
        )

    def _check(self, device: Grant, user: Document) -> None:
        answer = self.world.quirks.value("device_code_flow")
        if answer != "allowed":
            raise blocked_by_policy(answer)
        scopes = scopes_of(self.world, device.client_id, device.scope)
        self.oauth.check_person(user, device.client_id, scopes)

    def _again(self, request: Request, problem: str, code: str, name: str) -> Response:
        body = pages.error(problem) + EXPLAINED + self._form(request, code, name)
        return pages.page(TITLE, body, status=400)

    def _form(self, request: Request, code: str, name: str) -> str:
        fields = (
            pages.text("Code", "code", value=code),
            pages.text("User name", "user", value=name, hint="For example ada.admin@contoso.com"),
            pages.tick("I did not ask for this code: decline it", "decline"),
        )
        return pages.form(request, self.address, *fields, button="Sign in")
