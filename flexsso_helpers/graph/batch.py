"""Many requests in few: `$batch`, twenty at a time, each entry with an answer, and another try, of its own (G85).

The SDK's own batch classes cannot be used, so the outer request is put together here. Nothing is chained:
every entry stands alone, and a 424 is treated like any other entry that was not carried out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from flexsso_helpers.errors import FlexSSOError, NotPermitted, OutcomeUnknown, Refused, Unreachable
from flexsso_helpers.graph.refusals import garbled, refusal, unknown
from flexsso_helpers.wire.patience import LONGEST_WAIT, seconds

MOST = 20
SIDE_BY_SIDE = 4
"""Batches of reads at the same time; writes go one batch after the other."""
ATTEMPTS = 8
NOT_DONE = (409, 424, 429)
"""Answers that say for certain that nothing was done; such an entry may be sent again whatever it is."""
HARMLESS = (500, 502, 503, 504)
"""Answers after which everything but a POST may be sent again."""

Json = dict[str, Any]
Outcome = Json | FlexSSOError
"""What one entry came to: the body of its answer, or the error."""
Say = Callable[[int], None]
"""Told how many entries are done."""
REQUEST_ID = "request-id"
"""The header by which Microsoft's support finds a request."""


class Journal(Protocol):
    """Takes note of a write before it is sent and of its answer afterwards (the ledger)."""

    def intent(self, *, service: str, method: str, path: str, why: str, before: object, body: object) -> int:
        """Note what is about to be written over what; returns the entry's number."""

    def answer(self, entry: int, *, status: int, note: str, request_id: str = "") -> None:
        """Note how it ended; status 0 means that no answer came. `request_id` is what the service calls the request."""

    def together(self) -> AbstractContextManager[None]:
        """What is noted within is on disk when it ends."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One entry; `path` begins with a slash and is relative to v1.0; `why` and `before` are for the journal."""

    path: str
    method: Literal["GET", "POST", "PATCH", "DELETE"] = "GET"
    body: Json | None = None
    why: str = ""
    before: object = None

    def sent(self, number: int) -> Json:
        """The entry as Graph wants it."""
        content: Json = {}
        if self.body is not None:
            content = {"headers": {"Content-Type": "application/json"}, "body": self.body}
        return {"id": str(number), "method": self.method, "url": self.path, **content}


def silent(_done: int) -> None:
    """For those who show nothing."""


