"""mod_auth_mellon, Apache's service provider, through a whole sign-on: it takes what the rehearsal issues, by the wall
clock, and refuses what somebody changed on the way."""

import base64
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from entra_listening import Listening, serving
from entra_stage import Entra
from lxml import html

from flexsso_helpers.rehearsal.world.keys import pem, rsa_key

pytestmark = [pytest.mark.interop, pytest.mark.full]

MODULES = Path("/usr/lib/apache2/modules")
NEEDED = ("mpm_event", "authz_core", "authn_core", "authz_user", "alias", "dir", "headers", "auth_mellon")
CONFIGURATION = """
ServerRoot {folder}
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/pid
Mutex file:{folder}
Listen 127.0.0.1:{port}
ErrorLog {folder}/errors
User www-data
Group www-data
{modules}
DocumentRoot {folder}/pages
<Location />
  Require all granted
  MellonEnable info
  MellonEndpointPath /mellon
  MellonIdPMetadataFile {folder}/metadata.xml
  MellonSPPrivateKeyFile {folder}/key.pem
  MellonSecureCookie Off
</Location>
<Location /kept>
  AuthType Mellon
  MellonEnable auth
  Require valid-user
  Header set X-Name-Id "%{{MELLON_NAME_ID}}e"
  Header set X-Roles "%{{MELLON_roles}}e"
</Location>
"""


@dataclass
class Provider:
    """A running Apache with mod_auth_mellon, and the rehearsal that it trusts."""

    entra: Entra
    listening: Listening
    port: int

    def sign_on(self, user: str, *, alter: bool = False) -> httpx.Response:
        """What a browser does, from the page that is kept to wherever it ends."""
        with self._browser() as browser:
            sent_away = browser.get(f"http://localhost:{self.port}/kept/")
            while sent_away.is_redirect and urlsplit(sent_away.headers["location"]).hostname == "localhost":
                sent_away = browser.get(sent_away.headers["location"])
            asking = browser.get(self._face(sent_away.headers["location"]))
            answered = self._send(browser, asking, user=user)
            if "SAMLResponse" not in answered.text:
                return answered
            return self._deliver(browser, answered, alter=alter)

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


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that Apache's own user may read; pytest's are for the tester alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def provider(folder: Path) -> Iterator[Provider]:
    apache = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if apache is None or not (MODULES / "mod_auth_mellon.so").exists():
        pytest.skip("apache2 with libapache2-mod-auth-mellon is not installed")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    entra = Entra()
    entra.world.advance(max(0.0, time.time() - entra.world.clock.now))
    home = f"http://localhost:{port}/mellon"
    body = {"identifierUris": [f"{home}/metadata"], "web": {"redirectUris": [f"{home}/postResponse"]}}
    entra.write("PATCH", entra.app_path, body)
    entra.wait(20)
    (folder / "metadata.xml").write_bytes(entra.metadata().removeprefix(b"\xef\xbb\xbf"))
    (folder / "key.pem").write_bytes(pem(rsa_key("mellon", None)))
    (folder / "pages" / "kept").mkdir(parents=True)
    (folder / "pages" / "kept" / "index.html").write_text("You are in.", "utf-8")
    modules = "\n".join(
        f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in NEEDED if (MODULES / f"mod_{name}.so").exists()
    )
    configuration = folder / "apache.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, modules=modules), "utf-8")
    with serving(entra.world) as listening, subprocess.Popen([apache, "-f", configuration, "-DFOREGROUND"]) as process:
        _wait(port, process, folder / "errors")
        yield Provider(entra, listening, port)
        process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]", errors: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, errors.read_text("utf-8") if errors.exists() else "apache did not start"
        time.sleep(0.05)
    raise AssertionError("apache did not listen")


def test_it_lets_in_whom_the_rehearsal_signs_on(provider: Provider) -> None:
    page = provider.sign_on("bo.agent@contoso.com")
    assert page.text == "You are in."
    assert (page.headers["x-name-id"], page.headers["x-roles"]) == ("bo.agent@contoso.com", "agent")


def test_it_refuses_what_was_changed_on_the_way(provider: Provider) -> None:
    page = provider.sign_on("bo.agent@contoso.com", alter=True)
    assert page.status_code >= 400
    assert "You are in." not in page.text


def test_whoever_is_not_assigned_is_stopped_before_it(provider: Provider) -> None:
    assert "AADSTS50105" in provider.sign_on("rhea.reader@contoso.com").text
