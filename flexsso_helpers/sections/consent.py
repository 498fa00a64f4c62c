"""00 · Consent: what is asked for and why, who can agree, what is granted already, and how to take it back. Writes
nothing.

Consent is given to the application that signs in. One of the customer's own is the recommended way: what is granted
to it serves these notebooks alone, and goes with it. Microsoft Graph Command Line Tools is shared with everybody of
the tenant who uses Microsoft's command lines.
"""

from flexsso_helpers.graph import ASSIGNING, SCOPES, WHO_CONSENTS, consent_link
from flexsso_helpers.parameters.model import PUBLIC_CLIENT
from flexsso_helpers.sections.looking import NotSeen, look
from flexsso_helpers.session import Session
from flexsso_helpers.views import Cell, CopyField, CopyFields, Row, Shown, card

WHAT_FOR = {
    "Application.ReadWrite.All": "make and change the application, its certificate and its roles",
    "Policy.Read.All": "read the policies that could refuse them",
    "Policy.ReadWrite.ApplicationConfiguration": "write the claims and the signing policy",
    ASSIGNING: "assign people and groups; it could also grant permissions to applications",
    "User.Read.All": "look up people: name, mail, whether disabled or a guest",
    "GroupMember.Read.All": "look up groups and who is in them",
    "Organization.Read.All": "read the tenant's name and licences",
}
SHARED = (
    "Microsoft Graph Command Line Tools is shared: what is granted to it serves everybody of the tenant who uses it, "
    "and "
    "stays until somebody takes it back. Consent for the whole tenant may also revoke what was granted to it before. "
    "Note "
    "beforehand what it has. An application of your own is the better way (tenant.sign_in.client_id; README says how)."
)
OWN = "This application is named in the tenant's file; what is granted to it serves these notebooks alone."


def consent(session: Session) -> CopyFields | Shown:
    """The address at which an administrator consents to what this run asks for, where something is lacking for sure."""
    held = session.principal.scopes
    lacking = [scope for scope in session.asked if held is not None and scope not in held]
    client, app_only = session.tenant.sign_in.client_id, session.principal.app_only
    if not lacking:
        known = Cell("nothing to consent to", "ok") if held is not None else Cell("not known", "wait")
        return card(title="00 · Consent", right=known, badge=session.badge, note="" if app_only else _whose(session))
    link = consent_link(session.cloud, session.tenant.tenant_id, client, app_only=app_only, asked=session.asked)
    who = "a Privileged Role Administrator" if app_only else WHO_CONSENTS
    return CopyFields(
        "00 · Consent, for an administrator of the tenant",
        [
            CopyField("Address to open", f"lacking: {', '.join(lacking)}", link),
            CopyField("Application that is granted this", "" if app_only else _whose(session), client),
            CopyField("Who can agree", "a Global Administrator can, too", who),
        ],
        badge=session.badge,
    )


async def grants(session: Session) -> Shown:
    """What is asked for beside what is granted to the application that signs in; run it before and after a consent."""
    client = session.tenant.sign_in.client_id
    found = await look(session.graph.list(f"/servicePrincipals(appId='{client}')/oauth2PermissionGrants"))
    page = f"{session.cloud.portal} › Entra ID › Enterprise apps › {client} › Permissions"
    if isinstance(found, NotSeen):
        seen: str | Cell = Cell(f"could not look: {found.why}", "muted", sub=f"{page} shows it")
        back = "take ours off on that page, under Admin consent; or delete the application if it is your own"
        others = ""
    else:
        everybody = [entry for entry in found if entry.get("consentType") == "AllPrincipals"]
        scopes = sorted({scope for entry in everybody for scope in str(entry.get("scope") or "").split()})
        seen = ", ".join(scopes) or "nothing"
        others = ", ".join(scope for scope in scopes if scope not in SCOPES) or "nothing"
        back = f"on {page}; leave what is not ours"
    held = session.principal.scopes
    rows = [Row((scope, SCOPES[scope], WHAT_FOR[scope], _held(scope, held))) for scope in session.asked]
    facts: list[tuple[str, str | Cell]] = [("Granted for everybody", seen)]
    facts += [("Of these not ours", others)] if others else []
    return card(
        title="00 · What is asked for, and what is granted",
        badge=session.badge,
        columns=("permission", "notebook", "what for", "this sign-in has it"),
        rows=rows,
        facts=[*facts, ("To take ours back", back)],
    )


def _held(scope: str, held: frozenset[str] | None) -> Cell:
    if held is None:
        return Cell("not known", "wait")
    return Cell("✓ yes", "ok") if scope in held else Cell("✗ no", "no")


def _whose(session: Session) -> str:
    return SHARED if session.tenant.sign_in.client_id == PUBLIC_CLIENT else OWN
