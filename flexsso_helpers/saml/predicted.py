"""What the checks of a response say of one that has not been sent yet: subject, claims and roles."""

from collections.abc import Mapping

from flexsso_helpers.plan import Finding, sort_worst_first
from flexsso_helpers.saml.checks import attributes as checks_attributes
from flexsso_helpers.saml.checks import roles, subject
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.checks.subject import BEARER, EMAIL_ADDRESS
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.values import Attribute, Confirmation, NameId, Statement

_ENVELOPE = ("S54", "S59")
"""What says something of a real response only."""


def judge_predicted(
    name_id: str | None, attributes: Mapping[str, tuple[str, ...]], expected: Expected
) -> tuple[Finding, ...]:
    """The findings about a person (S47–S53, S55–S72), worst first; None where no NameID can be made."""
    statement = Statement(
        id="",
        version=None,
        issue_instant=None,
        issuer=None,
        name_ids=() if name_id is None else (NameId(value=name_id, format=EMAIL_ADDRESS),),
        confirmations=(Confirmation(method=BEARER),),
        windows=(),
        restrictions=(),
        authn_statements=1,
        authn_instant=None,
        session_not_on_or_after=None,
        authn_context="",
        attributes=tuple(Attribute(name=name, values=values) for name, values in attributes.items()),
    )
    report = Report(expected.profile)
    for checks in (subject, checks_attributes, roles):
        checks.check(report, statement, expected)
    return sort_worst_first([finding for finding in report.findings if finding.check not in _ENVELOPE])
