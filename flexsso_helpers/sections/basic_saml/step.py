"""02 · Basic SAML configuration: reply URL, identifier, and what must stay off for Flex (D03–D07)."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flexsso_helpers.clouds import FLEX_LOGIN
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Change, Finding, Pending, Value, compare, count
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources import legacy_sso
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.entra_pages import SINGLE_SIGN_ON, Ids, page_in_entra
from flexsso_helpers.resources.looking import NotSeen, could_not_look
from flexsso_helpers.sections import settings
from flexsso_helpers.sections.basic_saml.state import State, compared, mirrored, read, settled
from flexsso_helpers.sections.basic_saml.writing import ASSIGNMENT, DEFAULT_URL, IDENTIFIER, REPLY_URL, SETTINGS, write
from flexsso_helpers.sections.step import Step
from flexsso_helpers.views import Field

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
            key=REPLY_URL,
        ),
        compare(
            "Identifier (Entity ID)",
            now or default or _ours(state.identifiers, state.wanted_identifier),
            which,
            reason="replaces Microsoft’s default entry" if default else "names Flex to Entra",
            instructions=("D06", "D07") if state.legacy else ("D05", "D07"),
            key=IDENTIFIER,
        ),
    ]
    if state.migrating and state.active and state.starts_at in state.kept:
        reason = "the new connection works; a tile on My Apps starts here"
        listed.append(
            compare("Default reply URL", state.starts_at, where, reason=reason, instructions=("D27",), key=DEFAULT_URL)
        )
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


BREAKS = {
    ASSIGNMENT: "whoever is not assigned can no longer sign in (AADSTS50105) until 07 has run",
    IDENTIFIER: "sign-ins that name the old identifier end in AADSTS700016",
    REPLY_URL: "sign-ins that ask for the old reply URL end in AADSTS50011 once it is taken away",
}


def _warned(change: Change) -> Change:
    """What people who sign in at an application in use would notice; where nothing stood, nobody can sign in yet."""
    in_use = change.kind == "~" or (change.kind == "+" and change.now is False)
    text = BREAKS.get(change.key, "") if in_use and not change.pending else ""
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
            mirrored(state),
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
        more = IN_FORCE if state.in_force else REMOVE
        title, fix = "Exactly one identifier and one reply URL", more if max(numbers) > 1 else FIX
        found.append(judged("D07", title, "one of each", seen, numbers == (1, 1), fix, "warning"))
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


def facts(context: Context, state: State) -> dict[str, str]:
    """Its page Single sign-on in the admin center."""
    return page_in_entra(context, SINGLE_SIGN_ON, Ids(app_id=state.app_id, principal_id=state.principal_id))


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
    facts=facts,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
