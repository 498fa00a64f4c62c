"""Two runs of one tenant on one machine: the second says who is at work, and writes nothing; reading is always free."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from onboarding import STEPS
from stage import Stage, through

from flexsso_helpers.errors import InUse
from flexsso_helpers.parameters import from_mapping
from flexsso_helpers.session.opening import _kept_file
from flexsso_helpers.session.writing_lock import WritingLock

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
HOLDS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from flexsso_helpers.session.writing_lock import WritingLock
with WritingLock(Path(sys.argv[1])).held("bo.agent@contoso.com", datetime(2026, 11, 2, 7, 30, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_run_says_who_is_at_work_and_writes_nothing(tmp_path: Path) -> None:
    async def two() -> InUse:
        stage = Stage(tmp_path)
        first, second = await stage.open(), await stage.open()
        plan = await STEPS["01"].plan(second)
        with first.alone(), pytest.raises(InUse) as caught:
            await STEPS["01"].apply(second, plan, second.approval(plan))
        assert stage.writes["graph"] == 0
        assert len((await STEPS["01"].apply(second, plan, second.approval(plan))).made) == 4
        return caught.value

    error = asyncio.run(two())
    assert error.what.startswith("This tenant is being written to by ada.admin@contoso.com (process ")
    assert error.what.endswith(") since 2026-11-02 08:00:00 UTC.")
    assert error.notebook == "01"


def test_reading_goes_on_while_another_run_writes(tmp_path: Path) -> None:
    async def look() -> tuple[int, int]:
        stage = Stage(tmp_path)
        writing, reading = await stage.open(), await stage.open(apply=False)
        with writing.alone():
            plan, applied, evidence = await through(reading, STEPS["01"])
        return len(plan.open), len(applied.made) + evidence.made

    assert asyncio.run(look()) == (4, 0)


def test_a_guided_session_that_is_only_open_holds_nobody_up(tmp_path: Path) -> None:
    async def two() -> int:
        stage = Stage(tmp_path)
        first, second = await stage.open(), await stage.open()
        await through(first, STEPS["01"])
        _, applied, _ = await through(second, STEPS["02"])
        return len(applied.made)

    assert asyncio.run(two()) == 2


@pytest.mark.full
def test_what_a_process_held_is_free_when_it_dies(tmp_path: Path) -> None:
    file = tmp_path / "writing.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(file)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InUse) as caught, WritingLock(file).held("ada", NOW):
            pass
        other.kill()
    assert caught.value.what == (
        f"This tenant is being written to by bo.agent@contoso.com (process {other.pid}) since 2026-11-02 07:30:00 UTC."
    )
    with WritingLock(file).held("ada", NOW):
        assert json.loads(file.with_suffix(".json").read_text("utf-8"))["who"] == "ada"
    assert not file.with_suffix(".json").exists()


@pytest.mark.parametrize("text", ["", "{}", "[]"])
def test_a_holder_that_has_not_said_who_it_is_yet(text: str, tmp_path: Path) -> None:
    file = tmp_path / "writing.lock"
    with WritingLock(file).held("ada", NOW):
        file.with_suffix(".json").write_text(text, "utf-8")
        with pytest.raises(InUse, match="another process of this machine"), WritingLock(file).held("bo", NOW):
            pass


def test_it_is_released_when_the_write_fails(tmp_path: Path) -> None:
    lock = WritingLock(tmp_path / "writing.lock")
    with pytest.raises(ZeroDivisionError), lock.held("ada", NOW):
        raise ZeroDivisionError
    with lock.held("bo", NOW):
        assert (tmp_path / "writing.json").stat().st_mode & 0o077 == 0


def test_live_the_lock_is_that_of_tenant_and_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    flex = {"api_key": "SK0123456789abcdef0123456789abcdef", "api_secret": "env:TWILIO_API_SECRET"}
    files = {
        _kept_file(from_mapping({
            "name": name, "title": "Contoso", "cloud": "global", "tenant_id": "11111111-2222-4333-8444-555555555555",
            "flex": flex | {"account_sid": account},
        }), None, "writing.lock")
        for name, account in (
            ("contoso", "AC0123456789abcdef0123456789abcdef"),
            ("contoso-again", "AC0123456789abcdef0123456789abcdef"),
            ("contoso-emea", "AC1123456789abcdef0123456789abcdef"),
        )
    }  # fmt: skip
    assert len(files) == 2
    assert {file.parent for file in files} == {tmp_path / ".kept"}
