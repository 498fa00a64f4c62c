import pytest
from views_reading import fragment, visible

from flexsso_helpers.views.progress import Progress
from flexsso_helpers.views.shown import WIDGET_VIEW


def live(progress: Progress) -> str:
    return str(progress.children[1].value)


def test_the_record_is_one_constant_line_whatever_was_said() -> None:
    quiet, busy = Progress.waiting("<Graph>"), Progress.waiting("<Graph>")
    busy.say("seen by 3 of 5 reads", 0.6)
    busy.done()
    one, other = quiet._repr_mimebundle_(), busy._repr_mimebundle_()

    assert one.pop(WIDGET_VIEW) != other.pop(WIDGET_VIEW)
    assert one == other
    assert one["text/plain"] == visible(one["text/html"]) == "Waited for <Graph>"
    assert visible(live(busy)).startswith("Waiting for <Graph>")


def test_the_live_face_says_it_in_words_and_as_a_named_bar() -> None:
    progress = Progress("Waiting")
    progress.say("seen by 3 of 5 <reads>", 0.6)

    assert visible(live(progress)) == "Waiting · seen by 3 of 5 <reads>"
    (bar,) = fragment(live(progress)).iter("progress")
    assert (bar.get("value"), bar.get("aria-label")) == ("0.600", "Waiting")

    progress.done("visible everywhere")
    assert visible(live(progress)) == "Waiting · visible everywhere"
    assert not list(fragment(live(progress)).iter("progress"))


@pytest.mark.parametrize(("fraction", "value"), [(None, None), (-1.0, "0.000"), (7.0, "1.000")])
def test_a_bar_claims_no_more_than_is_known(fraction: float | None, value: str | None) -> None:
    progress = Progress("Waiting")
    progress.say("", fraction)

    (bar,) = fragment(live(progress)).iter("progress")
    assert bar.get("value") == value


def test_without_a_kernel_it_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("Waiting").begin()
    progress.say("still", 0.5)
    progress.done()

    assert capsys.readouterr() == ("", "")
