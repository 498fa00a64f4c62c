"""Without a keychain the guide holds the sign-in in its memory: for its own notebooks, and never on disk."""

import json
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import msal_extensions
import pytest
from test_kept_sign_in import ADA, CLIENT, TENANT, Person, broken, kept_in, signs_in

from flexsso_helpers.graph import KeptSignIn
from flexsso_helpers.graph.kept_sign_in import HELD, NOT_KEPT
from flexsso_helpers.graph.lent_memory import VARIABLE, LentMemory, lent, recall, remember


@pytest.fixture
def guide(monkeypatch: pytest.MonkeyPatch) -> Iterator[LentMemory]:
    """A machine without a keychain, and a guide."""
    monkeypatch.setattr(msal_extensions, "build_encrypted_persistence", broken(ImportError("gi")))
    with LentMemory() as memory:
        for name, value in memory.environment.items():
            monkeypatch.setenv(name, value)
        yield memory


@pytest.mark.usefixtures("guide")
def test_the_second_notebook_asks_nobody_and_nothing_lies_on_disk(tmp_path: Path) -> None:
    first, second = Person(), Person()
    signs_in(first, kept_in(tmp_path))
    signs_in(second, kept_in(tmp_path))
    assert (first.asked, second.asked) == (1, 0)
    assert kept_in(tmp_path).words == HELD
    assert kept_in(tmp_path).options()["authentication_record"].username == ADA
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("guide")
def test_tokens_are_found_again_by_the_next_notebook_and_gone_when_forgotten(tmp_path: Path) -> None:
    one = kept_in(tmp_path)
    cache = one.options()["_cae_cache"]
    cache.add({
        "client_id": CLIENT, "scope": ["s"], "token_endpoint": f"https://login.microsoftonline.com/{TENANT}/token",
        "response": {"access_token": "an access token", "expires_in": 3600, "token_type": "Bearer"},
    })  # fmt: skip
    one.hold()
    assert "an access token" in kept_in(tmp_path).options()["_cae_cache"].serialize()
    one.forget()
    assert "an access token" not in kept_in(tmp_path).options()["_cae_cache"].serialize()


@pytest.mark.usefixtures("guide")
def test_another_tenant_is_another_sign_in(tmp_path: Path) -> None:
    signs_in(Person(), kept_in(tmp_path))
    other = KeptSignIn(tmp_path, tenant_id=TENANT.replace("1", "2"), client_id=CLIENT, user=None)
    assert "authentication_record" not in other.options()


def test_a_stranger_without_the_key_learns_nothing_and_the_guide_goes_on(guide: LentMemory) -> None:
    remember("who", "Ada")
    address, _ = json.loads(guide.environment[VARIABLE])
    with pytest.raises(AuthenticationError):
        Client(address, authkey=b"guessed")
    assert recall("who") == "Ada"


def test_when_the_guide_has_ended_everything_is_forgotten(guide: LentMemory, tmp_path: Path) -> None:
    signs_in(Person(), kept_in(tmp_path))
    guide._listener.close()
    assert recall("who") == ""
    again = Person()
    signs_in(again, kept_in(tmp_path))
    assert again.asked == 1


def test_without_a_guide_each_notebook_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(msal_extensions, "build_encrypted_persistence", broken(ImportError("gi")))
    assert not lent()
    assert kept_in(tmp_path).words == NOT_KEPT
