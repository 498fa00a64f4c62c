"""What a sign-on leaves at Flex to be seen by: the dates of the worker, the dates and version of the user."""

import json
from typing import Any

import pytest
from flex_signer import Response
from flex_stage import Stage, signed_in

from flexsso_helpers.clouds import FLEX_API
from flexsso_helpers.rehearsal.flex import seed

BO = "bo.agent@contoso.com"
INSTANCES = f"/Instances/{seed.INSTANCE_SID}/Users"


def worker(stage: Stage) -> Any:
    (found,) = stage.sdk.taskrouter.v1.workspaces(seed.WORKSPACE_SID).workers.list(friendly_name=BO)
    return found


def user(stage: Stage, version: str = "v4") -> dict[str, Any]:
    (found,) = stage.get(f"{FLEX_API}/{version}{INSTANCES}", auth=stage.auth, Username=BO).json()["users"]
    assert isinstance(found, dict)
    return found


def sign_on(stage: Stage, **claims: Any) -> None:
    stage.world.advance(60)
    assert signed_in(stage.sign_on(Response().but(claims={**Response().claims, **claims})))


def test_a_worker_says_when_it_was_made_and_when_it_was_changed() -> None:
    stage = Stage()
    sign_on(stage)
    made = worker(stage)
    assert made.date_created == made.date_updated
    stage.world.advance(60)
    made.update(attributes=json.dumps({"roles": ["agent"], "desk": 4}))
    changed = worker(stage)
    assert changed.date_created == made.date_created < changed.date_updated


@pytest.mark.parametrize(("answer", "moves"), [("moves", True), ("stays", False)])
def test_whether_a_sign_on_that_changes_nothing_touches_the_worker_is_a_question(answer: str, moves: bool) -> None:
    stage = Stage(worker_touch=answer)
    sign_on(stage)
    first = worker(stage)
    sign_on(stage)
    assert (worker(stage).date_updated > first.date_updated) is moves
    assert worker(stage).date_created == first.date_created


@pytest.mark.parametrize("answer", ["moves", "stays"])
@pytest.mark.parametrize("claims", [{"department": ["Care"]}, {"channel.voice.capacity": ["3"]}])
def test_a_sign_on_that_changes_something_always_touches_the_worker(answer: str, claims: dict[str, Any]) -> None:
    stage = Stage(worker_touch=answer)
    sign_on(stage)
    before = worker(stage).date_updated
    sign_on(stage, **claims)
    assert worker(stage).date_updated > before


def test_a_user_begins_at_version_0_and_a_change_is_the_next() -> None:
    stage = Stage()
    sign_on(stage)
    first = user(stage)
    assert (first["version"], first["created_date"]) == (0, first["updated_date"])
    sign_on(stage)
    assert user(stage) == first
    sign_on(stage, roles=["supervisor"])
    second = user(stage)
    assert second["version"] == 1
    assert second["updated_date"] > first["updated_date"]
    stage.world.advance(60)
    stage.sdk.flex_api.v2.flex_user(seed.INSTANCE_SID, first["flex_user_sid"]).update(locale="en-GB")
    fetched = stage.sdk.flex_api.v2.flex_user(seed.INSTANCE_SID, first["flex_user_sid"]).fetch()
    assert (fetched.version, fetched.worker_sid) == (2, worker(stage).sid)


def test_a_user_may_move_at_each_sign_on_or_say_nothing_of_it() -> None:
    moving, silent = Stage(flex_user_version="moves"), Stage(flex_user_version="absent")
    for stage in (moving, silent):
        sign_on(stage)
        sign_on(stage)
    assert (user(moving)["version"], user(moving)["updated_date"] > user(moving)["created_date"]) == (1, True)
    assert not {"version", "created_date", "updated_date"} & set(user(silent))


def test_the_worker_has_a_block_of_its_own_from_version_4_on() -> None:
    stage = Stage()
    sign_on(stage)
    assert user(stage)["worker"] == {"worker_sid": worker(stage).sid, "workspace_sid": seed.WORKSPACE_SID}
    assert user(stage, "v1")["worker_sid"] == worker(stage).sid


@pytest.mark.parametrize("self_hosted", [False, True])
def test_the_page_after_a_sign_on_can_be_loaded_again(self_hosted: bool) -> None:
    stage = Stage()
    if self_hosted:
        stage.save(trusted_urls="https://desk.example.com/flex")
    start = "https://desk.example.com/flex?team=care" if self_hosted else ""
    page = stage.sign_on(start=(lambda: stage.get(start)) if start else None)
    if page.is_redirect:
        page = stage.get(page.headers["location"])
    while page.is_redirect:
        page = stage.get(page.headers["location"])
    address = str(page.request.url)
    assert signed_in(page)
    assert "code=" not in address
    again = stage.get(address)
    assert again.text == page.text
    assert stage.billed == 1
