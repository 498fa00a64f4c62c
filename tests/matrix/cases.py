"""One case: a stretch with one mishap, at once the same stretch without, and the end beside an undisturbed one."""

import asyncio
import json
import re
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults import host_of
from flows import Stretch
from mishaps import MISHAPS, Disturbed, Endless, Gone, address, befalls
from stage import Stage
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.world import World

LASTING = (
    "application", "servicePrincipal", "claimsMappingPolicy", "tokenIssuancePolicy", "policyLink", "appRoleAssignment",
    "flex_connection", "worker", "flex_user",
)  # fmt: skip
"""Kinds of documents that a run is about; others come and go with each sign-on."""
LONGEST = 4 * 3600.0
"""Seconds that a run may wait for one mishap."""
UNPROVED = "unproved"
"""How a run ended that says itself that something is open, waits or fails."""
_NAMED = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z?|\b[A-Z]{2}[0-9a-f]{32}\b|"
    r"[0-9A-Fa-f]{40,}|[A-Za-z0-9+/]{27,}={0,2}"
)
End = Counter[str]


@dataclass(frozen=True)
class Result:
    """What a case came to. `kind`: converged, wrongly proved (the disturbed run said so, and it was not the end), lost,
    doubled, failed again, traceback, endless, or not to be (it cannot befall this request).
    """

    flow: str
    stretch: str
    at: int
    mishap: str
    kind: str
    told: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.flow} · {self.stretch} · request {self.at} · {self.mishap}\n{self.told}"


def end_of(world: World) -> End:
    """All that lasts, without what is another in each run: ids, times, keys."""
    listed = [(kind, each) for kind in LASTING for each in world.store.all(kind)]
    listed += [("attested", journal.tenant_values(world).get("attested", {}))]
    for _, each in listed:
        each.pop("version", None)
    texts = (f"{kind} {json.dumps(each, sort_keys=True, ensure_ascii=False)}" for kind, each in listed)
    return Counter(_NAMED.sub("…", text) for text in texts)


@dataclass(frozen=True)
class Request:
    """One request of an undisturbed stretch. Two that are equal may stand for one another."""

    method: str
    template: str
    """Its address without what is another for each object."""
    shape: str
    """Of its answer: the status, and what it holds."""


@dataclass(frozen=True)
class Known:
    """An undisturbed stretch: its requests, which mishaps each can meet, and the ends."""

    requests: tuple[Request, ...]
    mishaps: tuple[tuple[str, ...], ...]
    once: End
    """After it was run once: what a run that says it is proved has to leave."""
    end: End
    """After it was run twice."""

    @property
    def most(self) -> int:
        """Requests after which it is endless."""
        return 4 * len(self.requests) + 300


def undisturbed(stretch: Stretch) -> Known:
    """Run it twice without any mishap."""
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        stage = stretch.stage(Path(folder))
        listening = Listening(stage.app)
        first, once = run(stretch, stage, listening), end_of(stage.world)
        said = [first, run(stretch, stage, None)]
        assert all(not each or each.startswith(UNPROVED) for each in said), said
        return Known(tuple(listening.requests), tuple(listening.mishaps), once, end_of(stage.world))


