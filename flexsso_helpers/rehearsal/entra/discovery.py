"""Discovery: which hosts are one cloud, where its endpoints are, and the keys of its tokens."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexsso_helpers.rehearsal.directory import tokens
from flexsso_helpers.rehearsal.entra import tenant as entra_tenant
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal, as_json, no_tenant
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare({"E06": "The names common and organizations have OpenID documents, and people sign in there"})

FAMILIES = {
    "login.microsoftonline.com": ("login.windows.net", "login.microsoft.com", "sts.windows.net"),
    "login.microsoftonline.us": ("login.usgovcloudapi.net",),
    "login.sovcloud-identity.fr": (),
    "login.sovcloud-identity.de": (),
    "login.partner.microsoftonline.cn": ("login.chinacloudapi.cn",),
}


class Discovery:
    """The documents that clients read before they ask for a token."""

    def __init__(self, world: World) -> None:
        """The documents of this tenant's cloud."""
        self.world = world

    async def instance(self, _request: Request) -> Response:
        """Instance discovery: which hosts are one cloud."""
        host = self.world.cloud.login.removeprefix("https://")
        aliases = FAMILIES[host]
        cache = next(iter(aliases), host)
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"https://{host}/{TENANT_ID}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [
                    {
                        "preferred_network": host,
                        "preferred_cache": cache,
                        "aliases": [host, *aliases],
                    },
                ],
            }
        )

    async def configuration(self, request: Request) -> Response:
        """The OpenID configuration of the tenant, or of whichever tenant it will be (`common`, `organizations`)."""
        tenant = request.path_params["tenant"]
        any_tenant = self.world.rules.on("E06")
        try:
            entra_tenant.check(self.world, tenant, any_tenant=any_tenant)
        except SignInRefusal as refusal:
            return as_json(self.world, request, refusal)
        whose = tenant.lower() if any_tenant and tenant.lower() in entra_tenant.ANY else TENANT_ID
        issuer = "{tenantid}" if whose in entra_tenant.ANY else whose
        base = f"{self.world.cloud.login}/{whose}"
        return JSONResponse(
            {
                "issuer": f"{self.world.cloud.login}/{issuer}/v2.0",
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
                "tenant_region_scope": None if whose in entra_tenant.ANY else "EU",
                "cloud_instance_name": self.world.cloud.login.removeprefix("https://login."),
                "msgraph_host": self.world.cloud.graph.removeprefix("https://"),
            }
        )

    async def elsewhere(self, request: Request) -> Response:
        """Another cloud's login host: it has no such tenant."""
        return as_json(self.world, request, no_tenant(request.path_params["tenant"]))

    async def keys(self, _request: Request) -> Response:
        """The public keys of the tenant's tokens."""
        return JSONResponse(tokens.key_set(self.world))
