"""One rehearsed world: its memory, its time, its rules, and names that come out the same in every run."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from flexsso_helpers.clouds import GLOBAL, LIVE_CLOUDS, Cloud
from flexsso_helpers.rehearsal.world.clock import START, Clock
from flexsso_helpers.rehearsal.world.faults import Faults
from flexsso_helpers.rehearsal.world.quirks import Quirks
from flexsso_helpers.rehearsal.world.rules import Rules
from flexsso_helpers.rehearsal.world.store import Store

TENANT_ID = "f1e55000-0000-4000-8000-000000000001"
NAMES = uuid.UUID("f1e55000-0000-4000-8000-0000000000ff")
PEOPLE = 40
"""How many people the company has, unless it is told otherwise; it cannot do with fewer."""
MOST_PEOPLE = 100_000

Counted = Literal["graph", "console", "sign_ins"]
COUNTED: tuple[Counted, ...] = ("graph", "console", "sign_ins")


class World:
    """Everything a handler needs. Handlers are coroutines that never wait for anything but the request's own body,
    so each request is one step, and its writes are kept whole or not at all (server.py sees to both).
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        seed: int = 1,
        off: Iterable[str] = (),
        quirks: Mapping[str, str] | None = None,
        folder: Path | None = None,
        cloud: str | None = None,
        people: int | None = None,
        faults: Sequence[Mapping[str, Any]] | None = None,
        wall: Callable[[], float] | None = None,
    ) -> None:
        """Take up where the store stands. `folder`, when given, keeps made keys between starts; it is private.

        `wall` tells unix seconds; where it is given, time passes with it, otherwise only when told to.

        `quirks`, `cloud` (a name in LIVE_CLOUDS), `people` and the script of `faults` are those of the store where
        they are not given. Raises KeyError for an unknown cloud or quirk, ValueError for another unknown setting.
        """
        self.store = store or Store()
        self.rules = Rules(off)
        self.folder = folder
        self.wall = wall
        self._struck = wall() if wall else 0.0
        self.seed = seed
        self.clock = Clock()
        self.requests = 0
        self.stale = 0.0
        """Seconds by which a request reads an older state than the rules' own lags say; a fault sets it."""
        self.cloud: Cloud = GLOBAL
        self.reload()
        if quirks is not None:
            self.quirks = Quirks(quirks)
        if cloud is not None:
            self.cloud = LIVE_CLOUDS[cloud]
        if people is not None:
            if not PEOPLE <= people <= MOST_PEOPLE:
                raise ValueError(f"The company has {PEOPLE} to {MOST_PEOPLE} people, not {people}.")
            self.people = people
        if faults is not None:
            self.faults = Faults(faults, seed=self.seed)

    @property
    def planted(self) -> bool:
        """Whether the company is already there."""
        return bool(self.store.meta("seed"))

    def new_id(self, kind: str) -> str:
        """The next id of this kind: a UUID that depends on the seed, the kind and how many came before."""
        return str(self._unique(kind))

    def new_sid(self, prefix: str) -> str:
        """The next Twilio SID: two letters and 32 lower-case hexadecimal digits."""
        return prefix + self._unique(prefix).hex

    def count(self, what: Counted) -> None:
        """Count a write for the status page."""
        self.store.set_meta(f"writes:{what}", str(self.writes()[what] + 1))

    def writes(self) -> dict[Counted, int]:
        """How many writes of each kind there were since the beginning."""
        return {what: int(self.store.meta(f"writes:{what}", "0")) for what in COUNTED}

    def wrote(self) -> None:
        """A write is done: one second passes, where time does not pass by itself."""
        self.advance(0.0 if self.wall else 1.0)

    def tick(self) -> None:
        """Let as much time pass as did by the wall clock since it was last looked at, and be no earlier than it.

        A clock that was put ahead (a client that waits in virtual time) stays ahead, and goes on.
        """
        if self.wall:
            before, self._struck = self._struck, self.wall()
            self.set_now(max(self.clock.now + max(self._struck - before, 0.0), self._struck))

    def advance(self, seconds: float) -> None:
        """Let time pass, and remember it. Raises ValueError for a negative step."""
        self.clock.advance(seconds)
        self.store.set_meta("now", repr(self.clock.now))

    def set_now(self, now: float) -> None:
        """Put the clock to a moment of a recording."""
        self.clock.now = now
        self.store.set_meta("now", repr(now))

    def choose(self, quirks: Mapping[str, str]) -> None:
        """Choose alternatives in place of those chosen before, and remember them. Raises as `__init__` does."""
        self.quirks = Quirks(quirks)
        self.store.set_meta("quirks", json.dumps(self.quirks.chosen, sort_keys=True))

    def reload(self) -> None:
        """Take seed, time and settings from the store, after something else was put into it."""
        self.seed = int(self.store.meta("seed", str(self.seed)))
        self.clock.now = float(self.store.meta("now", str(START)))
        self.quirks = Quirks(json.loads(self.store.meta("quirks", "{}")))
        self.cloud = LIVE_CLOUDS[self.store.meta("cloud", "global")]
        self.people = int(self.store.meta("people", str(PEOPLE)))
        self.faults = Faults(json.loads(self.store.meta("faults", "[]")), seed=self.seed)

    def settle(self) -> None:
        """Make the settings those of the store. A company of another cloud or size is forgotten, to be planted anew."""
        stored = (self.store.meta("cloud"), self.store.meta("people"))
        if self.planted and stored != (self.cloud.name, str(self.people)):
            self.store.clear()
        self.store.set_meta("cloud", self.cloud.name)
        self.store.set_meta("people", str(self.people))
        self.store.set_meta("faults", json.dumps(self.faults.script))
        self.choose(self.quirks.chosen)

    def begin(self, seed: int) -> None:
        """Forget everything but the settings, and stand at the beginning with nothing planted."""
        self.store.clear()
        self.settle()
        self.seed = seed
        self.store.set_meta("seed", str(seed))
        self.faults = Faults(self.faults.script, seed=seed)
        self.set_now(START)
        self.requests = 0

    def copy(self) -> "World":
        """A snapshot in memory that lives its own life, with the same rules and settings."""
        return World(
            self.store.copy(), seed=self.seed, off=self.rules.off, quirks=self.quirks.chosen, folder=self.folder
        )

    def _unique(self, kind: str) -> uuid.UUID:
        number = int(self.store.meta(f"counter:{kind}", "0")) + 1
        self.store.set_meta(f"counter:{kind}", str(number))
        return uuid.uuid5(NAMES, f"{self.seed}/{kind}/{number}")
