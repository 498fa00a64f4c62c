"""What a response is held against in an open tenant: everything that its live configuration says. Only reads."""

from dataclasses import replace
from datetime import datetime

from flexsso_helpers.commands.judge.verdict import Verdict, judge_given
from flexsso_helpers.errors import FlexSSOError, ParametersError
from flexsso_helpers.resources import federation_metadata
from flexsso_helpers.resources.account_workers import account_workers
from flexsso_helpers.resources.application import Found, find
from flexsso_helpers.resources.test_users import look_up, roles_by_user
from flexsso_helpers.saml.configuration import Configuration
from flexsso_helpers.saml.expected import RSA_SHA256, Expected, Signed
from flexsso_helpers.sections.sign_on import expected as expectations
from flexsso_helpers.session import Session, open_session

_SIGNED: dict[str, Signed] = {"ResponseAndToken": "both", "TokenOnly": "assertion", "ResponseOnly": "response"}


class NothingToCompare(FlexSSOError):
    """The tenant's application is not there yet, or publishes no certificate."""

    title = "There is nothing to hold the response against"


async def live_tenant(
    session: Session, *, user: str = "", at: datetime | None = None, requires: Signed = "both"
) -> Expected:
    """What the live configuration expects, and for a `user` (user principal name) what is expected of that person.

    `at` defaults to the session's present. Raises NothingToCompare while the application is not set up, and
    ParametersError for a user whom Entra does not know.
    """
    found = await find(session)
    document = await federation_metadata.metadata(session, found) if found else None
    if found is None or document is None:
        raise NothingToCompare(
            f"“{session.tenant.application.name}” "
            + ("publishes no signing certificate yet." if found else "does not exist in this tenant yet."),
            why="What a response should hold is known when the application has a certificate that signs.",
            fix="Set the application up first, with the notebooks or with flexsso run.",
            notebook="03" if found else "01",
        )
    configured = await expectations.of_application(session, found, document, at=at, requires=requires)
    option, algorithm = _signing(configured.configuration)
    expected = replace(configured, signing_option=option, algorithm=algorithm)
    return await _of_person(session, found, user, expected) if user else expected


async def judge_in_tenant(
    tenant: str, data: bytes, *, user: str = "", at: datetime | None = None, requires: Signed = "both"
) -> Verdict:
    """Open the tenant of this name and judge; the run's ledger keeps the verdict and the response's SHA-256."""
    session = await open_session(tenant, apply=False)
    verdict = judge_given(data, await live_tenant(session, user=user, at=at, requires=requires))
    session.ledger.remark(f"Judged a response from a file: {verdict.judgement.sha256}, {verdict.word}")
    return verdict


def _signing(configuration: Configuration | None) -> tuple[Signed | None, str | None]:
    """Signing option and algorithm as the policy says; without one Entra signs only the assertion (G58)."""
    policy = configuration.signing if configuration else None
    if policy is None:
        return None, None
    option, algorithm = policy.on_principal or policy.on_application or ("", "")
    return _SIGNED.get(option or "TokenOnly"), algorithm or RSA_SHA256


async def _of_person(session: Session, found: Found, user: str, expected: Expected) -> Expected:
    workers = await account_workers(session)
    person = await look_up(session, user, await roles_by_user(session, found), workers)
    if not person.id:
        raise ParametersError(
            f"Nobody in this tenant is called {user}.",
            fix=f"--user takes the user principal name, as Entra shows it. {person.near}".strip(),
        )
    worker = next((each for each in workers if each.sid == person.worker_sid), None)
    return replace(
        expectations.of_person(session.tenant, expected, person),
        worker_name=person.worker_name or next(iter(person.twins), None),
        worker_attributes=worker.attributes if worker else {},
    )
