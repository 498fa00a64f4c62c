"""The cases of a stretch, each a fork at its request: what came before the mishap is run once for all of them."""

import asyncio
import gc
import hashlib
import json
import os
import re
import select
import signal
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from cases import UNPROVED, Known, Request, Result, ended, run, template
from flows import Stretch
from mishaps import MISHAPS, Disturbed, address
from stage import Stage
from starlette.types import Scope

from flexsso_helpers.rehearsal.world.world import World

PATIENCE = 90.0
"""Seconds of a process that stands still."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?|\b1[78]\d{8}(?:\.\d+)?\b")
_WRITER = re.compile(r"\b[0-9a-f]{32}\b")
TOLD_LATER = ("intent", "answer", "applied", "evidence")
"""What later runs read in the ledger of an earlier one (history.py); the rest only tells what was said."""
Before = dict[str, Result]
"""What came of what a disturbed run had left behind, by its digest."""


@dataclass
class Along:
    """A stretch being run undisturbed, with its cases as forks."""

    stretch: Stretch
    known: Known
    wanted: Mapping[int, Sequence[str]]
    """Mishaps by the number of their request."""
    before: Before
    stage: Stage
    done: list[Result] = field(default_factory=list)
    told: int = -1
    """In a fork: where its result goes."""
    name: str = ""

    def reached(self, app: Disturbed, scope: Scope) -> None:
        """A request is made: fork for each of its mishaps. In the fork the mishap is put at it."""
        if self.told >= 0 or not self.wanted.get(app.asked):
            return
        expected = self.known.requests[app.asked - 1]
        found = Request(scope["method"], template(address(scope)), expected.shape)
        assert found == expected, (self.stretch.name, app.asked, found, expected)
        for name in self.wanted[app.asked]:
            with _FilesAsTheyAre(self.stage.folder):
                reading, writing = os.pipe()
                loop = asyncio.get_running_loop()
                child = os.fork()
                if child == 0:
                    asyncio._set_running_loop(loop)  # which a fork is made to forget
                    gc.disable()
                    os.close(reading)
                    self.told, self.name = writing, name
                    app.at, app.mishap = app.asked, MISHAPS[name]
                    return
                os.close(writing)
                self._finished(child, reading, Result(self.stretch.flow, self.stretch.name, app.asked, name, "endless"))

    def _finished(self, child: int, reading: int, silent: Result) -> None:
        text = _read_to_end(reading)
        if text is None:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = json.loads(text) if text else {}
        result = Result(**told["result"]) if told else silent
        if told.get("digest"):
            self.before[told["digest"]] = result
        self.done.append(result)

    def tell(self, disturbed: Disturbed, began: float, first: str) -> NoReturn:
        """In the fork: what it came to, to the process that waits; and no further."""
        digest = ""

        def as_before(stage: Stage) -> Result | None:
            nonlocal digest
            found = digest_of(stage)
            earlier = self.before.get(found)
            digest = "" if earlier else found
            return earlier

        result = ended(self.stretch, self.known, self.stage, disturbed, began, first, self.name, as_before)
        self._leave(result, digest)

    def broke(self, at: int) -> NoReturn:
        """In the fork: what nobody caught."""
        self._leave(
            Result(self.stretch.flow, self.stretch.name, at, self.name, "traceback", traceback.format_exc()), ""
        )

    def _leave(self, result: Result, digest: str) -> NoReturn:
        os.write(self.told, json.dumps({"result": asdict(result), "digest": digest}).encode())
        os._exit(0)


def along(stretch: Stretch, known: Known, wanted: Mapping[int, Sequence[str]], before: Before) -> list[Result]:
    """The results of these cases. `before` is what was learnt of this stretch; more is added."""
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        stage = stretch.stage(Path(folder))
        going = Along(stretch, known, wanted, before, stage)
        disturbed = Disturbed(stage.app, most=known.most, before=going.reached)
        began = stage.world.clock.now
        gc.collect()
        gc.freeze()
        try:
            first = run(stretch, stage, disturbed)
            if going.told >= 0:
                going.tell(disturbed, began, first)
        except BaseException:
            if going.told >= 0:
                going.broke(disturbed.at)
            raise
        assert not first or first.startswith(UNPROVED), first
        return going.done


class _FilesAsTheyAre:
    """What a fork writes is taken back when it has ended: it has the files of the process that it came from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        self._kept = {path: path.read_bytes() for path in _files(self._folder)}
        self._folders = {top for top, *_ in os.walk(self._folder)}

    def __exit__(self, *_: object) -> None:
        for path in _files(self._folder):
            if path not in self._kept:
                path.unlink()
        for path, content in self._kept.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
        for top, *_rest in os.walk(self._folder, topdown=False):
            if top not in self._folders:
                os.rmdir(top)


def _files(folder: Path) -> list[Path]:
    return [Path(top) / name for top, _, names in os.walk(folder) for name in names]


def _read_to_end(reading: int) -> bytes | None:
    """All that is told; None where nothing comes for a long time."""
    parts: list[bytes] = []
    try:
        while select.select([reading], [], [], PATIENCE)[0]:
            part = os.read(reading, 65_536)
            if not part:
                return b"".join(parts)
            parts.append(part)
        return None
    finally:
        os.close(reading)


def digest_of(stage: Stage) -> str:
    """Of all that a later run can find: the newest state of every object, and what the ledgers tell later runs.

    Times are told by their order alone, as another one passes before the stretch is run again.
    """
    found = hashlib.sha256()
    for part in _numbered([*_objects(stage.world), *_kept(stage.folder)]):
        found.update(part.encode())
    return found.hexdigest()


def _objects(world: World) -> Iterator[str]:
    newest = "SELECT kind, key, body FROM versions WHERE seq IN (SELECT MAX(seq) FROM versions GROUP BY kind, key)"
    yield from (f"{kind} {key} {body}" for kind, key, body in world.store._db.execute(newest) if body)
    others = (
        "SELECT name, value FROM meta WHERE name <> 'now' AND name NOT LIKE 'counter:%' AND name NOT LIKE 'writes:%'"
    )
    yield from (f"{name} {value}" for name, value in world.store._db.execute(others))


def _kept(folder: Path) -> Iterator[str]:
    for path in sorted(_files(folder)):
        text = path.read_text("utf-8", "replace")
        lines = text.splitlines()
        if path.name == "ledger.jsonl":
            lines = [_told(line) for line in lines if json.loads(line)["kind"] in TOLD_LATER]
        yield f"{path.relative_to(folder)}\n" + "\n".join(lines)


def _told(line: str) -> str:
    found: dict[str, Any] = json.loads(line)
    return json.dumps({name: each for name, each in found.items() if name not in ("n", "entry", "request_id", "note")})


def _numbered(texts: list[str]) -> Iterator[str]:
    """The same, with a time by its place among all times, and whoever wrote by the order of appearance."""
    times = {each: f"t{place}" for place, each in enumerate(sorted({t for text in texts for t in _TIME.findall(text)}))}
    writers: dict[str, str] = {}
    for text in texts:
        ordered = _TIME.sub(lambda match: times[match[0]], text)
        yield _WRITER.sub(lambda match: writers.setdefault(match[0], f"w{len(writers)}"), ordered)
