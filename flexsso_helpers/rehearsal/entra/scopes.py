"""What a token request asks for: of which resource, and which of its permissions.

A resource goes by its address, with or without a final slash (Azure CLI sends `https://graph.microsoft.com//.default`
by design), or by its id. A request is for one resource; what names none is for Graph.
"""

from dataclasses import dataclass

from flexsso_helpers.rehearsal.directory import tokens
from flexsso_helpers.rehearsal.directory.tokens import Principal
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare({"E05": "A resource goes by its address, also with a slash at its end, or by its id"})

GRAPH_ID = "00000003-0000-0000-c000-000000000000"
ARM_ID = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
ARM = {
    "global": ("https://management.azure.com", "https://management.core.windows.net"),
    "china": ("https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn"),
}
GOVERNMENT_ARM = ("https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net")
OPENID = frozenset({"openid", "profile", "offline_access", "email"})
DEFAULT = ".default"
IMPERSONATION = "user_impersonation"


@dataclass(frozen=True)
class Asked:
    """What was asked for: the resource as it was named, whether it is Azure Resource Manager, and the permissions."""

    resource: str
    of_arm: bool
    names: tuple[str, ...]


def read(world: World, text: str) -> Asked:
    """The scopes of a request. Raises SignInRefusal for another resource (500011), or for several (28000)."""
    words = [word for word in text.split() if word.lower() not in OPENID]
    pairs = list(dict.fromkeys(_split(world, word) for word in words))
    found = list(dict.fromkeys(_identity(world, resource) for resource, _ in pairs))
    if len(found) > 1:
        raise SignInRefusal(
            28000, "Provided value for the input parameter scope is not valid because it contains more than one "
            "resource.", error="invalid_scope",
        )  # fmt: skip
    resource = pairs[0][0] if pairs else world.cloud.graph
    return Asked(resource, found == [ARM_ID], tuple(name for _, name in pairs))


def granted(world: World, asked: Asked, names: tuple[str, ...]) -> str:
    """The scopes as the answer names them."""
    if asked.of_arm:
        return f"{asked.resource}/{IMPERSONATION} {asked.resource}/{DEFAULT}"
    return " ".join(f"{world.cloud.graph}/{name}" for name in names)


def token(world: World, asked: Asked, principal: Principal, *, not_before: int | None) -> str:
    """An access token for the resource. One for Azure Resource Manager opens nothing in Graph."""
    if not asked.of_arm:
        return tokens.access_token(world, principal, not_before=not_before)
    now = int(world.clock.now) - tokens.EARLIER
    claims = {
        "aud": asked.resource, "iss": world.cloud.issuer(TENANT_ID), "iat": now, "nbf": now,
        "exp": tokens.FAR_END, "appid": principal.app_id, "tid": TENANT_ID, "oid": principal.id,
        "sub": principal.id, "ver": "1.0",
        **({"scp": IMPERSONATION, "name": principal.name} if principal.delegated else {"idtyp": "app"}),
    }  # fmt: skip
    return tokens.sign(world, claims)


def is_arm(world: World, audience: str) -> bool:
    """Whether a token's audience is Azure Resource Manager."""
    return audience == ARM_ID or audience.rstrip("/") in arm_addresses(world)


def arm_addresses(world: World) -> tuple[str, ...]:
    """Azure Resource Manager's addresses in this cloud; the first is where it answers."""
    return ARM.get(world.cloud.name, GOVERNMENT_ARM)


def _split(world: World, word: str) -> tuple[str, str]:
    """A scope's resource, as it was named, and its permission."""
    head, slash, name = word.rpartition("/")
    return (head, name) if slash else (world.cloud.graph, word)


def _identity(world: World, resource: str) -> str:
    """The id of a resource. Raises SignInRefusal (500011)."""
    name = resource.removesuffix("/").lower() if world.rules.on("E05") else resource
    if name == world.cloud.graph or (name == GRAPH_ID and world.rules.on("E05")):
        return GRAPH_ID
    if (name in arm_addresses(world) or name == ARM_ID) and world.rules.on("E05"):
        return ARM_ID
    raise SignInRefusal(
        500011, f"The resource principal named {resource} was not found in the tenant named Contoso. This can happen "
        "if the application has not been installed by the administrator of the tenant or consented to by any user in "
        "the tenant. You might have sent your authentication request to the wrong tenant.",
        error="invalid_resource",
    )  # fmt: skip
