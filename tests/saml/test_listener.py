"""The listener of a capture takes one response to one request, in time, and refuses everything else."""

import asyncio
import base64
import http.client
import socket
import zlib
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from flexsso_helpers.saml.capture import (
    MAX_BODY,
    Incoming,
    Request,
    is_capture_url,
    new_request,
    refusal_of,
    response_in,
)
from flexsso_helpers.saml.listener import listening

REQUEST = Request(id="_r1", port=4321, nonce="a" * 32)
FORM = "application/x-www-form-urlencoded"
GOOD = Incoming(method="POST", host="localhost:4321", path=REQUEST.path, content_type=FORM, length=100)
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


def form(answers: str, *, kind: str = "Response", times: int = 1) -> bytes:
    xml = f'<p:{kind} xmlns:p="{PROTOCOL}" ID="_x" InResponseTo="{answers}"/>'
    field = f"SAMLResponse={quote(base64.b64encode(xml.encode()).decode(), safe='')}"
    return "&".join([field] * times).encode()


@pytest.mark.parametrize(
    ("incoming", "status"),
    [
        (GOOD, None),
        (replace(GOOD, content_type=f"{FORM}; charset=utf-8"), None),
        (replace(GOOD, host="127.0.0.1:4321"), 404),
        (replace(GOOD, host="evil.example.com:4321"), 404),
        (replace(GOOD, path="/"), 404),
        (replace(GOOD, path=f"/flexsso/{'b' * 32}"), 404),
        (replace(GOOD, path=f"{REQUEST.path}?x=1"), 404),
        (replace(GOOD, method="GET"), 405),
        (replace(GOOD, method="OPTIONS"), 405),
        (replace(GOOD, content_type="text/plain"), 415),
        (replace(GOOD, length=None), 411),
        (replace(GOOD, length=MAX_BODY + 1), 413),
    ],
    ids=["good", "charset", "other-host", "rebound-name", "root", "other-nonce", "query", "get", "options",
         "plain-text", "no-length", "too-large"],
)  # fmt: skip
def test_what_is_refused_before_its_body_is_read(incoming: Incoming, status: int | None) -> None:
    refused = refusal_of(incoming, REQUEST)
    assert (refused[0] if refused else None) == status


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        (form("_r1"), True),
        (form("_r2"), False),
        (form(""), False),
        (form("_r1", kind="LogoutResponse"), False),
        (form("_r1", times=2), False),
        (b"", False),
        (b"SAMLResponse=%3C", False),
        (b"RelayState=x", False),
        ("SAMLResponse=é".encode(), False),
        (b"&".join(b"a%d=1" % n for n in range(20)), False),
    ],
    ids=["ours", "another", "none", "logout", "twice", "empty", "no-xml", "no-response", "not-ascii", "many-fields"],
)
def test_only_a_response_to_our_request_is_taken(body: bytes, taken: bool) -> None:
    assert (response_in(body, REQUEST) is not None) is taken


@given(st.binary(max_size=400))
def test_no_form_harms(body: bytes) -> None:
    assert response_in(body, REQUEST) is None
    assert response_in(b"SAMLResponse=" + quote(base64.b64encode(body)).encode(), REQUEST) is None


def test_the_request_is_ours_unsigned_and_names_the_second_reply_url() -> None:
    link = REQUEST.link("https://login.microsoftonline.com/t/saml2", "urn:flex:JQ1", datetime(2026, 11, 2, tzinfo=UTC))
    packed = parse_qs(urlsplit(link).query)["SAMLRequest"][0]
    root = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
    assert root.get("AssertionConsumerServiceURL") == f"http://localhost:4321/flexsso/{'a' * 32}"
    assert (root.get("ID"), root.get("IssueInstant")) == ("_r1", "2026-11-02T00:00:00Z")
    assert [child.text for child in root] == ["urn:flex:JQ1"]


def test_two_requests_share_nothing_and_are_known_by_their_shape() -> None:
    one, other = new_request(), new_request()
    assert one.nonce != other.nonce
    assert one.id != other.id
    assert is_capture_url(one.reply_url)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost:4321/flexsso/" + "a" * 32,
        "http://localhost/flexsso/" + "a" * 32,
        "http://localhost:4321/flexsso/" + "a" * 31,
        "http://localhost:4321/flexsso/" + "a" * 32 + "/",
        "http://localhost.example.com:4321/flexsso/" + "a" * 32,
        "http://localhost:3000",
    ],
)
def test_a_reply_url_of_others_is_not_taken_for_ours(url: str) -> None:
    assert not is_capture_url(url)


def send(request: Request, body: bytes, *, method: str = "POST", address: str = "127.0.0.1") -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, request.port, timeout=10)
    connection.request(method, request.path, body, {"Host": request.host, "Content-Type": FORM})
    answer = connection.getresponse()
    page = answer.read().decode()
    assert "<script" not in page
    assert answer.headers["Set-Cookie"] is None
    connection.close()
    return answer.status, page


def test_one_response_is_accepted_and_no_second_one() -> None:
    async def listen() -> None:
        request = new_request()
        async with listening(request) as arrived:
            assert (await asyncio.to_thread(send, request, b"", method="GET"))[0] == 405
            assert (await asyncio.to_thread(send, request, form("_other")))[0] == 400
            assert not arrived.done()
            status, page = await asyncio.to_thread(send, request, form(request.id))
            assert status == 200
            assert "You may close this window." in page
            first = await asyncio.wait_for(arrived, 10)
            assert (await asyncio.to_thread(send, request, form(request.id)))[0] == 409
            assert arrived.result() == first
        with pytest.raises(ConnectionRefusedError):
            await asyncio.to_thread(send, request, form(request.id))

    asyncio.run(listen())


def test_after_its_time_nothing_is_accepted() -> None:
    async def listen() -> None:
        request = new_request()
        async with listening(request, limit=-1.0) as arrived:
            assert (await asyncio.to_thread(send, request, form(request.id)))[0] == 410
            assert not arrived.done()

    asyncio.run(listen())


def test_two_hundred_who_say_nothing_or_nonsense_delay_nobody_and_print_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def race() -> None:
        request = new_request()
        async with listening(request) as _arrived:
            with ExitStack() as held:
                for number in range(200):
                    knocking = held.enter_context(socket.create_connection(("127.0.0.1", request.port), timeout=20))
                    knocking.sendall((b"POST / HTTP/1.1\r\n", b"\x16\x03\x01nonsense\r\n\r\n", b"")[number % 3])
                assert await asyncio.wait_for(asyncio.to_thread(_status, request.port), 15) == 404

    asyncio.run(race())
    assert capfd.readouterr() == ("", "")


def _status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/nowhere", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status
    finally:
        connection.close()
