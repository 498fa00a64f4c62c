"""How much one application may ask in ten seconds, and answers that do not say what became of a write (G84, G87).

The buckets live in this process only and are filled by virtual time. Microsoft's limits on writes a minute cannot be
reached here: each write takes a second.
"""

import math

from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, throttled, unavailable
from flexsso_helpers.rehearsal.graph.call import Answer, Endpoint
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G10": "An instantiate may be answered with an error and yet take effect",
        "G84": "An application that asks more than its tenant's share in ten seconds is told to wait: 429",
        "G87": "A write may take effect and be answered 504",
    }
)
quirks.declare(
    {
        "instantiate_ghost": quirk(
            "off", "404", "504", source="G10: tf PR#1406, hamilton#283 for 404; 504 is our guess"
        ),
        "retry_after": quirk(
            "present",
            "absent",
            source="G84: docs promise the header usually, not always",
            when="the tenant's share of requests is small",
        ),
        "ambiguous_failure": quirk("off", "on", source="G87: tf PR#1406 tells of a 404; for 5xx nobody says"),
    }
)

WINDOW = 10.0
SHARES = ((50, 3500), (501, 5000))
LARGEST_SHARE = 8000
"""Resource units in a window, by the number of users below which it holds."""


class Throttle:
    """What each application has spent in its window."""

    def __init__(self, world: World) -> None:
        """Everybody begins with a full bucket."""
        self.world = world
        self._spent: dict[str, tuple[float, int]] = {}

    def spend(self, app_id: str, cost: int) -> None:
        """Take resource units. Raises GraphRefusal (429) where none are left."""
        now = self.world.clock.now
        began, units = self._spent.get(app_id, (now, 0))
        if not began <= now < began + WINDOW:
            began, units = now, 0
        self._spent[app_id] = (began, units + cost)
        if self.world.rules.on("G84") and units + cost > share(self.world.people):
            self._spent[app_id] = (began, units)
            absent = self.world.quirks.value("retry_after") == "absent"
            raise throttled(None if absent else math.ceil(began + WINDOW - now))


def share(people: int) -> int:
    """Resource units that an application has in a window, in a tenant of so many people."""
    return next((units for below, units in SHARES if people < below), LARGEST_SHARE)


def told(world: World, endpoint: Endpoint, answer: Answer) -> Answer:
    """The answer as the client gets it: that of a write may be lost. Raises GraphRefusal in its place."""
    if endpoint.pattern.endswith("/instantiate") and world.rules.on("G10"):
        ghost = world.quirks.value("instantiate_ghost")
        if ghost == "404":
            raise GraphRefusal(404, "", "Not Found")
        if ghost == "504":
            raise unavailable(504)
    if endpoint.method != "GET" and world.rules.on("G87") and world.quirks.value("ambiguous_failure") == "on":
        known = f"ambiguous:{endpoint.method} {endpoint.pattern}"
        if not world.store.meta(known):
            world.store.set_meta(known, "lost")  # the first of each kind of write
            raise unavailable(504)
    return answer