class Batches:
    """Sends requests in batches. `send` posts the body of one batch and returns that of its answer."""

    def __init__(
        self,
        *,
        send: Callable[[Json], Awaitable[Json]],
        journal: Journal,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Nothing is sent yet."""
        self._send, self._journal, self._sleep = send, journal, sleep

    async def read(self, paths: Sequence[str], say: Say = silent) -> list[Json]:
        """The objects at these paths, in this order; `{}` for a 404. Raises the first other refusal."""
        places, done = asyncio.Semaphore(SIDE_BY_SIDE), 0

        async def some(part: Sequence[Request]) -> list[Json]:
            nonlocal done
            async with places:
                found = [_object(outcome) for outcome in await self._persist(part)]
            done += len(part)
            say(done)
            return found

        try:
            async with asyncio.TaskGroup() as group:  # the first refusal stops all others, which would be refused too
                tasks = [group.create_task(some(part)) for part in _parts([Request(path=path) for path in paths])]
        except ExceptionGroup as several:
            raise several.exceptions[0] from several.exceptions[0].__cause__
        return [each for task in tasks for each in task.result()]

    async def once(self, paths: Sequence[str]) -> dict[str, Outcome]:
        """What one try brings of these, by path, or that it is not there (404) or may not be read (403). Whatever else
        failed is left out, for whoever asks for it to hear why.
        """
        found: dict[str, Outcome] = {}
        for part in _parts([Request(path=path) for path in paths]):
            try:
                answers, lost = await self._once(part, range(len(part)))
            except FlexSSOError:
                return found
            for number, answer in answers.items():
                if number >= len(part):
                    continue  # nobody asked that
                outcome = _outcome(part[number], answer, lost)
                if outcome and (isinstance(outcome, dict | NotPermitted) or _absent(outcome)):
                    found[part[number].path] = outcome
        return found

    async def write(self, requests: Sequence[Request], say: Say = silent) -> list[Outcome]:
        """Send writes, and tell what each came to. A POST whose answer was lost, or is a 404 or 5xx, is OutcomeUnknown:
        the caller looks before sending it again. Every intent of a batch is in the journal before it is sent.

        Raises, after noting it, what would befall every further batch too: Unreachable, SignInError, and NotPermitted
        where it befell a whole batch.
        """
        outcomes: list[Outcome] = []
        for part in _parts(requests):
            with self._journal.together():
                noted = [self._intent(each) for each in part]
            named: dict[int, str] = {}
            try:
                found = await self._persist(part, named)
            except FlexSSOError as error:
                found = [error for _ in part]
            with self._journal.together():
                for number, (entry, outcome) in enumerate(zip(noted, found, strict=True)):
                    status, note, request_id = _status(outcome), _note(outcome), named.get(number, "")
                    self._journal.answer(entry, status=status, note=note, request_id=request_id)
            outcomes += found
            _raise_what_ends_all(found)
            say(len(outcomes))
        return outcomes

    def _intent(self, request: Request) -> int:
        method, path, body = request.method, request.path, request.body
        return self._journal.intent(
            service="graph", method=method, path=path, why=request.why, before=request.before, body=body
        )

    async def _persist(self, part: Sequence[Request], named: dict[int, str] | None = None) -> list[Outcome]:
        """One batch, then smaller ones of what is worth another try, after exactly the pause that Graph asked for.

        `named` is given the request id of each entry's last answer.
        """
        outcomes: dict[int, Outcome] = {}
        waiting = list(range(len(part)))
        for attempt in range(ATTEMPTS):
            answers, lost = await self._once(part, waiting)
            asked = [lost.retry_after] if isinstance(lost, Refused) else []
            again = []
            for number in waiting:
                answer = answers.get(number)
                outcomes[number] = _outcome(part[number], answer, lost)
                if named is not None and answer is not None:
                    named[number] = _request_id(answer)
                if _worth_repeating(part[number], answer):
                    again.append(number)
                    asked.append(_retry_after(answer))
            if not again or attempt + 1 == ATTEMPTS:
                break
            await self._sleep(max((each for each in asked if each is not None), default=2.0**attempt))
            waiting = again
        return [outcomes[number] for number in range(len(part))]

    async def _once(self, part: Sequence[Request], numbers: Sequence[int]) -> tuple[dict[int, Json], FlexSSOError]:
        """The answers by entry, and what to say of entries without one."""
        what = "The answer to a batch was lost."
        lost: FlexSSOError = unknown(what, "an entry was left out of it")
        try:
            body = await self._send({"requests": [part[number].sent(number) for number in numbers]})
        except OutcomeUnknown as error:
            return {}, error
        except Unreachable as error:
            if any(part[number].method != "GET" for number in numbers):
                raise  # nothing was sent, and the next batch would not come through either
            return {}, error
        except Refused as error:
            if error.status < 500:
                raise
            return {}, error
        listed = body.get("responses")
        answers = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        return {int(each["id"]): each for each in answers if str(each.get("id")).isdecimal()}, lost


def _parts(requests: Sequence[Request]) -> list[Sequence[Request]]:
    return [requests[start : start + MOST] for start in range(0, len(requests), MOST)]


def _worth_repeating(request: Request, answer: Json | None) -> bool:
    if answer is None:
        return request.method != "POST"
    if (_retry_after(answer) or 0) > LONGEST_WAIT:
        return False
    return answer.get("status") in NOT_DONE or (request.method != "POST" and answer.get("status") in HARMLESS)


def _retry_after(answer: Json | None) -> float | None:
    headers = (answer or {}).get("headers")
    return seconds(headers) if isinstance(headers, dict) else None


def _request_id(answer: Json) -> str:
    headers = answer.get("headers")
    found = {str(name).lower(): value for name, value in headers.items()} if isinstance(headers, dict) else {}
    return str(found.get(REQUEST_ID) or "")


def _outcome(request: Request, answer: Json | None, lost: FlexSSOError) -> Outcome:
    what = request.why or f"Reading {request.path.partition('?')[0]}"
    if answer is None:
        return unknown(what, lost.why.partition(";")[0] or str(lost.what)) if request.method == "POST" else lost
    given, content = answer.get("status"), _mapping(answer.get("body"))
    status = given if isinstance(given, int) else 0
    if request.method == "GET" and 200 <= status < 300 and not content:
        return garbled(what)
    if 200 <= status < 300 or (request.method == "DELETE" and status == 404):
        return content
    error = _mapping(content.get("error"))
    refused = refusal(
        what,
        status=status,
        code=str(error.get("code") or ""),
        message=str(error.get("message") or ""),
        request_id=str(_mapping(error.get("innerError")).get("request-id") or ""),
        retry_after=_retry_after(answer),
        details=tuple(
            (str(each.get("code") or ""), str(each.get("message") or ""))
            for each in error.get("details") or ()
            if isinstance(each, dict)
        ),
    )
    if request.method == "POST" and (status == 404 or status >= 500):
        return unknown(what, f"Graph answered {status} {error.get('code') or ''}".rstrip())
    return refused


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _object(outcome: Outcome) -> Json:
    if isinstance(outcome, dict):
        return outcome
    if _absent(outcome):
        return {}
    raise outcome


def _absent(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.status == 404


def _raise_what_ends_all(outcomes: Sequence[Outcome]) -> None:
    errors = [outcome for outcome in outcomes if isinstance(outcome, FlexSSOError)]
    local = [each for each in errors if isinstance(each, Refused | OutcomeUnknown | NotPermitted)]
    ending = [each for each in errors if each not in local]
    if not ending and len(errors) == len(outcomes):
        ending = errors if all(isinstance(each, NotPermitted) for each in errors) else []
    if ending:
        raise ending[0]


def _status(outcome: Outcome) -> int:
    if isinstance(outcome, dict):
        return 200
    return outcome.status if isinstance(outcome, Refused) else 403 if isinstance(outcome, NotPermitted) else 0


def _note(outcome: Outcome) -> str:
    if isinstance(outcome, dict):
        return str(outcome.get("id", ""))
    return (outcome.code or outcome.message) if isinstance(outcome, Refused) else outcome.why