class Listening(Disturbed):
    """Disturbs nothing, and notes each request with what could befall it."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self.requests: list[Request] = []
        self.mishaps: list[tuple[str, ...]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        again = address(scope) in self._answers
        answer: list[Message] = []

        async def noted(message: Message) -> None:
            answer.append(message)
            await send(message)

        await super().__call__(scope, receive, noted)
        self.requests.append(Request(scope["method"], template(address(scope)), _shape(answer)))
        self.mishaps.append(
            tuple(name for name, each in MISHAPS.items() if befalls(each, host_of(scope), again=again))
        )  # fmt: skip


def template(text: str) -> str:
    """An address without what is another for each object: ids, names in quotes, values of fields."""
    return re.sub(r"'[^']*'|%27.*?%27|(?<==)[^&$]+(?=&|$)", "…", _NAMED.sub("…", text))


def _shape(answer: list[Message]) -> str:
    start, *rest = answer
    body = b"".join(message.get("body", b"") for message in rest)
    try:
        found = json.loads(body)
    except ValueError:
        return f"{start['status']} {'text' if body else 'nothing'}"
    listed = found.get("value") if isinstance(found, dict) else found
    few = "" if not isinstance(listed, list) else ("none", "one", "several")[min(len(listed), 2)]
    return f"{start['status']} {' '.join(sorted(found)) if isinstance(found, dict) else ''} {few}"


def case(stretch: Stretch, known: Known, at: int, name: str) -> Result:
    """Disturb the `at`-th request by the mishap of this name."""
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        stage = stretch.stage(Path(folder))
        disturbed = Disturbed(stage.app, at, MISHAPS[name], most=known.most)
        began = stage.world.clock.now
        return ended(stretch, known, stage, disturbed, began, run(stretch, stage, disturbed), name)


def ended(
    stretch: Stretch, known: Known, stage: Stage, disturbed: Disturbed, began: float, first: str, name: str,
    as_before: Callable[[Stage], Result | None] = lambda _stage: None,
) -> Result:  # fmt: skip
    """What a disturbed run comes to, when it is run again. `as_before` may know what comes of what is there now."""

    def result(kind: str, told: str = "") -> Result:
        return Result(stretch.flow, stretch.name, disturbed.at, name, kind, told)

    if not disturbed.fell:
        return result("not to be")
    if first.startswith(("traceback", "endless")):
        return result(*first.split("\n", 1))
    if stage.world.clock.now - began > LONGEST:
        return result("endless", f"{stage.world.clock.now - began:,.0f} seconds")
    if not first:
        kind, told = compared(end_of(stage.world), known.once)
        if kind != "converged":
            return result("wrongly proved", told)
    if earlier := as_before(stage):
        return result(earlier.kind, earlier.told)
    stage.world.advance(1.0)
    again = run(stretch, stage, None)
    if again and not again.startswith(UNPROVED):
        kind, _, told = again.partition("\n")
        return result("failed again" if kind == "said" else kind, f"first: {first}\nagain: {told}")
    return result(*compared(end_of(stage.world), known.end))


def compared(end: End, wanted: End) -> tuple[str, str]:
    missing, more = wanted - end, end - wanted
    told = "\n".join([*(f"- {text}" for text in missing), *(f"+ {text}" for text in more)])
    kinds = Counter(text.split()[0] for text in more.elements())
    kinds.subtract(text.split()[0] for text in missing.elements())
    if not told:
        return "converged", ""
    return ("doubled" if any(number > 0 for number in kinds.values()) else "lost"), told


def run(stretch: Stretch, stage: Stage, app: Any) -> str:
    """Empty where it said that all is made and proved; else how it ended, and on further lines in which words."""
    try:
        evidence = asyncio.run(_go(stretch, stage, app))
    except FlexSSOError as error:
        return f"said\n{error}"
    except BaseException as error:
        for kind in (Gone, Endless):
            if isinstance(error, kind) or (isinstance(error, BaseExceptionGroup) and error.subgroup(kind)):
                return f"{kind.__name__.lower()}\n"
        if not isinstance(error, Exception):
            raise
        return f"traceback\n{traceback.format_exc()}"
    return f"{UNPROVED}\n{evidence.verdict}" if evidence.planned or evidence.outcome not in (0, 2) else ""


async def _go(stretch: Stretch, stage: Stage, app: Any) -> Evidence:
    session = await stage.open(app=app, unattended=True)
    if app is not None:
        _end_with(app, session.ledger)
    return await stretch.go(session)


def _end_with(app: Disturbed, ledger: Ledger) -> None:
    """A process that is gone writes no ledger either."""
    write = ledger._write

    def written(*args: Any) -> None:
        if app.gone:
            raise Gone
        write(*args)

    ledger._write = written  # type: ignore[method-assign]
