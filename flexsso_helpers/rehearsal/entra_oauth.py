"""Sign-in for programs: discovery, device code, client secret and refresh, as azure-identity and MSAL use them."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexsso_helpers.rehearsal import entra_tokens, rules
from flexsso_helpers.rehearsal.entra_errors import SignInRefusal, as_json, no_tenant
from flexsso_helpers.rehearsal.entra_objects import service_principal_of
from flexsso_helpers.rehearsal.entra_tokens import GRAPH, Principal
from flexsso_helpers.rehearsal.pages import form_fields
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import TENANT_ID, World

rules.declare({"AADSTS90002": "A tenant that is not this one is not found"})

LOGIN = "https://login.microsoftonline.com"
DEVICE_PAGE = "https://microsoft.com/devicelogin"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
PUBLIC_CLIENTS = {
    AZURE_CLI: "Microsoft Azure CLI",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Microsoft Graph Command Line Tools",
    "f1e55000-0000-4000-8000-00000000c11f": "Contoso Runbooks",
}
AZURE_CLI_SCOPES = ("AuditLog.Read.All", "Directory.AccessAsUser.All", "Group.ReadWrite.All", "User.ReadWrite.All")
CONSENTED = (
    "Application.Read.All", "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.Read.All",
    "Directory.ReadWrite.All", "Group.Read.All", "GroupMember.Read.All", "Organization.Read.All", "Policy.Read.All",
    "Policy.ReadWrite.ApplicationConfiguration", "User.Read", "User.Read.All", "User.ReadBasic.All",
)  # fmt: skip
"""Delegated permissions to which an administrator of the tenant consented."""
OPENID = frozenset({"openid", "profile", "offline_access", "email"})
CODE_LIFETIME = 900


@dataclass
class Device:
    """A device code that waits for a person. `user` is who signed in; `denied` when they pressed No."""

    client_id: str
    scope: str
    code: str
    user: Document | None = None


@dataclass
class OAuth:
    """The token side of the sign-in service. Device codes are no state of the tenant: they live in memory only."""

    world: World
    devices: dict[str, Device] = field(default_factory=dict)

    async def instance(self, _request: Request) -> Response:
        """Instance discovery: which hosts are one cloud."""
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"{LOGIN}/{TENANT_ID}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [
                    {
                        "preferred_network": "login.microsoftonline.com",
                        "preferred_cache": "login.windows.net",
                        "aliases": [
                            "login.microsoftonline.com",
                            "login.windows.net",
                            "login.microsoft.com",
                            "sts.windows.net",
                        ],
                    }
                ],
            }
        )

    async def configuration(self, request: Request) -> Response:
        """The OpenID configuration of the tenant."""
        tenant = request.path_params["tenant"]
        if not self._known(tenant):
            return as_json(self.world, request, no_tenant(tenant))
        base = f"{LOGIN}/{TENANT_ID}"
        return JSONResponse(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "name", "preferred_username", "oid", "tid"],
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
                "msgraph_host": "graph.microsoft.com",
            }
        )

    async def keys(self, _request: Request) -> Response:
        """The public keys of the tenant's tokens."""
        return JSONResponse(entra_tokens.key_set(self.world))

    async def device_code(self, request: Request) -> Response:
        """Begin a sign-in by device code."""
        sent = await form_fields(request)
        tenant, client_id = request.path_params["tenant"], sent.get("client_id", "")
        try:
            self._check(tenant)
            _client_name(client_id)
            _scopes(client_id, sent.get("scope", ""))
        except SignInRefusal as refusal:
            return as_json(self.world, request, refusal)
        number = f"{self.world.seed}/{self.world.clock.now}/{len(self.devices)}"
        digest = hashlib.sha256(f"device/{number}".encode()).hexdigest()
        code = "".join("BCDFGHJKLMNPQRSTVWXZ"[int(digest[2 * i : 2 * i + 2], 16) % 20] for i in range(9))
        self.devices[digest] = Device(client_id, sent.get("scope", ""), code)
        return JSONResponse(
            {
                "user_code": code,
                "device_code": digest,
                "verification_uri": DEVICE_PAGE,
                "expires_in": CODE_LIFETIME,
                "interval": 1,
                "message": f"To sign in, use a web browser to open the page {DEVICE_PAGE} and enter the code {code} "
                "to authenticate.",
            }
        )

    async def token(self, request: Request) -> Response:
        """Give tokens for a device code, a client secret or a refresh token."""
        sent = await form_fields(request)
        try:
            self._check(request.path_params["tenant"])
            return JSONResponse(self._grant(sent))
        except SignInRefusal as refusal:
            return as_json(self.world, request, refusal)

    def _grant(self, sent: dict[str, str]) -> Document:
        grant = sent.get("grant_type", "")
        if grant == "client_credentials":
            return self._for_client(sent)
        if grant in ("urn:ietf:params:oauth:grant-type:device_code", "device_code"):
            return self._for_device(sent)
        if grant == "refresh_token":
            return self._for_refresh(sent)
        raise SignInRefusal(
            70003, f"The app requested an unsupported grant type '{grant}'.", error="unsupported_grant_type"
        )

    def _for_client(self, sent: dict[str, str]) -> Document:
        client_id = sent.get("client_id", "")
        sp = service_principal_of(self.world, client_id)
        if sp is None:
            raise _unknown_client(client_id)
        if not sp.get("_secret") or sent.get("client_secret") != sp["_secret"]:
            raise SignInRefusal(
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{client_id}'.",
                error="invalid_client",
                status=401,
            )
        if sent.get("scope", "") != f"{GRAPH}/.default":
            raise SignInRefusal(
                1002012, f"The provided value for scope {sent.get('scope')} is not valid. Client credential flows must "
                "have a scope value with /.default suffixed to the resource identifier.", error="invalid_scope",
            )  # fmt: skip
        principal = Principal(id=sp["id"], app_id=client_id, name=sp["displayName"], roles=tuple(sp["_granted"]))
        return _answer(entra_tokens.access_token(self.world, principal))

    def _for_device(self, sent: dict[str, str]) -> Document:
        code = sent.get("device_code", "") or sent.get("code", "")
        device = self.devices.get(code)
        if device is None:
            raise SignInRefusal(70019, "Verification code expired.", error="expired_token")
        if device.user is None:
            raise SignInRefusal(
                70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
                error="authorization_pending",
            )  # fmt: skip
        del self.devices[code]
        return self._for_user(device.user, device.client_id, device.scope)

    def _for_refresh(self, sent: dict[str, str]) -> Document:
        claims = entra_tokens.claims_of(self.world, sent.get("refresh_token", ""))
        user = self.world.store.get("user", claims["oid"]) if claims and claims.get("use") == "refresh" else None
        if claims is None or user is None or claims["aud"] != sent.get("client_id"):
            raise SignInRefusal(
                70008, "The provided authorization code or refresh token has expired due to inactivity. Send a new "
                "interactive authorization request for this user and resource.", error="invalid_grant",
            )  # fmt: skip
        if not user["accountEnabled"]:
            raise SignInRefusal(50057, "The user account is disabled.", error="invalid_grant")
        return self._for_user(user, claims["aud"], sent.get("scope") or claims["scope"])

    def _for_user(self, user: Document, client_id: str, scope: str) -> Document:
        scopes = _scopes(client_id, scope)
        principal = Principal(
            id=user["id"],
            app_id=client_id,
            name=user["displayName"],
            user_name=user["userPrincipalName"],
            scopes=scopes,
            wids=(*user["_wids"], "b79fbf4d-3ef9-4689-8143-76b194e85509"),
        )
        claims = {"use": "refresh", "aud": client_id, "oid": user["id"], "scope": scope, "exp": entra_tokens.FAR_END}
        return _answer(entra_tokens.access_token(self.world, principal)) | {
            "scope": " ".join(f"{GRAPH}/{name}" for name in scopes),
            "refresh_token": entra_tokens.sign(self.world, claims),
            "id_token": entra_tokens.id_token(self.world, principal),
            "client_info": _client_info(user["id"]),
        }

    def _known(self, tenant: str) -> bool:
        names = (TENANT_ID, "contoso.com", "contoso.onmicrosoft.com")
        return tenant.lower() in names or not self.world.rules.on("AADSTS90002")

    def _check(self, tenant: str) -> None:
        if not self._known(tenant):
            raise no_tenant(tenant)


