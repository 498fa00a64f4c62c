"""Where a session's secrets come from: from where the tenant's file says they lie, or in a rehearsal from itself."""

from dataclasses import dataclass
from typing import Protocol

from flexsso_helpers.secret import reveal, reveal_assertion, reveal_certificate
from flexsso_helpers.wire import RehearsalClient

REHEARSED_SECRET = "rehearsal"  # noqa: S105 - what the rehearsal accepts of everybody


class Secrets(Protocol):
    """Looks up what a reference names, at the moment of use."""

    def secret(self, reference: str) -> str:
        """The secret itself."""

    def certificate(self, reference: str) -> bytes:
        """A certificate with its private key."""

    def password(self, reference: str) -> str | None:
        """The password of that key; None where it needs none."""

    def assertion(self, reference: str) -> str:
        """A token of the place where this runs."""


class RevealedSecrets:
    """The places that the file names."""

    def secret(self, reference: str) -> str:
        """See secret.reveal."""
        return reveal(reference)

    def certificate(self, reference: str) -> bytes:
        """See secret.reveal_certificate."""
        return reveal_certificate(reference)

    def password(self, reference: str) -> str | None:
        """See secret.reveal."""
        return reveal(reference)

    def assertion(self, reference: str) -> str:
        """See secret.reveal_assertion."""
        return reveal_assertion(reference)


@dataclass(frozen=True)
class RehearsedSecrets:
    """The rehearsal's own, whatever a reference names: it is part of the redirect.

    A real secret sent on the redirected way would reach another server than the one that it is for, so no reference is
    resolved, also under `practice: live`.
    """

    rehearsal_client: RehearsalClient

    def secret(self, reference: str) -> str:  # noqa: ARG002 - never looked up
        """What the rehearsal accepts."""
        return REHEARSED_SECRET

    def certificate(self, reference: str) -> bytes:  # noqa: ARG002 - never looked up
        """That of the invented tenant's own program."""
        return self.rehearsal_client.client_certificate()

    def password(self, reference: str) -> str | None:  # noqa: ARG002 - never looked up
        """Its key is not locked."""
        return None

    def assertion(self, reference: str) -> str:  # noqa: ARG002 - never looked up
        """That of the invented company's pipeline."""
        return self.rehearsal_client.job_token()
