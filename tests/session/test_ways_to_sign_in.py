"""The ways of signing in that a rehearsal can play, through azure-identity itself."""

import asyncio
from pathlib import Path
from typing import Any

import msal
import msal_extensions
import pytest
from azure.identity._internal import msal_credentials
from onboarding import onboard
from stage import REHEARSAL, InProcessWire, Stage

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.errors import ParametersError, SignInError
from flexsso_helpers.graph import KeptSignIn, SignIn, credential_for, scopes_for, sign_in_now
from flexsso_helpers.graph.kept_sign_in import KEPT, NOT_KEPT
from flexsso_helpers.parameters import from_mapping, load
from flexsso_helpers.person import PersonAtTheConsole, SimulatedPerson
from flexsso_helpers.rehearsal.entra import federated
from flexsso_helpers.rehearsal.entra.clients import automation_pem
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT
from flexsso_helpers.secret import reveal_certificate
from flexsso_helpers.session import Session, opening
from flexsso_helpers.session.secrets import RevealedSecrets
from flexsso_helpers.views.shown import text_of
from flexsso_helpers.wire import Wire

ADA = "ada.admin@contoso.com"
TENANT = "f1e55000-0000-4000-8000-000000000001"
TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
BY_CERTIFICATE = {
    "method": "client_certificate", "client_id": AUTOMATION_CLIENT, "certificate": "file:/nowhere/contoso.pem",
    "user": None,
}  # fmt: skip


BY_TOKEN = {"method": "workload_identity", "client_id": AUTOMATION_CLIENT, "assertion": "job:github", "user": None}


def opened(folder: Path, **sign_in: Any) -> Session:
    return asyncio.run(Stage(folder, changes={"sign_in": sign_in}).open())


def test_an_application_signs_in_by_its_certificate(tmp_path: Path) -> None:
    session = opened(tmp_path, **BY_CERTIFICATE)
    assert session.principal.app_only
    assert session.principal.name == "Contoso Automation"
    assert session.sign_in_kept == ""


@pytest.mark.full
def test_a_whole_run_by_certificate_leaves_nothing_of_the_key_behind(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes={"sign_in": BY_CERTIFICATE})
    evidence = asyncio.run(onboard(stage))
    assert {number: each[2].outcome for number, each in evidence.items()} == dict.fromkeys(evidence, 2)
    left = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file())
    key = automation_pem(stage.world).decode().partition("-----BEGIN CERTIFICATE")[0]
    assert len(left) > 10_000
    assert len(key.splitlines()) > 20
    assert not [line for line in key.splitlines() if line in left]