def _client_name(client_id: str) -> str:
    if client_id not in PUBLIC_CLIENTS:
        raise _unknown_client(client_id)
    return PUBLIC_CLIENTS[client_id]


def _unknown_client(client_id: str) -> SignInRefusal:
    return SignInRefusal(
        700016,
        f"Application with identifier '{client_id}' was not found in the directory 'Contoso'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
        error="unauthorized_client",
    )


def _scopes(client_id: str, text: str) -> tuple[str, ...]:
    """The Graph permissions that a client gets for what it asked."""
    asked = [word.removeprefix(f"{GRAPH}/") for word in text.split() if word.lower() not in OPENID]
    available = AZURE_CLI_SCOPES if client_id == AZURE_CLI else CONSENTED
    if ".default" in asked:
        return available
    for name in asked:
        if name not in CONSENTED and name not in AZURE_CLI_SCOPES:
            raise SignInRefusal(
                70011, f"The provided request must include a 'scope' input parameter. The provided value for the input "
                f"parameter 'scope' is not valid. The scope {name} is not valid.", error="invalid_scope",
            )  # fmt: skip
        if name not in available:
            raise SignInRefusal(
                65002, f"Consent between first party application '{client_id}' and first party resource "
                "'00000003-0000-0000-c000-000000000000' must be configured via preauthorization.",
                error="invalid_client",
            )  # fmt: skip
    return tuple(dict.fromkeys(asked)) or available


def _answer(token: str) -> dict[str, Any]:
    lifetime = entra_tokens.LIFETIME
    return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}


def _client_info(user_id: str) -> str:
    return entra_tokens.encode(f'{{"uid":"{user_id}","utid":"{TENANT_ID}"}}')
