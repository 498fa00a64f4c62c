"""S71 and S73–S78: the application as it stands in Entra now, beside what was received."""

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.checks.attributes import is_always_sent, is_basic
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.configuration import ClaimsPolicy, Configuration
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Statement

CHECKS = frozenset({"S73", "S74", "S75", "S76", "S77", "S78"})
"""The checks of this page that have nothing to do with the person who signed on."""
_APPLY = "plan and apply."


def check(report: Report, statement: Statement, expected: Expected) -> None:
    """Judge what the live configuration says; nothing is said when no tenant is open."""
    now = expected.configuration
    if now is None:
        return
    _claims(report, statement, now.claims, expected)
    _key_for_claims(report, now, expected)
    _switches(report, now)
    _policies(report, now)
    _copies(report, now, expected)


def _claims(report: Report, statement: Statement, policy: ClaimsPolicy | None, expected: Expected) -> None:
    """What a policy promises and a response lacks may have no value for this person; what is too much has no excuse."""
    if policy is None or not policy.there:
        why = "The claims policy may not be read" if policy is None else "No claims policy: the portal's claims count"
        report.say("S71", None, "", "", received=list(statement.claims), unknown=why)
        return
    lacking = [
        name
        for name, source in policy.claims.items()
        if name not in statement.claims and _value(source, expected) not in ("", frozenset())
    ]
    other = [name for name, source in policy.claims.items() if _differs(source, statement.claims.get(name))]
    extra = [name for name in statement.claims if not (name in policy.claims or _default(name, policy))]
    several = f"; {policy.others + 1} policies hang there, and which one counts is not known" if policy.others else ""
    wrong = [
        f"{what}: {', '.join(names)}"
        for what, names in (("not sent", lacking), ("sent with another value", other), ("sent besides", extra))
        if names
    ]
    certain = bool(extra or other) or any(_value(policy.claims[name], expected) is not None for name in lacking)
    report.say(
        "S71",
        not wrong,
        "The claims are those of the policy",
        f"The claims are not those of the policy ({'; '.join(wrong)}{several})",
        level="error" if certain or not wrong else "warning",
        configured=[f"{name} ← {source}" for name, source in policy.claims.items()],
        received=list(statement.claims),
        fix=fix_in(
            "04",
            "sign on again: a changed policy takes some minutes. If it stays, another policy or the portal's own "
            "claims count; plan and apply.",
        ),
    )


def _value(source: str, expected: Expected) -> object:
    """What this person has to send; None when that is not known."""
    if source.startswith("“"):
        return source
    person = {"user.mail": expected.email, "user.displayname": expected.full_name, "user.assignedroles": expected.roles}
    return person.get(source)


def _differs(source: str, values: tuple[str, ...] | None) -> bool:
    return values is not None and source.startswith("“") and values != (source[1:-1],)


def _default(name: str, policy: ClaimsPolicy) -> bool:
    return is_always_sent(name) or (policy.basic and is_basic(name))


def _key_for_claims(report: Report, now: Configuration, expected: Expected) -> None:
    active = next((each for each in expected.certificates if each.sha1 == expected.active_sha1), None)
    needed = now.claims.there if now.claims else None
    if active is not None:
        holds: bool | None = active.begun(expected.at) and expected.at <= active.not_after
        seen = f"active, valid to {active.not_after:%Y-%m-%d}"
    else:
        holds = None if now.active_certificate else False
        seen = "active, but the metadata does not list it yet" if now.active_certificate else "none is active"
    report.say(
        "S73",
        True if needed is False else holds if needed else None,
        "The claims policy has a valid active certificate beside it",
        "The claims policy has no valid active certificate beside it: sign-in ends in AADSTS50146",
        configured="an active certificate, valid",
        received=seen,
        fix=fix_in("03", "make a certificate and activate it, before the claims."),
    )


def _switches(report: Report, now: Configuration) -> None:
    report.say(
        "S74",
        now.assignment_required,
        "Only assigned people may sign on",
        "Anybody in the tenant could sign on, and be billed",
        level="warning",
        configured="assignment required",
        received="assignment required" if now.assignment_required else "assignment not required",
        fix=fix_in("02", _APPLY),
    )
    on = [
        words
        for words, wrong in (
            ("Entra encrypts the assertion", now.encrypts),
            ("Entra waits for signed requests", now.signed_requests),
        )
        if wrong
    ]
    report.say(
        "S75",
        not on,
        "Entra neither encrypts nor waits for signed requests",
        f"{' and '.join(on)}; Flex can do neither" if len(on) > 1 else f"{''.join(on)}; Flex cannot do that",
        configured="both off",
        received=on or "both off",
        fix=fix_in("02", f"switch {'both' if len(on) > 1 else 'it'} off; {_APPLY}"),
    )
    report.say(
        "S77",
        now.mode == "saml",
        "The application signs on by SAML",
        "The application is not in SAML mode",
        configured="saml",
        received=now.mode or "none chosen",
        fix=fix_in("01", _APPLY),
    )


def _policies(report: Report, now: Configuration) -> None:
    signing = now.signing
    both = signing is not None and signing.on_principal is not None and signing.on_application is not None
    report.say(
        "S76",
        None if signing is None else not both or signing.on_principal == signing.on_application,
        "There is one word about how Entra signs",
        "Two signing policies disagree, and which one counts is not known",
        level="warning",
        configured=_said(signing.on_principal) if signing else "",
        received=f"on the application: {_said(signing.on_application)}" if signing and both else "",
        fix=fix_in("03", f"keep one; {_APPLY}"),
    )


def _said(policy: tuple[str, str] | None) -> str:
    return ", ".join(part.rpartition("#")[2] for part in policy if part) if policy else "none"


def _copies(report: Report, now: Configuration, expected: Expected) -> None:
    """Sign-in looks at the service principal's copies, which follow the application with some delay (G20)."""
    identifier, reply_url = expected.identifier, expected.reply_url
    known = identifier is not None and reply_url is not None
    named, addressed = identifier in now.identifiers, reply_url in now.reply_urls
    wrong = "The reply URL is not registered where sign-in looks for it (AADSTS50011)"
    if not named:
        late = identifier in now.saved
        wrong = "The identifier is " + ("saved, but not copied to the service principal yet" if late else "not saved")
    report.say(
        "S78",
        named and addressed if known else None,
        "Identifier and reply URL stand where sign-in looks for them",
        wrong,
        configured=[identifier or "", reply_url or ""] if known else "",
        received=[*now.identifiers, *now.reply_urls],
        fix=fix_in("02", f"wait some minutes; if it stays, {_APPLY}"),
    )
    others = [url for url in now.reply_urls if url != reply_url]
    if known and addressed:
        report.say(
            "S78",
            not others,
            "There is no other reply URL",
            "There are other reply URLs: Entra may send the response there",
            level="warning",
            configured=reply_url,
            received=others,
            fix=fix_in("02", "approve their removal by name, if nothing else uses them."),
        )
