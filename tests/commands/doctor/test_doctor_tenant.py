"""What the doctor says of a tenant: the way to its clouds by proxy and authorities, its sign-in, its rights."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flex_stage import InProcess
from opening_proxy import Answer, Asked, OpeningProxy, certificate_for, opening
from sockets import Guard, listening
from stage import REHEARSAL, Stage

from flexsso_helpers.clouds import FLEX_API, GLOBAL, LIVE_CLOUDS, TASKROUTER, Cloud
from flexsso_helpers.commands import doctor
from flexsso_helpers.commands.doctor import Line
from flexsso_helpers.commands.doctor import tenant as examined
from flexsso_helpers.commands.doctor.reach import addresses, explained, reach
from flexsso_helpers.flex import Flex
from flexsso_helpers.rehearsal.world.quirks import Quirks
from flexsso_helpers.session import Session
from flexsso_helpers.wire import Wire, refuse_others

HOSTS = Wire.for_cloud(GLOBAL).hosts
LIVE = """\
tenant:
  name: contoso
  title: Contoso
  cloud: global
  tenant_id: 11111111-2222-4333-8444-555555555555
  flex:
    account_sid: AC0123456789abcdef0123456789abcdef
    api_key: SK0123456789abcdef0123456789abcdef
    api_secret: env:TWILIO_API_SECRET
"""


@pytest.fixture(autouse=True)
def guard(monkeypatch: pytest.MonkeyPatch) -> Guard:
    return Guard(monkeypatch)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of a company's own for all our hosts, with its key."""
    return certificate_for(HOSTS, tmp_path_factory.mktemp("company"))


@pytest.fixture
def proxy(company: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpeningProxy]:
    """A company's proxy on the loopback, which opens every connection with its own certificate."""
    with opening(company) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:hidden@127.0.0.1:{proxy.port}")
        yield proxy


