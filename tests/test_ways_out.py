"""Who may make a client that speaks to the outside: `wire`, and a few others, each with its reason.

A client of one's own reads `.netrc`, asks its own proxy, trusts its own authorities and takes whatever answers for the
service. So each place that makes one is found here, by the names that make one, however the module calls them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "flexsso_helpers"

VERBS = "get post put patch delete head options request"
MAKES = {
    "requests": f"{VERBS} Session session",
    "requests.api": VERBS,
    "requests.sessions": "Session session",
    "requests.adapters": "HTTPAdapter",
    "httpx": f"{VERBS} stream Client AsyncClient HTTPTransport AsyncHTTPTransport",
    "urllib.request": "urlopen urlretrieve build_opener OpenerDirector",
    "urllib3": "PoolManager ProxyManager HTTPConnectionPool HTTPSConnectionPool request connection_from_url",
    "http.client": "HTTPConnection HTTPSConnection",
    "aiohttp": "ClientSession request",
    "azure.core.pipeline.transport": "RequestsTransport AioHttpTransport AsyncioRequestsTransport",
    "twilio.http.http_client": "TwilioHttpClient",
    "twilio.http.async_http_client": "AsyncTwilioHttpClient",
    "smtplib": "SMTP SMTP_SSL",
    "socket": "create_connection",
    "asyncio": "open_connection",
    "apprise": "Apprise",
}
"""Module to the names of it that make a client, or are one."""
MAKERS = {f"{module}.{name}" for module, names in MAKES.items() for name in names.split()}
VAULTS = ("SecretClient", "CertificateClient", "KeyClient")
"""Classes that make a transport of their own where none is given, as azure-identity's credentials do; their library is
an extra, which is looked for when it is needed, so their names are all that is seen of it."""
GIVEN = {"transport", "common"}
"""How one is given: by its name, or with what `credential_for` gives every credential."""

MAY = {
    "wire": "it is the way out",
    "commands/lab.py": "the JupyterLab of a guided session, on the loopback; no proxy, no .netrc",
    "person/simulated.py": "a browser without cookies, for the rehearsal's pages on the loopback; no proxy, no .netrc",
    "notify.py": "Apprise speaks to a hundred services by its own connections, and is shown a message alone",
}


def names_of(tree: ast.Module) -> dict[str, str]:
    """What each name of a module stands for, by its imports."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                top = each.name.partition(".")[0]
                found |= {each.asname: each.name} if each.asname else {top: top}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def whole(node: ast.expr, names: dict[str, str]) -> str:
    """The whole name of what an expression means, empty where it is none that was imported."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute) and (before := whole(node.value, names)):
        return f"{before}.{node.attr}"
    return ""


def types(tree: ast.Module) -> set[ast.AST]:
    """All that is said of a type only: annotations make nothing."""
    said: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            said.append(node.annotation)
    return {inner for each in said if each for inner in ast.walk(each)}


def made(tree: ast.Module) -> Iterator[str]:
    """(name) of each client that a module makes, or hands on for somebody to make."""
    names, unmade = names_of(tree), types(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and node not in unmade and whole(node, names) in MAKERS:
            yield whole(node, names)
        if isinstance(node, ast.Call) and _makes_its_own(node, names):
            yield ast.unparse(node.func)


def _makes_its_own(call: ast.Call, names: dict[str, str]) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    credential = name.endswith("Credential") and whole(call.func, names).startswith("azure.")
    given = {each.arg or ast.unparse(each.value) for each in call.keywords}
    return (credential or name in VAULTS) and not given & GIVEN


def ways_out() -> dict[str, list[str]]:
    """Module to the clients that it makes."""
    found = {
        path.relative_to(PACKAGE).as_posix(): sorted(made(ast.parse(path.read_text("utf-8"))))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    return {place: clients for place, clients in found.items() if clients}


def _room(place: str) -> str:
    return "wire" if place.startswith("wire/") else place


def test_only_the_wire_makes_clients_and_who_has_a_reason() -> None:
    found = ways_out()
    unknown = {place: clients for place, clients in found.items() if _room(place) not in MAY}
    assert not unknown, "These go out by themselves; let them ask by a session or a transport of the wire."
    assert set(MAY) == {_room(place) for place in found}, "A reason without a place."


WRITTEN = {
    "import requests\nrequests.post('https://x')": ["requests.post"],
    "import requests as r\nwith r.Session() as s: ...": ["requests.Session"],
    "from requests import request as ask\nask('GET', 'https://x')": ["requests.request"],
    "import httpx\nclass Own(httpx.AsyncClient): ...": ["httpx.AsyncClient"],
    "import urllib.request\nurllib.request.urlopen('https://x')": ["urllib.request.urlopen"],
    "from azure.core.pipeline.transport import RequestsTransport\nmake = RequestsTransport":
        ["azure.core.pipeline.transport.RequestsTransport"],
    "vault.SecretClient('https://x', who)": ["vault.SecretClient"],
    "from azure.identity import DefaultAzureCredential\nDefaultAzureCredential(authority=a)":
        ["DefaultAzureCredential"],
    "from azure.identity import DefaultAzureCredential\nDefaultAzureCredential(transport=t)": [],
    "from azure import identity\nidentity.DeviceCodeCredential(client, **common)": [],
    "from azure import identity\nidentity.DeviceCodeCredential(client, **named)": ["identity.DeviceCodeCredential"],
    "from flexsso_helpers.resources.own_credential import OwnCredential\nOwnCredential(days=1)": [],
    "import requests\ndef ask(session: requests.Session) -> requests.Session: return session": [],
    "import requests\ntry: ...\nexcept requests.RequestException: ...": [],
    "def ask(requests): return requests.get('isSignedRequestRequired')": [],
}  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_a_client_is_known_however_it_is_written(text: str) -> None:
    assert sorted(made(ast.parse(text))) == WRITTEN[text]
