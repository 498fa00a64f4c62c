"""The judgement of one response: every check, worst first, and what may be believed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flexsso_helpers.plan import Finding, sort_worst_first
from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.checks import addresses, configuration, roles, signatures, structure, subject, time, worker
from flexsso_helpers.saml.checks import attributes as checks_attributes
from flexsso_helpers.saml.checks import certificates as checks_certificates
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.checks.subject import BEARER, EMAIL_ADDRESS
from flexsso_helpers.saml.document import Unreadable
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Verified, verify
from flexsso_helpers.saml.values import Attribute, Confirmation, NameId, Statement, moment

CONSOLE_FIELDS = (
    "Identity Provider Issuer",
    "Single Sign-On URL",
    "X.509 Certificate",
    "Default Redirect URL",
    "Trusted URLs",
)
_ENVELOPE = ("S54", "S59")
"""What says something of a real response only."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a response proves. Only an accepted one says who signed in."""

    findings: tuple[Finding, ...]
    """Worst first; within that, in the order of the checks."""
    accepted: bool
    """Signed as demanded, verified by a certificate of the application, and no error found."""
    name_id: str | None = None
    """From verified bytes only; None otherwise."""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Claims in the order sent, from verified bytes only; empty otherwise."""
    signed: Mapping[str, bool] = field(default_factory=lambda: {"response": False, "assertion": False})
    certificates: tuple[Certificate, ...] = ()
    """The ones that verified: one, unless the two signatures were made with different keys."""
    judged: bool = True
    """False when nothing fails and no certificate is known: then nobody can say whether it is genuine."""
    at: str = ""
    """IssueInstant as the response says it, signed or not: for which moment to judge one that was kept."""
    ids: frozenset[str] = frozenset()
    """IDs of response and assertion, for `Expected.seen` of the next judgement."""
    issued: datetime | None = None
    """When the assertion was issued, from verified bytes only; aware, in UTC."""
    sha256: str = ""
    """Of the response's bytes: what is kept of a live response beside the verdict."""

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings for which it was not accepted."""
        return tuple(finding for finding in self.findings if finding.fails)


def judge(response_xml: bytes, expected: Expected, *, relay_state: str | None = None) -> Judgement:
    """Judge a response against the configuration: checks S03–S80.

    `relay_state` is what came beside the response, None when not known. Never raises for anything in the response:
    what cannot be read at all is a judgement with that one finding.
    """
    report = Report(expected.profile)
    digest = hashlib.sha256(response_xml).hexdigest()
    try:
        verified = verify(response_xml, expected.order)
    except Unreadable as error:
        report.say(error.check, False, "", error.what, received=error.why, fix=error.fix)
        return Judgement(findings=tuple(report.findings), accepted=False, sha256=digest)
    _check(report, verified, expected, relay_state)
    statement = verified.statement if verified.trusted else None
    name_id = statement.name_id if statement else None
    failing = any(finding.fails for finding in report.findings)
    return Judgement(
        findings=sort_worst_first(sorted(report.findings, key=lambda finding: int(finding.check[1:]))),
        accepted=verified.trusted and statement is not None and not failing,
        judged=failing or bool(expected.certificates),
        at=(verified.message.issue_instant or "") if verified.message else "",
        name_id=name_id.value if name_id else None,
        attributes=statement.claims if statement else {},
        signed=verified.signed,
        certificates=verified.certificates,
        issued=moment(statement.issue_instant) if statement else None,
        ids=frozenset(each.id for each in (verified.message, verified.statement) if each),
        sha256=digest,
    )


def _check(report: Report, verified: Verified, expected: Expected, relay_state: str | None) -> None:
    structure.check(report, verified, expected)
    if verified.message is None or verified.statement is not None or verified.signatures:
        signatures.check(report, verified, expected)
        checks_certificates.check(report, verified, expected)
    message, statement = verified.message, verified.statement
    if message is None or statement is None:
        return
    addresses.check(report, message, statement, expected)
    time.check(report, message, statement, expected, relay_state=relay_state)
    subject.check(report, statement, expected)
    checks_attributes.check(report, statement, expected)
    roles.check(report, statement, expected)
    configuration.check(report, statement, expected)
    worker.check(report, statement, expected)
    if expected.profile == "flex":
        report.say(
            "S80",
            None,
            "",
            "",
            unknown="Only a person can see these fields of Console",
            level="info",
            received=CONSOLE_FIELDS,
            fix="06 · Flex Console: compare them with the values shown there.",
        )


def judge_predicted(
    name_id: str | None, attributes: Mapping[str, tuple[str, ...]], expected: Expected
) -> tuple[Finding, ...]:
    """The findings about a person of a response that has not been sent yet (S47–S53, S55–S72), worst first.

    The `name_id` is None where none can be made.
    """
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
