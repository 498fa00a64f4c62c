"""One sign-in for all notebooks of a guided session: tokens in the system's keychain, and who signed in beside it.

azure-identity keeps the tokens, encrypted by the system (Keychain, DPAPI, libsecret). Where it cannot encrypt, the
guide holds them in its memory; without a guide nothing is kept, and each notebook asks again. The file beside the
keychain holds the account's name and ids, and no secret.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import msal
import msal_extensions
from azure.core.credentials import TokenCredential
from azure.identity import AuthenticationRecord, TokenCachePersistenceOptions

from flexsso_helpers.graph.lent_memory import lent, recall, remember
from flexsso_helpers.identities import identity
from flexsso_helpers.places import kept_in, private

NAME = "flexsso"
KEPT = "kept in this system's keychain, so the next notebook does not ask again"
HELD = "held in the memory of this guided session, so the next notebook does not ask again"
NOT_KEPT = "not kept, as this machine has no keychain that can be used: each notebook asks again"


class KeptSignIn:
    """The sign-in of one person to one tenant, found again by the next session on this machine."""

    def __init__(self, folder: Path, *, tenant_id: str, client_id: str, user: str | None) -> None:
        """`folder` is private and outlives the session. Another tenant, client or expected user is another sign-in."""
        who = quote(identity(user or ""), safe="@")  # never one name for two people
        self._file = folder / f"{tenant_id}.{client_id}{'.' if who else ''}{who}.json"
        self._probe = folder / "keychain"
        self.kept = self._can_be_kept()
        self._held = not self.kept and lent()
        # By the names that azure-identity gives them: without and with continuous access evaluation.
        self._caches = {name: msal.SerializableTokenCache() for name in ("_cache", "_cae_cache")}

    @property
    def words(self) -> str:
        """Whether the next notebook will ask again."""
        return KEPT if self.kept else HELD if self._held else NOT_KEPT

    def options(self) -> dict[str, Any]:
        """What a credential of azure-identity is made with; nothing where it cannot be kept encrypted."""
        if self.kept:
            options: dict[str, Any] = {
                "cache_persistence_options": TokenCachePersistenceOptions(name=NAME, allow_unencrypted_storage=False)
            }
        elif self._held:
            for name, cache in self._caches.items():
                cache.deserialize(recall(self._file.name + name))
            options = dict(self._caches)
        else:
            return {}
        record = self._record()
        return options | ({"authentication_record": record} if record else {})

    def begin(self, credential: TokenCredential, scopes: list[str]) -> None:
        """Ask the person once, where nobody is known yet, and remember who it was."""
        ask = getattr(credential, "authenticate", None)
        if not (self.kept or self._held) or self._record() or ask is None:
            return
        record: AuthenticationRecord = ask(scopes=scopes, enable_cae=True)
        if self._held:
            remember(self._file.name, record.serialize())
            return
        private(self._file.parent)
        with kept_in(self._file):
            self._file.touch(mode=0o600)
            self._file.write_text(record.serialize(), "utf-8")

    def hold(self) -> None:
        """Leave the tokens with the guide, where it lends its memory: called when there is one."""
        if self._held:
            for name, cache in self._caches.items():
                remember(self._file.name + name, cache.serialize())

    def settle(self, *names: str) -> None:
        """Forget who is remembered when somebody else signed in than whoever goes by these names.

        Without any name nobody could say who signed in, which is no reason to ask again.
        """
        record, known = self._record(), {identity(name) for name in names if name}
        if record and known and identity(record.username) not in known:
            self.forget()

    def forget(self) -> None:
        """Forget who is remembered."""
        self._file.unlink(missing_ok=True)
        if self._held:
            for name in ("", *self._caches):
                remember(self._file.name + name, "")

    def _record(self) -> AuthenticationRecord | None:
        try:
            text = recall(self._file.name) if self._held else self._file.read_text("utf-8")
            return AuthenticationRecord.deserialize(text)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # the library reads it without looking
            return None

    def _can_be_kept(self) -> bool:
        try:
            msal_extensions.build_encrypted_persistence(str(self._probe))
        except (ImportError, RuntimeError, ValueError, OSError):
            return False  # no libsecret, no keychain, or no session to open one in
        return True
