"""What the cards of plans and proofs show: each verdict with its own sign, so that no red looks like a yellow."""

import pytest

from flexsso_helpers.plan import Evidence, Finding, Level, State, Target
from flexsso_helpers.plan.cards import of_evidence

TARGET = Target(
    tenant="contoso", title="Contoso", cloud="global", tenant_id="t", account_sid="AC", application="Twilio Flex"
)


def shown(state: State, level: Level) -> str:
    """The row of one finding, as HTML, without the heading's own verdict."""
    finding = Finding(check="S45", title="Relay state", level=level, state=state, configured="a", received="b", fix="c")
    html = of_evidence(Evidence(section="02", title="Basics", target=TARGET, findings=(finding,))).html
    return html[html.index("<tbody") :]


@pytest.mark.parametrize(
    ("state", "level", "word", "style"),
    [
        ("wrong", "error", "fails", "no"),
        ("wrong", "warning", "look", "wait"),
        ("waiting", "error", "waits", "wait"),
        ("said", "error", "said", "said"),
        ("unknown", "error", "not known", "muted"),
        ("holds", "error", "holds", "ok"),
    ],
)
def test_each_verdict_has_its_word_and_its_colour(state: State, level: Level, word: str, style: str) -> None:
    row = shown(state, level)
    assert word in row
    assert [each for each in ("ok", "no", "wait", "said") if f"fx-{each}" in row] == [style] * (style != "muted")
