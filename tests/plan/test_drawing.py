"""What a cell may return finds its drawing by its class; a class without one is a mistake of ours and says so."""

import pytest

from flexsso_helpers.plan import Applied, Evidence, Plan
from flexsso_helpers.plan.drawing import ShowsItself, drawn


class Undrawn(ShowsItself):
    """A class that nobody registered."""


@pytest.mark.parametrize("kind", [Plan, Applied, Evidence])
def test_each_class_that_shows_itself_has_a_drawing(kind: type) -> None:
    assert drawn.dispatch(kind) is not drawn.dispatch(object)


def test_a_class_without_a_drawing_is_named() -> None:
    with pytest.raises(TypeError, match="Undrawn"):
        Undrawn()._repr_mimebundle_()
