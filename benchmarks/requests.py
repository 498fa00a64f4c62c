"""What a run asks of Microsoft Graph: the notebooks' own cells, over an empty tenant, then over the one they made.

    python benchmarks/requests.py [--addresses]

Counts at the server, so a batch is one request and its entries are counted beside it. `again` is what asks an address
for a second time within one notebook. Prints counts by notebook, and ratios of both runs.
"""

import ast
import asyncio
import inspect
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# In place of this folder, whose requests.py would hide the library of that name.
sys.path[0] = str(Path(__file__).parent.parent / "tests")

from stage import PROJECT, Stage  # noqa: E402 - the rehearsal in this process, as the tests have it

import flexsso_helpers  # noqa: E402

GRAPH = b"graph.microsoft.com"


@dataclass
class Asked:
    """The requests of one notebook."""

    requests: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    """Those that travelled in batches."""

    @property
    def again(self) -> int:
        """How many reads asked for something that had been asked for already."""
        reads = Counter(each for each in (*self.requests, *self.entries) if each.startswith("GET "))
        return sum(reads.values()) - len(reads)

    @property
    def batches(self) -> int:
        """How many of the requests were batches."""
        return sum(each.endswith("/$batch") for each in self.requests)


class Counting:
    """The application behind a counter of what reaches Graph."""

    def __init__(self, app: Any) -> None:
        """Nothing is counted yet."""
        self._app, self.asked = app, Asked()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Count, and pass on."""
        if scope["type"] != "http" or dict(scope["headers"]).get(b"host") != GRAPH:
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode()
        self.asked.requests.append(f"{scope['method']} {scope['path']}{'?' + query if query else ''}")
        if not scope["path"].endswith("/$batch"):
            await self._app(scope, receive, send)
            return
        message = await receive()
        entries = json.loads(message["body"])["requests"]
        self.asked.entries += [f"{entry['method']} /v1.0{entry['url']}" for entry in entries]

        waiting = [message]

        async def once_more() -> Any:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, once_more, send)


async def run(stage: Stage) -> dict[str, Asked]:
    """All notebooks in order, each with a session of its own."""
    asked = {}
    for path in sorted((PROJECT / "notebooks").glob("0*.ipynb")):
        counting = Counting(stage.app)

        async def opened(_tenant: Any, *, apply: bool | None = None, app: Counting = counting) -> Any:
            return await stage.open(apply=apply, app=app, unattended=True)

        flexsso_helpers.open = opened  # type: ignore[assignment]
        names: dict[str, Any] = {}
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                await _cell("".join(cell["source"]), names)
        asked[path.name[:2]] = counting.asked
    return asked


async def _cell(source: str, names: dict[str, Any]) -> None:
    code = compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)  # noqa: S307 - the project's own notebooks
    if inspect.iscoroutine(result):
        await result


def told(title: str, asked: dict[str, Asked], *, addresses: bool) -> int:
    """Print one run; its requests in all."""
    print(f"{title:12} requests  of them batches  entries  again")
    for number, each in asked.items():
        print(f"{number:12} {len(each.requests):8}  {each.batches:15}  {len(each.entries):7}  {each.again:5}")
        if addresses:
            print(*(f"    {line}" for line in each.requests), sep="\n")
            print(*(f"      in a batch: {line}" for line in each.entries), sep="\n")
    total = sum(len(each.requests) for each in asked.values())
    print(f"{'in all':12} {total:8}\n")
    return total


async def main() -> None:
    """Both runs over one tenant."""
    addresses = "--addresses" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        first = told("first run", await run(stage), addresses=addresses)
        stage.world.advance(600.0)
        second = told("converged", await run(stage), addresses=addresses)
        stage.world.advance(600.0)
        third = told("and again", await run(stage), addresses=addresses)
    print(f"ratio converged_to_first = {second / first:.2f}")
    print(f"ratio again_to_first = {third / first:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
