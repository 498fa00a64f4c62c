"""Keeps what passes over the wire, redacted before it is kept, in memory and in the run's folder."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flexsso_helpers.places import private
from flexsso_helpers.traffic.exchange import Exchange
from flexsso_helpers.traffic.redaction import Redactor
from flexsso_helpers.wire.listening import Heard

FILE = "traffic.jsonl"


class Recorder:
    """One recording. What is heard from several threads is kept in the order in which it was answered."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime]) -> None:
        """Begin. The file is private to its owner, though nothing in it names anybody."""
        private(folder)
        self.exchanges: list[Exchange] = []
        self.trial = ""
        self.sent = 0
        """How many requests were heard that may change something, whatever their answer."""
        self._path, self._now, self._began = folder / FILE, now, now()
        self._redactor, self._lock = Redactor(), threading.Lock()
        self._path.touch(mode=0o600)

    def hear(self, heard: Heard) -> None:
        """Keep one exchange; of a batch each of its entries."""
        with self._lock:
            at = (self._now() - self._began).total_seconds()
            for each in self._redactor.exchanges(heard, trial=self.trial, at=at):
                self._keep(each)

    def note(self, facts: dict[str, Any]) -> None:
        """Keep what was seen otherwise than by a request, such as the names of a token's claims."""
        with self._lock:
            at = (self._now() - self._began).total_seconds()
            told = self._redactor.plain(facts)
            self._keep(Exchange(trial=self.trial, at=at, method="NOTE", place="", status=0, answer=told))

    @contextmanager
    def during(self, trial: str) -> Iterator[None]:
        """What is heard within belongs to this trial."""
        before, self.trial = self.trial, trial
        try:
            yield
        finally:
            self.trial = before

    def _keep(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(exchange.as_json(), ensure_ascii=True) + "\n")


def read_traffic(folder: Path) -> list[Exchange]:
    """The recording of a run; empty where none was kept. A line cut by a crash is left out."""
    path, found = folder / FILE, []
    for text in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            found.append(Exchange.of(json.loads(text)))
        except (ValueError, TypeError):
            continue
    return found
