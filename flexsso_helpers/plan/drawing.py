"""How plain data shows itself without knowing how it looks: `cards.py` registers the drawing of each class."""

from functools import singledispatch
from typing import Any, Protocol


class Drawing(Protocol):
    """What Jupyter can show."""

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]: ...


@singledispatch
def drawn(thing: object) -> Drawing:
    """The card of this thing. Raises TypeError for a class that none is registered for."""
    raise TypeError(f"nothing draws {type(thing).__name__}")


class ShowsItself:
    """Base of what a cell may return."""

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return drawn(self)._repr_mimebundle_(**kwargs)
