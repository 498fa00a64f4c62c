"""Connections are given back: by closing a session, by dropping it, and at the end of the process."""

import asyncio
import gc
import subprocess
import sys
from pathlib import Path

import pytest
from stage import Stage


def test_a_session_that_is_closed_has_no_connection_left(tmp_path: Path) -> None:
    async def run() -> None:
        session = await Stage(tmp_path).open()
        await session.flex.configuration()
        await session.close()
        assert session.graph.sending.client.is_closed
        assert session.flex._client is None

    asyncio.run(run())


def test_a_session_that_is_replaced_gives_its_connections_back(tmp_path: Path) -> None:
    async def run() -> None:
        stage = Stage(tmp_path)
        session = await stage.open()
        client = session.graph.sending.client
        session = await stage.open()
        gc.collect()
        await asyncio.sleep(0.01)
        assert client.is_closed
        assert not session.graph.sending.client.is_closed

    asyncio.run(run())


SCRIPT = """
import asyncio, sys
sys.path[:0] = [sys.argv[1]]
from pathlib import Path
from stage import Stage

async def run():
    global session
    session = await Stage(Path(sys.argv[2])).open()
    await session.flex.configuration()

asyncio.run(run())
"""


@pytest.mark.full
def test_a_process_that_ends_with_an_open_session_ends_quietly(tmp_path: Path) -> None:
    tests = str(Path(__file__).parent.parent)
    ended = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", SCRIPT, tests, str(tmp_path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
