"""Why a login fails: Flex's codes with the words a person sees, and the log that Flex keeps to itself (F102)."""

from flexsso_helpers.rehearsal.world.world import World

SCREEN = {
    "45050": (
        "Missing User Attributes. Please verify your SSO provider is configured to send required attributes "
        "(email, roles, flex_user_sid)."
    ),
    "45002": "Authentication Error. Please verify your OAuth/SSO credentials and configuration.",
    "45004": "Request validation failed.",
    "70002": "Domain not authorized in your Flex configuration.",
    "70251": "Invalid SSO Settings.",
    "70252": "Bad SAML Response.",
    "70253": "Invalid User Grants. Reconfigure the user grants.",
    "14240": "Maximum number of concurrent Workers reached.",
}
ATTRIBUTE_FORMAT = "400"
NOT_CONFIGURED = "Hmm, Single Sign-On has not been configured."
UNKNOWN_DOMAIN = "Oops! Your runtime domain is incorrect."


class LoginFailed(Exception):
    """A login that Flex ends. `number` is the rule, `code` what the person sees, `detail` what only the log keeps."""

    def __init__(self, number: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.number, self.code, self.detail = number, code, detail

    @property
    def screen(self) -> str:
        """The words on the screen, with the code."""
        if self.code == ATTRIBUTE_FORMAT:
            return "400 Error invalid attribute format"
        return (
            "Log in failed. Please contact your administrator with the following details - "
            f"{SCREEN[self.code]} (error code {self.code})"
        )

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return 400 if self.code == ATTRIBUTE_FORMAT else 401


def log(world: World, number: str, text: str, *, code: str = "") -> None:
    """Append an entry to the log: the rule that spoke, the library's text, and the code that the person saw, if any."""
    entry = {"at": world.clock.iso(), "rule": number, "text": text, "code": code}
    world.store.put("flex_log", world.new_id("flex_log"), entry, at=world.clock.now)


def last_logged(world: World) -> dict[str, str]:
    """The newest entry of the log; empty when there is none."""
    entries = world.store.all("flex_log")
    return entries[-1] if entries else {}
