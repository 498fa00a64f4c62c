"""As much of Azure Resource Manager as Azure CLI asks after a sign-in: the tenant, and that it has no subscription."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flexsso_helpers.rehearsal.directory.tokens import claims_of
from flexsso_helpers.rehearsal.entra import scopes
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World


def routes(world: World) -> dict[str, list[Route]]:
    """Host to routes."""

    def refused(request: Request) -> Response | None:
        token = request.headers.get("authorization", "").partition(" ")[2]
        if scopes.is_arm(world, str((claims_of(world, token) or {}).get("aud", ""))):
            return None
        error = {"code": "AuthenticationFailed", "message": "Authentication failed."}
        return JSONResponse({"error": error}, 401)

    async def tenants(request: Request) -> Response:
        tenant = {
            "id": f"/tenants/{TENANT_ID}", "tenantId": TENANT_ID, "displayName": "Contoso", "tenantCategory": "Home",
            "defaultDomain": "contoso.com", "domains": ["contoso.com", "contoso.onmicrosoft.com"],
        }  # fmt: skip
        return refused(request) or JSONResponse({"value": [tenant]})

    async def subscriptions(request: Request) -> Response:
        return refused(request) or JSONResponse({"value": [], "count": {"type": "Total", "value": 0}})

    table = [
        Route("/tenants", tenants, methods=["GET"]),
        Route("/subscriptions", subscriptions, methods=["GET"]),
    ]
    return {scopes.arm_addresses(world)[0].removeprefix("https://"): table}
