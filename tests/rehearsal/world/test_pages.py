from collections.abc import Callable

import pytest
from lxml import html
from starlette.requests import Request

from flexsso_helpers.rehearsal.world import pages


def request(face: bool) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "face": face})


@pytest.mark.parametrize(
    ("url", "on_face"),
    [
        ("https://flex.twilio.com/contoso-1234", "/flex.twilio.com/contoso-1234"),
        ("https://a.example.com/cb?x=1&y=%2F#top", "/a.example.com/cb?x=1&y=%2F#top"),
        ("http://plain.example.com/", "/plain.example.com/"),
        ("http://localhost:3000/flex", "http://localhost:3000/flex"),
    ],
    ids=["https", "query and fragment stay", "plain http leaves no machine", "own machine stays"],
)
def test_link_is_prefixed_on_the_browser_face_only(url: str, on_face: str) -> None:
    assert pages.link(request(face=True), url) == on_face
    assert pages.link(request(face=False), url) == url


def test_a_page_has_one_heading_the_banner_and_labels_bound_to_inputs() -> None:
    fields = (
        pages.text("Friendly <Name>", "name", value='"a" & b', hint="as shown"),
        pages.area("Certificate", "certificate", value="\nfirst line is blank"),
        pages.tick("Popup", "popup", checked=True),
    )
    body = pages.form(request(face=True), "https://console.twilio.com/save", *fields, button="Save")
    tree = html.fromstring(bytes(pages.page("Set <up>", body).body))

    assert [h.text_content() for h in tree.iter("h1")] == ["Set <up>"]
    assert "REHEARSAL" in tree.text_content()
    bound = {label.text_content().strip(): tree.get_element_by_id(label.get("for")) for label in tree.iter("label")}
    assert bound["Friendly <Name>"].get("value") == '"a" & b'
    assert bound["Certificate"].tag == "textarea"
    assert bound["Popup"].get("checked") is not None
    assert tree.forms[0].action == "/console.twilio.com/save"


@pytest.mark.parametrize("make", [pages.page, pages.error, pages.value], ids=["page", "error", "value"])
def test_text_from_outside_cannot_become_markup(make: Callable[..., object]) -> None:
    made = make("<script>x</script>", "") if make is not pages.error else make("<script>x</script>")
    shown = made if isinstance(made, str) else bytes(made.body).decode()  # type: ignore[attr-defined]
    assert "<script>x" not in shown


def test_the_page_that_posts_itself_also_has_a_button() -> None:
    shown = pages.auto_post(
        request(face=False), "Signing you in", "https://sp.example.com/acs?c=1", {"RelayState": 'a"b'}
    )
    tree = html.fromstring(bytes(shown.body))
    assert tree.forms[0].action == "https://sp.example.com/acs?c=1"
    assert tree.forms[0].fields["RelayState"] == 'a"b'
    assert [button.text_content() for button in tree.iter("button")] == ["Continue"]


async def _fields(body: bytes) -> dict[str, str]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return await pages.form_fields(Request({"type": "http", "method": "POST", "headers": []}, receive))


def test_form_fields_keep_blanks_plus_signs_and_the_first_of_two() -> None:
    import asyncio

    sent = asyncio.run(_fields(b"a=x%2By+z&b=&a=second"))
    assert sent == {"a": "x+y z", "b": ""}
