"""What Legacy single sign-on still does for an account, and what replaces it (F115, F116, F120)."""

from flexsso_helpers.flex import Probe
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.session import Session

REPLACED = (
    "Twilio ends Legacy; its last announced date was 31 March 2026. Enhanced (OAuth 2.0) replaces it. In Flex Console "
    "choose “New SSO Solution Available” (06 says how), take flex.mode: legacy out of the file, and run 00 to 08."
)
MIGRATE = (
    "Twilio ends Legacy. Start the migration in Flex Console (06 says how), then run 02 to 08; what Legacy needs stays "
    "until you press Finish there."
)
OFF = "Legacy answers nobody for this account. Take flex.mode: legacy out of the file and set up Enhanced: 00, 02, 06."


async def start(session: Session) -> Probe:
    """A Legacy login, started and not gone on with. Its `sso_url` is empty where Legacy is not in force."""
    configuration = await session.flex.configuration()
    return await session.flex.legacy_probe(configuration.login_link)


def is_target(tenant: Tenant) -> bool:
    """Whether the tenant is to stay on Legacy."""
    return tenant.flex.mode == "legacy"


def ending() -> Finding:
    """Said wherever Legacy is the target."""
    return judged("F120", "Single sign-on of Flex", "Enhanced", "Legacy, which Twilio ends", False, REPLACED, "warning")


def standing(sso_url: str) -> Finding:
    """Said in 00 where Enhanced is the target: whether the account still signs on by Legacy."""
    seen = f"in force, leads to {sso_url}" if sso_url else "not in force"
    return judged("F115", "Legacy single sign-on of the account", "not in force", seen, not sso_url, MIGRATE, "warning")
