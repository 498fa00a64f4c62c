"""However a response was copied, it is the same response; docs/judge.md names each of these shapes."""

import base64
import json
import re
from pathlib import Path

import copied
import pytest
import saml_forge as forge

from flexsso_helpers.saml.diagnosis import judge
from flexsso_helpers.saml.given import NoResponse, read_given
from flexsso_helpers.saml.reading import read

PAGE = Path(__file__).resolve().parents[2] / "docs" / "judge.md"
SECOND = forge.Forge(response_id="_r3", assertion_id="_a3").xml()
UPSTREAM = forge.Forge(issuer="https://idp.fabrikam.com/", destination="https://login.microsoftonline.com/login.srf",
                       response_id="_u1", assertion_id="_u2").xml()  # fmt: skip
ENTRA = "https://login.microsoftonline.com/login.srf"


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", copied.SHAPES)
def test_however_it_was_copied_it_is_judged_the_same(name: str) -> None:
    found = read(copied.SHAPES[name])
    assert judge(found.xml, forge.expected()).accepted
    assert found.chosen == ""
    assert found.relay_state in (None, copied.RELAY)


def test_the_page_lists_the_shapes_that_are_tried() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    listed = [f"{kind}: {shape}" for kind, shape in rows if kind not in ("from", "---")]
    assert listed == list(copied.SHAPES)


def recorded(*posted: tuple[str, bytes]) -> str:
    requests = [
        {"method": "POST", "url": url, "postData": {"text": f"SAMLResponse={copied.quote(base64.b64encode(xml))}"}}
        for url, xml in posted
    ]
    return json.dumps({"log": {"entries": [{"request": each} for each in requests]}})


@pytest.mark.parametrize(
    ("posted", "chosen", "says"),
    [
        ([(ENTRA, UPSTREAM), (copied.URL, copied.XML)], copied.XML, "sent to the reply URL"),
        ([(copied.URL, copied.XML), (ENTRA, UPSTREAM)], copied.XML, "sent to the reply URL"),
        ([(ENTRA, UPSTREAM), ("https://other.example/acs", copied.XML)], copied.XML, "the last one"),
        ([(copied.URL, copied.XML), (copied.URL, SECOND)], SECOND, "the last one"),
        ([(copied.URL, copied.XML), (copied.URL, copied.XML)], copied.XML, ""),
        ([(copied.URL, copied.XML), (copied.URL, b"<cut")], copied.XML, ""),
    ],
)
def test_of_several_it_is_said_which_one_is_judged_and_why(
    posted: list[tuple[str, bytes]], chosen: bytes, says: str
) -> None:
    found = read(recorded(*posted), reply_url=copied.URL)
    assert found.xml == chosen
    assert says in found.chosen
    assert bool(says) == bool(found.chosen)
    assert ("2 different responses" in found.chosen) == bool(says)


def test_without_a_known_reply_url_the_last_one_counts_and_its_address_is_named() -> None:
    found = read(recorded((ENTRA, UPSTREAM), (copied.URL, copied.XML)))
    assert found.xml == copied.XML
    assert "the last one, to https://login.flex.us1.twilio.com/login/callback." in found.chosen


def test_several_commands_are_told_apart_by_their_addresses() -> None:
    commands = [f"curl '{url}' --data-raw 'SAMLResponse={copied.quote(base64.b64encode(xml))}'"
                for url, xml in ((copied.URL, copied.XML), (ENTRA, UPSTREAM))]  # fmt: skip
    assert read(" ;\n".join(commands), reply_url=copied.URL).xml == copied.XML


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("letters and blanks without any sense in them", "nothing we know"),
        ("The sign-on does not work since Monday.", "nothing we know"),
        (copied.PARTS.replace(copied.BARE, "hello").replace("SAMLResponse", "wresult"), "several parts"),
        (copied.har(copied.GET), "holds the request to Entra, but not the response"),
        (copied.har(({"method": "GET", "url": "https://contoso.com/"}, {})), "holds 1 request and"),
        (copied.har(({"method": "POST", "url": copied.URL}, {})), "holds no bodies"),
        (copied.BARE[:2000], "end of the response is missing"),
        ("curl 'https://contoso.com' -H 'cookie: a=b; c=d'", "a command copied"),
        ("a=b; c=d", "a cookie"),
    ],
)
def test_what_holds_no_response_is_called_what_it_is(given: str, says: str) -> None:
    found = read_given(given)
    assert isinstance(found, NoResponse)
    assert says in f"{found.unreadable.what} {found.unreadable.why}"
    assert found.unreadable.fix
