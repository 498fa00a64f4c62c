import base64
import json
import zlib
from contextlib import suppress
from urllib.parse import quote, urlencode

import pytest
import saml_forge as forge
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flexsso_helpers.saml import reading
from flexsso_helpers.saml.reading import Captured, Unreadable, read

XML = forge.Forge().xml()
BARE = base64.b64encode(XML).decode()
RELAY = "https://flex.twilio.com/contoso-1234?x=1&y=2"
BODY = urlencode({"SAMLResponse": BARE, "RelayState": RELAY})
WRAPPED = "\r\n".join(BARE[i : i + 76] for i in range(0, len(BARE), 76))


def har(*requests: dict[str, object]) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": each, "response": {}} for each in requests]}})


def posted(**data: object) -> dict[str, object]:
    return {
        "method": "POST",
        "url": forge.REPLY_URL,
        "postData": {"mimeType": "application/x-www-form-urlencoded", **data},
    }


GET = {"method": "GET", "url": "https://login.microsoftonline.com/x/saml2?SAMLRequest=abc"}
PARAMS = [
    {"name": "SAMLResponse", "value": quote(BARE, safe="")},
    {"name": "RelayState", "value": quote(RELAY, safe="")},
]
TRACED = {"method": "POST", "post": [["SAMLResponse", BARE], ["RelayState", RELAY]]}
TRACER = {"requests": [{"method": "GET", "url": "x"}, TRACED]}
PAGE = f'<html><body><form method="POST"><input name="SAMLResponse" value="{BARE}"/>{{}}</form></body></html>'


@pytest.mark.parametrize(
    ("given_text", "relay"),
    [
        pytest.param(BARE, None, id="bare base64"),
        pytest.param(WRAPPED, None, id="line breaks"),
        pytest.param(quote(BARE, safe=""), None, id="URL-encoded"),
        pytest.param(f'"{BARE}"\n', None, id="in quotes"),
        pytest.param("\ufeff" + BARE, None, id="BOM before base64"),
        pytest.param(BODY, RELAY, id="form body"),
        pytest.param(f"RelayState=&SAMLResponse={BARE}", "", id="RelayState first, nothing encoded"),
        pytest.param(f"SAMLResponse: {BARE}\nRelayState: abc", "abc", id="copied from the browser's form view"),
        pytest.param(f"SAMLResponse={WRAPPED}&RelayState=a", "a", id="form body with line breaks"),
        pytest.param(f"curl 'https://x' --data-raw 'SAMLResponse={quote(BARE, safe='')}'", None, id="copied as curl"),
        pytest.param(XML, None, id="XML"),
        pytest.param(XML.decode(), None, id="XML as text"),
        pytest.param(b"\xef\xbb\xbf" + XML, None, id="XML with BOM"),
        pytest.param(b"\n  " + XML + b"\n", None, id="XML with blanks around"),
        pytest.param(har(GET, posted(text=BODY), posted(text="SAMLResponse=second")), RELAY, id="HAR with a body"),
        pytest.param(har(GET, posted(params=PARAMS, text="")), RELAY, id="HAR with parameters"),
        pytest.param(json.dumps(TRACER), RELAY, id="SAML-tracer"),
        pytest.param(json.dumps({"SAMLResponse": BARE}), None, id="JSON object"),
        pytest.param(PAGE.format(""), None, id="form page"),
        pytest.param(PAGE.format('<input name="RelayState" value="a&amp;b">'), "a&b", id="form page with RelayState"),
    ],
)
def test_a_response_is_found_in_whatever_was_copied(given_text: str | bytes, relay: str | None) -> None:
    captured = read(given_text)
    assert captured.xml.strip().removeprefix(b"\xef\xbb\xbf") == XML
    assert captured.relay_state == relay


def test_an_utf16_file_is_read() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?>' + XML.decode()
    assert read(text.encode("utf-16")) == Captured(xml=text.encode("utf-16"))


def deflated(text: str) -> str:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(squeeze.compress(text.encode()) + squeeze.flush()).decode()


def xml(name: str, namespace: str = "urn:oasis:names:tc:SAML:2.0:protocol") -> str:
    return f'<x:{name} xmlns:x="{namespace}"/>'


REQUEST = deflated(xml("AuthnRequest"))


