"""What a look reads is read once and together, and never longer than it holds."""

import asyncio
import json
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asked import Counted
from stage import Stage

from flexsso_helpers.errors import NotPermitted
from flexsso_helpers.graph.snapshot import Snapshot
from flexsso_helpers.session import Session

ORGANIZATION = "/organization"
AS_OPENED = {"$select": "id,displayName,verifiedDomains"}
"""What the opening of a session asks there."""


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., tuple[Session, Counted]]:
    stage = Stage(tmp_path)

    def open_it(*, unattended: bool = False) -> tuple[Session, Counted]:
        inner, counted = stage.app, Counted(stage.app)
        stage.app = counted
        try:
            return asyncio.run(stage.open(unattended=unattended)), counted
        finally:
            stage.app = inner

    return open_it


async def _two(session: Session) -> None:
    await session.graph.list(ORGANIZATION)
    await session.graph.list("/subscribedSkus")


def test_an_address_is_asked_once_in_a_look(opened: Any) -> None:
    session, counted = opened()
    counted.single.clear()

    async def twice() -> None:
        with session.speaking("01"):
            await _two(session)
            await _two(session)

    asyncio.run(twice())
    assert counted.single == [ORGANIZATION, "/subscribedSkus"]


def test_outside_of_a_look_each_reading_is_a_new_one(opened: Any) -> None:
    session, counted = opened()
    counted.single.clear()

    async def twice() -> None:
        await _two(session)
        await _two(session)

    asyncio.run(twice())
    assert len(counted.single) == 4


def test_what_was_asked_last_time_comes_in_one_request(opened: Any) -> None:
    async def look(session: Session) -> None:
        with session.speaking("01"):
            await _two(session)

    session, _ = opened()
    asyncio.run(look(session))
    later, counted = opened()
    counted.single.clear()
    counted.batches.clear()
    asyncio.run(look(later))
    assert (counted.single, counted.batches) == ([], [[ORGANIZATION, "/subscribedSkus"]])


@pytest.mark.parametrize("unattended", [False, True])
def test_what_passes_time_or_writes_ends_what_was_remembered(opened: Any, unattended: bool) -> None:
    session, counted = opened(unattended=unattended)

    async def look() -> list[int]:
        seen = []
        with session.speaking("01"):
            for meanwhile in (None, session.sleep(1.0), _write(session)):
                if meanwhile is not None:
                    await meanwhile
                counted.single.clear()
                counted.batches.clear()
                await session.graph.list(ORGANIZATION, AS_OPENED)
                seen.append(len(counted.single))
        return seen

    # An unattended run's first look follows its opening at once.
    assert asyncio.run(look()) == ([0, 1, 1] if unattended else [1, 1, 1])


async def _write(session: Session) -> None:
    body = {"displayName": "Contoso Test", "signInAudience": "AzureADMyOrg"}
    await session.graph.post("/applications", body, why="Making something", before=None)


@pytest.mark.parametrize("clock", ["monotonic", "time"])
def test_what_was_read_before_a_laptop_slept_is_read_again(
    clock: str, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it sleeps one of the two clocks stands still on some systems."""
    session, counted = opened(unattended=True)

    async def cell() -> int:
        counted.single.clear()
        counted.batches.clear()
        with session.speaking("02"):
            await session.graph.list(ORGANIZATION, AS_OPENED)
        return len(counted.single)

    assert asyncio.run(cell()) == 0
    told = getattr(time, clock)
    monkeypatch.setattr(time, clock, lambda: told() + 8 * 3600.0)
    assert asyncio.run(cell()) == 1
    assert asyncio.run(cell()) == 0


def test_a_person_in_front_of_it_gets_a_new_reading_in_each_cell(opened: Any) -> None:
    for unattended, readings in ((False, 2), (True, 0)):
        session, counted = opened(unattended=unattended)
        counted.single.clear()
        for _ in range(2):

            async def cell(session: Session = session) -> None:
                with session.speaking("02"):
                    await session.graph.list(ORGANIZATION, AS_OPENED)

            asyncio.run(cell())
        assert len(counted.single) == readings


def test_addresses_are_kept_on_disk_for_the_owner_only_and_never_those_of_people(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "asked.json"
    snapshot = Snapshot(file)
    with snapshot.looking("01"):
        for address in ("/applications", "/users/ada.admin@contoso.com", "/users?$filter=mail%20eq%20'ada%40x'"):
            snapshot.keep(address, {"id": "secret answer"})
            snapshot.note(address)
    assert json.loads(file.read_text("utf-8")) == {"01": ["/applications"]}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("spoiled", ["", "[]", "{", '{"01": 7}', '{"01": [1, null]}', "\x00"])
def test_a_spoiled_file_is_as_good_as_none(tmp_path: Path, spoiled: str) -> None:
    file = tmp_path / "asked.json"
    file.write_text(spoiled, "utf-8")
    with Snapshot(file).looking("01"):
        pass


def test_where_nothing_can_be_kept_a_look_goes_on(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be", "utf-8")
    snapshot = Snapshot(tmp_path / "kept" / "asked.json")
    with snapshot.looking("01"):
        snapshot.note("/applications")


def test_what_a_wait_asks_again_and_again_comes_in_one_request_from_its_second_round_on(opened: Any) -> None:
    session, counted = opened()
    rounds: list[tuple[list[str], list[list[str]]]] = []

    async def round_() -> int:
        counted.single.clear()
        counted.batches.clear()
        await _two(session)
        rounds.append(([*counted.single], [*counted.batches]))
        return len(rounds)

    async def wait() -> None:
        with session.speaking("01"):
            await _write(session)
            await session.wait_until(round_, lambda number: number == 3, what="the third round")

    asyncio.run(wait())
    together: tuple[list[str], list[list[str]]] = ([], [[ORGANIZATION, "/subscribedSkus"]])
    assert rounds == [([ORGANIZATION, "/subscribedSkus"], []), together, together]


def test_what_has_been_waited_for_is_not_asked_with_something_else(opened: Any) -> None:
    session, counted = opened()

    async def look() -> None:
        with session.speaking("01"):
            await _two(session)
            await session.sleep(1.0)
            counted.single.clear()
            counted.batches.clear()
            await session.graph.list("/groups")

    asyncio.run(look())
    assert (counted.single, counted.batches) == (["/groups"], [])


def test_what_may_not_be_read_is_asked_once_in_a_look_and_each_time_refused_alike(opened: Any) -> None:
    session, counted = opened()
    said: list[str] = []

    async def look() -> None:
        with session.speaking("01"):
            for _ in range(2):
                try:
                    await session.graph.list("/identity/conditionalAccess/policies")
                except NotPermitted as error:
                    error.why += " Told."
                    said.append(error.why)

    counted.single.clear()
    asyncio.run(look())
    assert counted.single == ["/identity/conditionalAccess/policies"]
    assert len(said) == 2
    assert len(set(said)) == 1


def test_the_first_opening_of_all_asks_who_and_where_in_one_request(opened: Any) -> None:
    _, counted = opened()
    [batch] = counted.batches
    assert [each.partition("?")[0] for each in batch] == [
        "/me",
        "/me/transitiveMemberOf",
        "/roleManagement/directory/roleAssignments",
        ORGANIZATION,
    ]
    assert counted.single == []
