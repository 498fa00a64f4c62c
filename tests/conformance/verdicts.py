"""The verdicts on many exchanges, and a whole onboarding to be judged."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import graph_judge
import twilio_judge
from exchange import GRAPH, Exchange, recorded
from graph_judge import Unjudged


def judged(exchange: Exchange) -> list[str]:
    """What deviates. Raises Unjudged where no description says anything."""
    if exchange.host in GRAPH:
        try:
            return graph_judge.deviations(exchange)
        except LookupError as error:
            return [str(error)] if exchange.done else []
    return twilio_judge.deviations(exchange)


_KNOWN: dict[str, list[str] | Unjudged] = {}


def _verdict(exchange: Exchange) -> list[str] | Unjudged:
    """Once for all that are alike to the letter: of what a run exchanges, nine in ten were exchanged by another."""
    text = repr(exchange)
    if text not in _KNOWN:
        try:
            _KNOWN[text] = judged(exchange)
        except Unjudged as reason:
            _KNOWN[text] = reason
    return _KNOWN[text]


class Verdicts:
    """Counts, and what deviates by address."""

    def __init__(self) -> None:
        """Nothing is judged yet."""
        self.conforming = 0
        self.exchanges: list[Exchange] = []
        self.deviating: Counter[str] = Counter()
        self.unjudged: Counter[str] = Counter()

    def take(self, exchange: Exchange) -> None:
        """Judge one more. Sign-in, the practice pages and the admin's own pages have no description."""
        if exchange.host not in GRAPH and exchange.host not in twilio_judge.DOCUMENTS:
            return
        self.exchanges.append(exchange)
        found = _verdict(exchange)
        if isinstance(found, Unjudged):
            self.unjudged[f"{exchange.host}: {found}"] += 1
            return
        self.conforming += not found
        self.deviating.update(f"{exchange}: {each}" for each in found)

    @contextmanager
    def listening(self) -> Iterator["Verdicts"]:
        """Judge whatever is exchanged meanwhile."""
        with recorded(self.take):
            yield self

    def __str__(self) -> str:
        """The counts, then each kind of what deviates and of what cannot be judged."""
        unjudged = sum(self.unjudged.values())
        wrong = len(self.exchanges) - unjudged - self.conforming
        head = (
            f"exchanges {len(self.exchanges)}, conforming {self.conforming}, deviating {wrong}, not judged {unjudged}"
        )
        lines = [f"  deviates, {count} times: {text}" for text, count in self.deviating.most_common()]
        lines += [f"  not judged, {count} times: {text}" for text, count in self.unjudged.most_common()]
        return "\n".join([head, *lines])


def whole_onboarding(folder: Path) -> None:
    """All sections, written and proved, over a stage in this folder."""
    from onboarding import onboard
    from stage import Stage

    asyncio.run(onboard(Stage(folder)))
