"""What a run came to for one tenant, in one line: outcome, why, what to do and whose that is, drift, certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flexsso_helpers.plan import CHANGED, FAILED, PROVED, WAITING
from flexsso_helpers.plan.progress import OWNERS

WORDS = {PROVED: "proved", CHANGED: "changed", WAITING: "waiting", FAILED: "failed"}
PLANNED = "planned"
SKIPPED = "skipped"
NOT_RUN = "not run"
NOT_BEGUN = "not begun: "
"""How the error of a tenant begins that a run was stopped before: nothing is said about it by that."""
ORDER = ("failed", NOT_RUN, "waiting", "planned", "changed", "proved", "skipped")
"""Worst first."""
BEST_FIRST = (*ORDER[-2::-1], SKIPPED)
Result = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One tenant of a fleet."""

    tenant: str
    file: str = ""
    rehearsal: bool = False
    outcome: int | None = None
    """As the exit codes; None for one that was not run."""
    words: str
    """One of `ORDER`."""
    why: str = ""
    """What failed, is awaited, was skipped or not begun; empty where all is proved."""
    owner: str = ""
    """Whose it is: whom to write to; nobody's but the operator's where an error stopped the run."""
    moved: int = 0
    """How many checks do not hold that did, or should."""
    by_look: int = 0
    """How many steps were looked at rather than executed."""
    not_after: str = ""
    days_left: int | None = None
    started: str = ""
    ended: str = ""
    proved_at: str = ""
    """When all that was asked for was proved last; empty when never."""
    folder: str = ""
    handover: str = ""

    @property
    def seconds(self) -> float:
        """How long it took."""
        if not self.started or not self.ended:
            return 0.0
        return (datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.started)).total_seconds()


def is_proved(result: Result) -> bool:
    """Whether all notebooks of a run's result ended with their proof; changes that are only planned are none."""
    records = result.get("notebooks", ())
    return bool(records) and not any(_open(record) for record in records)


def standing(result: Result, proved_before: str = "") -> Standing:
    """The line of one result of a run, as `result.TenantResult` or `Skipped` describes it.

    `proved_before` is when the tenant was proved last, before this run.
    """
    if "skipped" in result:
        return Standing(tenant=result["file"], file=result["file"], words=SKIPPED, why=result["skipped"])
    if result["error"].startswith(NOT_BEGUN):
        return Standing(
            tenant=result["tenant"], file=result["file"], words=NOT_RUN, why=_first_line(result["error"]),
            rehearsal=result["rehearsal"], proved_at=proved_before,
        )  # fmt: skip
    outcome, records = result["outcome"], result["notebooks"]
    worst = next((each for each in records if each["outcome"] == outcome and _open(each)), None)
    words = WORDS[outcome]
    if outcome == CHANGED and not is_proved(result):
        words = PLANNED
    certificate = result.get("certificate") or {}
    return Standing(
        tenant=result["tenant"],
        file=result["file"],
        rehearsal=result["rehearsal"],
        outcome=outcome,
        words=words,
        why=_first_line(result["error"]) or (_why(worst) if worst else ""),
        owner=OWNERS.get(worst["notebook"][:2], "") if worst and not worst["error"] else "",
        moved=sum(is_wrong(check) for record in records for check in record["checks"]),
        by_look=sum(bool(record.get("as_good_as")) for record in records),
        not_after=certificate.get("not_after", ""),
        days_left=certificate.get("days_left"),
        started=result["started"],
        ended=result["ended"],
        proved_at=result["ended"] if is_proved(result) else proved_before,
        folder=result["folder"] or "",
        handover=result["handover"] or "",
    )


def _open(record: Mapping[str, Any]) -> bool:
    outcome = record["outcome"]
    return outcome not in (PROVED, CHANGED) or (outcome == CHANGED and PLANNED in record["verdict"])


def is_wrong(check: Mapping[str, str]) -> bool:
    """Whether a check was seen and does not hold, and is more than worth a word."""
    return check["state"] == "wrong" and check["level"] != "info"


def _why(record: Mapping[str, Any]) -> str:
    """What to know of a notebook that is not proved: its error, else the first check that is open, else its verdict."""
    number = record["notebook"][:2]
    if record["error"]:
        return f"{number}: {_first_line(record['error'])}"
    check = next((each for each in record["checks"] if is_wrong(each)), None)
    check = check or next((each for each in record["checks"] if each["state"] == "waiting"), None)
    return f"{number}: {check['title']}" if check else f"{number}: {record['verdict']}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