@pytest.mark.parametrize(
    ("given_text", "check", "says"),
    [
        pytest.param("", "S01", "Nothing was given", id="nothing"),
        pytest.param(b"\0\0", "S01", "nothing we know", id="zeros"),
        pytest.param("https://flex.twilio.com/contoso-1234", "S01", "web address", id="URL"),
        pytest.param("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.abc", "S01", "JWT", id="JWT"),
        pytest.param("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.abc", "S01", "JWT", id="bearer"),
        pytest.param("ESTSAUTH=abc; stsservicecookie=ests", "S01", "cookie", id="cookie"),
        pytest.param("Cookie: a=b", "S01", "cookie", id="cookie header"),
        pytest.param(forge.certificate().pem, "S01", "certificate", id="certificate"),
        pytest.param(BARE[:-7], "S01", "cut", id="cut base64"),
        pytest.param(base64.b64encode(b"hello").decode(), "S01", "cut", id="base64 of something else"),
        pytest.param(BARE[:50] + "§" + BARE[50:], "S01", "nothing we know", id="foreign character"),
        pytest.param(BARE[:50] + "-_" + BARE[50:], "S01", "nothing we know", id="junk that decoders skip"),
        pytest.param(base64.b64encode(BARE.encode()).decode(), "S01", "twice", id="encoded twice"),
        pytest.param("AADSTS50105: Your administrator has configured …", "S01", "error page", id="error text"),
        pytest.param("<html><body>AADSTS50105: …</body></html>", "S01", "error page", id="error page"),
        pytest.param("<!DOCTYPE html><p>Hello", "S01", "web page", id="web page"),
        pytest.param(har(GET), "S01", "not the response", id="HAR without response"),
        pytest.param(har(), "S01", "0 requests", id="empty HAR"),
        pytest.param('{"access_token": "x"}', "S01", "token answer", id="token answer"),
        pytest.param('{"log": {', "S01", "cut or damaged", id="cut HAR"),
        pytest.param("[" * 100_000, "S01", "cut or damaged", id="nested JSON"),
        pytest.param(REQUEST, "S02", "AuthnRequest", id="deflated request"),
        pytest.param(
            f"https://login.microsoftonline.com/x/saml2?SAMLRequest={quote(REQUEST)}", "S02", "request", id="link"
        ),
        pytest.param(deflated(xml("Other")), "S02", "redirect binding", id="deflated message"),
        pytest.param(XML[:-30], "S03", "not well-formed", id="cut XML"),
        pytest.param(base64.b64encode(XML[:-30]).decode(), "S01", "was cut", id="cut XML in base64"),
        pytest.param('<!DOCTYPE a [<!ENTITY b "c">]>' + XML.decode(), "S04", "DOCTYPE", id="DOCTYPE"),
        pytest.param('<?xml-stylesheet href="a"?>' + XML.decode(), "S04", "processing instruction", id="instruction"),
        pytest.param("A" * (3 << 20), "S05", "too long", id="too long"),
        pytest.param(xml("AuthnRequest"), "S06", "request that Flex sent", id="AuthnRequest"),
        pytest.param(xml("LogoutResponse"), "S06", "sign-out", id="LogoutResponse"),
        pytest.param(xml("LogoutRequest"), "S06", "sign-out", id="LogoutRequest"),
        pytest.param(xml("EntityDescriptor", "urn:oasis:names:tc:SAML:2.0:metadata"), "S06", "metadata", id="metadata"),
        pytest.param(
            xml("Assertion", "urn:oasis:names:tc:SAML:2.0:assertion"), "S06", "without the response", id="assertion"
        ),
        pytest.param(xml("Response", "urn:oasis:names:tc:SAML:1.0:protocol"), "S06", "SAML 1.1", id="SAML 1.1"),
        pytest.param(xml("RequestSecurityTokenResponse", "urn:x"), "S06", "WS-Federation", id="WS-Federation"),
        pytest.param(xml("Response", "urn:x"), "S06", "“Response”", id="another Response"),
    ],
)
def test_everything_else_is_called_by_its_name(given_text: str | bytes, check: str, says: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(given_text)
    assert (error.value.check, says in error.value.what) == (check, True), error.value.what
    assert error.value.fix


def test_a_capture_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CAPTURE", 10)
    with pytest.raises(Unreadable) as error:
        read("{" + " " * 10)
    assert error.value.check == "S05"


def test_a_har_without_response_says_why() -> None:
    with pytest.raises(Unreadable) as error:
        read(har(GET))
    assert "Preserve log" in error.value.why


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.binary(),
        st.builds(
            lambda start, rest: start + rest,
            st.sampled_from(["<html", "<form ", "{", "SAMLResponse=", "<?xml"]),
            st.text(),
        ),
        st.builds(lambda end, rest: BODY.encode()[:end] + rest, st.integers(0, 400), st.binary()),
    )
)
@example("<!doctype html><![foo")
@example('{"log": {"entries": [1, {"request": 2}, {"request": {"postData": []}}]}}')
@example('[["SAMLResponse", 3], {"name": "SAMLResponse", "value": null}]')
@example("SAMLResponse=%")
@example("<html>\0")
@example("<html>")
@example("<html>\ud800")
def test_reading_never_fails_in_another_way(given_text: str | bytes) -> None:
    with suppress(Unreadable):
        assert read(given_text).xml
