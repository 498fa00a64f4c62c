"""A secret in an Azure Key Vault: asked for by its reference, and in plain words where it cannot be had."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.keyvault import secrets

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import shapes
from flexsso_helpers.secret import reveal, reveal_certificate

REFERENCE = "keyvault:contoso.vault.azure.net/flex-api-secret"


class Vault:
    """In place of the library's client."""

    def __init__(self, give: Callable[[str], str | None]) -> None:
        self.give, self.asked = give, list[str]()

    def __call__(self, address: str, _credential: Any) -> "Vault":
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
