"""The Flex side on a stage of its own: a fresh world, its hosts, a browser without memory, and the real Twilio SDK."""

import asyncio
import base64
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from flex_signer import ISSUER, REPLY_URL, SSO_URL, Response, key
from httpx import Response as Answer
from lxml import etree, html
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.rest import Client

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE, FLEX_SERVICES
from flexsso_helpers.rehearsal.console import site
from flexsso_helpers.rehearsal.flex import failures, provisioning, seed, side, taskrouter, workers
from flexsso_helpers.rehearsal.flex import hosted as flex_hosted
from flexsso_helpers.rehearsal.server.hosts import Hosts
from flexsso_helpers.rehearsal.world.world import World

VERIFIER = "a-verifier-that-is-long-enough-for-anybody-0123456789"
IDP_DATA = {
    "friendly_name": "Entra",
    "certificate": "",
    "issuer": ISSUER,
    "sso_url": SSO_URL,
    "default_redirect_url": "",
    "trusted_urls": "",
}


class InProcess(httpx.BaseTransport):
    """Every host, in this process: requests go straight into the application."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> Answer:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> Answer:
        answer = await self._transport.handle_async_request(request)
        return Answer(answer.status_code, headers=answer.headers, content=await answer.aread())


class Stage:
    """A planted world whose connection is saved, unless `saved` is false."""

    def __init__(self, *, off: tuple[str, ...] = (), saved: bool = True, **quirks: str) -> None:
        self.world = World(off=off, quirks=quirks)
        self.world.begin(1)
        seed.plant(self.world)
        tables = [side.routes(self.world), site.routes(self.world), taskrouter.routes(self.world)]
        self.app = Hosts(self.world, tables)
        self.http = httpx.Client(transport=InProcess(self.app))
        self.auth = (seed.API_KEY, seed.SECRET)
        if saved:
            self.confirm()
            self.save()

    def get(self, url: str, *, auth: tuple[str, str] | None = None, **query: str) -> Answer:
        return self.http.get(f"{url}?{urlencode(query)}" if query else url, auth=auth)

    def post(self, url: str, **fields: str) -> Answer:
        return self.http.post(url, data=fields)

    def confirm(self) -> None:
        self.post(f"{CONSOLE_SSO_PAGE}/confirm", updated="on")

    def save(self, **changed: str) -> Answer:
        """Save Console's data page and show the page after it."""
        answer = self.post(f"{CONSOLE_SSO_PAGE}/save", **{**IDP_DATA, "certificate": key().pem, **changed})
        return self.get(CONSOLE_SSO_PAGE) if answer.status_code == 303 else answer

    def config(self, **query: str) -> Answer:
        return self.get(f"{FLEX_SERVICES}/v1/Flex/Authentication/Config", **(query or {"AccountSid": seed.ACCOUNT_SID}))

    def authorize(self, **changed: str | None) -> Answer:
        """Start a login as the SDK of Flex does; None leaves a parameter out."""
        query = {
            "isConsoleLogin": "false",
            "nonce": "nonce",
            "state": "state",
            "codeChallenge": flex_hosted.challenge(VERIFIER),
            "appType": "flex",
            "ssoProfileSid": seed.CONNECTION,
            **changed,
        }
        return self.get(
            f"{FLEX_SERVICES}/v1/Flex/Authorize", **{name: text for name, text in query.items() if text is not None}
        )

    def follow(self, answer: Answer) -> Answer:
        """Follow redirects as long as they lead to hosts of Flex."""
        while answer.is_redirect and ".twilio.com" in urlsplit(answer.headers["location"]).netloc:
            answer = self.get(answer.headers["location"])
        return answer

    def asked(self, answer: Answer) -> tuple[etree._Element, str]:
        """The AuthnRequest and the RelayState with which a login start leaves for the identity provider."""
        location = self.follow(answer).headers.get("location", "")
        query = parse_qs(urlsplit(location).query)
        assert location.startswith(SSO_URL), f"no request leaves for Entra: {location}"
        assert "SAMLRequest" in query
        packed = base64.b64decode(query["SAMLRequest"][0], validate=True)
        return etree.fromstring(zlib.decompress(packed, -15)), query.get("RelayState", [""])[0]

    def sign_on(
        self, response: Response | None = None, *, start: Callable[[], Answer] | None = None, **changed: Any
    ) -> Answer:
        """A whole login: start it, answer as the identity provider, and see the last page."""
        request, relay_state = self.asked((start or self.hosted)())
        made = (response or Response()).but(
            **{"in_response_to": request.get("ID"), "now": self.world.clock.now, **changed}
        )
        return self.follow(self.deliver(made.field(), relay_state))

    def hosted(self) -> Answer:
        return self.get(f"https://flex.twilio.com/{seed.RUNTIME_DOMAIN}")

    def deliver(self, saml_response: str, relay_state: str = "", *, url: str = REPLY_URL) -> Answer:
        return self.post(url, SAMLResponse=saml_response, RelayState=relay_state)

    @property
    def sdk(self) -> Client:
        return Client(*self.auth, seed.ACCOUNT_SID, http_client=_OnStage(self.http))

    @property
    def logged(self) -> dict[str, str]:
        return failures.last_logged(self.world)

    @property
    def billed(self) -> int:
        return provisioning.billed_users(self.world) - len(seed.CONSOLE_USERS)

    def worker(self, friendly_name: str = "bo.agent@contoso.com") -> dict[str, Any] | None:
        return next((each for each in workers.workers(self.world) if each["friendly_name"] == friendly_name), None)

    def attributes(self, friendly_name: str = "bo.agent@contoso.com") -> dict[str, Any]:
        found = self.worker(friendly_name)
        assert found is not None, f"no worker {friendly_name}: {self.logged}"
        return workers.attributes(found)

    def names(self) -> list[str]:
        """The workers that sign-ons or the API made."""
        return [each["friendly_name"] for each in workers.workers(self.world)][len(seed.CONSOLE_USERS) :]


class _OnStage(TwilioHttpClient):  # type: ignore[misc]
    """The Twilio SDK's way into the stage; everything above it is the SDK as it is."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self._http = http

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> TwilioResponse:
        answer = self._http.request(method, url, params=params or None, data=data, headers=headers, auth=auth)
        return TwilioResponse(answer.status_code, answer.text)


Make = Callable[..., Stage]
Check = Callable[[Make], None]


class Checks(dict[str, Check]):
    """Checks by the number of the rule they prove."""

    def __call__(self, number: str) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            assert number not in self, f"{number} is proved twice"
            self[number] = check
            return check

        return keep


def stage_without(*off: str) -> Make:
    """How a check makes its stages while rules are off."""

    def make(**quirks: Any) -> Stage:
        return Stage(off=off, **quirks)

    return make


def heading(answer: Answer) -> str:
    return _words(answer, "//h1")


def error(answer: Answer) -> str:
    return _words(answer, "//*[@id='error']")


def shown(answer: Answer, identity: str) -> str:
    return _words(answer, f"//*[@id='{identity}']")


def signed_in(answer: Answer) -> bool:
    return heading(answer) == "Signed in to Flex"


def _words(answer: Answer, path: str) -> str:
    if not answer.text.strip() or "html" not in answer.headers.get("content-type", ""):
        return ""
    return " ".join(element.text_content().strip() for element in html.fromstring(answer.text).xpath(path))
