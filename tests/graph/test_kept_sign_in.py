"""One sign-in for all notebooks: kept only where the system can encrypt it, and only for whom it was meant."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import msal_extensions
import pytest
from azure.core.credentials import AccessToken
from azure.identity import AuthenticationRecord, DeviceCodeCredential, InteractiveBrowserCredential

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.errors import SignInError
from flexsso_helpers.graph import KeptSignIn, Principal, SignIn, credential_for, sign_in_now
from flexsso_helpers.graph.kept_sign_in import KEPT, NOT_KEPT
from flexsso_helpers.session import opening
from flexsso_helpers.wire import Wire

TENANT = "11111111-2222-4333-8444-555555555555"
CLIENT = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
ADA = "ada.admin@contoso.com"


class Person:
    """A credential that asks a person when nobody is known, and counts how often."""

    def __init__(self, name: str = ADA, tenant: str = TENANT) -> None:
        self.name, self.tenant, self.asked = name, tenant, 0

    def authenticate(self, *, scopes: list[str], enable_cae: bool) -> AuthenticationRecord:
        self.asked += 1
        assert (scopes, enable_cae) == (["s"], True)
        return AuthenticationRecord(self.tenant, CLIENT, "login.microsoftonline.com", "oid.tid", self.name)

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        body = base64.urlsafe_b64encode(json.dumps({"tid": self.tenant, "upn": self.name}).encode()).decode()
        return AccessToken(f"head.{body}.signature", 0)


@pytest.fixture
def keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that can keep secrets."""
    monkeypatch.setattr(msal_extensions, "build_encrypted_persistence", lambda location: object())


def kept_in(folder: Path, user: str | None = None) -> KeptSignIn:
    return KeptSignIn(folder, tenant_id=TENANT, client_id=CLIENT, user=user)


def signs_in(person: Person, kept: KeptSignIn, user: str | None = None) -> None:
    """As a session does: sign in, and keep the sign-in of whoever Graph then says it is."""
    sign_in_now(person, ["s"], tenant_id=TENANT, kept=kept)  # type: ignore[arg-type]
    principal = Principal(tenant_id=TENANT, object_id="o", name="n", user_name=person.name, scopes=None)
    opening._settle(principal, user, kept)


@pytest.mark.usefixtures("keychain")
def test_the_second_notebook_asks_nobody(tmp_path: Path) -> None:
    first, second = Person(), Person()
    signs_in(first, kept_in(tmp_path))
    signs_in(second, kept_in(tmp_path))
    assert (first.asked, second.asked) == (1, 0)
    assert kept_in(tmp_path).words == KEPT
    options = kept_in(tmp_path).options()
    assert options["authentication_record"].username == ADA
    assert options["cache_persistence_options"].allow_unencrypted_storage is False


@pytest.mark.usefixtures("keychain")
def test_what_lies_in_the_folder_is_private_and_no_secret(tmp_path: Path) -> None:
    folder = tmp_path / "sign-in"
    signs_in(Person(), kept_in(folder))
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert set(json.loads(file.read_text("utf-8"))) == {
        "authority", "clientId", "homeAccountId", "tenantId", "username", "version",
    }  # fmt: skip


def broken(error: Exception) -> Any:
    def build(_location: str) -> None:
        raise error

    return build


