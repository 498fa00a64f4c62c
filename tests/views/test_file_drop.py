"""A dropped file as a browser sends it: its bytes are a view of the message, and the same file may come again."""

from flexsso_helpers.views.fields import Field, Taken
from flexsso_helpers.views.forms import Form


def test_what_the_browser_sends_is_taken_each_time() -> None:
    seen: list[tuple[bytes, str]] = []

    def take(data: bytes, name: str, _now: object) -> Taken:
        seen.append((data, name))
        return Taken((("ada", "admin"),), "taken")

    form = Form("Values", [Field("people", "People", "people", (), take=take)])
    for turn, sent in enumerate((b"one", b"other", b"other"), 1):
        form.drops["people"].set_state({"name": "a.csv", "content": memoryview(sent), "turn": turn})
    assert seen == [(b"one", "a.csv"), (b"other", "a.csv"), (b"other", "a.csv")]
    assert form.values()["people"] == (("ada", "admin"),)