@pytest.mark.parametrize("assertion", ["job:github", "file:/nowhere/token", "env:NO_SUCH_TOKEN"])
def test_an_application_signs_in_by_a_token_of_where_it_runs(assertion: str, tmp_path: Path) -> None:
    session = opened(tmp_path, **BY_TOKEN | {"assertion": assertion})
    assert session.principal.app_only
    assert session.principal.name == "Contoso Automation"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"sub": "repo:contoso/flex-sso:ref:refs/heads/other"}, "AADSTS700213"),
        ({"iss": "https://other.example.com"}, "AADSTS700211"),
        ({"aud": "api://other"}, "AADSTS700212"),
    ],
)
def test_a_token_of_another_place_is_refused_with_what_it_came_with(
    claims: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = federated.token
    monkeypatch.setattr(federated, "token", lambda world: token(world, **claims))
    with pytest.raises(SignInError) as caught:
        opened(tmp_path, **BY_TOKEN)
    assert said in caught.value.what
    (value,) = claims.values()
    assert value in caught.value.why
    assert "Federated credentials" in caught.value.fix


@pytest.mark.parametrize("how", [BY_CERTIFICATE, BY_TOKEN], ids=["certificate", "token"])
def test_a_tenant_that_has_not_consented_yet_is_shown_where_an_administrator_does(
    how: dict[str, Any], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, changes={"sign_in": how})
    store = stage.world.store
    for kind in ("servicePrincipal", "application"):
        (found,) = store.find(kind, "appId", AUTOMATION_CLIENT)
        store.remove(kind, str(found["id"]), at=stage.world.clock.now - 86400)
    with pytest.raises(SignInError) as caught:
        asyncio.run(stage.open())
    assert "AADSTS700016" in caught.value.what
    assert f"https://login.microsoftonline.com/{TENANT}/adminconsent?client_id={AUTOMATION_CLIENT}" in caught.value.fix
    assert "a Privileged Role Administrator" in caught.value.fix


def test_a_certificate_of_another_application_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(SignInError) as caught:
        opened(tmp_path, **BY_CERTIFICATE | {"client_id": "f1e55000-0000-4000-8000-00000000c11f"})
    assert "AADSTS7" in caught.value.what


def test_a_rehearsal_refuses_what_it_cannot_play(tmp_path: Path) -> None:
    with pytest.raises(ParametersError) as caught:
        opened(tmp_path, method="default")
    assert "sign_in.method is default, which no rehearsal can play" in caught.value.what


def test_somebody_else_than_the_file_names_does_not_get_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "sol.supervisor@contoso.com"
    monkeypatch.setattr(
        opening,
        "_person",
        lambda _tenant, rehearsal_client: SimulatedPerson(user=other, rehearsal_client=rehearsal_client),
    )
    with pytest.raises(SignInError) as caught:
        opened(tmp_path)
    assert caught.value.what == f"{other} signed in, and the tenant's file expects {ADA}."


def test_the_second_session_goes_on_with_what_the_first_one_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = msal.TokenCache()  # in place of the system's keychain
    monkeypatch.setattr(msal_extensions, "build_encrypted_persistence", lambda location: object())
    monkeypatch.setattr(msal_credentials, "_load_persistent_cache", lambda options, is_cae: tokens)
    stage, codes = Stage(tmp_path), list[str]()
    wire = InProcessWire(hosts=Wire.for_cloud(GLOBAL).hosts, loopback="http://127.0.0.1", app=stage.app)
    person = SimulatedPerson(user=ADA, rehearsal_client=stage.rehearsal_client)

    def prompt(address: str, code: str) -> None:
        codes.append(code)
        person.enter_code(address, code)

    def session() -> str:
        kept = KeptSignIn(tmp_path / "sign-in", tenant_id=TENANT, client_id=TOOLS, user=ADA)
        sign_in = SignIn(method="device_code", client_id=TOOLS, user=ADA)
        credential = credential_for(sign_in, cloud=GLOBAL, tenant_id=TENANT, wire=wire, prompt=prompt, kept=kept)
        return sign_in_now(credential, scopes_for(sign_in, GLOBAL), tenant_id=TENANT, kept=kept).user_name

    assert [session() for _ in range(3)] == [ADA] * 3
    assert len(codes) == 1


LIVE: dict[str, Any] = {
    "name": "contoso", "title": "Contoso", "cloud": "global", "tenant_id": "11111111-2222-4333-8444-555555555555",
    "flex": {"account_sid": "AC0123456789abcdef0123456789abcdef", "api_key": "SK0123456789abcdef0123456789abcdef",
             "api_secret": "env:TWILIO_API_SECRET"},
}  # fmt: skip


AUTOMATION = {"method": "client_certificate", "client_id": "a1b2c3d4-0000-4000-8000-000000000001"}


@pytest.mark.parametrize(
    ("sign_in", "said"),
    [
        ({"method": "client_certificate", "certificate": "env:PEM"}, "sign_in.client_id is missing"),
        (AUTOMATION, "sign_in.certificate is missing"),
        ({"method": "browser", "certificate": "env:PEM"}, "is for method client_certificate only"),
        ({"method": "client_secret", "certificate_password": "env:P"}, "is for method client_certificate only"),
        (AUTOMATION | {"certificate": "contoso.pem"}, "must say where the certificate and its key are kept"),
        (AUTOMATION | {"certificate": "file:contoso.pem"}, "must say where the certificate and its key are kept"),
        (AUTOMATION | {"certificate": "file:<path>"}, "is still a placeholder"),
        (AUTOMATION | {"method": "workload_identity"}, "sign_in.assertion is missing"),
        ({"method": "workload_identity", "assertion": "job:github"}, "sign_in.client_id is missing"),
        ({"method": "browser", "assertion": "job:github"}, "is for method workload_identity only"),
        (AUTOMATION | {"method": "workload_identity", "assertion": "job:azure/x"}, "must say where a token is found"),
        (AUTOMATION | {"method": "workload_identity", "assertion": "file:token"}, "must say where a token is found"),
    ],
)
def test_what_does_not_go_together_is_said(sign_in: dict[str, Any], said: str) -> None:
    with pytest.raises(ParametersError) as caught:
        from_mapping(LIVE | {"sign_in": sign_in})
    assert said in caught.value.what


@pytest.mark.parametrize(
    "certificate",
    ["file:/secrets/contoso.pem", "file:~/contoso.pfx", r"file:C:\keys\contoso.pem", "env:PEM", "keyring:entra/pem"],
)
def test_where_a_certificate_may_be_kept(certificate: str) -> None:
    assert (
        from_mapping(LIVE | {"sign_in": AUTOMATION | {"certificate": certificate}}).sign_in.certificate == certificate
    )
    assert from_mapping(LIVE | {"sign_in": {"method": "default"}}).sign_in.method == "default"


def test_a_certificate_is_read_where_the_file_says_at_the_moment_of_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PEM", "text")
    (tmp_path / "contoso.pfx").write_bytes(b"\x30\x82")
    assert reveal_certificate("file:~/contoso.pfx") == b"\x30\x82"
    assert reveal_certificate("env:PEM") == b"text"
    with pytest.raises(ParametersError) as caught:
        reveal_certificate("file:~/missing.pem")
    assert (caught.value.what, caught.value.why) == (
        "The certificate at file:~/missing.pem could not be read.", "No such file or directory",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sign_in", "kept"),
    [({}, True), ({"method": "device_code"}, True), ({"method": "default"}, False),
     (AUTOMATION | {"certificate": "env:PEM"}, False)],
    ids=["browser", "device-code", "default", "certificate"],
)  # fmt: skip
def test_only_a_humans_sign_in_is_kept(
    sign_in: dict[str, Any], kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    monkeypatch.setattr(msal_extensions, "build_encrypted_persistence", lambda location: object())
    tenant = from_mapping(LIVE | {"sign_in": sign_in})
    found = opening._kept(opening._sign_in(tenant, RevealedSecrets()), tenant, PersonAtTheConsole(ADA))
    assert (found is not None) is kept
    nobody = SimulatedPerson(user=ADA, rehearsal_client=Stage(tmp_path).rehearsal_client)
    assert opening._kept(opening._sign_in(load(REHEARSAL), RevealedSecrets()), load(REHEARSAL), nobody) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [KEPT, NOT_KEPT])
def test_the_first_card_says_whether_the_next_notebook_asks_again(words: str, tmp_path: Path) -> None:
    session = asyncio.run(Stage(tmp_path).open())
    assert "Sign-in" not in text_of(session)
    session.sign_in_kept = words
    assert words in " ".join(text_of(session).replace("Sign-in", "").split())
