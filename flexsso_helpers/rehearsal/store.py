"""Where the rehearsal keeps everything: documents with all their versions, in SQLite.

Old versions are what makes replication lag honest: a lagging read serves what really stood there before (G86).
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS versions (seq INTEGER PRIMARY KEY, kind TEXT, key TEXT, at REAL, body TEXT);
CREATE INDEX IF NOT EXISTS versions_of ON versions (kind, key, seq);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, step TEXT, entry TEXT);
"""


class Store:
    """Documents by kind and key. A document's place in lists is that of its first version."""

    def __init__(self, path: Path | str = ":memory:", *, alone: bool = False) -> None:
        """Open the file, made when missing; `:memory:` keeps everything in this process.

        With `alone` no other process can open it until `close` or the end of this process. Raises
        sqlite3.OperationalError when another one has it.
        """
        self._db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=0.2)
        if alone:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("COMMIT")
        self._db.execute("PRAGMA synchronous=OFF")
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
        self._write(kind, key, at, json.dumps(body, ensure_ascii=False))

    def remove(self, kind: str, key: str, *, at: float) -> None:
        """End a document; reads as of an earlier time still see it."""
        self._write(kind, key, at, None)

    def get(
        self, kind: str, key: str, *, as_of: float | None = None, created_by: float | None = None
    ) -> Document | None:
        """The newest version, or the newest written at or before `as_of`; None when there was none.

        With `created_by`, a document is seen from that moment of its creation on, in its first version if need be.
        """
        rows = self._rows("AND key = ?", kind, as_of, created_by, (key,))
        return rows[0] if rows else None

    def all(self, kind: str, *, as_of: float | None = None, created_by: float | None = None) -> list[Document]:
        """All documents of a kind in order of creation; the times as in `get`."""
        return self._rows("", kind, as_of, created_by, ())

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
        for table in ("versions", "meta", "journal"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - the three names above

    def copy(self, path: Path | str = ":memory:") -> "Store":
        """A snapshot that lives its own life."""
        twin = Store(path)
        self._db.backup(twin._db)
        return twin

    def dump(self) -> str:
        """Everything as text; equal for equal histories."""
        return "\n".join(self._db.iterdump())

    def _write(self, kind: str, key: str, at: float, body: str | None) -> None:
        self._db.execute("INSERT INTO versions (kind, key, at, body) VALUES (?, ?, ?, ?)", (kind, key, at, body))

    def _rows(
        self, condition: str, kind: str, as_of: float | None, created_by: float | None, extra: tuple[str, ...]
    ) -> list[Document]:
        """One row a document: its body as of the time, or its first one where that time precedes its creation."""
        latest = float("inf")
        seen = latest if as_of is None else as_of
        born = seen if created_by is None else created_by
        query = f"""
            SELECT body FROM versions JOIN (
              SELECT MIN(seq) AS first, COALESCE(MAX(CASE WHEN at <= ? THEN seq END), MIN(seq)) AS shown
              FROM versions WHERE kind = ? {condition} GROUP BY key HAVING MIN(at) <= ?
            ) ON seq = shown WHERE body IS NOT NULL ORDER BY first
        """  # noqa: S608 - the condition is one of two literals
        found = self._db.execute(query, (seen, kind, *extra, born))
        return [json.loads(row[0]) for row in found]
