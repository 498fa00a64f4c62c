"""The federation metadata over a network as it is: busy services, proxies, hotspots; what passes is waited out."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from graph_bench import Notes, Token
from requests.adapters import BaseAdapter

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.errors import FlexSSOError, Refused, Throttled, Unreachable
from flexsso_helpers.graph import Graph
from flexsso_helpers.wire import Wire

DOCUMENT = b'<?xml version="1.0"?><EntityDescriptor entityID="x"/>'
PAGE = b"<!DOCTYPE html><html><body>Sign in to this network</body></html>"
Answer = tuple[int, bytes] | tuple[int, bytes, dict[str, str]] | Exception


class Answering(BaseAdapter):
    """Answers from a script, the last answer again and again."""

    def __init__(self, script: tuple[Answer, ...]) -> None:
        super().__init__()
        self.script, self.asked = script, 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
        self.asked += 1
        given = self.script[min(self.asked, len(self.script)) - 1]
        if isinstance(given, Exception):
            raise given
        response = requests.Response()
        response.status_code, response._content, response.url = given[0], given[1], str(request.url)
        response.headers.update(given[2] if len(given) > 2 else {})
        return response

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Scripted(Wire):
    """A wire whose other end is such a script."""

    adapter: BaseAdapter = field(default_factory=lambda: Answering(()))

    def session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", self.adapter)
        return session


def asked(*script: Answer) -> tuple[bytes | FlexSSOError, list[float]]:
    """What reading the metadata came to, and how long it waited."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def read() -> bytes:
        graph = Graph(
            cloud=GLOBAL, tenant_id="t", credential=Token(), scopes=["s"],
            wire=Scripted(Wire.for_cloud(GLOBAL).hosts, None, Answering(script)), journal=Notes(), sleep=sleep,
        )  # fmt: skip
        return await graph.metadata("app")

    try:
        return asyncio.run(read()), slept
    except FlexSSOError as error:
        return error, slept


@pytest.mark.parametrize("status", [407, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", PAGE, b"{}"], ids=["empty", "page", "json"])
def test_what_passes_is_waited_out(status: int, body: bytes) -> None:
    assert asked((status, body), (status, body), (200, DOCUMENT)) == (DOCUMENT, [1.0, 2.0])


@pytest.mark.parametrize("status", [429, 503])
def test_the_service_says_how_long(status: int) -> None:
    assert asked((status, b"", {"Retry-After": "300"}), (200, DOCUMENT)) == (DOCUMENT, [300.0])
    error, slept = asked((status, b"", {"Retry-After": "86400"}), (200, DOCUMENT))
    assert isinstance(error, Throttled if status == 429 else Refused)
    assert slept == []
    assert "wait for 24 hours" in error.fix


def test_a_page_in_between_is_waited_out_and_then_named() -> None:
    assert asked((200, PAGE), (200, DOCUMENT)) == (DOCUMENT, [1.0])
    for answer in ((200, PAGE), (403, PAGE), (404, PAGE), (200, b""), (302, b"")):
        error, slept = asked(answer)
        assert isinstance(error, Unreachable)
        assert "in the sign-in service's place" in error.why
        assert len(slept) == 4


@pytest.mark.parametrize("body", [b'{"error_description": "AADSTS700016: unknown"}', b"", PAGE + b"AADSTS90002"])
def test_that_the_application_is_not_known_yet_is_the_services_own_answer(body: bytes) -> None:
    error, slept = asked((400, body))
    assert isinstance(error, Refused)
    assert "does not know this application yet" in error.why
    assert slept == []


def test_a_connection_that_ends_is_tried_again() -> None:
    assert asked(requests.ConnectionError("reset"), (200, DOCUMENT)) == (DOCUMENT, [1.0])


def test_a_proxy_that_goes_on_asking_who_it_is_is_named() -> None:
    error, _ = asked((407, PAGE))
    assert isinstance(error, Refused)
    assert "proxy" in error.why
    assert error.notebook == "00"
