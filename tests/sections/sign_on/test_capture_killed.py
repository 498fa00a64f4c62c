"""The kernel is killed in the middle of a capture; the next `open`, in another process, takes the reply URL away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stage import PROJECT

from flexsso_helpers.resources.capture_url import REPLY_URL

SCRIPT = """
import asyncio, os, signal, sys
import flexsso_helpers as flexsso
from onboarding import DOCUMENTED, STEPS
from stage import approved, through
from flexsso_helpers.sections.sign_on import capture
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.capture_url import urls_of

async def main(dies):
    session = await flexsso.open("rehearsal", apply=True)
    if not dies:
        print("reply URLs:", len(urls_of((await find(session)).application)))
        await asyncio.to_thread(session.rehearsal_client._call, "POST", "/-/stop", {})
        return
    for number in DOCUMENTED[:-1]:
        await through(session, STEPS[number])

    async def die(*_):
        print("reply URLs:", len(urls_of((await find(session)).application)), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    session.person.answer_request = die
    plan = await capture.plan(session, "ada.admin@contoso.com")
    await capture.apply(session, plan, approved(plan, capture.SETTING))

asyncio.run(main(sys.argv[1] == "dies"))
"""


def run(how: str, runs: Path) -> str:
    paths = os.pathsep.join(str(path) for path in (PROJECT, PROJECT / "tests", PROJECT / "tests" / "sections"))
    environment = {**os.environ, "PYTHONPATH": paths, "FLEXSSO_RUNS": str(runs)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how], env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    return done.stdout


@pytest.mark.full
def test_a_killed_kernel_leaves_a_reply_url_and_the_next_open_removes_it(tmp_path: Path) -> None:
    assert "reply URLs: 2" in run("dies", tmp_path)
    anew = run("opens", tmp_path)
    assert REPLY_URL in anew
    assert "reply URLs: 1" in anew
