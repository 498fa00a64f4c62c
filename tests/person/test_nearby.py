"""Whether somebody sits at the notebook, as the kernel is told with each cell."""

import asyncio
from types import SimpleNamespace

import pytest
from stage import PROJECT

from flexsso_helpers.errors import NobodyThere
from flexsso_helpers.parameters import load
from flexsso_helpers.person import nearby
from flexsso_helpers.session import open_session, opening


@pytest.mark.parametrize(
    ("parent", "nobody"),
    [
        ({"content": {"allow_stdin": False}}, True),
        ({"content": {"allow_stdin": True}}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_program_says_that_nobody_can_type(
    parent: dict[str, object] | None, nobody: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = SimpleNamespace(get_parent=lambda: parent)
    monkeypatch.setattr(nearby, "get_ipython", lambda: SimpleNamespace(kernel=kernel))
    assert nearby.nobody_at_the_notebook() is nobody


def test_outside_a_kernel_whoever_started_python_is_there() -> None:
    assert not nearby.nobody_at_the_notebook()


def test_a_file_for_a_person_stops_before_anything_is_begun_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def begun(*_: object) -> None:
        raise AssertionError("a rehearsal was begun")

    monkeypatch.setattr(opening, "nobody_at_the_notebook", lambda: True)
    monkeypatch.setattr(opening, "open_rehearsal", begun)
    practice = PROJECT / "parameters" / "practice.yaml"
    assert load(practice).practice == "you"
    with pytest.raises(NobodyThere) as caught:
        asyncio.run(open_session(str(practice)))
    assert str(caught.value).startswith("This is waiting for a person")
    assert "flexsso guide practice" in caught.value.fix
