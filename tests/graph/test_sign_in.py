"""Who signed in, read from the token, and what a refused sign-in means."""

import base64
import json
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
)
from cryptography.hazmat.primitives import serialization
from requests.adapters import BaseAdapter

from flexsso_helpers.clouds import CHINA, GLOBAL, Cloud
from flexsso_helpers.errors import FlexSSOError, SignInError, Unreachable
from flexsso_helpers.graph import SCOPES, Hint, SignIn, credential_for, scopes_for, sign_in_now
from flexsso_helpers.rehearsal.entra.clients import automation_pem
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.wire import Wire

TENANT = "f1e55000-0000-4000-8000-000000000001"
CLIENT = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"


class Credential:
    """Gives one token, or raises."""

    def __init__(self, given: dict[str, Any] | str | Exception) -> None:
        self.given, self.asked = given, []  # type: ignore[var-annotated]

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked.append((scopes, options))
        if isinstance(self.given, Exception):
            raise self.given
        if isinstance(self.given, str):
            return AccessToken(self.given, 0)
        body = base64.urlsafe_b64encode(json.dumps(self.given).encode()).decode().rstrip("=")
        return AccessToken(f"head.{body}.signature", 0)


def signed_in(**claims: Any) -> Hint:
    return sign_in_now(Credential({"tid": TENANT, "oid": "o", **claims}), ["s"], tenant_id=TENANT)  # type: ignore[arg-type]


