"""Flex SSO runbooks: connect a Microsoft Entra ID tenant to Twilio Flex by SAML, prove it, keep it working."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flexsso_helpers.session import Session

__all__ = ["open"]


async def open(tenant: str | Mapping[str, Any], *, apply: bool | None = None) -> "Session":
    """Open a tenant: by the name of its file, or from the values that papermill injects from one.

    What a capture of 08 left when its kernel died is removed, or shown where nothing may be written.
    See flexsso_helpers.session.open_session, loaded only now: the rehearsal's own process must not need it.
    """
    from flexsso_helpers.resources.capture_url import sweep
    from flexsso_helpers.session import open_session

    session = await open_session(tenant, apply=apply)
    await sweep(session)
    return session
