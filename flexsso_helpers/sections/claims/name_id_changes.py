"""Who would be somebody else to Flex: people whose NameID changes, and what that makes of their workers (S50)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.plan import count
from flexsso_helpers.resources.account_workers import Workers
from flexsso_helpers.resources.application import Json
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.table import Badge

MOST = 500


@dataclass(frozen=True, kw_only=True)
class NameIdChange:
    """One person whose NameID, or whose worker, would be another after the change."""

    person: str
    now: str
    after: str
    worker: str = ""
    """The worker that Flex would no longer know the person by; empty when there is none."""
    known: str = ""
    """A worker that goes by the new NameID already, such as an earlier choice has left."""

    @property
    def outcome(self) -> str:
        """What it comes to."""
        if self.worker:
            return f"a new, billed worker beside {self.worker}"
        return f"known already as {self.known}" if self.known else "no worker yet: nothing is doubled"


def name_id_change(person: Json, now: str | None, after: str | None, workers: Workers) -> NameIdChange | None:
    """The person's line, or None where Flex would know the person as before. `now` is None where nobody can tell."""
    if after is None or now == after:
        return None
    mail = str(person.get("mail") or "")
    known = workers.own(after)
    before = [*workers.own(now or ""), *workers.of_mail(mail)]
    old = "" if known else next((each.friendly_name for each in before), "")
    if now is None and not old:
        return None
    there = known[0].friendly_name if known else ""
    name = str(person.get("userPrincipalName") or person["id"])
    return NameIdChange(person=name, now=now or "not known", after=after, worker=old, known=there)


def table(found: Sequence[NameIdChange], people: int, *, badge: Badge) -> Shown:
    """Everyone whose NameID would change, by name; those with a worker first."""
    ordered = sorted(found, key=lambda each: (not each.worker, each.person))
    billed = sum(bool(each.worker) for each in found)
    more = f" {count(len(found) - MOST, 'more person')} not listed." if len(found) > MOST else ""
    nobody = "Flex would know everyone assigned as before: no NameID changes." if people else "Nobody is assigned yet."
    warning = (
        f"{count(billed, 'worker')} would be doubled and billed again. Stop here if people work in this account."
        if billed
        else ""
    )
    return card(
        title="04 · Attributes and claims",
        subtitle="NameIDs that would change",
        right=f"{len(found)} of {people}",
        badge=badge,
        columns=("Person", "Now", "After", "In Flex") if found else (),
        rows=[
            Row(
                (
                    each.person,
                    Cell(each.now, "muted"),
                    Cell(each.after, "value"),
                    Cell(each.outcome, "no" if each.worker else "muted"),
                ),
                "change",
            )
            for each in ordered[:MOST]
        ],
        note=warning,
        footer=f"{more}".strip() if found else nobody,
    )
