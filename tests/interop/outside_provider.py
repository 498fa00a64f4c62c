"""A service provider that others wrote, and the rehearsal that it trusts: what a browser does between them."""

import base64
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from entra_listening import Listening, serving
from entra_stage import Entra
from lxml import html


@dataclass
class Provider:
    """A running service provider, and the rehearsal that it trusts."""

    entra: Entra
    listening: Listening
    page: str
    """Its page that is kept to people who have signed on."""

    def sign_on(self, user: str, *, alter: bool = False) -> httpx.Response:
        """What a browser does, from the page that is kept to wherever it ends."""
        with self._browser() as browser:
            return self._sign_on(browser, user, alter=alter)

    def sign_out(self, user: str, way_out: str) -> tuple[httpx.Response, httpx.Response]:
        """The page where a sign-out by this address ends, and what the page that is kept says to them afterwards."""
        with self._browser() as browser:
            self._sign_on(browser, user)
            asked = browser.get(self._face(self._follow(browser, way_out).headers["location"]))
            return self._follow(browser, asked.headers["location"]), browser.get(self.page)

    def _sign_on(self, browser: httpx.Client, user: str, *, alter: bool = False) -> httpx.Response:
        asking = browser.get(self._face(self._follow(browser, self.page).headers["location"]))
        answered = self._send(browser, asking, user=user)
        if "SAMLResponse" not in answered.text:
            return answered
        return self._deliver(browser, answered, alter=alter)

    def _follow(self, browser: httpx.Client, url: str) -> httpx.Response:
        """From an address of the service provider to where it sends people away, or shows a page."""
        answer = browser.get(url)
        while answer.is_redirect and urlsplit(answer.headers["location"]).hostname == "localhost":
            answer = browser.get(answer.headers["location"])
        return answer

    def _browser(self) -> httpx.Client:
        """A browser that keeps cookies of localhost, which Python's own cookie jar does not."""
        kept: dict[str, str] = {}

        def remember(answer: httpx.Response) -> None:
            pairs = (each.split(";")[0].partition("=") for each in answer.headers.get_list("set-cookie"))
            kept.update({name: value for name, _, value in pairs})

        def tell(request: httpx.Request) -> None:
            request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())

        hooks = {"request": [tell], "response": [remember]}
        return httpx.Client(trust_env=False, timeout=30, event_hooks=hooks)

    def _deliver(self, browser: httpx.Client, page: httpx.Response, *, alter: bool) -> httpx.Response:
        form = html.fromstring(page.text).forms[0]
        fields = dict(form.form_values())
        if alter:
            xml = base64.b64decode(fields["SAMLResponse"]).replace(b">agent<", b">admin<")
            fields["SAMLResponse"] = base64.b64encode(xml).decode()
        answer = browser.post(form.action, data=fields)
        return browser.get(answer.headers["location"]) if answer.is_redirect else answer

    def _send(self, browser: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
        form = html.fromstring(page.text).forms[0]
        return browser.post(
            f"http://localhost:{self.listening.port}{form.action}", data=dict(form.form_values()) | fields
        )

    def _face(self, url: str) -> str:
        return f"http://localhost:{self.listening.port}/{url.removeprefix('https://')}"


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def tenant(identifier: str, reply_url: str, metadata: Path, *, logout_url: str | None = None) -> Entra:
    """A tenant whose application is this service provider, at the wall's time; its metadata lie in that file."""
    entra = Entra()
    entra.world.advance(max(0.0, time.time() - entra.world.clock.now))
    web = {"redirectUris": [reply_url], "logoutUrl": logout_url}
    entra.write("PATCH", entra.app_path, {"identifierUris": [identifier], "web": web})
    entra.wait(20)
    metadata.write_bytes(entra.metadata().removeprefix(b"\xef\xbb\xbf"))
    return entra


@contextmanager
def running(
    entra: Entra, page: str, command: list[str], errors: Path, environment: dict[str, str] | None = None
) -> Iterator[Provider]:
    """Both of them, the service provider as a process of its own that listens on its page's port."""
    with (
        serving(entra.world) as listening,
        errors.open("ab") as said,
        subprocess.Popen(command, stdout=said, stderr=said, env=environment) as process,
    ):
        _wait(int(urlsplit(page).port or 0), process, errors)
        yield Provider(entra, listening, page)
        process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]", errors: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, errors.read_text("utf-8")
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}: {errors.read_text('utf-8')}")
