"""Steps that do not come through, and what they leave: nothing, or its name."""

import asyncio
import re
from pathlib import Path
from typing import Any

import contacting
import pytest
from contacting import SIGNED_ON, Circumstance, connected, contact, signed_in
from faults import Fault, Faulty
from watching import Watched

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.first_contact.observations import Observations
from flexsso_helpers.first_contact.steps import STEPS
from flexsso_helpers.first_contact.verdicts.all_of_them import NOT_LOOKED_AT
from flexsso_helpers.history import history_of
from flexsso_helpers.person import SimulatedPerson
from flexsso_helpers.plan import Plan
from flexsso_helpers.plan.progress import Progress
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import undo

BO = "bo.agent@contoso.com"
NEEDS_WRITES = {"first_certificate", "duplicate_assignment", "app_delete", "template_tags", "list_order"}


def why(found: Observations, quirk: str) -> str:
    return next(each.why for each in found.verdicts if each.quirk == quirk)


def test_to_look_only_writes_nothing_counted_at_the_server(tmp_path: Path) -> None:
    done = contact(tmp_path, read_only=True, there=Circumstance(arrange=connected))
    assert done.stage.writes == {"graph": 0, "console": 0, "sign_ins": 0}
    assert done.as_before()
    assert done.found.read_only
    assert not NEEDS_WRITES & set(done.found.told)
    assert {"authn_nameid_policy", "bad_id_status", "key_life_policy", "list_attributes"} <= set(done.found.told)
    assert [number for number, _, _ in done.found.steps] == [step.number for step in STEPS if not step.writes]


def throttled(app: Any) -> Any:
    return Faulty(app, Fault("POST", r"/v1\.0/policies/.*", effect=False, status=429, times=10**6))


@pytest.mark.full
def test_where_the_service_asks_to_wait_for_ever_it_says_what_could_not_be_learned(tmp_path: Path) -> None:
    done = contact(tmp_path, wrap=throttled)
    for quirk in ("policy_description", "definition_error_text"):
        assert why(done.found, quirk) == "the service asked to wait, again and again (429)"
    assert why(done.found, "second_claims_policy").startswith("it was not tried")
    assert {"first_certificate", "duplicate_assignment", "restore_state"} <= set(done.found.told)
    assert done.as_before()


def test_whoever_may_write_nothing_learns_what_reading_tells(tmp_path: Path) -> None:
    done = contact(tmp_path, there=Circumstance(changes=signed_in(BO)))
    assert why(done.found, "template_tags") == "the application was not made"
    assert "403" in why(done.found, "require_service_reference")
    assert not NEEDS_WRITES & set(done.found.told)
    assert dict(done.found.told)["bad_id_status"] == "400"
    assert done.as_before()


@pytest.mark.full
def test_where_nobody_can_sign_on_here_the_rest_is_learned(tmp_path: Path) -> None:
    done = contact(tmp_path, quirks={"localhost_reply_url": "refused"}, there=SIGNED_ON)
    assert why(done.found, "policy_attachment") == "nobody signed on for it"
    assert {"localhost_reply_url": "refused", "restore_state": "full"}.items() <= dict(done.found.told).items()
    assert ("8", "not tried") in {(number, went) for number, _, went in done.found.steps}
    assert done.as_before()


@pytest.mark.full
def test_a_sign_on_that_is_not_answered_is_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def walks_away(_person: SimulatedPerson, link: str, *_: str) -> None:
        asked.append(link)

    monkeypatch.setattr(SimulatedPerson, "answer_request", walks_away)
    monkeypatch.setattr(contacting, "PATIENCE", 0.1)
    done = contact(tmp_path, there=SIGNED_ON)
    assert len(asked) == 1
    assert why(done.found, "policy_attachment") == "nobody signed on for it"
    assert "restore_state" in done.found.told
    assert done.as_before()


