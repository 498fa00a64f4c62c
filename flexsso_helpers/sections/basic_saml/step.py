"""02 · Basic SAML configuration: reply URL, identifier, and what must stay off for Flex (D03–D07)."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flexsso_helpers.clouds import FLEX_LOGIN
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare, count
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources import legacy_sso
from flexsso_helpers.resources.application import Found, Json, find
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.looking import NotSeen, could_not_look
from flexsso_helpers.sections import settings
from flexsso_helpers.sections.basic_saml.state import State, compared, read, settled
from flexsso_helpers.sections.settings import Setting
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

MODE_NOT_SEEN = ("HostNameNotOnVerifiedDomain", "InvalidUniqueTenantIdentifierAsPerAppPolicy")
CONNECTION = ("flex.connection.reply_url", "flex.connection.identifier")
REMOVE = "02 · Basic SAML configuration: approve the removals by name, if nothing else uses them."
IN_FORCE = "Both stay while people sign on by Legacy. Prove 08, run 02 again, press Finish, then remove them here."
FIX = "02 · Basic SAML configuration: plan and apply."


def changes(_context: Context, state: State) -> tuple[Change, ...]:
    """Our two values first; foreign ones stay unless their removal is approved by name."""
    absent = not state.app
    where: Value = Pending("Flex Console shows it") if not state.connection else state.wanted_reply_url
    which: Value = Pending("Flex Console shows it") if not state.connection else state.wanted_identifier
    now = Pending("01") if absent else None
    default = state.default_identifier
    listed: list[Change] = [
        compare(
            "Reply URL",
            now or _ours(state.reply_urls, state.wanted_reply_url),
            where,
            reason="where Entra posts the response",
            instructions=("D04",) if state.legacy else ("D03",),
        ),
        compare(
            "Identifier (Entity ID)",
            now or default or _ours(state.identifiers, state.wanted_identifier),
            which,
            reason="replaces Microsoft’s default entry" if default else "names Flex to Entra",
            instructions=("D06", "D07") if state.legacy else ("D05", "D07"),
        ),
    ]
    if state.migrating and state.active and state.starts_at in state.kept:
        reason = "the new connection works; a tile on My Apps starts here"
        listed.append(compare("Default reply URL", state.starts_at, where, reason=reason, instructions=("D27",)))
    listed += [
        _other(state, f"Other reply URL {url}", url, "Entra may send the response there; Flex needs exactly one")
        for url in state.reply_urls
        if url != state.wanted_reply_url and state.connection
    ]
    listed += [
        _other(state, f"Other identifier {uri}", uri, "one identifier is documented; another system may use this one")
        for uri in state.identifiers
        if uri not in (state.wanted_identifier, default) and state.connection
    ]
    listed += settings.planned(SETTINGS, state, absent=now)
    listed += [
        _removal(f"Token encryption key {key}", key, "Flex cannot read encrypted assertions")
        for key in dict.fromkeys(state.encryption_keys)
    ]
    return tuple(map(_warned, listed))


SETTINGS = (
    Setting[State](
        title="Assignment required",
        now=lambda state: state.assignment_required,
        wanted=True,
        reason="otherwise anyone in the tenant could sign in, and be billed",
        check="S74",
        body={"appRoleAssignmentRequired": True},
    ),
    Setting[State](
        title="Sign-on URL",
        now=lambda state: state.login_url,
        wanted="",
        reason="empty lets the My Apps tile start a sign-on",
        check="D27",
        proof="Sign-on URL of the My Apps tile",
        body={"loginUrl": None},
    ),
    Setting[State](
        title="Relay state",
        now=lambda state: state.relay_state,
        wanted="",
        reason="Flex sends its own",
        check="S45",
        body={"samlSingleSignOnSettings": {"relayState": None}},
    ),
    Setting[State](
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

BREAKS = {
    "Assignment required": "whoever is not assigned can no longer sign in (AADSTS50105) until 07 has run",
    "Identifier (Entity ID)": "sign-ins that name the old identifier end in AADSTS700016",
    "Reply URL": "sign-ins that ask for the old reply URL end in AADSTS50011 once it is taken away",
}


def _warned(change: Change) -> Change:
    """What people who sign in at an application in use would notice; where nothing stood, nobody can sign in yet."""
    in_use = change.kind == "~" or (change.kind == "+" and change.now is False)
    text = BREAKS.get(change.setting, "") if in_use and not change.pending else ""
    return replace(change, breaks=text) if text else change


def _ours(values: tuple[str, ...], wanted: str) -> str | None:
    return wanted if wanted and wanted in values else None


def _other(state: State, setting: str, now: str, reason: str) -> Change:
    """A value beside ours. While Legacy is in force its own are no matter of choice: people sign on by them."""
    if state.in_force and now in state.kept:
        return compare(setting, now, now, reason="people sign on by Legacy until you press Finish in Flex Console")
    return _removal(setting, now, "of Legacy, which is not in force any more" if now in state.kept else reason)


def _removal(setting: str, now: str, reason: str) -> Change:
    return Change(setting=setting, now=now, should_be=None, kind="-", reason=reason)


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """The application first, since the service principal copies it; then the service principal's own settings."""
    noted = session.tenant.flex.connection is None and not state.legacy
    if noted:
        session.require_notes()
    found = await find(session)
    assert found is not None
    names = settings.titles(chosen)
    removed = {str(change.now) for change in chosen if change.kind == "-"}
    await _write_application(session, found, state, names, removed)
    # Sign-in follows the service principal's copies, and a write on it is refused while they differ (G20, G23).
    await session.wait_until(
        lambda: read(session), _mirrored, what="the service principal to follow the application", times=2
    )
    await _write_principal(session, found, names, removed)
    if noted:
        session.record(
            {("flex", "connection"): {"reply_url": state.wanted_reply_url, "identifier": state.wanted_identifier}}
        )
    return True