class AlwaysBusy(BaseAdapter):
    """A sign-in service that is unavailable, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:  # type: ignore[override]
        self.asked += 1
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 503, request, str(request.url)
        answer.raw, answer._content = BytesIO(), b"{}"
        return answer

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class BusyWire(Wire):
    busy: AlwaysBusy = field(default_factory=AlwaysBusy)

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount("https://", self.busy)
        return session


def test_a_sign_in_service_that_is_unavailable_is_asked_three_times_and_then_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    wire = BusyWire(hosts=Wire.for_cloud(GLOBAL).hosts)
    sign_in = SignIn(method="client_secret", client_id=CLIENT, secret=lambda: "x")
    credential = credential_for(sign_in, cloud=GLOBAL, tenant_id=TENANT, wire=wire, prompt=lambda *_: None)
    with pytest.raises(FlexSSOError):
        sign_in_now(credential, ["s"], tenant_id=TENANT)
    assert wire.busy.asked == 3


def test_what_a_token_hints_at_is_read_as_far_as_it_goes() -> None:
    hint = signed_in(name="Ada Admin", upn="ada.admin@contoso.com", scp="User.Read.All Policy.Read.All",
                     wids=[APPLICATION_ADMINISTRATOR])  # fmt: skip
    assert (hint.name, hint.user_name, hint.application) == ("Ada Admin", "ada.admin@contoso.com", False)
    assert hint.permissions == {"User.Read.All", "Policy.Read.All"}
    assert hint.role_ids == {APPLICATION_ADMINISTRATOR}


def test_a_guest_without_upn_is_no_application() -> None:
    hint = signed_in(unique_name="pat.partner@fabrikam.com", scp="User.Read.All")
    assert (hint.user_name, hint.application) == ("pat.partner@fabrikam.com", False)


@pytest.mark.parametrize("claims", [{"roles": ["Policy.Read.All"]}, {"idtyp": "app", "roles": ["Policy.Read.All"]}])
def test_an_application_is_hinted_at(claims: dict[str, Any]) -> None:
    hint = signed_in(app_displayname="Contoso Automation", **claims)
    assert (hint.name, hint.application, hint.permissions) == ("Contoso Automation", True, {"Policy.Read.All"})


@pytest.mark.parametrize("token", ["not-a-token", "a.%%%.c", "a.W10.c"], ids=["no-token", "no-base64", "no-object"])
def test_a_token_that_cannot_be_read_hints_at_nothing_and_stops_nothing(token: str) -> None:
    hint = sign_in_now(Credential(token), ["s"], tenant_id=TENANT)  # type: ignore[arg-type]
    assert hint == Hint()
    assert hint.permissions is None


def test_claims_challenges_are_announced_and_the_scopes_named_one_by_one() -> None:
    credential = Credential({"tid": TENANT})
    sign_in_now(credential, ["a", "b"], tenant_id=TENANT)  # type: ignore[arg-type]
    assert credential.asked == [(("a", "b"), {"enable_cae": True})]


def test_another_tenant_is_refused_before_anything_is_read() -> None:
    with pytest.raises(SignInError) as caught:
        sign_in_now(Credential({"tid": "f1e55000-0000-4000-8000-000000000002"}), ["s"], tenant_id=TENANT)  # type: ignore[arg-type]
    assert caught.value.what == (
        "The sign-in answered for tenant f1e55000-0000-4000-8000-000000000002, "
        "not for f1e55000-0000-4000-8000-000000000001."
    )


def cause(beneath: Exception) -> ClientAuthenticationError:
    error = ClientAuthenticationError(f"Authentication failed: {beneath}")
    error.__cause__ = beneath
    return error


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (ClientAuthenticationError("AADSTS90002: Tenant not found"), SignInError, "knows no tenant with this id"),
        (ClientAuthenticationError("AADSTS7000215: Invalid client secret"), SignInError, "secret is not right"),
        (ClientAuthenticationError("AADSTS65001: no consent"), SignInError, "Nobody has consented"),
        (ClientAuthenticationError("AADSTS53003: blocked"), SignInError, "Conditional Access"),
        (ClientAuthenticationError("AADSTS99999: new\nTrace ID: x"), SignInError, "AADSTS99999: new"),
        (ClientAuthenticationError(""), SignInError, ""),
        (CredentialUnavailableError("no browser here"), SignInError, ""),
        (cause(ServiceRequestError("no route")), Unreachable, "no answer from the sign-in service"),
        (cause(ConnectionResetError("reset")), Unreachable, "no answer from the sign-in service"),
        (cause(SignInError("in our own words")), SignInError, ""),
        (cause(SignInError("could not sign in", why="AADSTS53003: blocked")), SignInError, "Conditional Access"),
        (cause(Unreachable("A request to https://evil.example was stopped.")), Unreachable, ""),
    ],
    ids=["90002", "7000215", "65001", "53003", "unknown-number", "no-words", "no-browser", "no-route", "reset",
         "ours", "ours-with-entras-number", "stopped"],
)  # fmt: skip
def test_a_refused_sign_in_says_why(error: Exception, kind: type[FlexSSOError], said: str) -> None:
    with pytest.raises(kind) as caught:
        sign_in_now(Credential(error), ["s"], tenant_id=TENANT)  # type: ignore[arg-type]
    assert said in caught.value.why
    assert len(str(caught.value).splitlines()) <= 14
    if isinstance(error.__cause__, FlexSSOError) and "AADSTS" not in error.__cause__.why:
        assert caught.value is error.__cause__


@pytest.mark.parametrize("cloud", [GLOBAL, CHINA], ids=lambda cloud: cloud.name)
def test_a_person_asks_for_each_scope_and_an_application_for_what_was_consented_to(cloud: Cloud) -> None:
    assert scopes_for(SignIn(method="device_code", client_id=CLIENT), cloud) == [
        f"{cloud.graph}/{scope}" for scope in SCOPES
    ]
    for method in ("client_secret", "client_certificate", "workload_identity", "default"):
        assert scopes_for(SignIn(method=method, client_id=CLIENT), cloud) == [f"{cloud.graph}/.default"]


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("device_code", DeviceCodeCredential),
        ("browser", InteractiveBrowserCredential),
        ("client_secret", ClientSecretCredential),
        ("client_certificate", CertificateCredential),
        ("workload_identity", ClientAssertionCredential),
        ("default", DefaultAzureCredential),
    ],
)
def test_each_way_of_signing_in_has_its_credential(method: str, kind: type) -> None:
    sign_in = SignIn(method=method, client_id=CLIENT, secret=lambda: "x", certificate=lambda: automation_pem(World()))
    sign_in = replace(sign_in, assertion=lambda: "x")
    made = credential_for(
        sign_in, cloud=GLOBAL, tenant_id=TENANT,
        wire=Wire.for_cloud(GLOBAL), prompt=print,
    )  # fmt: skip
    assert type(made) is kind


def without(method: str, **given: Any) -> SignInError:
    sign_in = SignIn(method=method, client_id=CLIENT, **given)
    with pytest.raises(SignInError) as caught:
        credential_for(sign_in, cloud=GLOBAL, tenant_id=TENANT, wire=Wire.for_cloud(GLOBAL), prompt=print)
    return caught.value


@pytest.mark.parametrize(
    ("method", "fix"),
    [
        ("client_secret", "Name where it lies as tenant.sign_in.secret, for example env:ENTRA_CLIENT_SECRET."),
        ("client_certificate",
         "Name where it lies as tenant.sign_in.certificate, for example file:~/certificates/contoso.pem."),
        ("workload_identity", "Name where it lies as tenant.sign_in.assertion, for example job:github."),
    ],
)  # fmt: skip
def test_what_is_not_named_is_asked_for(method: str, fix: str) -> None:
    assert without(method).fix == fix


def locked(password: bytes) -> bytes:
    text = automation_pem(World())
    key = serialization.load_pem_private_key(text, None)
    shut = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(password)
    )
    return shut + text[text.index(b"-----BEGIN CERTIFICATE") :]


PEM = automation_pem(World())
UNUSABLE = {
    "nothing": (b"", None),
    "no-key": (PEM[PEM.index(b"-----BEGIN CERTIFICATE") :], None),
    "no-certificate": (PEM[: PEM.index(b"-----BEGIN CERTIFICATE")], None),
    "wrong-password": (locked(b"right"), "wrong"),
    "password-not-named": (locked(b"right"), None),
}


@pytest.mark.parametrize(("certificate", "password"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_certificate_that_cannot_be_used_is_said_and_not_shown(certificate: bytes, password: str | None) -> None:
    error = without(
        "client_certificate", certificate=lambda: certificate, password=(lambda: password) if password else None
    )
    assert error.what == "The certificate at tenant.sign_in.certificate cannot be used."
    assert "private RSA key" in error.why
    assert not [line for line in certificate.decode().split() if len(line) > 30 and line in str(error)]


def test_a_locked_key_opens_with_its_password() -> None:
    sign_in = SignIn(
        method="client_certificate", client_id=CLIENT, certificate=lambda: locked(b"right"), password=lambda: "right"
    )
    made = credential_for(sign_in, cloud=GLOBAL, tenant_id=TENANT, wire=Wire.for_cloud(GLOBAL), prompt=print)
    assert type(made) is CertificateCredential
