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
        try:
            found = judged(exchange)
        except Unjudged as reason:
            self.unjudged[f"{exchange.host}: {reason}"] += 1
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