async def _write_application(session: Session, found: Found, state: State, names: set[str], removed: set[str]) -> None:
    application = found.application
    body: Json = settings.body(SETTINGS, names, "application")
    if {"Identifier (Entity ID)", "Default reply URL"} & names or removed & set(state.identifiers):
        # The whole list is replaced (G05), so what stays is sent again.
        ours = (state.wanted_identifier, state.default_identifier)
        kept = [uri for uri in state.identifiers if uri not in (*ours, *removed)]
        body["identifierUris"] = _in_order(state, state.wanted_identifier, kept)
    if {"Reply URL", "Default reply URL"} & names or removed & set(state.reply_urls):
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


async def _write_principal(session: Session, found: Found, names: set[str], removed: set[str]) -> None:
    body: Json = settings.body(SETTINGS, names, "service principal")
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


def _mirrored(state: State) -> bool:
    return set(state.identifiers) <= set(state.mirrored_identifiers) and set(state.reply_urls) == set(
        state.mirrored_reply_urls
    )


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """Both values equal exactly, are the only ones, and have been copied; what must stay off is off."""
    url, uri = state.wanted_reply_url, state.wanted_identifier
    reply, name = ("D04", "D06") if state.legacy else ("D03", "D05")
    rows: tuple[tuple[str, str, str, str, bool], ...] = (
        (reply, "Reply URL", url, ", ".join(state.reply_urls), url in state.reply_urls),
        (name, "Identifier (Entity ID)", uri, ", ".join(state.identifiers), uri in state.identifiers),
        (
            "S78",
            "Service principal has followed",
            "both values",
            ", ".join(state.mirrored_identifiers),
            _mirrored(state),
        ),
        ("S75", "Encryption of assertions", "off", "on" if state.encryption_keys else "off", not state.encryption_keys),
    )
    fix = FIX if state.connection else "Copy the two values from Flex Console into the form above."
    known = state.app and bool(state.connection)
    found = [
        judged(check, title, wanted or "not known yet", seen, holds if known else "unknown", fix)
        for check, title, wanted, seen, holds in rows
    ]
    found += settings.proved(SETTINGS, state, known=known, fix=fix)
    if not state.connection:
        seen = "shown by Flex Console once the set-up is started there"
        found.append(judged("F19", "Both values of Flex are known", "yes", seen, "waiting", fix))
    host = urlsplit(state.wanted_reply_url).netloc
    if state.connection and not state.legacy and host != urlsplit(FLEX_LOGIN).netloc:
        fix = "Compare it with Flex Console: outside us1 Twilio documents no Flex single sign-on."
        found.append(judged("F04", "Login host of Flex", urlsplit(FLEX_LOGIN).netloc, host, False, fix, "warning"))
    if known and not state.legacy:
        found.append(compared(context.tenant.flex.account_sid, state))
    if state.in_force_unseen:
        title = "Legacy single sign-on of the account"
        found.append(could_not_look("F115", title, "its values stay", NotSeen(state.in_force_unseen)))
    if state.legacy:
        found.append(legacy_sso.ending())
    if known:
        numbers = len(state.identifiers), len(state.reply_urls)
        seen = f"{count(numbers[0], 'identifier')}, {count(numbers[1], 'reply URL')}"
        fix = IN_FORCE if state.in_force else REMOVE
        found.append(
            judged(
                "D07", "Exactly one identifier and one reply URL", "one of each", seen, max(numbers) < 2, fix, "warning"
            )
        )
    return tuple(found)


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """The two values from Console, else read from Flex. Legacy has none: the account SID says both."""
    if tenant.flex.mode == "legacy":
        return ()
    connection = tenant.flex.connection
    return (
        Field(
            CONNECTION[0],
            "ACS URL (reply URL)",
            "text",
            connection.reply_url if connection else "",
            help="Flex Console › Single sign-on. Leave empty to have it read from Flex.",
        ),
        Field(
            CONNECTION[1],
            "Entity ID (identifier)",
            "text",
            connection.identifier if connection else "",
            help="From the same page.",
        ),
    )


def to_file(edited: dict[str, Any]) -> dict[str, Any]:
    """Both fields emptied means: read the connection from Flex again."""
    emptied = len(edited) == len(CONNECTION) and not any(edited.values())
    return {"flex.connection": None} if emptied else edited


STEP = Step(
    number="02",
    title=TITLES["02"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    to_file=to_file,
    settled=settled,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
