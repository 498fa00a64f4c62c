"""Where the rehearsal keeps everything: documents with all their versions, in SQLite.

Old versions are what makes replication lag honest: a lagging read serves what really stood there before (G86).
A document's place is the number of its first version: lists go by it, and pages go on from one.
"""

import json
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexsso_helpers.rehearsal.world.indexes import fold, terms

Document = dict[str, Any]

FORM = 2
"""Number of this form of the file. A file of another form is begun anew: a rehearsal can always be made again."""
TABLES = """
CREATE TABLE IF NOT EXISTS versions (seq INTEGER PRIMARY KEY, kind TEXT, key TEXT, at REAL, body TEXT);
CREATE INDEX IF NOT EXISTS versions_of ON versions (kind, key, seq, at);
CREATE TABLE IF NOT EXISTS places (kind TEXT, key TEXT, place INTEGER, at REAL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS places_in_order ON places (kind, place, key, at);
CREATE TABLE IF NOT EXISTS terms (kind TEXT, field TEXT, value TEXT, place INTEGER,
  PRIMARY KEY (kind, field, value, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, step TEXT, entry TEXT);
"""
NAMES = ("versions", "places", "terms", "meta", "journal")
LATEST = float("inf")
# The version of a place that a reader sees: the newest up to a time, else the first.
SHOWN = """
SELECT p.place, v.body FROM places p JOIN versions v ON v.seq = COALESCE((
  SELECT seq FROM versions WHERE kind = p.kind AND key = p.key AND at <= ? ORDER BY seq DESC LIMIT 1), p.place)
WHERE p.kind = ? AND p.at <= ? AND v.body IS NOT NULL
"""


@dataclass(frozen=True)
class Term:
    """A condition that an index answers: the property has this value, or begins with it."""

    field: str
    value: str
    prefix: bool = False


