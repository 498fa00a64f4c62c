"""S07–S14: personal data, Entra's verdict, and the shape of the message."""

from flexsso_helpers.clouds import is_rehearsal_tenant
from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.aadsts import explain
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Message, Verified

_DISCARD = "Do not use this response. " + fix_in("08", "capture a new one.")


def check(report: Report, verified: Verified, expected: Expected) -> None:
    """Judge everything that can be said before a signature or a value is believed."""
    shape, message = verified.structure, verified.message
    if not is_rehearsal_tenant(expected.tenant_id or ""):
        report.tell(
            "S07", "The response holds a person's data: do not paste it into a website or keep it in a repository"
        )
    if message is not None:
        _status(report, message)
    report.say(
        "S09",
        shape.responses == 1,
        "There is exactly one Response",
        "There is more than one Response: an attack, or a wrong capture",
        configured="1",
        received=shape.responses,
        fix=_DISCARD,
    )
    _assertion(report, verified)
    report.say(
        "S11",
        not shape.encrypted,
        "Nothing is encrypted",
        "The assertion is encrypted, and neither Flex nor this check can read it",
        received=shape.encrypted,
        fix=fix_in("02", "switch token encryption off."),
    )
    report.say(
        "S12",
        not (shape.repeated_ids or shape.odd_ids),
        "Every ID is present, well formed and unique",
        "Elements share an ID, or one has no proper ID: the pattern of an attack",
        received=shape.repeated_ids or [each or "(missing)" for each in shape.odd_ids],
        fix=_DISCARD,
    )
    _version(report, verified)
    report.say(
        "S14",
        not shape.marked,
        "No comment stands in the response, and no markup inside a value",
        "A comment stands in the response, or markup inside a value: the pattern of an attack",
        received=shape.marked,
        fix=_DISCARD,
    )


def _status(report: Report, message: Message) -> None:
    codes = [code.rpartition(":")[2] for code in message.status]
    said = " · ".join(filter(None, [*codes, message.status_message.strip()]))
    known = explain(message.status_message)
    meaning = known.meaning if known else "see the status message"
    report.say(
        "S08",
        message.success,
        "Entra reports success",
        f"Entra refused: {meaning}",
        configured="Success",
        received=said,
        fix=known.next_step if known else fix_in("08", "look the message up; it names the cause."),
    )


def _assertion(report: Report, verified: Verified) -> None:
    shape, message = verified.structure, verified.message
    if shape.assertions == 0 and (shape.encrypted or (message is not None and not message.success)):
        return
    wrong = "There is no assertion" if shape.assertions == 0 else "The assertions are not one in its place: an attack"
    report.say(
        "S10",
        shape.assertions == 1 and shape.assertion_in_place,
        "There is exactly one Assertion, directly in the Response",
        wrong,
        configured="1",
        received=shape.assertions,
        fix=_DISCARD,
    )


def _version(report: Report, verified: Verified) -> None:
    if verified.message is None:
        return
    versions = [verified.message.version] + ([verified.statement.version] if verified.statement else [])
    report.say(
        "S13",
        all(version == "2.0" for version in versions),
        "Response and assertion are SAML 2.0",
        "This is not SAML 2.0 throughout",
        configured="2.0",
        received=[version or "(missing)" for version in versions],
        fix=fix_in("03", "the token issuance policy must say SamlTokenVersion 2.0."),
    )
