"""A loopback of its own, and a guard before every other socket."""

from collections.abc import Iterator

import pytest
from sockets import Guard, Loopback, listening


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
