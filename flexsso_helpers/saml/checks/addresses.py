"""S31–S38: issuer, tenant, reply URL, identifier and connection, byte for byte."""

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.capture import is_capture_url
from flexsso_helpers.saml.checks.report import Ok, Report, equal
from flexsso_helpers.saml.difference import account_in, connection_in, difference, foreign_value, is_legacy, tenant_in
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Message, Statement

_COPY_AGAIN = fix_in("02", "copy both values from Console again.")


def check(report: Report, message: Message, statement: Statement, expected: Expected) -> None:
    """Compare every address with the configured one; nothing is normalised, because Flex does not either."""
    _issuer(report, message, statement, expected)
    confirmed = statement.confirmations[0].recipient if statement.confirmations else None
    _same("S33", "Destination", "reply URL", message.destination, expected.reply_url, report)
    _same("S34", "Recipient", "reply URL", confirmed, expected.reply_url, report)
    _audience(report, statement, expected)
    if expected.profile == "flex":
        _connection(report, message, statement, expected)
        received = [message.destination, confirmed, *statement.audiences]
        # Of an account on Legacy the old values are the configured ones.
        ours = (expected.reply_url, expected.identifier)
        foreign = {value: foreign_value(value) for value in received if value not in ours and foreign_value(value)}
        report.say(
            "S38",
            not foreign,
            "The addresses are those of the configured Flex single sign-on",
            f"An address is {next(iter(foreign.values()), '')}",
            configured=[expected.reply_url or "", expected.identifier or ""],
            received=foreign,
            fix=_COPY_AGAIN,
        )


def _issuer(report: Report, message: Message, statement: Statement, expected: Expected) -> None:
    issuers = [message.issuer, statement.issuer] if message.issuer is not None else [statement.issuer]
    odd = next((each for each in issuers if each != expected.issuer), expected.issuer)
    how = difference(expected.issuer or "", odd or "")
    report.say(
        "S31",
        None if expected.issuer is None else all(each == expected.issuer for each in issuers),
        "The issuer is the Microsoft Entra Identifier",
        f"The issuer {how}",
        configured=expected.issuer,
        received=odd if expected.issuer is not None else issuers[0],
        fix=fix_in("06", "correct the field Identity Provider Issuer in Console, or sign on in the right tenant."),
    )
    if expected.tenant_id is not None:
        tenants = {tenant_in(each) for each in issuers}
        report.say(
            "S32",
            tenants == {expected.tenant_id.lower()},
            "The response comes from the right tenant",
            "The response comes from another tenant; perhaps a guest signed in at home",
            configured=expected.tenant_id,
            received=sorted(each or "(none)" for each in tenants),
            fix=fix_in("08", "sign on with an account of this tenant."),
        )


def _same(check: str, name: str, setting: str, received: str | None, configured: str | None, report: Report) -> None:
    absent = received is None
    report.say(
        check,
        equal(configured, received),
        f"{name} is the {setting}",
        f"{name} is missing" if absent else f"{name} {difference(configured or '', received or '')}",
        level="warning" if absent and check == "S33" else "error",
        configured=configured,
        received=received,
        fix=fix_in("02", "set the reply URL to exactly the value from Console."),
    )


def _audience(report: Report, statement: Statement, expected: Expected) -> None:
    first = statement.audiences[0] if statement.audiences else None
    ok: Ok = equal(expected.identifier, first)
    if expected.profile == "saml" and expected.identifier is not None:
        ok = expected.identifier in statement.audiences
    excluded = [each for each in statement.restrictions if expected.identifier not in each]
    wrong = f"The audience {difference(expected.identifier or '', first or '')}"
    if first is None:
        wrong = "No audience is named"
    elif expected.identifier in statement.audiences and excluded:
        ok, wrong = False, "One of several audience restrictions does not name the identifier, and each has to"
    elif expected.identifier in statement.audiences:
        wrong = "The identifier is not the first audience, and only the first one is compared"
    report.say(
        "S35",
        ok,
        "The audience is the identifier",
        wrong,
        configured=expected.identifier,
        received=statement.audiences,
        fix=fix_in("02", "set the identifier to exactly the value from Console."),
    )
    report.say(
        "S36",
        len(statement.audiences) == 1,
        "There is exactly one audience",
        "There is not exactly one audience; Flex compares only the first",
        level="warning",
        configured="1",
        received=len(statement.audiences),
        fix=fix_in("02", "keep one identifier."),
    )


def _connection(report: Report, message: Message, statement: Statement, expected: Expected) -> None:
    legacy = is_legacy(expected.identifier)
    name_in = account_in if legacy else connection_in
    recipients = [each.recipient for each in statement.confirmations[:1]]
    # A capture's reply URL is this machine's and names no connection; S33 and S34 compare it.
    here = is_capture_url(expected.reply_url or "")
    received = {
        name: name_in(value)
        for name, value in (
            ("Destination", None if here else message.destination),
            ("Recipient", recipients[0] if recipients and not here else None),
            ("Audience", statement.audiences[0] if statement.audiences else None),
        )
        if value is not None
    }
    wanted = expected.connection or name_in(expected.identifier) or name_in(expected.reply_url)
    named = "account" if legacy else "connection"
    found = {*received.values(), *([wanted] if wanted else [])}
    report.say(
        "S37",
        len(found) == 1 and None not in found,
        "All addresses name the same Flex " + named,
        "The addresses do not all name the same Flex " + named,
        configured=wanted,
        received=[f"{name}: {value or 'none'}" for name, value in received.items()],
        fix=_COPY_AGAIN,
    )
