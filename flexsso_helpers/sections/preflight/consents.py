"""00 · Consent: what is asked for and why, who can agree, what is granted already, and how to take it back. Writes
nothing.

Consent is given to the application that signs in. One of the customer's own is the recommended way: what is granted
to it serves these notebooks alone, and goes with it. Microsoft Graph Command Line Tools is shared with everybody of
the tenant who uses Microsoft's command lines.
"""

from collections.abc import Awaitable
from typing import Any

from flexsso_helpers.graph import ASSIGNING, SCOPES, WHO_CONSENTS, WHO_CONSENTS_TO_AN_APPLICATION, consent_link
from flexsso_helpers.parameters.model import PUBLIC_CLIENT
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Cell, CopyField, CopyFields, Row, Shown, card

WHAT_FOR = {
    "Application.ReadWrite.All": "make and change the application, its certificate and its roles",
    "Policy.Read.All": "read the policies that could refuse them",
    "Policy.ReadWrite.ApplicationConfiguration": "write the claims and the signing policy",
    ASSIGNING: "assign people and groups; it could also grant permissions to applications",
    "User.Read.All": "look up people: name, mail, whether disabled or a guest",
    "GroupMember.Read.All": "look up groups and who is in them",
    "Organization.Read.All": "read the tenant's name and licences",
    "AuditLog.Read.All": "say in 20 who changed what",
    "Directory.Read.All": "read the audit log; it reads all of the directory",
}
SHARED = (
    "Microsoft Graph Command Line Tools is shared: what is granted to it serves everybody of the tenant who uses it, "
    "and stays until somebody takes it back. Consent for the whole tenant may also revoke what was granted to it "
    "before. Note beforehand what it has. An application of your own is the better way (tenant.sign_in.client_id; "
    "docs/customer.md says how)."
)
OWN = "This application is named in the tenant's file; what is granted to it serves these notebooks alone."


def consent(session: Session) -> CopyFields | Shown:
    """The address at which an administrator consents to what this run asks for, where something is lacking for sure."""
    held = session.principal.scopes
    lacking = [scope for scope in session.asked if held is not None and scope not in held]
    client, app_only = session.tenant.sign_in.client_id, session.principal.app_only
    if not lacking:
        known = Cell("nothing to consent to", "ok") if held is not None else Cell("not known", "wait")
        return card(title="00 · Consent", right=known, badge=session.badge)
    link = consent_link(session.cloud, session.tenant.tenant_id, client, app_only=app_only, asked=session.asked)
    shared = client == PUBLIC_CLIENT
    return CopyFields(
        "00 · Consent, for an administrator of the tenant",
        [
            CopyField("Address to open", f"lacking: {', '.join(lacking)}", link),
            CopyField("To", "shared, so read the next card first" if shared else "of the customer's own", client),
            CopyField("Who may agree", "", WHO_CONSENTS_TO_AN_APPLICATION if app_only else WHO_CONSENTS),
        ],
        badge=session.badge,
    )


@speaks("00")
async def grants(session: Session) -> Shown:
    """What is asked for beside what is granted to the application that signs in; run it before and after a consent."""
    client, held = session.tenant.sign_in.client_id, session.principal.scopes
    path = f"/servicePrincipals(appId='{client}')/oauth2PermissionGrants"
    found = await look(_granted_to_all(session.graph.list(path)))
    page = f"{session.cloud.portal} › Entra ID › Enterprise apps › {client} › Permissions"
    return card(
        title="00 · What is asked for, and what is granted",
        badge=session.badge,
        columns=("Permission", "Notebook", "What for", "This sign-in has it"),
        rows=[Row((scope, SCOPES.get(scope, "20"), WHAT_FOR[scope], _held(scope, held))) for scope in session.asked],
        facts=_facts(found, page),
        note=SHARED if client == PUBLIC_CLIENT else OWN,
    )


async def _granted_to_all(reading: Awaitable[list[dict[str, Any]]]) -> dict[str, str]:
    """Delegated permissions by the id of the grant for everybody that holds them."""
    found = await reading
    return {str(entry["id"]): str(entry["scope"]) for entry in found if entry["consentType"] == "AllPrincipals"}


def _facts(found: dict[str, str] | NotSeen, page: str) -> list[tuple[str, str | Cell]]:
    """What is granted, what of it is not ours, and how ours is taken back."""
    where = "revoke there, under Admin consent, what nothing else needs; of your own application: delete it"
    if isinstance(found, NotSeen):
        unseen = Cell(f"could not look: {found.why}", "muted", sub=f"look at {page}")
        return [("Granted for everybody", unseen), ("To take it back", where)]
    granted = sorted({scope for text in found.values() for scope in text.split()})
    others = [scope for scope in granted if scope not in WHAT_FOR]
    again = "; ".join(
        f"PATCH /oauth2PermissionGrants/{identity} with scope “{' '.join(s for s in text.split() if s in others)}”"
        for identity, text in found.items()
    )
    return [
        ("Granted for everybody", ", ".join(granted) or "nothing"),
        ("Of these not asked for here", ", ".join(others) or "nothing"),
        (
            "To take ours back",
            Cell(f"{page}: {where}", sub=f"by Graph, if nothing else needs ours: {again}" if again else ""),
        ),
    ]


def _held(scope: str, held: frozenset[str] | None) -> Cell:
    if held is None:
        return Cell("not known", "wait")
    return Cell("✓ yes", "ok") if scope in held else Cell("✗ no", "no")
