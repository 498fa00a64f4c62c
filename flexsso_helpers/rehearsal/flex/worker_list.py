"""Which workers a list brings, and in which order (F107, F108, F202)."""

import re
from collections.abc import Mapping

from flexsso_helpers.rehearsal.flex import workers
from flexsso_helpers.rehearsal.flex.workers import Worker, WorkerRefused
from flexsso_helpers.rehearsal.world.world import World

FILTERS = ("FriendlyName", "TargetWorkersExpression", "ActivityName", "ActivitySid", "Available", "Ordering")
PLAIN = {"ActivityName": "activity_name", "ActivitySid": "activity_sid"}
TRUTH = {"true": True, "1": True, "false": False, "0": False}
ORDERING = re.compile(r"DateStatusChanged:(asc|desc)")
EQUALITY = re.compile(r"""\s*([\w.]+)\s*==\s*["']([^"']*)["']\s*""")
EXPRESSIONS_A_SECOND = 3


def chosen(world: World, query: Mapping[str, str]) -> list[Worker]:
    """The workers of a list. Raises WorkerRefused for a filter that cannot be read, or for one too many a second."""
    if "TargetWorkersExpression" in query and _too_many(world):
        raise WorkerRefused("F108", 20429, "Too Many Requests", 429)
    found = [each for each in workers.workers(world) if _named(world, query, each) and _expressed(query, each)]
    if not world.rules.on("F202"):
        return found
    return _ordered(query, [each for each in found if _active(query, each)])


def _named(world: World, query: Mapping[str, str], worker: Worker) -> bool:
    wanted, own = query.get("FriendlyName"), worker["friendly_name"]
    ignores = world.rules.on("F107") and world.quirks.value("friendly_name_filter") == "ignore_case"
    return wanted in (None, own) or (ignores and str(wanted).casefold() == own.casefold())


def _expressed(query: Mapping[str, str], worker: Worker) -> bool:
    expression = query.get("TargetWorkersExpression")
    if expression is None:
        return True
    equality = EQUALITY.fullmatch(expression)
    if equality is None:
        raise WorkerRefused("F108", 20001, "[sim] this rehearsal reads expressions of the form name == 'value' only")
    return str(workers.attributes(worker).get(equality[1])) == equality[2]


def _active(query: Mapping[str, str], worker: Worker) -> bool:
    available = query.get("Available")
    if available is not None and available.lower() not in TRUTH:
        raise WorkerRefused("F202", 20001, f"[sim] Available is true or false, not {available}")
    plain = all(query.get(name) in (None, worker[field]) for name, field in PLAIN.items())
    return plain and (available is None or worker["available"] is TRUTH[available.lower()])


def _ordered(query: Mapping[str, str], found: list[Worker]) -> list[Worker]:
    asked = query.get("Ordering")
    if asked is None:
        return found
    ordering = ORDERING.fullmatch(asked)
    if ordering is None:
        raise WorkerRefused("F202", 20001, f"[sim] this rehearsal orders by DateStatusChanged only, not {asked}")
    return sorted(found, key=lambda each: str(each["date_status_changed"]), reverse=ordering[1] == "desc")


def _too_many(world: World) -> bool:
    """Whether this is the fourth request with an expression in one second of virtual time (F108)."""
    second, _, counted = world.store.meta("expressions", "/0").partition("/")
    count = int(counted) + 1 if second == world.clock.iso() else 1
    world.store.set_meta("expressions", f"{world.clock.iso()}/{count}")
    return world.rules.on("F108") and count > EXPRESSIONS_A_SECOND