@pytest.mark.parametrize(
    "error", [ImportError("gi"), RuntimeError("libsecret"), ValueError("Secret"), OSError("locked")], ids=repr
)
def test_without_a_keychain_nothing_is_kept_and_it_is_said(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(msal_extensions, "build_encrypted_persistence", broken(error))
    kept = kept_in(tmp_path)
    signs_in(Person(), kept)
    assert (kept.kept, kept.words, kept.options()) == (False, NOT_KEPT, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("keychain")
@pytest.mark.parametrize(
    ("person", "user"),
    [(Person("bo.agent@contoso.com"), ADA), (Person(tenant="f1e55000-0000-4000-8000-000000000009"), None)],
    ids=["another-person", "another-tenant"],
)
def test_the_wrong_account_is_not_kept(person: Person, user: str | None, tmp_path: Path) -> None:
    with pytest.raises(SignInError):
        signs_in(person, kept_in(tmp_path, user), user)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("keychain")
def test_somebody_else_who_answers_is_asked_for_again(tmp_path: Path) -> None:
    signs_in(Person(), kept_in(tmp_path))
    signs_in(Person("sol.supervisor@contoso.com"), kept_in(tmp_path))
    third = Person("sol.supervisor@contoso.com")
    signs_in(third, kept_in(tmp_path))
    assert third.asked == 1


@pytest.mark.usefixtures("keychain")
def test_each_expected_person_has_a_sign_in_of_their_own(tmp_path: Path) -> None:
    other = Person("sol.supervisor@contoso.com")
    signs_in(Person(), kept_in(tmp_path, ADA), ADA)
    signs_in(other, kept_in(tmp_path, other.name), other.name)
    assert other.asked == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.usefixtures("keychain")
@pytest.mark.parametrize(
    ("one", "other"),
    [("a.b@contoso.com", "ab@contoso.com"), ("a-b@contoso.com", "a.b@contoso.com"),
     ("a+b@contoso.com", "a_2bb@contoso.com"),
     ("a@bcontoso.com", "ab@contoso.com"), ("a%2bb@contoso.com", "a+b@contoso.com")],
)  # fmt: skip
def test_people_whose_names_look_alike_share_no_sign_in(one: str, other: str, tmp_path: Path) -> None:
    second = Person(other)
    signs_in(Person(one), kept_in(tmp_path, one), one)
    signs_in(second, kept_in(tmp_path, other), other)
    assert second.asked == 1
    assert kept_in(tmp_path, one).options()["authentication_record"].username == one


@pytest.mark.usefixtures("keychain")
def test_a_guest_is_kept_under_the_name_at_home(tmp_path: Path) -> None:
    guest = Principal(
        tenant_id=TENANT, object_id="o", name="n", user_name="pat_fabrikam.com#EXT#@contoso.com", kind="guest",
        mail="pat@fabrikam.com", scopes=None,
    )  # fmt: skip
    kept = kept_in(tmp_path)
    sign_in_now(Person("pat@fabrikam.com"), ["s"], tenant_id=TENANT, kept=kept)  # type: ignore[arg-type]
    opening._settle(guest, "Pat@Fabrikam.com", kept)
    assert kept_in(tmp_path).options()["authentication_record"].username == "pat@fabrikam.com"


@pytest.mark.usefixtures("keychain")
@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": "9"}'])
def test_a_file_that_cannot_be_read_is_as_if_nobody_were_known(text: str, tmp_path: Path) -> None:
    signs_in(Person(), kept_in(tmp_path))
    next(tmp_path.iterdir()).write_text(text, "utf-8")
    again = Person()
    signs_in(again, kept_in(tmp_path))
    assert again.asked == 1


@pytest.mark.usefixtures("keychain")
@pytest.mark.parametrize(
    ("method", "kind"), [("device_code", DeviceCodeCredential), ("browser", InteractiveBrowserCredential)]
)
def test_the_credentials_of_people_take_what_is_kept(method: str, kind: type, tmp_path: Path) -> None:
    signs_in(Person(), kept_in(tmp_path))
    made: Any = credential_for(
        SignIn(method=method, client_id=CLIENT), cloud=GLOBAL, tenant_id=TENANT, wire=Wire.for_cloud(GLOBAL),
        prompt=print, kept=kept_in(tmp_path),
    )  # fmt: skip
    assert type(made) is kind
    assert made._auth_record.username == ADA


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows always have one")
def test_a_linux_without_libsecret_is_one_without_a_keychain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gi", None)
    monkeypatch.delitem(sys.modules, "msal_extensions.libsecret", raising=False)
    assert not kept_in(tmp_path).kept
