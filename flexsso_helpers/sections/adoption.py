"""01 · Adopting an application that somebody else made: every setting as it is and as it would be, and what stays.

Only reads. Each later notebook shows its own part again before it changes anything.
"""

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Change, in_words
from flexsso_helpers.resources.application import Found, find, is_adopted
from flexsso_helpers.sections.documented import PLANNING
from flexsso_helpers.sections.enterprise_application import step as enterprise_application
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.table import Tone

BY_HAND = ("06", "08")
"""What no application has of its own: Console's page, and a sign-on."""
_TONES: dict[str, Tone] = {"+": "add", "~": "change", "-": "remove", "=": "keep"}
_OUR_TAGS = frozenset(enterprise_application.TAGS)


@speaks("01")
async def differences(session: Session) -> Shown:
    """What adopting would mean, setting by setting; without an application, that there is nothing to adopt.

    Raises Ambiguous when several applications could be meant.
    """
    found = await find(session)
    if found is None:
        return card(
            title="01 · Adoption",
            right="nothing to adopt",
            badge=session.badge,
            footer="This tenant has no application for this Flex account yet: a new one is made. To adopt one instead, "
            "write its Application ID into tenant.application.app_id.",
        )
    plans = [(step.number, await step.compare(session)) for step in PLANNING if step.number not in BY_HAND]
    changes = [(number, change) for number, plan in plans for change in plan.changes]
    stays = staying(session.tenant, found)
    right = sum(not change.open for _, change in changes) + len(stays)
    adopted = is_adopted(session.tenant, found.application) or session.tenant.application.app_id is not None
    return card(
        title="01 · Adoption" if adopted else "01 · The application as it is",
        subtitle=f"“{found.application.get('displayName')}” · {found.app_id}",
        right=f"{sum(change.open for _, change in changes)} would change · {right} {'stays' if right == 1 else 'stay'}",
        badge=session.badge,
        columns=("Setting", "Now", "Would be", "By"),
        rows=[
            *(_row(number, change) for number, change in sorted(changes, key=lambda each: not each[1].open)),
            *(Row((title, Cell(now, "value"), Cell("stays", "muted"), ""), "keep") for title, now in stays),
        ],
        footer="What is not listed is not looked at and stays too, such as Conditional Access and provisioning. "
        "Whatever would be taken away is asked for by name, in its own notebook.",
    )


def staying(tenant: Tenant, found: Found) -> list[tuple[str, str]]:
    """What others set on both objects and no notebook manages, in words; without what is empty."""
    application, principal = found.application, found.principal
    offered = set(tenant.offered)
    others = [str(role.get("value") or role.get("displayName")) for role in application.get("appRoles") or ()]
    active = str(principal.get("preferredTokenSigningKeyThumbprint") or "").upper()
    keys = {str(key.get("customKeyIdentifier")) for key in principal.get("keyCredentials") or ()}
    api = application.get("api") or {}
    counted = {
        "Token-signing certificates beside the active one": len(keys) - bool(active and keys),
        "Client secrets and certificates of its own": len(application.get("passwordCredentials") or ())
        + len(application.get("keyCredentials") or ()),
        "API permissions": len(application.get("requiredResourceAccess") or ()),
        "Permissions that it offers": len(api.get("oauth2PermissionScopes") or ()),
    }
    named = {
        "Other app roles": ", ".join(role for role in others if role not in offered),
        "Other tags": ", ".join(tag for tag in principal.get("tags") or () if tag not in _OUR_TAGS),
        "Notes": str(application.get("notes") or ""),
        "Sign-out URL": str((application.get("web") or {}).get("logoutUrl") or ""),
        "Home page": str((application.get("web") or {}).get("homePageUrl") or ""),
        "Service management reference": ""
        if tenant.application.service_management_reference
        else str(application.get("serviceManagementReference") or ""),
    }
    return [(title, text) for title, text in named.items() if text] + [
        (title, str(number)) for title, number in counted.items() if number > 0
    ]


def _row(number: str, change: Change) -> Row:
    now = Cell(in_words(change.now), "muted")
    wanted = Cell(in_words(change.should_be), "value" if change.open else "muted")
    return Row((change.setting, now, wanted, Cell(number, "muted")), _TONES[change.kind])
