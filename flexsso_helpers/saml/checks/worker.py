"""S79: the worker that Flex already has, beside what this response writes into it."""

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Statement
from flexsso_helpers.saml.worker import BadClaim, as_text, contact_uris, expected_worker


def check(report: Report, statement: Statement, expected: Expected) -> None:
    """Compare attribute by attribute. A response says nothing of whether it was used, so this only warns."""
    if not expected.worker_attributes or statement.name_id is None:
        return
    name_id = statement.name_id.value
    try:
        made = expected_worker(name_id, statement.claims)
    except BadClaim:
        return  # S66 says so
    wanted = made["attributes"]
    assert isinstance(wanted, dict)
    seen = {name: as_text(expected.worker_attributes.get(name)) for name in wanted}
    if "contact_uri" not in statement.claims and seen["contact_uri"] in contact_uris(name_id):
        wanted = wanted | {"contact_uri": seen["contact_uri"]}  # how an underscore is escaped is not known
    different = [name for name, value in wanted.items() if seen[name] != as_text(value)]
    report.say(
        "S79",
        not different,
        "The worker in Flex is as this response makes it",
        "The worker in Flex is not as this response makes it",
        level="warning",
        configured=[f"{name}: {as_text(wanted[name])}" for name in different or wanted],
        received=[f"{name}: {seen[name]}" for name in different or wanted],
        fix=fix_in("08", "sign on again: each sign-on overwrites these attributes."),
    )
