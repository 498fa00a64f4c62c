"""The names by which the sign-in service knows the tenant, and the names that stand for any tenant."""

from flexsso_helpers.rehearsal.entra.errors import no_tenant
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare(
    {
        "AADSTS90002": "A tenant that is not this one is not found",
        "E02": "The tenant goes by its id and its domains, in any letter case",
    }
)

NAMES = (TENANT_ID, "contoso.com", "contoso.onmicrosoft.com")
ANY = ("common", "organizations")
"""Names that stand for whichever tenant the person belongs to (work and school accounts)."""


def known(world: World, name: str) -> bool:
    """Whether this name is the tenant's."""
    if not world.rules.on("AADSTS90002"):
        return True
    return (name.lower() if world.rules.on("E02") else name) in NAMES


def check(world: World, name: str, *, any_tenant: bool = False) -> None:
    """Raises SignInRefusal (90002) for another tenant; with `any_tenant`, `common` and `organizations` pass."""
    if not known(world, name) and not (any_tenant and name.lower() in ANY):
        raise no_tenant(name)
