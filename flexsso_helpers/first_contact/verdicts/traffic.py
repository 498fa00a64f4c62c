"""Looking into a recording: what came of a trial, or of the same request in an ordinary run."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from flexsso_helpers.traffic import Exchange

Holds = Callable[[Exchange], bool]
Judge = Callable[["Traffic"], str]
"""The alternative that was observed. Raises Untold where a recording does not tell it."""


class Untold(Exception):
    """The recording does not tell; the reason in words."""


class Said(str):
    """An alternative that rests on a person's word."""

    __slots__ = ()


class Traffic:
    """One recording."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        """Nothing is judged yet."""
        self.exchanges = exchanges
        self.looked: list[Exchange] = []
        """What a judge looked at, to name as evidence."""

    def trial(self, *names: str) -> list[Exchange]:
        """What was exchanged in these trials."""
        return self._looked(each for each in self.exchanges if each.trial in names)

    def passing(self, method: str, path: str) -> list[Exchange]:
        """What was exchanged outside of any trial by this method, at paths of this form."""
        form = re.compile(path)
        mine = (each for each in self.exchanges if not each.trial and each.method == method)
        return self._looked(each for each in mine if form.fullmatch(each.path))

    def _looked(self, found: Iterable[Exchange]) -> list[Exchange]:
        kept = list(found)
        self.looked += [each for each in kept if each.method != "NOTE"]
        return kept

    @property
    def evidence(self) -> str:
        """The exchange that was looked at last, in one line."""
        if not self.looked:
            return ""
        last = self.looked[-1]
        said = " ".join(part for part in (str(last.status), last.code, *last.details) if part)
        return f"{last.method} {last.place} → {said}"

    def answer(self, *names: str) -> Exchange:
        """The last answer of a trial. Raises Untold where none came, or none that tells anything."""
        found = self.trial(*names)
        if not found:
            raise Untold("it was not tried: what it needs was not there")
        last = found[-1]
        if last.status == 429:
            raise Untold("the service asked to wait, again and again (429)")
        if last.status >= 500:
            raise Untold(f"the service failed ({last.status})")
        return last

    def done(self, *names: str) -> bool:
        """Whether a trial was carried out."""
        return any(each.good for each in self.trial(*names))

    def told(self, name: str) -> dict[str, object]:
        """All that was noted in a trial, together; empty where nothing was."""
        found = [each.answer for each in self.trial(name) if each.method == "NOTE"]
        return {key: value for each in found if isinstance(each, dict) for key, value in each.items()}

    def note(self, name: str) -> Mapping[str, object]:
        """What was noted in a trial. Raises Untold."""
        found = next((each.answer for each in self.trial(name) if each.method == "NOTE"), None)
        if not isinstance(found, dict):
            raise Untold("it was not tried: what it needs was not there")
        return found


def by(
    trial: str,
    rows: Mapping[str, Holds],
    *,
    passing: tuple[str, str] | None = None,
    unless: Mapping[str, Holds] | None = None,
) -> Judge:
    """A judge by the answer of one trial: the first alternative whose condition holds.

    `passing` is method and path of the request in an ordinary run, which tells the same. `unless` names answers that
    tell nothing, by the reason.
    """

    def judge(traffic: Traffic) -> str:
        if passing and not traffic.trial(trial):
            for each in traffic.passing(*passing):
                if found := next((name for name, holds in rows.items() if holds(each)), ""):
                    return found
        answer = traffic.answer(trial)
        for why, holds in (unless or {}).items():
            if holds(answer):
                raise Untold(why)
        if found := next((name for name, holds in rows.items() if holds(answer)), ""):
            return found
        raise unforeseen(answer)

    return judge


def unforeseen(answer: Exchange) -> Untold:
    """Why an answer that no alternative knows tells nothing."""
    said = " ".join(part for part in (str(answer.status), answer.code, *answer.details) if part)
    if answer.status in (401, 403):
        return Untold(f"the account may not do it ({said})")
    return Untold(f"an answer that nobody foresaw: {said}")


def good(answer: Exchange) -> bool:
    """It was done."""
    return answer.good


def status(*wanted: int) -> Holds:
    """It was answered so."""
    return lambda answer: answer.status in wanted


def code(*wanted: str) -> Holds:
    """It was refused with this code, in its details too."""
    return lambda answer: not answer.good and bool({answer.code, *answer.details} & set(wanted))


def words(*wanted: str) -> Holds:
    """It was refused in these words."""
    return lambda answer: not answer.good and any(each in answer.words for each in wanted)
