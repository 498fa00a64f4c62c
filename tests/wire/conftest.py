"""Makes the stage, and what plays on it, importable for the tests of this folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(Path(__file__).parent), str(TESTS), str(TESTS / "sections")]

from sockets import Guard, Loopback, listening  # noqa: E402 - found by the line above


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Guard:
    """No socket of this process goes anywhere but to the loopback."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "NO_PROXY", "no_proxy",
                 "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return Guard(monkeypatch)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A server on the loopback."""
    with listening() as server:
        yield server
