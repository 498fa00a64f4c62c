"""A secret in an Azure Key Vault: asked for by its reference, and in plain words where it cannot be had."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.keyvault import secrets
from azure.keyvault.secrets._shared import http_challenge_cache
from opening_proxy import Answer, Asked, OpeningProxy, certificate_for, opening
from sockets import Guard

from flexsso_helpers.errors import ParametersError, Unreachable
from flexsso_helpers.parameters import shapes
from flexsso_helpers.secret import reveal, reveal_certificate
from flexsso_helpers.wire import AnsweredByAnother

REFERENCE = "keyvault:contoso.vault.azure.net/flex-api-secret"


class Vault:
    """In place of the library's client."""

    def __init__(self, give: Callable[[str], str | None]) -> None:
        self.give, self.asked = give, list[str]()

    def __call__(self, address: str, _credential: Any, **_more: Any) -> "Vault":
        self.asked.append(address)
        return self

    def __enter__(self) -> "Vault":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def get_secret(self, name: str) -> Any:
        return SimpleNamespace(value=self.give(name))


def raising(error: Exception) -> Callable[[str], str]:
    def give(_name: str) -> str:
        raise error

    return give


def test_the_secret_of_that_name_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault({"flex-api-secret": "opened"}.get)
    monkeypatch.setattr(secrets, "SecretClient", vault)
    assert reveal(REFERENCE) == "opened"
    assert reveal_certificate(REFERENCE) == b"opened"
    assert vault.asked == ["https://contoso.vault.azure.net"] * 2


@pytest.mark.parametrize(
    ("give", "said"),
    [
        (raising(ResourceNotFoundError("SecretNotFound")), f"There is no secret at {REFERENCE}."),
        (lambda _name: None, f"There is no secret at {REFERENCE}."),
        (
            raising(ClientAuthenticationError("nobody is signed in\nmore")),
            f"The Azure Key Vault did not give {REFERENCE}.",
        ),
        (raising(HttpResponseError("Forbidden")), f"The Azure Key Vault did not give {REFERENCE}."),
    ],
    ids=["not-there", "empty", "not-signed-in", "forbidden"],
)
def test_what_cannot_be_had_is_said(
    give: Callable[[str], str | None], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "SecretClient", Vault(give))
    with pytest.raises(ParametersError) as caught:
        reveal(REFERENCE)
    assert caught.value.what == said
    assert "more" not in caught.value.why


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.keyvault.secrets", None)
    with pytest.raises(ParametersError) as caught:
        reveal(REFERENCE)
    assert "Install azure-keyvault-secrets" in caught.value.fix


@pytest.mark.parametrize(
    "text",
    ["keyvault:contoso/flex", "keyvault:evil.example.com/x", "keyvault:contoso.vault.azure.net", "keyvault:a/b/c"],
)
def test_only_a_vault_of_azure_is_one(text: str) -> None:
    with pytest.raises(ValueError, match="never the secret itself"):
        shapes.reference(text)


@pytest.mark.parametrize("host", ["vault.azure.net", "vault.usgovcloudapi.net", "vault.azure.cn"])
def test_each_cloud_has_its_vaults(host: str) -> None:
    assert shapes.reference(f"keyvault:contoso-1.{host}/flex") == f"keyvault:contoso-1.{host}/flex"


HOST = "contoso.vault.azure.net"
LOGIN = "login.microsoftonline.com"
TENANT = "11111111-2222-4333-8444-555555555555"
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
OF_THE_MACHINE = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": TENANT, "AZURE_CLIENT_SECRET": "of-the-machine",
                  "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}  # fmt: skip
DISCOVERY = b"""{"tenant_discovery_endpoint": "https://login.microsoftonline.com/x", "metadata": [],
  "issuer": "https://login.microsoftonline.com/x/v2.0",
  "authorization_endpoint": "https://login.microsoftonline.com/x/oauth2/v2.0/authorize",
  "token_endpoint": "https://login.microsoftonline.com/x/oauth2/v2.0/token"}"""


def as_they_are(asked: Asked) -> Answer:
    """A vault that first says whose token it wants, and the sign-in service that gives one."""
    if asked.host == LOGIN:
        token = b'{"access_token": "of-entra", "expires_in": 3600, "token_type": "Bearer"}'
        return 200, JSON, token if asked.method == "POST" else DISCOVERY
    if "authorization" not in asked.headers:
        wanted = f'Bearer authorization="https://{LOGIN}/{TENANT}", resource="https://vault.azure.net"'
        return 401, {**JSON, "WWW-Authenticate": wanted}, b"{}"
    return 200, JSON, f'{{"value": "opened", "id": "https://{HOST}/secrets/flex-api-secret/1"}}'.encode()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority that this company's machines are to trust."""
    return certificate_for([HOST, LOGIN], tmp_path_factory.mktemp("company"))


@pytest.fixture
def proxy(company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpeningProxy]:
    """A company's proxy, named without a scheme, and a file of passwords that has one for every other host."""
    for name in ("https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in OF_THE_MACHINE.items():
        monkeypatch.setenv(name, value)
    Guard(monkeypatch)
    http_challenge_cache.clear()  # the library remembers for its process whose token a vault wants
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password of-another-service\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(company))
    with opening(company) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        proxy.answer = as_they_are
        yield proxy


def test_the_vault_and_the_sign_in_for_it_are_shown_no_password_of_this_machine(proxy: OpeningProxy) -> None:
    assert reveal(REFERENCE) == "opened"
    shown = [(each.host, each.headers.get("authorization", "")) for each in proxy.asked]
    assert {host for host, _ in shown} == {HOST, LOGIN}
    assert {authorization for _, authorization in shown} == {"", "Bearer of-entra"}
    assert "Bearer of-entra" not in {authorization for host, authorization in shown if host == LOGIN}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((302, {"Location": "https://gateway.example/login"}, b""), "led to gateway.example"),
        ((200, HTML, b"<html>Sign in to this network</html>"), "was a page (200)"),
        ((403, HTML, b"<html>Blocked</html>"), "was a page (403)"),
    ],
    ids=["another-site", "a-page", "a-filter"],
)
def test_what_answers_in_the_vaults_place_is_named(answer: Answer, said: str, proxy: OpeningProxy) -> None:
    proxy.answer = lambda asked: answer if asked.host == HOST else as_they_are(asked)
    with pytest.raises(AnsweredByAnother) as caught:
        reveal(REFERENCE)
    assert said in caught.value.why


def test_where_the_way_to_the_vault_ended_is_told(proxy: OpeningProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(Unreachable, match="certificate is not believed") as caught:
        reveal(REFERENCE)
    assert "REQUESTS_CA_BUNDLE" in caught.value.fix
    assert proxy.asked == []
