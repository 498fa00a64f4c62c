"""Mistakes on purpose in Flex Console: only for whom it was agreed, and with the right values back at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contacting import ADA, BILLED, Circumstance, Contacted, at_flex, connected, contact
from faults import Fault, Faulty

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.besides import RIGHT_AND_PROVED, WRONG
from flexsso_helpers.first_contact.page import page
from flexsso_helpers.person import SimulatedPerson, Trial
from flexsso_helpers.rehearsal.flex import connection, seed
from flexsso_helpers.rehearsal.world.world import World

Answers = Callable[[Trial], str | None]
"""What this person says of a trial, without doing anything; None where they do it."""


def played_by(patch: pytest.MonkeyPatch, answers: Answers) -> list[str]:
    """The person of the rehearsal's pages, but for these answers; what they were asked, in order."""
    asked: list[str] = []
    does = SimulatedPerson.tries

    async def tries(person: SimulatedPerson, trial: Trial) -> str:
        asked.append(trial.title)
        said = answers(trial)
        return await does(person, trial) if said is None else said

    patch.setattr(SimulatedPerson, "tries", tries)
    return asked


def told(done: Contacted, name: str) -> str:
    return next((each.told for each in done.found.besides if each.name == name), "")


def in_console(world: World) -> dict[str, Any]:
    found = connection.connection(world)
    assert found is not None
    return found


@pytest.mark.full
def test_whoever_stops_in_the_middle_puts_the_right_values_back_and_a_sign_on_proves_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right: list[str] = []

    def stops(trial: Trial) -> str | None:
        if trial.title == trials.RIGHT_PASTE:
            right.append(trial.values.issuer if trial.values else "")
        return "" if trial.title == trials.TWO_CERTIFICATES else None

    asked = played_by(monkeypatch, stops)
    done = contact(tmp_path, quirks={"check_issuer": "false"}, there=BILLED)
    stopped = asked.index(trials.TWO_CERTIFICATES)
    assert asked[stopped + 1 :] == [trials.PUT_BACK, trials.SECOND_AT_FLEX]
    assert in_console(done.world)["issuer"] == right[0]
    assert told(done, "flex_console") == RIGHT_AND_PROVED
    assert dict(done.found.told).items() >= {"check_issuer": "false", "worker_touch": "moves"}.items()
    assert "multi_cert" not in done.found.told
    assert not done.found.console_wrong
    assert done.found.clean
    assert done.as_before()


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of this tenant lie, so that one finds what another left."""
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    return tmp_path / "rehearsal"


@pytest.mark.full
def test_a_mistake_that_nobody_takes_back_is_said_now_and_by_the_next_contact(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        played_by(patch, lambda trial: "" if trial.title in (trials.TWO_CERTIFICATES, trials.PUT_BACK) else None)
        done = contact(runs, there=BILLED)
    assert told(done, "flex_console") == WRONG
    assert "Flex Console may hold a value that was wrong on purpose" in page(done.found)
    assert done.as_before()
    looking = contact(runs, again=done.stage, read_only=True)
    assert told(looking, "flex_console") == WRONG
    mended = contact(runs, again=done.stage, there=BILLED)
    assert told(mended, "flex_console") == RIGHT_AND_PROVED
    assert told(contact(runs, again=done.stage, read_only=True), "flex_console") == ""


def led_elsewhere(world: World) -> None:
    connected(world)
    found = in_console(world)
    other = {"sso_url": "https://login.fabrikam.example/saml2"}
    world.store.put("flex_connection", found["sid"], found | other, at=world.clock.now)


def known_to_flex(world: World) -> None:
    seed.console_login(world, ADA, "Ada Admin", ["admin"])


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (Circumstance(billed_user="bo.agent@contoso.com"), "is not who is signed in"),
        (Circumstance(billed_user=ADA, arrange=known_to_flex), "is a Flex user already"),
        (Circumstance(billed_user=ADA, arrange=led_elsewhere), "leads elsewhere"),
    ],
)
def test_where_somebody_else_would_bear_it_nothing_is_written(there: Circumstance, words: str, tmp_path: Path) -> None:
    worlds: list[World] = []

    def arrange(world: World) -> None:
        there.arrange(world)
        worlds.append(world)

    with pytest.raises(ParametersError, match=words):
        contact(tmp_path, there=Circumstance(billed_user=there.billed_user, arrange=arrange))
    assert worlds[0].writes() == {"graph": 0, "console": 0, "sign_ins": 0}


def stubborn(app: Any) -> Any:
    return Faulty(app, Fault("POST", r"/v4/.*/Deprovision", effect=False, status=403, times=10**6))


@pytest.mark.full
def test_a_flex_user_who_cannot_be_ended_is_named_and_the_next_contact_ends_them(runs: Path) -> None:
    done = contact(runs, there=BILLED, wrap=stubborn)
    ours = at_flex(done.world) - done.before[1]
    assert {path.removeprefix("Flex: ") for path in done.found.left} == ours
    assert not done.found.clean
    again = contact(runs, again=done.stage, there=BILLED)
    assert again.found.clean
    assert at_flex(again.world) == done.before[1]


@pytest.mark.full
def test_what_an_eye_saw_in_the_portal_is_kept_as_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {trials.PORTAL_SIGNING: "absent", trials.PORTAL_BLADE: "locked"}
    asked = played_by(monkeypatch, lambda trial: seen.get(trial.title))
    done = contact(tmp_path)
    assert set(asked) == set(seen)  # nobody agreed to more
    assert (done.stage.writes["console"], done.stage.writes["sign_ins"]) == (0, 0)
    attested = {each.name: each.told for each in done.found.besides if each.attested}
    assert attested == {"portal_signing_option": "absent", "portal_claims_blade": "locked"}
    assert "* portal_claims_blade: locked (said)." in page(done.found)
