import asyncio
import re
from pathlib import Path

import pytest
from views_reading import fragment, visible

from flexsso_helpers.errors import WaitedTooLong
from flexsso_helpers.views.progress import Progress, in_progress
from flexsso_helpers.views.shown import WIDGET_VIEW

PACKAGE = Path(__file__).resolve().parents[2] / "flexsso_helpers"


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
    assert visible(live(busy)) == "Waited for <Graph> · ✓ done"


def test_a_wait_that_is_over_is_a_quiet_line_and_one_that_failed_stays_a_card() -> None:
    ended, failed = Progress.waiting("Graph"), Progress.waiting("Graph")
    assert "fx-card" in live(ended)
    ended.done()
    failed.done("✗ ended by an error, see below")
    assert "fx-card" not in live(ended)
    assert "fx-card" not in ended._repr_mimebundle_()["text/html"].rpartition("</style>")[2]
    assert "fx-card" in live(failed)
    assert visible(live(failed)).startswith("Waiting for Graph")


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


def _raise(error: BaseException | None) -> None:
    if error:
        raise error


def waited(error: BaseException | None) -> tuple[list[Progress], type[BaseException] | None]:
    """One wait that ends so; what was shown of it, and what came out."""
    made: list[Progress] = []

    def make() -> Progress:
        made.append(Progress.waiting("Graph"))
        return made[-1]

    try:
        with in_progress(make) as say:
            say("seen by 1 of 5 reads", 0.2)
            say("seen by 2 of 5 reads", 0.4)
            _raise(error)
    except BaseException as raised:  # noqa: BLE001 - looked at by the test
        return made, type(raised)
    return made, None


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (None, "✓ done"),
        (WaitedTooLong("After 600 seconds"), "✗ ended by an error"),
        (OSError("disk full"), "✗ ended by an error"),
        (KeyboardInterrupt(), "– stopped"),
        (asyncio.CancelledError(), "– stopped"),
    ],
    ids=["well", "time-out", "error", "Ctrl-C", "cancelled"],
)
def test_however_a_wait_ends_nothing_goes_on_spinning_and_it_says_how(error: BaseException | None, end: str) -> None:
    (progress,), raised = waited(error)
    assert raised is (type(error) if error else None)
    assert end in visible(live(progress))
    assert not list(fragment(live(progress)).iter("progress"))
    assert progress._repr_mimebundle_()["text/plain"] == "Waited for Graph"


def test_a_wait_that_nobody_had_to_see_shows_nothing() -> None:
    with in_progress(lambda: pytest.fail("shown")) as say:
        assert callable(say)


def test_nobody_begins_a_progress_without_its_end() -> None:
    """The next wait that somebody writes is found here, if it could go on spinning after an error."""
    begun = re.compile(r"Progress[.(][^\n]*\.begin\(\)|progress\.begin\(\)")
    sources = [path for path in PACKAGE.rglob("*.py") if path.name != "progress.py"]
    assert len(sources) > 100
    assert not [path.name for path in sources if begun.search(path.read_text("utf-8"))]
