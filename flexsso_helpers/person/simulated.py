"""A simulated person for rehearsals without a human: walks the same pages, and knows only what the notebook displays.

It never touches the rehearsal's store: an import contract sees to that, and the browser opens only the face.
"""

import asyncio

import requests

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.errors import SignInError
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.person.tasks import FLEX_CODES, ConsoleValues, CopiedConnection, SeenSignOn, Trial
from flexsso_helpers.wire import RehearsalClient


class SimulatedPerson:
    """Does by HTTP what a human does in a browser, on the pages of this rehearsal."""

    human = False

    def __init__(self, *, user: str, rehearsal_client: RehearsalClient) -> None:
        """`user` is who types the device code."""
        self.name = f"{user} (simulated)"
        self._user, self._rehearsal_client = user, rehearsal_client

    def signed_in_as(self, name: str) -> None:
        """Nothing to note: the name already says that this person is simulated."""

    def elsewhere(self) -> str:
        """Empty: this person's browser runs in the kernel itself."""
        return ""

    def address(self, url: str) -> str:
        """The page as the world knows it: what is shown in this person's sessions is kept, and names no port."""
        return url

    def enter_code(self, address: str, code: str) -> None:
        """Sign in at the device page. Raises SignInError where the page refuses, rather than let the code run out."""
        browser = self._open(address)
        browser.fill("Code", code)
        browser.fill("User name", self._user)
        browser.press("Sign in")
        if browser.heading != "You have signed in":
            raise SignInError(
                f"{self._user} could not sign in.",
                why=browser.text("error") or browser.heading,
                fix="Correct tenant.sign_in.user; in a rehearsal ada.admin@contoso.com may administer applications.",
                notebook="00",
            )

    async def copy_connection(self) -> CopiedConnection | None:
        """Read both values off the Console page; `None` when nobody has started the set-up there."""
        browser = await asyncio.to_thread(self._open, CONSOLE_SSO_PAGE)
        reply_url, identifier = browser.text("acs-url"), browser.text("entity-id")
        return CopiedConnection(reply_url=reply_url, identifier=identifier) if reply_url and identifier else None

    async def paste(self, values: ConsoleValues) -> bool:
        """Fill in the identity-provider page and save it."""
        return await asyncio.to_thread(self._paste, values)

    async def sign_on(self, login_link: str, user: str) -> SeenSignOn | None:
        """Open the login link, sign in, and see where it ends."""
        return await asyncio.to_thread(self._sign_on, login_link, user)

    async def answer_request(self, link: str, user: str, reply_url: str) -> None:
        """Open the link and sign in; the page's form goes to `reply_url`, on another site, without cookies."""
        await asyncio.to_thread(self._answer, link, user, reply_url)

    async def tries(self, trial: Trial) -> str:
        """On the same pages. Of what no page of a rehearsal shows, such as the portal's, this person says nothing."""
        if trial.values:
            return "saved" if await self.paste(trial.values) else "refused"
        if not trial.link:
            return ""
        seen = await asyncio.to_thread(self._sign_on, trial.link, trial.user)
        if seen.signed_in:
            return "opened"
        return next((code for code in FLEX_CODES if f"(error code {code})" in seen.said), "elsewhere")

    def _answer(self, link: str, user: str, reply_url: str) -> None:
        browser = Browser(self._rehearsal_client.origin, self._rehearsal_client.browser())
        browser.open(self._rehearsal_client.face_apart(link))
        browser.fill("User name", user)
        browser.press("Sign in")
        response = browser.hidden("SAMLResponse")
        if response:
            with requests.Session() as apart:
                apart.trust_env = False
                apart.post(reply_url, data={"SAMLResponse": response}, timeout=60, allow_redirects=False)

    def _open(self, url: str) -> Browser:
        browser = Browser(self._rehearsal_client.home, self._rehearsal_client.browser())
        browser.open(self._rehearsal_client.face(url))
        return browser

    def _paste(self, values: ConsoleValues) -> bool:
        browser = self._open(CONSOLE_SSO_PAGE)
        if browser.has("Start setup") and not values.legacy:
            browser.press("Start setup")
        if browser.has("Create new SSO connection"):  # the account was on Legacy; 06 says which to choose
            browser.press("Create new SSO connection")
        if browser.has("Save and continue"):
            browser.tick("I have updated my identity provider")
            browser.press("Save and continue")
        if browser.has("Edit identity provider data"):
            browser.press("Edit identity provider data")
        if not browser.written("Friendly Name"):
            browser.fill("Friendly Name", "Microsoft Entra ID")
        browser.fill("X.509 Certificate", values.certificate_pem)
        browser.fill("Identity Provider Issuer", values.issuer)
        browser.fill("Single Sign-On URL", values.sso_url)
        if values.default_redirect_url:
            browser.fill("Default Redirect URL", values.default_redirect_url)
        if values.trusted_urls:
            browser.fill("Trusted URLs", " ".join(values.trusted_urls))
        browser.press("Save")
        return not browser.text("error")

    def _sign_on(self, login_link: str, user: str) -> SeenSignOn:
        browser = self._open(login_link)
        response = ""
        if browser.has("Sign in"):
            browser.fill("User name", user)
            browser.press("Sign in")
        if browser.has("Continue"):
            response = browser.hidden("SAMLResponse")
            browser.press("Continue")
        signed_in = browser.heading == "Signed in to Flex"
        said = "signed in to Flex" if signed_in else browser.text("error") or browser.heading
        return SeenSignOn(user=user, signed_in=signed_in, said=said, response=response)
