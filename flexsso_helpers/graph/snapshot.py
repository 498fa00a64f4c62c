"""What one look has read of Graph: nothing is asked twice in it, and what it will ask is asked together.

Which addresses a look will ask is known from the last one of its kind, from whoever expects them, and in a wait from
its last round: from one look to the next a list of addresses is remembered, never an answer. It is a hint: whatever a
batch could not bring is asked by itself, but for what is not there (404) or may not be read (403), which stands until
the look ends.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path

from flexsso_helpers.graph.batch import Outcome

LASTS = 60.0
"""Seconds that a run with nobody in front of it believes what it read, from one cell to the next."""
MOST = 60
"""Addresses remembered of one kind of look; people are read in batches of their own."""
OF_PEOPLE = ("@", "%40", "/users", "principalId", "skiptoken")
"""What names a person, or holds once only: remembered as long as the session, never on disk."""


class Snapshot:
    """The memory of a look. Outside of one nothing is remembered."""

    def __init__(self, file: Path | None = None, *, unattended: bool = False) -> None:
        """`file` keeps addresses from run to run. `unattended`: a look may span cells that follow at once."""
        self._file, self._unattended = file, unattended
        self._answers: dict[str, str | Outcome] = {}
        self._on_disk = _load(file)
        self._asked = dict(self._on_disk)
        self._new: dict[str, list[str]] = {}
        self._since: list[str] = []
        self._once_more: list[str] = []
        self._name, self._begun, self._due = "", (0.0, 0.0), False

    @contextmanager
    def looking(self, name: str) -> Iterator[None]:
        """Remember within; `name` is the kind of look, such as a section's number."""
        if self._name:  # one look within another is part of it
            yield
            return
        if not self._unattended or self._age() > LASTS:
            self.forget()
        self._name, self._due, self._since = name, True, []
        try:
            yield
        finally:
            self._save()
            self._name = ""
            if not self._unattended:
                self.forget()

    def expect(self, addresses: Iterable[str]) -> None:
        """What this look will ask too, beside what the last of its kind asked."""
        if self._name:
            self._asked[self._name] = list(dict.fromkeys([*self._asked.get(self._name, ()), *addresses]))[:MOST]

    def told(self, names: Iterable[str]) -> list[str]:
        """What the last looks of these kinds asked, each address once."""
        return list(dict.fromkeys(address for name in names for address in self._asked.get(name, ())))

    def again(self) -> None:
        """All of it will be asked now: at the start of a reading that follows another within the same look."""
        self._due, self._once_more = bool(self._name), []

    def paused(self) -> None:
        """Time passed while something is waited for: what was asked since the last pause or write is asked together."""
        asked = self._since
        self.forget()
        self._once_more = asked if self._name else []

    def forget(self) -> None:
        """Something was written, or time passed: what was read may not hold any more."""
        self._answers.clear()
        self._since, self._once_more = [], []
        self._begun = time.monotonic(), time.time()

    def _age(self) -> float:
        """In seconds, by the clock that says more: one may stand still while a laptop sleeps, the other be put back."""
        return max(time.monotonic() - self._begun[0], time.time() - self._begun[1])

    def due(self, address: str) -> list[str]:
        """The addresses to ask together now that one is asked, once for each reading; one alone is asked by itself."""
        wanted = self._asked.get(self._name, ()) if self._due else self._once_more if address in self._once_more else ()
        self._due, self._once_more = False, []
        missing = [address for address in wanted if address not in self._answers]
        return missing if len(missing) > 1 else []

    def found(self, address: str) -> Outcome | None:
        """What was read there, a copy for whoever asks; or the refusal that said it is not there or may not be read."""
        held = self._answers.get(address) if self._name else None
        return json.loads(held) if isinstance(held, str) else copy(held)  # an error is told more by whom it meets

    def keep(self, address: str, answer: Outcome) -> None:
        """Remember the answer."""
        if self._name:
            self._answers[address] = json.dumps(answer) if isinstance(answer, dict) else copy(answer)

    def note(self, address: str) -> None:
        """Remember that this kind of look asks there; a batch takes relative addresses of v1.0 only."""
        if not self._name or not address.startswith("/"):
            return
        for asked in (self._new.setdefault(self._name, []), self._since):
            if address not in asked and len(asked) < MOST:
                asked.append(address)

    def _save(self) -> None:
        """What was asked in this session takes the place of what was before; on disk without the people."""
        self._asked.update({name: [*addresses] for name, addresses in self._new.items()})
        if self._file is None:
            return
        told = {name: [each for each in found if not _of_a_person(each)] for name, found in self._asked.items()}
        if told == self._on_disk:
            return
        with suppress(OSError):  # a hint: the next run asks one by one
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self._file.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
                json.dump(told, out, indent=1)
            fresh.replace(self._file)
            self._on_disk = told


def _of_a_person(address: str) -> bool:
    return any(text in address for text in OF_PEOPLE)


def _load(file: Path | None) -> dict[str, list[str]]:
    """What the file holds; nothing where it is not there or was spoiled."""
    try:
        found = json.loads(file.read_text("utf-8")) if file else {}
        return {str(name): [str(each) for each in addresses] for name, addresses in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
