"""One request with its answer, and the seam at which every one of them is recorded."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from flexsso_helpers.clouds import LIVE_CLOUDS
from flexsso_helpers.rehearsal.server.hosts import Hosts

GRAPH = tuple(cloud.graph.removeprefix("https://") for cloud in LIVE_CLOUDS.values())


@dataclass(frozen=True)
class Exchange:
    """What was asked, by whom, and what was answered."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    status: int
    sent: Any = None
    answer: Any = None
    principal: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def done(self) -> bool:
        """Whether it was not refused: what is refused may be wrong on purpose."""
        return 200 <= self.status < 300

    def __str__(self) -> str:
        """Method, host and path."""
        return f"{self.method} {self.host}{self.path}"


@contextmanager
def recorded(told: Callable[[Exchange], None]) -> Iterator[None]:
    """Tell of every exchange with any rehearsal of this process, inside batches too."""
    genuine = Hosts._answer

    async def listening(self: Hosts, scope: Any, body: bytes) -> Any:
        messages = await genuine(self, scope, body)
        if not self.world.rules.off:
            for exchange in _exchanges(scope, body, messages):
                told(exchange)
        return messages

    Hosts._answer = listening  # type: ignore[method-assign]
    try:
        yield
    finally:
        Hosts._answer = genuine  # type: ignore[method-assign]


def _exchanges(scope: Any, body: bytes, messages: list[Any]) -> Iterator[Exchange]:
    status = next((each["status"] for each in messages if each["type"] == "http.response.start"), 500)
    content = b"".join(each.get("body", b"") for each in messages)
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    whole = Exchange(
        scope["method"], scope["host"], unquote(scope["path"]), query, status, _json(body), _json(content),
        scope.get("principal") or {},
    )  # fmt: skip
    if whole.host not in GRAPH or not whole.path.endswith("/$batch") or not whole.done:
        yield whole
        return
    version, answers = whole.path.split("/")[1], {each["id"]: each for each in whole.answer["responses"]}
    for asked in whole.sent["requests"]:
        path, _, text = asked["url"].partition("?")
        answered = answers[asked["id"]]
        yield Exchange(
            asked["method"], whole.host, f"/{version}/{unquote(path).lstrip('/')}",
            dict(parse_qsl(text, keep_blank_values=True)), answered["status"], asked.get("body"), answered.get("body"),
            whole.principal,
        )  # fmt: skip


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
