"""S47–S54: the NameID, on which the worker and its cost hang."""

from flexsso_helpers.identities import same
from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.checks.report import Report, equal
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import NameId, Statement
from flexsso_helpers.saml.worker import MAX_NAME, escape_identity

EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
OTHER_LETTERS = (
    "The worker’s name differs in letter case: nobody documents whether Flex takes it, makes a second one or refuses"
)
SAME_LETTERS = "Write the address in Entra as the worker has it, or rename the worker in TaskRouter."
_NAME_ID_CLAIM = fix_in("04", "set the NameID claim to one source for everybody.")


def check(report: Report, statement: Statement, expected: Expected) -> None:
    """Judge who the response says has signed in."""
    name_id = statement.name_id
    report.say(
        "S47",
        name_id is not None and bool(name_id.value.strip()),
        "There is exactly one NameID",
        "No user id was sent" if not statement.name_ids or name_id else "There is more than one NameID",
        received=[each.value for each in statement.name_ids],
        fix=_NAME_ID_CLAIM,
    )
    if name_id is not None and name_id.value.strip():
        _format(report, name_id)
        _value(report, name_id, expected)
        _worker(report, name_id, expected)
        _characters(report, name_id)
        _qualifiers(report, name_id, expected)
    methods = [each.method for each in statement.confirmations]
    report.say(
        "S54",
        methods[:1] == [BEARER],
        "The subject is confirmed by bearer",
        "The subject is confirmed in an unsupported way",
        configured=BEARER,
        received=methods,
        fix="Do not use this response. " + fix_in("08", "capture a new one."),
    )


def _format(report: Report, name_id: NameId) -> None:
    loose = name_id.format in (UNSPECIFIED, "")
    wrong = "Entra sends an anonymous id; Flex would make a worker of that name, and bill it"
    report.say(
        "S48",
        name_id.format == EMAIL_ADDRESS,
        "The NameID has the format emailAddress",
        "The NameID has no definite format" if loose else wrong,
        level="warning" if loose else "error",
        configured=EMAIL_ADDRESS,
        received=name_id.format or "(none)",
        fix=_NAME_ID_CLAIM,
    )


def _value(report: Report, name_id: NameId, expected: Expected) -> None:
    value, wanted = name_id.value, expected.name_id
    wrong = "The NameID is not the configured value of this person"
    if wanted and same(value, wanted):
        wrong = "The NameID differs in letter case"
    elif value == expected.user_principal_name:
        wrong = "The NameID is the user principal name instead of the configured source"
    elif value == expected.email:
        wrong = "The NameID is the mail address instead of the configured source"
    source = f" ({expected.name_id_source})" if expected.name_id_source else ""
    report.say(
        "S49",
        equal(wanted, value),
        "The NameID is the configured value of this person",
        wrong,
        configured=f"{wanted}{source}" if wanted else source.strip(),
        received=value,
        fix=_NAME_ID_CLAIM,
    )
    if expected.email and expected.user_principal_name:
        report.say(
            "S51",
            expected.email == expected.user_principal_name,
            "Mail and user principal name are the same",
            "Mail and user principal name differ, and Twilio's two guides name one each: choose one for everybody",
            level="warning",
            configured=f"mail {expected.email}",
            received=f"user principal name {expected.user_principal_name}",
            fix=_NAME_ID_CLAIM,
        )


def _worker(report: Report, name_id: NameId, expected: Expected) -> None:
    if expected.worker_name is None:
        return
    alike = same(name_id.value, expected.worker_name)
    report.say(
        "S50",
        name_id.value == expected.worker_name,
        "The sign-on belongs to the worker that exists",
        OTHER_LETTERS if alike else "This sign-on would make a second worker for the same person, and a second charge",
        level="warning" if alike else "error",
        configured=expected.worker_name,
        received=name_id.value,
        fix=SAME_LETTERS
        if alike
        else fix_in("04", "keep the NameID source that the worker was made with, or migrate on purpose."),
    )


def _characters(report: Report, name_id: NameId) -> None:
    value = name_id.value
    odd = [
        ("a guest account", "#EXT#" in value.upper()),
        ("white space", any(character.isspace() for character in value)),
        (f"{len(value)} characters, more than {MAX_NAME}", len(value) > MAX_NAME),
        ("letters beyond ASCII", not value.isascii()),
    ]
    found = [what for what, is_so in odd if is_so]
    report.say(
        "S52",
        not found,
        "The NameID fits a worker's name",
        f"The NameID is unusual for a worker's name: {', '.join(found)}",
        level="warning",
        received=f"{value} (in contact_uri: {escape_identity(value)})",
        fix=fix_in("00", "look at this account in the pre-flight."),
    )


def _qualifiers(report: Report, name_id: NameId, expected: Expected) -> None:
    pairs = (
        ("NameQualifier", name_id.name_qualifier, expected.issuer),
        ("SPNameQualifier", name_id.sp_name_qualifier, expected.identifier),
    )
    wrong = [f"{name}: {value}" for name, value, wanted in pairs if value is not None and value != wanted]
    report.say(
        "S53",
        not wrong,
        "The NameID has no qualifier that Flex could refuse",
        "A qualifier of the NameID does not match; Flex may refuse it",
        level="warning",
        configured=[expected.issuer or "", expected.identifier or ""],
        received=wrong,
        fix=fix_in("04", "take the qualifier out of the NameID claim."),
    )
