"""02: what must have one value each, and the writes on the application and its service principal."""

from flexsso_helpers.plan import Approval, Change
from flexsso_helpers.resources.application import Found, Json, find
from flexsso_helpers.sections import settings
from flexsso_helpers.sections.basic_saml.state import State, mirrored, read
from flexsso_helpers.sections.settings import Setting
from flexsso_helpers.session import Session

ASSIGNMENT, IDENTIFIER, REPLY_URL, DEFAULT_URL = "assignment_required", "identifier", "reply_url", "default_reply_url"
MODE_NOT_SEEN = ("HostNameNotOnVerifiedDomain", "InvalidUniqueTenantIdentifierAsPerAppPolicy")

SETTINGS = (
    Setting[State](
        key=ASSIGNMENT,
        title="Assignment required",
        now=lambda state: state.assignment_required,
        wanted=True,
        reason="otherwise anyone in the tenant could sign in, and be billed",
        check="S74",
        body={"appRoleAssignmentRequired": True},
    ),
    Setting[State](
        key="sign_on_url",
        title="Sign-on URL",
        now=lambda state: state.login_url,
        wanted="",
        reason="empty lets the My Apps tile start a sign-on",
        check="D27",
        proof="Sign-on URL of the My Apps tile",
        body={"loginUrl": None},
    ),
    Setting[State](
        key="relay_state",
        title="Relay state",
        now=lambda state: state.relay_state,
        wanted="",
        reason="Flex sends its own",
        check="S45",
        body={"samlSingleSignOnSettings": {"relayState": None}},
    ),
    Setting[State](
        key="signed_requests",
        title="Signed requests required",
        now=lambda state: state.signed_requests,
        wanted=False,
        reason="Flex does not sign requests",
        check="S75",
        on="application",
        body={"requestSignatureVerification": {"isSignedRequestRequired": False}},
    ),
)
"""What must have one value each, whoever set it."""


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """The application first, since the service principal copies it; then the service principal's own settings."""
    noted = session.tenant.flex.connection is None and not state.legacy
    if noted:
        session.require_notes()
    found = await find(session)
    assert found is not None
    keys = settings.keys(chosen)
    removed = {str(change.now) for change in chosen if change.kind == "-"}
    await _write_application(session, found, state, keys, removed)
    # Sign-in follows the service principal's copies, and a write on it is refused while they differ (G20, G23).
    await session.wait_until(
        lambda: read(session), mirrored, what="the service principal to follow the application", times=2
    )
    await _write_principal(session, found, keys, removed)
    if noted:
        session.record(
            {("flex", "connection"): {"reply_url": state.wanted_reply_url, "identifier": state.wanted_identifier}}
        )
    return True


async def _write_application(session: Session, found: Found, state: State, keys: set[str], removed: set[str]) -> None:
    application = found.application
    body: Json = settings.body(SETTINGS, keys, "application")
    if {IDENTIFIER, DEFAULT_URL} & keys or removed & set(state.identifiers):
        # The whole list is replaced (G05), so what stays is sent again.
        ours = (state.wanted_identifier, state.default_identifier)
        kept = [uri for uri in state.identifiers if uri not in (*ours, *removed)]
        body["identifierUris"] = _in_order(state, state.wanted_identifier, kept)
    if {REPLY_URL, DEFAULT_URL} & keys or removed & set(state.reply_urls):
        kept = [url for url in state.reply_urls if url not in (state.wanted_reply_url, *removed)]
        urls = _in_order(state, state.wanted_reply_url, kept)
        body["web"] = {"redirectUris": urls, "redirectUriSettings": _indexed(urls)}
        body["defaultRedirectUri"] = urls[0]
    if application.get("tokenEncryptionKeyId") in removed:
        body["tokenEncryptionKeyId"] = None
    if not body:
        return
    before = {key: application.get(key) for key in body}
    # Entra exempts SAML applications from its identifier rules, once its own check has seen the mode (G18, G24, G25).
    await session.try_until(
        lambda: session.graph.patch(
            f"/applications/{found.object_id}", body, why="Writing identifier and reply URL", before=before
        ),
        MODE_NOT_SEEN,
        what="Entra’s identifier rules to see the SAML mode",
    )


def _in_order(state: State, wanted: str, others: list[str]) -> list[str]:
    """The first one answers a tile on My Apps: that of Legacy, until the new connection works."""
    first = [each for each in others if not state.active and each in state.kept]
    return [*first, wanted, *(each for each in others if each not in first)]


def _indexed(urls: list[str]) -> list[Json]:
    return [{"uri": url, "index": index} for index, url in enumerate(urls)]


async def _write_principal(session: Session, found: Found, keys: set[str], removed: set[str]) -> None:
    body: Json = settings.body(SETTINGS, keys, "service principal")
    if found.principal.get("tokenEncryptionKeyId") in removed:
        body["tokenEncryptionKeyId"] = None
    if not body:
        return
    await session.graph.patch(
        f"/servicePrincipals/{found.principal_id}",
        body,
        why="Writing the sign-on settings of the service principal",
        before={key: found.principal.get(key) for key in body},
    )