@pytest.fixture
def believed(proxy: OpeningProxy, company: Path, monkeypatch: pytest.MonkeyPatch) -> OpeningProxy:
    """The same, and this machine trusts its certificate."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(company))
    return proxy


def lines_of_reach() -> list[Line]:
    lines = asyncio.run(reach(GLOBAL))
    assert len(lines) == len(HOSTS)
    assert {line.said.partition(":")[0] for line in lines} == HOSTS
    return lines


def test_any_answer_by_way_of_the_companys_proxy_is_enough(believed: OpeningProxy) -> None:
    lines = lines_of_reach()
    assert {line.state for line in lines} == {"good"}, doctor.text(lines)
    assert not any("authorization" in each.headers for each in believed.asked)


HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
GRAPH, LOGIN = (origin.removeprefix("https://") for origin in (GLOBAL.graph, GLOBAL.login))
TWILIO = [origin.removeprefix("https://") for origin in (FLEX_API, TASKROUTER)]
DATA = {GRAPH, LOGIN, *TWILIO}
ROOTS = {LOGIN: "https://www.office.com/login#", GRAPH: "https://developer.microsoft.com/graph"}


def as_they_are(asked: Asked) -> Answer:
    """What the services answer to whoever shows nothing: data, also as refusals; roots lead to sites for people."""
    if asked.path == "/" and asked.host in DATA:
        return 302, {"Location": ROOTS.get(asked.host, "https://www.twilio.com/docs"), **HTML}, b""
    if asked.host == LOGIN:
        return 200, JSON, b"{}"
    return (401, JSON, b"{}") if asked.host in DATA else (200, HTML, b"<html>")


def test_services_whose_roots_lead_to_sites_for_people_are_reached(believed: OpeningProxy) -> None:
    believed.answer = as_they_are
    lines = lines_of_reach()
    assert {line.state for line in lines} == {"good"}, doctor.text(lines)
    assert {each.host for each in believed.asked} == HOSTS


PORTALS: dict[str, tuple[Answer, str, set[str]]] = {
    "another-site": ((302, {"Location": "https://gateway.example/login", **HTML}, b""), "led to gateway.example", DATA),
    "plain-http": ((302, {"Location": "http://wifi.example/", **HTML}, b""), "led to wifi.example", set(HOSTS)),
    "a-page": ((200, HTML, b"<html>Sign in to this network</html>"), "was a page (200)", DATA),
    "a-networks-page": ((511, HTML, b"<html>"), "was a page (511)", set(HOSTS)),
}
"""What a portal answers, in which words that is told, and of which hosts: those for people answer with pages, too."""


@pytest.mark.parametrize("kind", PORTALS)
def test_a_portal_is_named_for_each_host_that_never_answers_so(kind: str, believed: OpeningProxy) -> None:
    answer, said, named = PORTALS[kind]
    believed.answer = lambda _asked: answer
    bad = {line.said.partition(":")[0]: line for line in lines_of_reach() if line.state == "bad"}
    assert set(bad) == named
    assert all(said in line.said and "Open a page in a browser" in line.fix for line in bad.values()), bad


@pytest.mark.parametrize("cloud", LIVE_CLOUDS.values(), ids=LIVE_CLOUDS)
def test_each_host_of_data_is_asked_for_data_in_each_cloud(cloud: Cloud) -> None:
    asked = addresses(cloud)
    assert set(asked) == Wire.for_cloud(cloud).hosts
    data = {origin.removeprefix("https://") for origin in (cloud.graph, cloud.login)} | set(TWILIO)
    assert {host for host, address in asked.items() if address != f"https://{host}/"} == data


def test_the_rehearsal_answers_what_is_asked_of_each_host(staged: Stage) -> None:
    client = httpx.Client(transport=InProcess(staged.app))
    for host, address in addresses(GLOBAL).items():
        answer = client.get(address)
        refuse_others(address, answer.status_code, answer.headers)
        if host in DATA:
            assert answer.headers["Content-Type"].startswith("application/json"), address
            assert answer.status_code == (200 if host == LOGIN else 401), address


def test_a_proxy_that_opens_connections_is_told_from_the_rest(proxy: OpeningProxy) -> None:
    lines = lines_of_reach()
    assert {line.state for line in lines} == {"bad"}
    assert all("its certificate is not believed" in line.said for line in lines), doctor.text(lines)
    assert all("REQUESTS_CA_BUNDLE" in line.fix for line in lines)


def test_a_proxy_that_refuses_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as refusing:
        refusing.answer = (403, {}, b"")
        monkeypatch.setenv("HTTPS_PROXY", refusing.origin.replace("://", "://user:hidden@"))
        lines = lines_of_reach()
    assert {line.state for line in lines} == {"bad"}
    assert all(f"the proxy 127.0.0.1:{refusing.port} does not" in line.said for line in lines), doctor.text(lines)
    assert "hidden" not in doctor.text(lines)


def test_authorities_that_are_not_there_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    lines = lines_of_reach()
    assert all("REQUESTS_CA_BUNDLE names" in line.said and line.fix for line in lines)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name is not known here"),
        (TimeoutError("timed out"), "no answer within"),
        (ConnectionRefusedError(111, "refused"), "refused or broken off"),
    ],
    ids=["name", "time", "refused"],
)
def test_where_a_request_ended_is_said(error: OSError, said: str) -> None:
    line = explained("graph.microsoft.com", error)
    assert said in line.said
    assert line.fix


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a live tenant's file."""
    monkeypatch.setenv("FLEXSSO_HOME", str(tmp_path))
    (tmp_path / "parameters").mkdir()
    path = tmp_path / "parameters" / "contoso.yaml"
    path.write_text(LIVE, "utf-8")
    return path


def looked(name: str) -> list[Line]:
    return asyncio.run(examined.tenant_lines(name))


