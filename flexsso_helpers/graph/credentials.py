"""The ways of signing in: the azure-identity credential of each, and the permissions that it asks for."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from azure.core.credentials import TokenCredential
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
)

from flexsso_helpers.clouds import Cloud
from flexsso_helpers.errors import SignInError
from flexsso_helpers.graph.kept_sign_in import KeptSignIn
from flexsso_helpers.graph.sign_in_errors import BY_A_PERSON
from flexsso_helpers.wire import Wire, machine_transport

# What the whole run needs, and which notebook needs it.
SCOPES: dict[str, str] = {
    "Application.ReadWrite.All": "01",
    "Policy.Read.All": "03",
    "Policy.ReadWrite.ApplicationConfiguration": "03",
    "AppRoleAssignment.ReadWrite.All": "07",
    "User.Read.All": "07",
    "GroupMember.Read.All": "07",
    "Organization.Read.All": "00",
}
ASSIGNING = "AppRoleAssignment.ReadWrite.All"
"""The strongest of them, asked for only where people or groups are assigned."""

REGION = "AZURE_REGIONAL_AUTHORITY_NAME"
"""Of the environment: has azure-identity ask another host than the cloud's own, which is not contacted."""
Prompt = Callable[[str, str], None]
"""Shows a person the address and the code of a device sign-in."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """How to sign in. Secrets are functions that give the value at the moment of use; it is never kept.

    `certificate` gives a certificate with its private key: PEM, or PKCS #12; `password` opens it.
    `assertion` gives a token of the place where this runs, a new one each time.
    `managed_identity` is the client id of a managed identity, for the method `default`.
    """

    method: str
    client_id: str
    user: str | None = None
    secret: Callable[[], str] | None = None
    certificate: Callable[[], bytes] | None = None
    password: Callable[[], str | None] | None = None
    assertion: Callable[[], str] | None = None
    managed_identity: str | None = None

    @property
    def by_a_person(self) -> bool:
        """Whether a person signs in, whose sign-in is worth keeping for the next notebook."""
        return self.method in BY_A_PERSON


def credential_for(
    sign_in: SignIn, *, cloud: Cloud, tenant_id: str, wire: Wire, prompt: Prompt, kept: KeptSignIn | None = None
) -> TokenCredential:
    """The azure-identity credential for this way of signing in; `kept` lets a person's sign-in serve later sessions.

    Raises SignInError when a secret or certificate that it needs is not there or cannot be read.
    """
    os.environ.pop(REGION, None)
    common: dict[str, Any] = {
        "authority": cloud.login,
        "transport": wire.identity_transport(),
        "retry_total": 2,
        "additionally_allowed_tenants": [],
    }
    if sign_in.method == "client_secret":
        secret = _given(sign_in.secret, "The client secret", "secret", "env:ENTRA_CLIENT_SECRET")
        return ClientSecretCredential(tenant_id, sign_in.client_id, secret(), **common)
    if sign_in.method == "client_certificate":
        return _by_certificate(sign_in, tenant_id, common)
    if sign_in.method == "workload_identity":
        assertion = _given(sign_in.assertion, "The token in place of a secret", "assertion", "job:github")
        return ClientAssertionCredential(tenant_id, sign_in.client_id, assertion, **common)
    if sign_in.method == "default":
        return _whatever_there_is(sign_in, cloud, tenant_id)
    options = kept.options() if kept else {}
    if "authentication_record" in options:  # which names the authority itself
        common.pop("authority")
    if sign_in.method == "browser":
        return InteractiveBrowserCredential(
            tenant_id=tenant_id, client_id=sign_in.client_id, login_hint=sign_in.user, **common, **options
        )
    return DeviceCodeCredential(
        sign_in.client_id,
        tenant_id=tenant_id,
        prompt_callback=lambda address, code, _expires: prompt(address, code),
        **common,
        **options,
    )


def scopes_for(sign_in: SignIn, cloud: Cloud, asked: Iterable[str] = SCOPES) -> list[str]:
    """Explicit delegated scopes for a person; for everything else, what was consented to beforehand."""
    if not sign_in.by_a_person:
        return [f"{cloud.graph}/.default"]
    return [f"{cloud.graph}/{scope}" for scope in asked]


def consent_link(cloud: Cloud, tenant_id: str, client_id: str, *, app_only: bool, asked: Iterable[str] = SCOPES) -> str:
    """Where an administrator consents for the whole tenant: to what is asked, or to what an own app registration lists.

    The browser ends at http://localhost, where nothing answers; the consent is given all the same.
    """
    if app_only:
        return f"{cloud.login}/{tenant_id}/adminconsent?client_id={client_id}"
    query = {
        "client_id": client_id,
        "scope": " ".join(f"{cloud.graph}/{scope}" for scope in asked),
        "redirect_uri": "http://localhost",
    }
    return f"{cloud.login}/{tenant_id}/v2.0/adminconsent?{urlencode(query, quote_via=quote, safe=':/')}"


def _by_certificate(sign_in: SignIn, tenant_id: str, common: dict[str, Any]) -> TokenCredential:
    certificate = _given(sign_in.certificate, "The certificate", "certificate", "file:~/certificates/contoso.pem")()
    password = sign_in.password() if sign_in.password else None
    try:
        return CertificateCredential(
            tenant_id, sign_in.client_id, certificate_data=certificate, password=password, **common
        )
    except (ValueError, TypeError) as error:  # cryptography's words for a wrong password and for no key alike
        raise SignInError(
            "The certificate at tenant.sign_in.certificate cannot be used.",
            why="It has to hold the certificate and its private RSA key, as PEM text or as a PKCS #12 file, and the "
            "password has to be that of the key.",
            fix="Put both into one file (first the key, then the certificate), and name where a password lies as "
            "tenant.sign_in.certificate_password.",
            notebook="00",
        ) from error


def _whatever_there_is(sign_in: SignIn, cloud: Cloud, tenant_id: str) -> TokenCredential:
    """azure-identity's own chain. It asks addresses of the machine itself, so its transport stops none."""
    named = {"managed_identity_client_id": sign_in.managed_identity} if sign_in.managed_identity else {}
    return DefaultAzureCredential(
        authority=cloud.login,
        transport=machine_transport(),
        workload_identity_tenant_id=tenant_id,
        shared_cache_tenant_id=tenant_id,
        visual_studio_code_tenant_id=tenant_id,
        exclude_interactive_browser_credential=True,
        **named,
    )


def _given(source: Callable[[], Any] | None, title: str, key: str, example: str) -> Callable[[], Any]:
    if source is None:
        raise SignInError(
            f"{title} is not given.",
            why="The way of signing in that the tenant's file chose needs it.",
            fix=f"Name where it lies as tenant.sign_in.{key}, for example {example}.",
            notebook="00",
        )
    return source
