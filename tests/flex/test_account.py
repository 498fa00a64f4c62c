"""What is read of workers and users of a Flex account, moments included; what is not told is None."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from stage import InProcessWire

from flexsso_helpers.clouds import FLEX_API, GLOBAL
from flexsso_helpers.errors import FlexSSOError, Refused
from flexsso_helpers.flex import Flex, FlexUser, Worker
from flexsso_helpers.flex.account import moment, read_connections, read_users, read_worker
from flexsso_helpers.flex.refusals import refused
from flexsso_helpers.rehearsal.flex import seed, twilio_answers, workers
from flexsso_helpers.rehearsal.server.server import app_for
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.wire import Wire

OLGA = "olga.owner@contoso.com"


def asked(read: Callable[[Flex], Awaitable[Any]], world: World | None = None, secret: str = seed.SECRET) -> Any:
    async def sleep(_seconds: float) -> None:
        """No time passes."""

    async def ask() -> Any:
        wire = InProcessWire(
            hosts=Wire.for_cloud(GLOBAL).hosts, loopback="http://127.0.0.1", app=app_for(world or World())
        )
        flex = Flex(
            account_sid=seed.ACCOUNT_SID,
            api_key=seed.API_KEY,
            secret=lambda: secret,
            wire=wire,
            sleep=sleep,
        )
        return await read(flex)

    return asyncio.run(ask())


def test_a_worker_tells_when_it_was_made_and_changed() -> None:
    world = World()
    for worker in asked(lambda flex: flex.workers(seed.WORKSPACE_SID), world):
        assert worker.date_created == worker.date_updated == datetime.fromtimestamp(int(world.clock.now), UTC)


@pytest.mark.parametrize("told", [None, "", "yesterday", 7, {}])
def test_a_moment_that_is_not_told_is_none(told: object) -> None:
    assert moment(told) is None
    item = SimpleNamespace(sid="WK1", friendly_name="a", attributes="{}", date_created=told, date_updated=told)
    assert read_worker(item) == Worker(sid="WK1", friendly_name="a", attributes={})


@pytest.mark.parametrize("told", ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00+01:00", datetime(2026, 3, 2, 9)])
def test_a_moment_is_aware_and_in_utc(told: object) -> None:
    assert moment(told) == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_user_of_the_account_is_found_by_name() -> None:
    user = asked(lambda flex: flex.user(seed.INSTANCE_SID, OLGA))
    assert isinstance(user, FlexUser)
    assert (user.username, user.version, user.sid[:2], user.worker_sid[:2]) == (OLGA, 0, "FU", "WK")
    assert user.date_created is not None
    assert asked(lambda flex: flex.user(seed.INSTANCE_SID, OLGA.upper())) is None
    assert asked(lambda flex: flex.user(seed.INSTANCE_SID, "nobody@contoso.com")) is None


def test_all_users_are_listed_over_several_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexsso_helpers.rehearsal.flex.twilio_answers.LARGEST_PAGE", 2)
    users = asked(lambda flex: flex.users(seed.INSTANCE_SID))
    assert sorted(user.username for user in users) == sorted(name for name, _, _ in seed.CONSOLE_USERS)


def test_the_key_is_sent_to_no_other_host_that_a_page_names(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = twilio_answers.listed

    def elsewhere(*given: Any) -> dict[str, Any]:
        page = listed(*given)
        return page | {"meta": page["meta"] | {"next_page_url": f"{FLEX_API}.example.com/v1"}}

    monkeypatch.setattr(twilio_answers, "listed", elsewhere)
    assert len(asked(lambda flex: flex.users(seed.INSTANCE_SID))) == len(seed.CONSOLE_USERS)


def test_users_of_a_wrong_key_are_a_refusal_with_a_reason() -> None:
    with pytest.raises(Refused, match="Reading the Flex users") as caught:
        asked(lambda flex: flex.users(seed.INSTANCE_SID), secret="wrong")
    assert "API key" in caught.value.why


@pytest.mark.parametrize("body", [{}, {"users": None}, {"users": {}}, {"users": ["x", {}, {"username": "a"}]}])
def test_users_of_another_shape_are_nobody(body: dict[str, Any]) -> None:
    assert read_users(body) == ()


@pytest.mark.parametrize("listed", [None, {}, "x", [None, "x", {}, {"connection_name": ""}]])
def test_connections_of_another_shape_are_none(listed: object) -> None:
    assert read_connections({"config_list": listed}, "AC1") == ()


def test_whether_a_connection_is_active_is_not_known_where_it_is_not_told() -> None:
    listed = [{"connection_name": "JQ1"}, {"connection_name": "JQ2", "active": True}]
    listed += [{"connection_name": "JQ3", "active": None}, {"connection_name": "JQ4", "account_sid": "AC2"}]
    found = read_connections({"config_list": listed}, "AC1")
    assert [(each.name, each.active) for each in found] == [("JQ1", None), ("JQ2", True), ("JQ3", None)]


def planted() -> World:
    world = World()
    app_for(world)
    return world


def user_of(world: World, name: str) -> dict[str, str]:
    return next(each for each in world.store.all("flex_user") if each["name_id"] == name)


def test_a_flex_user_goes_with_the_worker_and_once_more_is_no_error() -> None:
    world = planted()
    user = user_of(world, OLGA)
    for _ in range(2):
        asked(lambda flex: flex.deprovision(seed.INSTANCE_SID, user["sid"]), world)
        assert world.store.get("flex_user", user["sid"]) is None
        assert world.store.get("worker", user["worker_sid"]) is None


def test_a_worker_goes_alone_and_once_more_is_no_error() -> None:
    world = planted()
    made = workers.create(world, "someone@contoso.com", "{}")
    users = len(world.store.all("flex_user"))
    for _ in range(2):
        asked(lambda flex: flex.delete_worker(seed.WORKSPACE_SID, made["sid"]), world)
        assert world.store.get("worker", made["sid"]) is None
    assert len(world.store.all("flex_user")) == users


@pytest.mark.parametrize(
    "write",
    [
        lambda flex: flex.deprovision(seed.INSTANCE_SID, "FU00"),
        lambda flex: flex.delete_worker(seed.WORKSPACE_SID, "WK00"),
    ],
    ids=["user", "worker"],
)
def test_a_key_that_is_not_right_is_said(write: Callable[[Flex], Awaitable[None]]) -> None:
    with pytest.raises(Refused) as caught:
        asked(write, secret="wrong")
    assert caught.value.status == 401


def test_what_may_pass_is_not_called_a_read_after_a_write(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = refused("Ending a user at Flex.", 503, "busy")
    assert "it only reads" in busy.fix

    async def fails(_self: Flex, *_call: object) -> None:
        raise busy

    monkeypatch.setattr(Flex, "_sdk", fails)
    with pytest.raises(FlexSSOError) as caught:
        asked(lambda flex: flex.delete_worker(seed.WORKSPACE_SID, "WK00"))
    assert "it only reads" not in caught.value.fix
    assert "not ended twice" in caught.value.fix
