"""One request and its answer, redacted: plain data that can be kept, read again and judged."""

from dataclasses import asdict, dataclass
from typing import Any

EMPTY: tuple[Any, ...] = ("", (), None, False)
Plain = Any
"""JSON: mappings, lists, texts, whole numbers, booleans, None."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What was asked and what came back; every value that might name somebody is a placeholder such as `mail-2`.

    Equal values have equal placeholders within one recording, so that what was written and what was read compare.
    """

    trial: str
    """What was tried by it, in words; empty where an ordinary run sent it."""
    at: float
    """Seconds since the recording began."""
    method: str
    place: str
    """Host and path."""
    query: tuple[str, ...] = ()
    """The names of what was asked in the address."""
    status: int
    to: str = ""
    """Where a redirect leads."""
    waits: bool = False
    """Whether the answer said when to come again."""
    sent: Plain = None
    answer: Plain = None

    @property
    def path(self) -> str:
        """Without the host."""
        return "/" + self.place.partition("/")[2]

    @property
    def good(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The service's own code of a refusal."""
        error = self.answer.get("error") if isinstance(self.answer, dict) else None
        found = error.get("code") if isinstance(error, dict) else self.said("code")
        return str(found or "")

    @property
    def details(self) -> tuple[str, ...]:
        """The codes in the details of a refusal."""
        error = self.answer.get("error") if isinstance(self.answer, dict) else None
        details = error.get("details") if isinstance(error, dict) else None
        return tuple(str(each.get("code")) for each in details or () if isinstance(each, dict))

    @property
    def words(self) -> str:
        """The known words in the message of a refusal."""
        error = self.answer.get("error") if isinstance(self.answer, dict) else None
        return str((error.get("message") if isinstance(error, dict) else self.said("message")) or "")

    def said(self, name: str) -> Any:
        """One member of the answer, None where it has no such member."""
        return self.answer.get(name) if isinstance(self.answer, dict) else None

    def entries(self) -> list[Any]:
        """The entries of a list that was answered."""
        found = self.said("value")
        return found if isinstance(found, list) else []

    def as_json(self) -> dict[str, Any]:
        """As one line of a recording, without what is empty."""
        told = asdict(self)
        return {name: value for name, value in told.items() if name in ("at", "status") or value not in EMPTY}

    @classmethod
    def of(cls, line: dict[str, Any]) -> "Exchange":
        """From a line of a recording."""
        return cls(**{"trial": "", "place": "", **line, "query": tuple(line.get("query", ()))})
