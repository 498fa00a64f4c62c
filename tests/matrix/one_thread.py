"""A whole case in one thread: its requests come in one order, and its process can be forked at any of them."""

import asyncio
import contextvars
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import stage

from flexsso_helpers.graph import snapshot
from flexsso_helpers.session.writing_lock import WritingLock


class _Driven:
    """In place of the stage's loop in a thread: the rehearsal's handlers wait for nothing, so one step does."""

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        try:
            coroutine.send(None)
        except StopIteration as done:
            return done.value
        coroutine.close()
        raise RuntimeError("The rehearsal waits for something.")


async def _here(function: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
    return contextvars.copy_context().run(function, *args, **options)


def in_one_thread() -> None:
    """From now on, for this process, no thread is begun.

    Nor is a file flushed to its disk, as no machine is cut off; nor a tenant locked, as forks would share the lock;
    and what was read stays as young as it is while a process waits for its forks.
    """
    asyncio.to_thread = _here
    stage.LOOP = _Driven()  # type: ignore[assignment]
    os.fsync = lambda _file: None  # type: ignore[assignment]
    WritingLock.held = lambda *_: nullcontext()  # type: ignore[assignment,method-assign,return-value]
    snapshot.time = SimpleNamespace(monotonic=lambda: 0.0, time=lambda: 0.0)  # type: ignore[attr-defined,assignment]
    sys.modules.setdefault("trio", None)  # type: ignore[arg-type] # else it is looked for at each request