def test_a_file_that_is_missing_or_wrong_ends_the_examination(home: Path) -> None:
    (missing,) = looked("fabrikam")
    assert (missing.part, missing.state) == ("File", "bad")
    home.write_text(LIVE.replace("title: Contoso", "titel: Contoso"), "utf-8")
    (wrong,) = looked("contoso")
    assert "titel is unknown; did you mean title?" in wrong.said


def test_a_secret_that_is_not_there_is_named_and_nobody_signs_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def reached(_cloud: object) -> list[Line]:
        return [Line("Reach", "good", "everything")]

    monkeypatch.delenv("TWILIO_API_SECRET", raising=False)
    monkeypatch.setattr(examined, "reach", reached)
    lines = looked("contoso")
    assert [(line.part, line.state) for line in lines] == [("File", "good"), ("Secrets", "bad"), ("Reach", "good")]
    assert "env:TWILIO_API_SECRET" in lines[1].said
    assert "TWILIO_API_SECRET" in lines[1].fix


def test_a_secret_that_is_there_is_not_shown_and_a_sign_in_without_a_way_out_is_explained(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_API_SECRET", "hidden-value")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed}")
    lines = looked("contoso")
    assert lines[1] == Line("Secrets", "good", "flex.api_secret: there is one at env:TWILIO_API_SECRET")
    assert {line.state for line in lines[2:]} == {"bad"}
    assert "hidden-value" not in doctor.text(lines)


@pytest.fixture
def staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The rehearsal in this process, in place of a served one."""
    stage = Stage(tmp_path / "stage")

    async def opened(_tenant: str, *, apply: bool, folder: Path) -> Session:
        assert apply is False
        return await stage.open(apply=apply)

    monkeypatch.setattr(examined, "open_session", opened)
    return stage


def test_a_rehearsal_is_ready_and_the_way_out_is_not_looked_at(
    staged: Stage, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = looked(str(REHEARSAL))
    assert {line.state for line in lines} == {"good"}, doctor.text(lines)
    assert [line.part for line in lines] == ["File", "Sign-in", *["Rights"] * 4, "Flex"]
    assert staged.writes["graph"] == 0


def test_a_right_that_is_missing_is_named_with_who_needs_it(staged: Stage) -> None:
    staged.changes = {"sign_in": {"user": "rhea.reader@contoso.com"}}
    unclear = [line for line in looked(str(REHEARSAL)) if line.state == "look"]
    assert {line.part for line in unclear} == {"Rights"}
    assert unclear[0].said.startswith("create and change applications: no active role")
    staged.world.quirks = Quirks({"token_scopes": "consented"})
    bad = [line for line in looked(str(REHEARSAL)) if line.state == "bad"]
    assert {line.part for line in bad} == {"Rights"}
    assert bad[0].said.startswith("create and change applications: directory role")
    assert bad[0].said.endswith("used by 01, 02, 03, 05")
    assert "sign in again" in bad[0].fix


def test_flex_that_is_not_set_up_is_named(staged: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    true = Flex.configuration

    async def pending(self: Flex) -> object:
        from dataclasses import replace

        return replace(await true(self), status="inprogress")

    monkeypatch.setattr(Flex, "configuration", pending)
    line = looked(str(REHEARSAL))[-1]
    assert (line.part, line.state) == ("Flex", "bad")
    assert line.said.endswith("is inprogress")


@pytest.mark.kernel
@pytest.mark.full
def test_the_command_ends_with_0_or_1_and_speaks_json(tmp_path: Path) -> None:
    def flexsso(*words: str, expect: int) -> str:
        command = [sys.executable, "-m", "flexsso_helpers.commands.main", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    lines = json.loads(flexsso("doctor", "rehearsal", "--json", expect=0))
    assert {line["part"] for line in lines} >= {"Python", "Packages", "Widgets", "Kernel", "Folders", "File", "Rights"}
    flexsso("rehearsal", "stop", expect=0)
    assert "✗ File" in flexsso("doctor", "nobody", expect=1)
    assert not list((tmp_path / "runs").glob("rehearsal/*"))