def stubborn(app: Any) -> Any:
    return Faulty(app, Fault("DELETE", r"/v1\.0/directory/.*", effect=False, status=403, times=10**6))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of this tenant lie, so that one finds what another left."""
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    return tmp_path / "rehearsal"


@pytest.mark.full
def test_what_cannot_be_taken_away_is_named_and_the_next_contact_takes_it(runs: Path) -> None:
    done = contact(runs, wrap=stubborn)
    assert not done.found.clean
    assert len(done.found.left) == len(done.world.store.all("deleted"))
    assert all(re.fullmatch(r"/directory/deletedItems/[0-9a-f-]{36}", path) for path in done.found.left)
    again = contact(runs, again=done.stage)
    assert again.found.clean
    assert again.as_before()


@pytest.mark.parametrize(
    ("typed", "words"), [("", "was not named as a test tenant"), ("fabrikam.com", "'fabrikam.com' is not this tenant")]
)
def test_a_tenant_that_was_not_named_again_is_not_written_to(typed: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ParametersError, match=words):
        contact(tmp_path, test_tenant=typed)


def used(world: World) -> None:
    """Somebody has an application for Flex."""
    app, principal = objects.pair(world, "Flex of the floor", at=world.clock.now)
    app["identifierUris"] = ["urn:flex:JQf1e55000000000000000000000000009"]
    objects.keep(world, app, principal, at=world.clock.now)
    world.advance(600.0)


def switched_off(world: World) -> None:
    used(world)
    found = world.store.all("servicePrincipal")[-1]
    world.store.put("servicePrincipal", found["id"], found | {"accountEnabled": False}, at=world.clock.now)
    world.advance(600.0)


def test_a_tenant_in_which_somebody_uses_flex_is_not_written_to(tmp_path: Path) -> None:
    with pytest.raises(ParametersError, match="holds an application for Flex that people can use"):
        contact(tmp_path, there=Circumstance(arrange=used))


@pytest.mark.full
def test_an_application_for_flex_that_is_switched_off_is_no_hindrance(tmp_path: Path) -> None:
    done = contact(tmp_path, there=Circumstance(arrange=switched_off))
    assert done.found.clean
    assert done.as_before()


@pytest.mark.full
def test_nobody_finds_it_among_their_applications(watched: Watched) -> None:
    assert watched.done.as_before()
    assert len(watched.assigned_hidden) >= 3
    assert all(watched.assigned_hidden)


@pytest.mark.full
def test_each_question_that_is_looked_at_has_an_answer_or_a_reason(watched: Watched) -> None:
    assert all(each.alternative or each.why for each in watched.done.found.verdicts)
    unlooked = [each for each in watched.done.found.verdicts if each.why == NOT_LOOKED_AT]
    assert len(unlooked) < len(watched.done.found.verdicts) / 2


def test_undo_and_the_story_of_the_tenant_know_nothing_to_do_about_it(watched: Watched) -> None:
    async def afterwards() -> tuple[Plan, Progress]:
        session = await watched.done.stage.open(apply=False)
        return await undo.plan(session), history_of(watched.done.folder.parent).progress()

    plan, progress = asyncio.run(afterwards())
    assert plan.open == ()
    assert {stage.standing for stage in progress.stages} == {"no proof yet"}


@pytest.mark.full
@pytest.mark.parametrize(
    "quirks",
    [{"signing_policy_on_principal": "all_403"}, {"ambiguous_failure": "on"}, {"template_certificate": "none"}],
)
def test_a_policy_that_came_with_the_certificate_goes_too(quirks: dict[str, str], tmp_path: Path) -> None:
    """Entra names it; it cannot be read at the service principal, or the answer about the certificate was lost."""
    done = contact(tmp_path, quirks={"cert_creates_policy": "yes_token_only", **quirks})
    assert done.found.clean
    assert done.as_before()


@pytest.mark.full
def test_a_policy_that_somebody_else_made_meanwhile_stays(tmp_path: Path) -> None:
    made: list[str] = []

    def arrange(world: World) -> None:
        def somebody(app: Any) -> Any:
            async def watch(scope: Any, receive: Any, send: Any) -> None:
                if scope.get("method") == "POST" and scope["path"].endswith("/addTokenSigningCertificate") and not made:
                    made.append(world.new_id("policy"))
                    theirs = {
                        "id": made[0], "deletedDateTime": None, "displayName": "TokenIssuancePolicy",
                        "isOrganizationDefault": False, "definition": ['{"TokenIssuancePolicy": {"Version": 1}}'],
                    }  # fmt: skip
                    world.store.put("tokenIssuancePolicy", made[0], theirs, at=world.clock.now)
                await app(scope, receive, send)

            return watch

        WRAPS.append(somebody)

    done = contact(tmp_path, wrap=lambda app: WRAPS[-1](app), there=Circumstance(arrange=arrange))
    assert done.found.clean
    assert [each["id"] for each in done.world.store.all("tokenIssuancePolicy")] == made


WRAPS: list[Any] = []
