"""SECURITY.md says which personal data lies where: held against what a run really leaves."""

import asyncio
import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from onboarding import DOCUMENTED, STEPS
from stage import PROJECT, REHEARSAL, Stage, through
from telling import told, whole

from flexsso_helpers.fleet import leave
from flexsso_helpers.fleet.metrics import write_metrics
from flexsso_helpers.fleet.page import fleet_page
from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.fleet.standing import Standing
from flexsso_helpers.handover.writing import write_handover
from flexsso_helpers.parameters import load

ROW = re.compile(r"^\| `(runs/[^`]+)` \|", re.MULTILINE)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC).isoformat()


def rows() -> dict[str, re.Pattern[str]]:
    """Each place below runs/ that the page names, the longest first."""
    places = sorted(ROW.findall((PROJECT / "SECURITY.md").read_text("utf-8")), key=len, reverse=True)
    return {place: _pattern(place.removeprefix("runs/")) for place in places}


def _pattern(place: str) -> re.Pattern[str]:
    words = re.escape(place).replace(r"\*", ".*")
    words = re.sub(r"<[a-z]+>", "[^/.][^/]*", words.replace(r"\<", "<").replace(r"\>", ">"))
    return re.compile(words + (r"[^/].*" if place.endswith("/") and place.count("/") > 1 else r"[^/]*"))


def left(runs: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(runs.rglob("*")):
        if path.is_file():
            yield path.relative_to(runs).as_posix(), path


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_a_handover_that_is_made_by_itself_is_private_whatever_the_umask(tmp_path: Path) -> None:
    told(tmp_path / "contoso" / "run", *whole())
    assert write_handover(tmp_path / "contoso" / "run")
    modes = {name: stat.S_IMODE(path.stat().st_mode) for name, path in left(tmp_path) if path.suffix != ".jsonl"}
    assert "contoso/run/certificate.ics" in modes
    assert set(modes.values()) == {0o600}


def test_the_one_file_that_other_accounts_may_read_is_named_and_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "flexsso.prom"
    one = Standing(tenant="contoso", words="failed", outcome=1, why="ada@contoso.com", owner="ada@contoso.com")
    write_metrics(path, Fleet(started=NOON, ended=NOON, tenants=(one,)), tmp_path / "runs")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert MAIL.findall(path.read_text("utf-8")) == []
    assert "`--metrics FILE`\nwrites is readable for every account (0644)" in (PROJECT / "SECURITY.md").read_text(
        "utf-8"
    )


@pytest.mark.full
@pytest.mark.usefixtures("open_umask")
def test_each_file_that_a_run_leaves_has_its_line_and_names_nobody_that_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))

    async def run() -> Path:
        stage = Stage(tmp_path / "rehearsal")
        session = await stage.open(record=True)
        for number in DOCUMENTED:
            await through(session, STEPS[number])
        await session.close()
        return session.folder

    folder = asyncio.run(run())
    write_handover(folder)
    fleet = Fleet(started=NOON, ended=NOON, tenants=(Standing(tenant="rehearsal", words="proved", outcome=0),))
    leave(tmp_path, fleet, fleet_page(fleet, tmp_path))
    found = dict(left(tmp_path))
    assert len(found) > 15
    assert not any(row.fullmatch("stray.json") for row in rows().values())
    assert [name for name in found if not any(row.fullmatch(name) for row in rows().values())] == []
    assert {name: oct(stat.S_IMODE(path.stat().st_mode)) for name, path in found.items()} == dict.fromkeys(
        found, "0o600"
    )
    named = {path.name: set(MAIL.findall(path.read_text("utf-8"))) for path in found.values()}
    tenant = load(REHEARSAL)
    notified = set(tenant.signing.notification_addresses)
    assert named["traffic.jsonl"] == set()
    assert named["ledger.jsonl"] <= {"ada.admin@contoso.com", *notified}
    assert named["asked.json"] == named["writing.lock"] == set()
    assert named["handover.json"] > notified  # so that names would be seen
