"""What claims policies, signing policies and the portal's own claims tell."""

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.traffic import (
    Judge,
    Traffic,
    Untold,
    by,
    good,
    status,
    unforeseen,
    words,
)
from flexsso_helpers.traffic import Exchange

PORTAL = r"/beta/servicePrincipals/[^/]+/claimsPolicy"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"
ONE_ALREADY = "A policy of this type is already assigned to this object"
MEMBERS = ("claims", "includeBasicClaimSet")


def signing_policy_on_principal(traffic: Traffic) -> str:
    """Whether a signing policy hangs on a service principal, and may be read there."""
    if not traffic.done(trials.SIGNING_POLICY):
        raise Untold("no signing policy could be made")
    write, read = traffic.answer(trials.SIGNING_ON_PRINCIPAL), traffic.answer(trials.SIGNING_OF_PRINCIPAL)
    if write.good:
        return "taken"
    if not traffic.done(trials.SIGNING_ON_APPLICATION):
        raise Untold("the account could not hang it on the application either")
    shape = f"write_{write.status}" if read.good else f"all_{write.status}" if read.status == write.status else ""
    if shape not in ("write_403", "write_404", "all_403", "all_400"):
        raise unforeseen(write)
    return shape


def cloud_application_administrator_policies(traffic: Traffic) -> str:
    """Whether a Cloud Application Administrator alone may write policies."""
    held = traffic.note(trials.CLAIM_NAMES).get("held_roles")
    roles = set(held) if isinstance(held, list) else set()
    if CLOUD_APPLICATION_ADMINISTRATOR not in roles or roles & {APPLICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR}:
        raise Untold("the account does not hold that role alone")
    answer = traffic.answer(trials.CLAIMS_POLICY)
    if answer.good:
        return "allowed"
    given = traffic.note(trials.CLAIM_NAMES).get("given_scopes")
    if answer.status == 403 and isinstance(given, list) and "Policy.ReadWrite.ApplicationConfiguration" in given:
        return "denied"
    raise unforeseen(answer)


def claims_policy_shape(traffic: Traffic) -> str:
    """In which of the published shapes the portal's claims are read (G41)."""
    found = traffic.trial(trials.PORTAL_CLAIMS) or traffic.passing("GET", PORTAL)
    for each in found:
        value = each.said("value")
        if each.good and isinstance(value, list) and value:
            return "list"
        if each.good and isinstance(value, dict):
            return "wrapped"
        if each.good and any(each.said(member) is not None for member in MEMBERS):
            return "object"
    raise Untold("the portal's claims could not be read")


def _written(traffic: Traffic) -> Exchange:
    return traffic.answer(trials.PORTAL_CLAIMS_PUT)


def claims_policy_delete(traffic: Traffic) -> str:
    """Whether the portal's claims can be deleted (G41)."""
    if not _written(traffic).good:
        raise Untold("the portal's claims were not written")
    answer = traffic.answer(trials.PORTAL_CLAIMS_DELETED)
    if answer.status in (405, 204):
        return str(answer.status)
    raise unforeseen(answer)


JUDGES: dict[str, Judge] = {
    "policy_description": by(trials.DESCRIBED, {"accepted": good, "rejected": status(400, 404)}),
    "definition_error_text": by(
        trials.WRONG_KEY,
        {
            "first": words("Property  has an invalid value."),
            "second": words("Property definition has an invalid value."),
            "third": words("One or more properties contains invalid values."),
        },
        unless={"the policy was taken": good},
    ),
    "second_claims_policy": by(trials.SECOND_CLAIMS, {"both_listed": good, "rejected": words(ONE_ALREADY)}),
    "second_signing_policy": by(trials.SECOND_SIGNING, {"both_listed": good, "rejected": words(ONE_ALREADY)}),
    "signing_policy_on_principal": signing_policy_on_principal,
    "unlink_error": by(trials.NOT_HANGING, {"404": status(404), "400": status(400)}),
    "cloud_application_administrator_policies": cloud_application_administrator_policies,
    "claims_policy_absent": by(trials.PORTAL_CLAIMS_BEFORE, {"404": status(404), "empty": good}),
    "claims_policy_put": by(
        trials.PORTAL_CLAIMS_PUT,
        {"204": status(204), "200": status(200), "201": status(201)},
        passing=("PUT", PORTAL),
    ),
    "claims_policy_shape": claims_policy_shape,
    "claims_policy_delete": claims_policy_delete,
}
