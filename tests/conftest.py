"""Which cases wait for `make test-all` or `make test-night`, what begins first, and skips: where CI=true they fail.

In CI every program that a test may need is installed.
"""

import gc
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator

import pytest

pytest.register_assert_rewrite("scenario_play")  # here, because more folders than its own import it

MAY_STAND = ("too large for every run", "not allowed on this machine", "is not beside the repository")
"""In the reason of a skip that may stand in CI, too."""
LONGEST = ("long", "kernel", "browser")
"""Marks of tests that take seconds to a minute each: they begin first, so that no worker is left alone with one."""


def pytest_configure() -> None:
    """What is collected stays to the end, and need not be looked through for garbage again and again."""
    gc.disable()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # tests press Ctrl-C, also those of a run in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """From here on what tests make is looked through, and that alone."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a `thinned(n)` test each n-th case stays in `make test`; of what is left, and `sampled(n)`, each n-th in
    `make test-all`; and the longest begin first.
    """
    _leave(items, "thinned", "full", of=lambda item: not item.get_closest_marker("full"))
    _leave(items, "sampled", "night", of=lambda item: bool(item.get_closest_marker("full")))
    items.sort(key=_turn)


def _leave(items: list[pytest.Item], family: str, to: str, *, of: Callable[[pytest.Item], bool]) -> None:
    cases = Counter[str]()
    for item in items:
        mark = item.get_closest_marker(family)
        if mark is None or not of(item):
            continue
        name = item.nodeid.partition("[")[0]
        if cases[name] % mark.args[0]:
            item.add_marker(to)
        cases[name] += 1


def _turn(item: pytest.Item) -> int:
    return next((turn for turn, mark in enumerate(LONGEST) if item.get_closest_marker(mark)), len(LONGEST))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """One test."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module, skipped by `pytest.importorskip`."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    expected_failure = hasattr(report, "wasxfail")
    if report.outcome != "skipped" or expected_failure or os.environ.get("CI") != "true":
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    if any(each in str(reason) for each in MAY_STAND):
        return
    report.outcome = "failed"
    report.longrepr = f"{reason}\nWith CI=true nothing may be skipped: install what this test needs."


@pytest.fixture
def conforming() -> Iterator[None]:
    """Whatever a test exchanges with a rehearsal of this process conforms to the vendors' own descriptions."""
    from verdicts import Verdicts

    with Verdicts().listening() as verdicts:
        yield
    assert not verdicts.deviating, str(verdicts)
