"""Why changes of a plan were left as they are."""

from flexsso_helpers.plan import Approval, Change, Pending, Plan

_BY_NAME = {
    frozenset({"-"}): "removals are",
    frozenset({""}): "what else leaves the tenant is",
    frozenset({"-", ""}): "removals, and what else leaves the tenant, are",
}


def why_not_made(plan: Plan, possible: tuple[Change, ...], chosen: tuple[Change, ...], given: Approval) -> str:
    """Why changes are left, without their names: these may be those of people, and the ledger keeps this."""
    if not plan.open:
        return "there was nothing to do"
    pending = [value for change in plan.open for value in (change.now, change.should_be)]
    later = next((f"the values it needs are {value}" for value in pending if isinstance(value, Pending)), "")
    later = later or next((change.waits for change in plan.open if change.waits), "")
    if not possible:
        return later
    if not given.given:
        return "not approved"
    if given.digest != plan.digest:
        return "the approval is for another plan"
    if len(chosen) < len(possible):
        kinds = {"-" if change.kind == "-" else "" for change in possible if change not in chosen}
        return f"{_BY_NAME[frozenset(kinds)]} approved one by one"
    return later
