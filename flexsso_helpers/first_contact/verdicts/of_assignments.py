"""What assigning people and groups tells."""

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.traffic import (
    Holds,
    Judge,
    Traffic,
    Untold,
    by,
    good,
    unforeseen,
    words,
)

PREMIUM = {"AAD_PREMIUM", "AAD_PREMIUM_P2"}
ASSIGN = r"/v1\.0/servicePrincipals/[^/]+/appRoleAssignedTo"
EXISTS, ENTRY = "Permission being assigned already exists on the object", "EntitlementGrant entry already exists."


def assignment_permission(traffic: Traffic) -> str:
    """Whether Application.ReadWrite.All alone is enough to assign."""
    noted = traffic.note(trials.CLAIM_NAMES)
    given = noted.get("given_scopes")
    if not isinstance(given, list) or not given:
        raise Untold("the token does not say which permissions it holds")
    if "AppRoleAssignment.ReadWrite.All" in given:
        raise Untold("the account holds both permissions")
    if "Application.ReadWrite.All" not in given:
        raise Untold("the account may not write applications")
    answer = traffic.answer(trials.ASSIGNED)
    if answer.good:
        return "applications_alone"
    if answer.status == 403:
        return "both"
    raise unforeseen(answer)


def group_without_p1(traffic: Traffic) -> str:
    """What a tenant without a premium licence answers to a group (G68)."""
    read = [each for each in traffic.trial(trials.PLANS) if each.good]
    if not read:
        raise Untold("the tenant's licences could not be read")
    plans = {
        plan.get("servicePlanName") for each in read for sku in each.entries() for plan in sku.get("servicePlans") or ()
    }
    if plans & PREMIUM:
        raise Untold("the tenant has a premium licence")
    if not traffic.done(trials.ASSIGNED):
        raise Untold("the account could not assign a person either")
    if not traffic.trial(trials.GROUP):
        raise Untold("the tenant has no security group")
    answer = traffic.answer(trials.GROUP)
    if answer.good:
        return "accepted"
    if answer.status in (400, 403):
        return f"rejected_{answer.status}"
    raise unforeseen(answer)


def m365_group(traffic: Traffic) -> str:
    """Whether a Microsoft 365 group can be assigned (G69)."""
    if not traffic.done(trials.ASSIGNED):
        raise Untold("the account could not assign a person either")
    if not traffic.trial(trials.M365_GROUP):
        raise Untold("the tenant has no Microsoft 365 group")
    answer = traffic.answer(trials.M365_GROUP)
    if answer.good:
        return "accepted"
    if answer.status == 400 and not traffic.done(trials.GROUP):
        raise Untold("a security group was not taken either")
    if answer.status == 400:
        return "rejected"
    raise unforeseen(answer)


def _entry_exists(code: str) -> Holds:
    return lambda answer: ENTRY in answer.words and answer.code == code


JUDGES: dict[str, Judge] = {
    "duplicate_assignment": by(
        trials.ASSIGNED_AGAIN,
        {
            "permission_exists": words(EXISTS),
            "entitlement_grant": _entry_exists("Request_MultipleObjectsWithSameKeyValue"),
            "entitlement_grant_bad_request": _entry_exists("Request_BadRequest"),
        },
        passing=("POST", ASSIGN),
        unless={"the same assignment was taken twice": good},
    ),
    "assignment_permission": assignment_permission,
    "group_without_p1": group_without_p1,
    "m365_group": m365_group,
}
