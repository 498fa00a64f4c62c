"""Signing in to Entra by azure-identity, and reading who signed in from the token.

The token is asked for once, up front and off the event loop: azure-identity blocks, and a device code may take a
person fifteen minutes (graph.md section 5).
"""

import base64
import json
import logging
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.identity import CredentialUnavailableError

from flexsso_helpers.errors import FlexSSOError, SignInError, Unreachable
from flexsso_helpers.graph.kept_sign_in import KeptSignIn

# What azure-identity would print of a refusal is raised in our own words.
logging.getLogger("azure.identity").addHandler(logging.NullHandler())

ROLE_TITLES: dict[str, str] = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
}


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who is signed in, as the access token says."""

    tenant_id: str
    object_id: str
    name: str
    user_name: str
    """The user principal name; empty for an application."""
    scopes: frozenset[str]
    role_ids: frozenset[str]

    @property
    def app_only(self) -> bool:
        """Whether an application signed in, without a person."""
        return not self.user_name

    @property
    def roles(self) -> tuple[str, ...]:
        """Titles of the active directory roles that matter here."""
        return tuple(title for role, title in ROLE_TITLES.items() if role in self.role_ids)


def sign_in_now(
    credential: TokenCredential,
    scopes: list[str],
    *,
    tenant_id: str,
    user: str | None = None,
    kept: KeptSignIn | None = None,
    consent: str = "",
) -> Principal:
    """Get a token and read who it is for. Blocking. Raises SignInError in plain words.

    `user` is the user principal name that has to answer, in any letter case; None lets anybody of the tenant. What is
    `kept` of an earlier sign-in is forgotten when the wrong account answers. `consent` is the address that an
    administrator is sent to where nobody has consented yet.
    """
    try:
        principal = _who(_token(credential, scopes, tenant_id, kept, consent), tenant_id, user)
    except SignInError:
        if kept:
            kept.settle("")
        raise
    if kept:
        kept.settle(principal.user_name)
    return principal


def _token(
    credential: TokenCredential, scopes: list[str], tenant_id: str, kept: KeptSignIn | None, consent: str
) -> str:
    try:
        if kept:
            kept.begin(credential, scopes)
        return credential.get_token(*scopes, enable_cae=True).token
    except CredentialUnavailableError as error:
        raise SignInError(str(error), fix="Choose another tenant.sign_in.method.", notebook="00") from error
    except ClientAuthenticationError as error:
        raise explained(error, tenant_id, consent) from error


def _who(token: str, tenant_id: str, user: str | None) -> Principal:
    claims = _claims(token)
    principal = Principal(
        tenant_id=str(claims.get("tid", "")),
        object_id=str(claims.get("oid", "")),
        name=str(claims.get("name") or claims.get("app_displayname") or "an application"),
        user_name=str(claims.get("upn") or claims.get("preferred_username") or ""),
        scopes=frozenset(str(claims.get("scp", "")).split()) | frozenset(claims.get("roles", ())),
        role_ids=frozenset(claims.get("wids", ())),
    )
    if principal.tenant_id != tenant_id:
        raise SignInError(
            f"The sign-in answered for tenant {principal.tenant_id or 'unknown'}, not for {tenant_id}.",
            why="The account belongs to another tenant, or the tenant id in the file is that of another customer.",
            fix="Compare tenant.tenant_id with the Overview page of Microsoft Entra ID, and sign in with that account.",
            notebook="00",
        )
    if "#EXT#" in principal.user_name:
        raise SignInError(
            f"{principal.user_name} is a guest in this tenant.",
            why="What a guest creates is easily made in the wrong tenant.",
            fix="Sign in with an account of the customer's own tenant.",
            notebook="00",
        )
    if user and not principal.app_only and principal.user_name.casefold() != user.casefold():
        raise SignInError(
            f"{principal.user_name} signed in, and the tenant's file expects {user}.",
            why="The browser or this machine was still signed in as somebody else.",
            fix=f"Sign in as {user}, or correct or remove tenant.sign_in.user.",
            notebook="00",
        )
    return principal


def _claims(token: str) -> dict[str, Any]:
    """The payload of the access token, read in memory only; Graph, not we, judges its signature."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


_EXPLAINED = {
    "AADSTS90002": (
        "Entra knows no tenant with this id in this cloud.",
        "Copy the tenant id from the Overview page of Microsoft Entra ID into tenant.tenant_id.",
    ),
    "AADSTS700016": (
        "The application that signs in is not known in this tenant.",
        "Check tenant.sign_in.client_id, or leave it out to use Microsoft Graph Command Line Tools.",
    ),
    "AADSTS7000215": ("The client secret is not right.", "Make a new secret and put it where the reference points."),
    "AADSTS7000222": ("The client secret has expired.", "Make a new secret and put it where the reference points."),
    "AADSTS700027": (
        "The certificate that signs in is not that of the application.",
        "Upload the certificate (without its key) to the app registration, or correct tenant.sign_in.certificate.",
    ),
    "AADSTS65001": (
        "Nobody has consented to these permissions yet.",
        "Ask an administrator to consent: notebook 00 shows the address.",
    ),
    "AADSTS50105": ("The account is not assigned to the application that signs in.", "Assign it, or use another."),
    "AADSTS53003": (
        "Conditional Access blocks this way of signing in.",
        "Use tenant.sign_in.method: browser; device codes are often blocked.",
    ),
}


def explained(error: ClientAuthenticationError, tenant_id: str, consent: str = "") -> FlexSSOError:
    """What a failed request for a token means: azure-identity turns whatever happened into this one error."""
    beneath = _beneath(error)
    if isinstance(beneath, ServiceRequestError | ServiceResponseError | OSError):
        return Unreachable(
            f"Signing in to tenant {tenant_id}.",
            why=f"{type(beneath).__name__}: no answer from the sign-in service.",
            fix="Check the connection, the proxy (HTTPS_PROXY) and the company's certificates (REQUESTS_CA_BUNDLE).",
            notebook="00",
        )
    text = beneath.why if isinstance(beneath, FlexSSOError) else str(error.message or error)
    if "Unable to get authority configuration" in text:  # how the library words a tenant that Entra does not know
        text = f"AADSTS90002 {text}"
    for code, (why, fix) in _EXPLAINED.items():
        if code in text:
            if code == "AADSTS65001" and consent:
                fix = f"An administrator opens this address and agrees; then sign in again:\n{consent}"
            return SignInError(
                f"Entra refused the sign-in for tenant {tenant_id} ({code}).", why=why, fix=fix, notebook="00"
            )
    if isinstance(beneath, FlexSSOError):
        return beneath
    first = text.splitlines()[0] if text else "no reason given"
    return SignInError(
        f"Entra refused the sign-in for tenant {tenant_id}.",
        why=first[:400],
        fix="Sign in again; if it repeats, look the AADSTS number up at the login host's error page.",
        notebook="00",
    )


def _beneath(error: BaseException) -> BaseException:
    """The error that the others are made of."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
