"""Giving connections back: when a session is closed, is replaced by another, or ends with its kernel."""

import asyncio
import weakref
from contextlib import suppress

from flexsso_helpers.flex import Flex
from flexsso_helpers.graph import Graph


def close_with(owner: object, graph: Graph, flex: Flex) -> None:
    """Have the two gateways closed as soon as nobody holds their owner any more, or the interpreter ends."""
    weakref.finalize(owner, _give_back, graph, flex)


def _give_back(graph: Graph, flex: Flex) -> None:
    flex.close()
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # the interpreter ends, or a cell's loop stands still
        with suppress(RuntimeError):  # the loop that the connections belong to may be closed already
            asyncio.run(graph.close())
    else:
        _closing.add(task := loop.create_task(graph.close()))
        task.add_done_callback(_closing.discard)


_closing: set["asyncio.Task[None]"] = set()
"""A loop holds its tasks only weakly."""
