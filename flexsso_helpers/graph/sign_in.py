"""Signing in to Entra by azure-identity.

The token is asked for once, up front and off the event loop: azure-identity blocks, and a device code may take a
person fifteen minutes. Who signed in is then read from Graph (who.py).
"""

import logging

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError

from flexsso_helpers.errors import SignInError
from flexsso_helpers.graph.kept_sign_in import KeptSignIn
from flexsso_helpers.graph.principal import Hint
from flexsso_helpers.graph.sign_in_errors import BY_A_PERSON, explained
from flexsso_helpers.graph.who import wrong_tenant

# What azure-identity would print of a refusal is raised in our own words.
for each in ("azure.identity", "msal"):
    logging.getLogger(each).addHandler(logging.NullHandler())


def sign_in_now(
    credential: TokenCredential,
    scopes: list[str],
    *,
    tenant_id: str,
    kept: KeptSignIn | None = None,
    consent: str = "",
    method: str = "",
) -> Hint:
    """Get a token, and read what it hints at. Blocking. Raises SignInError in plain words.

    What is `kept` of an earlier sign-in is forgotten when it is refused, or answers for another tenant. `consent` is
    the address that an administrator is sent to where nobody has consented yet; `method` is the way of signing in.
    """
    try:
        hint = Hint.of(_token(credential, scopes, tenant_id, kept, consent, method))
        if hint.tenant_id and hint.tenant_id != tenant_id:
            raise wrong_tenant(hint.tenant_id, tenant_id)
    except SignInError:
        if kept:
            kept.forget()
        raise
    if kept:
        kept.hold()
    return hint


def _token(
    credential: TokenCredential, scopes: list[str], tenant_id: str, kept: KeptSignIn | None, consent: str, method: str
) -> str:
    try:
        if kept:
            kept.begin(credential, scopes)
        return credential.get_token(*scopes, enable_cae=True).token
    except CredentialUnavailableError as error:
        why = "This machine has not got what that way of signing in needs."
        raise SignInError(str(error), why=why, fix=_another(method), notebook="00") from error
    except ClientAuthenticationError as error:
        raise explained(error, tenant_id, consent, method) from error


def _another(method: str) -> str:
    """Another way of signing in than the one that this machine does not have."""
    if method not in BY_A_PERSON:
        return "Choose another tenant.sign_in.method."
    return f"Use tenant.sign_in.method: {'device_code' if method == 'browser' else 'browser'}."
