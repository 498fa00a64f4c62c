"""What a notebook's cell awaits, marked with the section that it belongs to."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flexsso_helpers.session.session import Session

P = ParamSpec("P")
T = TypeVar("T")


def speaks(
    section: str,
) -> Callable[
    [Callable[Concatenate[Session, P], Awaitable[T]]], Callable[Concatenate[Session, P], Coroutine[Any, Any, T]]
]:
    """Marks what a cell of this section awaits: all of it is `Session.speaking`."""

    def marked(
        cell: Callable[Concatenate[Session, P], Awaitable[T]],
    ) -> Callable[Concatenate[Session, P], Coroutine[Any, Any, T]]:
        @wraps(cell)
        async def spoken(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> T:
            with session.speaking(section):
                return await cell(session, *args, **kwargs)

        return spoken

    return marked