class Store:
    """Documents by kind and key. A document's place in lists is that of its first version."""

    def __init__(self, path: Path | str = ":memory:", *, alone: bool = False) -> None:
        """Open the file, made when missing; `:memory:` keeps everything in this process.

        With `alone` no other process can open it until `close` or the end of this process. Raises
        sqlite3.OperationalError when another one has it.
        """
        self._db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=0.2)
        # Python 3.13 remarks on a connection that is only let go of; a copied world has nobody to close it.
        weakref.finalize(self, self._db.close)
        if alone:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("COMMIT")
        self._db.execute("PRAGMA synchronous=OFF")
        if self._db.execute("PRAGMA user_version").fetchone()[0] != FORM:
            for name in NAMES:
                self._db.execute(f"DROP TABLE IF EXISTS {name}")
            self._db.execute(f"PRAGMA user_version={FORM}")
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes within, or none of them when an exception passes."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @property
    def changes(self) -> int:
        """A number that grows with every row written, also with those rolled back."""
        return self._db.total_changes

    def put(self, kind: str, key: str, body: Document, *, at: float) -> None:
        """Write a new version of a document, dated `at` (virtual unix seconds)."""
        place = self._write(kind, key, at, json.dumps(body, ensure_ascii=False))
        rows = [(kind, field, value, place) for field, value in sorted(terms(kind, body))]
        self._db.executemany("INSERT OR IGNORE INTO terms VALUES (?, ?, ?, ?)", rows)

    def remove(self, kind: str, key: str, *, at: float) -> None:
        """End a document; reads as of an earlier time still see it."""
        self._write(kind, key, at, None)

    def get(
        self, kind: str, key: str, *, as_of: float | None = None, created_by: float | None = None
    ) -> Document | None:
        """The newest version, or the newest written at or before `as_of`; None when there was none.

        With `created_by`, a document is seen from that moment of its creation on, in its first version if need be.
        """
        row = self._db.execute(f"{SHOWN} AND p.key = ?", (*_times(kind, as_of, created_by), key)).fetchone()
        return json.loads(row[1]) if row else None

    def all(self, kind: str, *, as_of: float | None = None, created_by: float | None = None) -> list[Document]:
        """All documents of a kind in order of creation; the times as in `get`."""
        return [document for _, document in self.walk(kind, as_of=as_of, created_by=created_by)]

    def find(
        self, kind: str, field: str, value: str, *, as_of: float | None = None, created_by: float | None = None
    ) -> list[Document]:
        """The documents whose indexed property has (or whose list holds) this value, in any letter case."""
        wanted = (field, fold(value))
        found = self.walk(kind, where=[Term(field, value)], as_of=as_of, created_by=created_by)
        return [document for _, document in found if wanted in terms(kind, document)]

    def walk(
        self,
        kind: str,
        *,
        where: Sequence[Term] | None = None,
        after: int = 0,
        as_of: float | None = None,
        created_by: float | None = None,
    ) -> Iterator[tuple[int, Document]]:
        """Places and documents after a place, in order, read one by one; the times as in `get`.

        With `where` only those that at some time met one of its terms: the caller looks whether they still do.
        """
        condition, values = _condition(kind, where)
        # the sign keeps SQLite from going through all places where the terms name a few
        query = f"{SHOWN} AND {'+' if where is not None else ''}p.place > ? {condition} ORDER BY p.place"
        for place, body in self._db.execute(query, (*_times(kind, as_of, created_by), after, *values)):
            yield place, json.loads(body)

    def count(self, kind: str, *, as_of: float | None = None, created_by: float | None = None) -> int:
        """How many documents `all` would give."""
        query = f"SELECT COUNT(*) FROM ({SHOWN})"  # noqa: S608 - our own text
        return int(self._db.execute(query, _times(kind, as_of, created_by)).fetchone()[0])

    def meta(self, name: str, default: str = "") -> str:
        """A small value, such as a counter."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def set_meta(self, name: str, value: str) -> None:
        """Keep a small value."""
        self._db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?", (name, value, value)
        )

    def note(self, step: str, entry: Document) -> None:
        """Append to the journal of requests that changed something."""
        self._db.execute(
            "INSERT INTO journal (step, entry) VALUES (?, ?)", (step, json.dumps(entry, ensure_ascii=False))
        )

    def notes(self) -> list[Document]:
        """The journal, in order."""
        return [json.loads(row[0]) for row in self._db.execute("SELECT entry FROM journal ORDER BY seq")]

    def clear(self) -> None:
        """Forget everything: documents, small values and the journal."""
        for table in NAMES:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def copy(self, path: Path | str = ":memory:") -> "Store":
        """A snapshot that lives its own life."""
        twin = Store(path)
        self._db.backup(twin._db)
        return twin

    def dump(self) -> str:
        """Everything as text; equal for equal histories."""
        return "\n".join(self._db.iterdump())

    def _write(self, kind: str, key: str, at: float, body: str | None) -> int:
        """Write a version; returns the document's place."""
        query = "INSERT INTO versions (kind, key, at, body) VALUES (?, ?, ?, ?)"
        number = self._db.execute(query, (kind, key, at, body)).lastrowid
        self._db.execute("INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?)", (kind, key, number, at))
        query = "SELECT place FROM places WHERE kind = ? AND key = ?"
        return int(self._db.execute(query, (kind, key)).fetchone()[0])


def _times(kind: str, as_of: float | None, created_by: float | None) -> tuple[float, str, float]:
    """What SHOWN asks for: up to when changes are seen, the kind, and up to when creations are."""
    seen = LATEST if as_of is None else as_of
    return seen, kind, seen if created_by is None else created_by


def _condition(kind: str, where: Sequence[Term] | None) -> tuple[str, list[str]]:
    if where is None:
        return "", []
    parts, values = [], []
    for term in where:
        low = fold(term.value)
        parts.append("SELECT place FROM terms WHERE kind = ? AND field = ? AND value >= ? AND value <= ?")
        values += [kind, term.field, low, f"{low}\U0010ffff" if term.prefix else low]
    return (f"AND p.place IN ({' UNION '.join(parts)})", values) if parts else ("AND 0", [])
