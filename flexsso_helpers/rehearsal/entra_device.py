"""The page where a person enters a device code."""

from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers.rehearsal import pages
from flexsso_helpers.rehearsal.entra_oauth import DEVICE_PAGE, OAuth
from flexsso_helpers.rehearsal.entra_objects import user_by_name

EXPLAINED = "<p>This is a rehearsal: the user name alone signs you in. Never type a password here.</p>"


class DevicePage:
    """Enter the code and who you are."""

    def __init__(self, oauth: OAuth) -> None:
        """The page for the codes of this service."""
        self.oauth = oauth

    async def ask(self, request: Request) -> Response:
        """The empty form."""
        return pages.page("Enter code to allow access", EXPLAINED + self._form(request, "", ""))

    async def enter(self, request: Request) -> Response:
        """Take the code and the user name."""
        sent = await pages.form_fields(request)
        code, name = sent.get("code", "").strip().upper(), sent.get("user", "").strip()
        device = next((d for d in self.oauth.devices.values() if d.code == code and d.user is None), None)
        user = user_by_name(self.oauth.world, name)
        problem = ""
        if device is None:
            problem = "That code didn’t work. Check the code and try again."
        elif user is None:
            problem = f"AADSTS50034: The user account {name} does not exist in the contoso.com directory."
        elif not user["accountEnabled"]:
            problem = "AADSTS50057: The user account is disabled."
        if problem or device is None:
            body = pages.error(problem) + EXPLAINED + self._form(request, code, name)
            return pages.page("Enter code to allow access", body, status=400)
        device.user = user
        return pages.page("You have signed in", "<p>You may close this window and go back to the notebook.</p>")

    def _form(self, request: Request, code: str, name: str) -> str:
        fields = (
            pages.text("Code", "code", value=code),
            pages.text("User name", "user", value=name, hint="For example ada.admin@contoso.com"),
        )
        return pages.form(request, DEVICE_PAGE, *fields, button="Sign in")
