"""The whole runbook meets each possible Flex: for every answer to an open question it does what is expected of it.

A world is configured once as far as the question cannot matter; from there the runbook goes on under the answer. Where
a question matters only in certain circumstances, these are arranged first.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from covering import proved_ones_by_night
from entra_circumstances import change_user
from onboarding import DOCUMENTED, STEPS, application, change_application
from preparations import AUDITOR
from stage import Stage, through

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.flex import workers
from flexsso_helpers.rehearsal.flex.quirks import CASES, QUIRKS, SINCE
from flexsso_helpers.rehearsal.world.quirks import Expected
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.sign_on import step as sign_on

BO = "bo.agent@contoso.com"
LONG = "pat.partner.of.the.far.away.branch_fabrikam.example.com.EXT@contoso.onmicrosoft.com"
ALTERNATIVES = [(name, answer) for name, quirk in QUIRKS.items() for answer in quirk.choices[1:]]
DEFAULTS_THAT_NEED_A_CASE = [(name, QUIRKS[name].choices[0]) for name in CASES]
LAST = "08"


async def go_on(stage: Stage, since: str) -> list[Evidence]:
    """The runbook from this notebook on."""
    session = await stage.open()
    found = [await STEPS["00"].verify(session)] if since == "00" else []
    for number in (each for each in DOCUMENTED if each >= since):
        found.append((await through(session, STEPS[number]))[2])
    return found


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, World]:
    """Worlds as they stand before 00, 06 and 08; not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("configured"))
    made = {"00": stage.world.copy()}

    async def go() -> None:
        session = await stage.open()
        for number in (each for each in DOCUMENTED if each < "08"):
            if number == "06":
                made["06"] = stage.world.copy()
            await through(session, STEPS[number])
        stage.world.advance(600.0)
        made["08"] = stage.world.copy()

    asyncio.run(go())
    return made


def no_flex(world: World, _folder: Path) -> None:
    home = workers.account(world)
    world.store.put("flex_account", home["sid"], home | {"status": "none"}, at=world.clock.now)


def foreign_role(world: World, _folder: Path) -> None:
    """Somebody added a role by hand and assigned it."""
    change_application(world, appRoles=[*application(world)["appRoles"], AUDITOR])
    one = next(each for each in world.store.all("appRoleAssignment") if each["principalDisplayName"] == "Bo Agent")
    other = one | {"id": "auditor", "appRoleId": AUDITOR["id"]}
    world.store.put("appRoleAssignment", "auditor", other, at=world.clock.now)
    world.advance(600.0)


def underscore(world: World, _folder: Path) -> None:
    change_user(world, BO, mail="bo_agent@contoso.com")


def other_case(world: World, folder: Path) -> None:
    """Bo signed on once; then somebody wrote the mail address in Entra in capitals."""
    before = world.quirks.chosen
    world.quirks.chosen = {}

    async def once() -> None:
        await through(await Stage(folder, world=world, changes={"test_sign_ons": [BO]}).open(), sign_on.STEP)

    asyncio.run(once())
    world.quirks.chosen = before
    change_user(world, BO, mail="Bo.Agent@contoso.com")
    kept = json.loads(world.store.meta("tenant_values"))
    del kept["attested"]["sign_on"]  # so that 08 has him sign on again
    world.store.set_meta("tenant_values", json.dumps(kept))


def worker_of_that_name(world: World, _folder: Path) -> None:
    workers.create(world, BO, "{}")


def long_name(world: World, _folder: Path) -> None:
    change_user(world, BO, mail=LONG)


ARRANGED: dict[str, Callable[[World, Path], None]] = {
    "an account without Flex": no_flex,
    "a role that Flex does not know": foreign_role,
    "an underscore in the mail address": underscore,
    "another letter case than at the first sign-on": other_case,
    "a worker of that name made by API": worker_of_that_name,
    "a user name of more than 64 characters": long_name,
}


def outcome(name: str, answer: str, configured: Mapping[str, World], folder: Path) -> tuple[Expected, list[Evidence]]:
    """What the runbook comes to under this answer, and the evidence until then."""
    since = SINCE.get(name, LAST)
    world = World(configured[since].store.copy(), quirks={name: answer})
    if name in CASES:
        ARRANGED[CASES[name]](world, folder / "case")
    return run(world, since, folder)


def run(world: World, since: str, folder: Path) -> tuple[Expected, list[Evidence]]:
    try:
        found = asyncio.run(go_on(Stage(folder, world=world), since))
    except FlexSSOError as error:
        print(error)
        return ("refused", type(error).__name__, error.notebook), []
    assert [each.outcome for each in found if each.outcome not in (0, 2)] == []
    assert [each.section for each in found if each.planned] == []
    return "proved", found


@pytest.mark.full
def test_every_default_together_is_proved(configured: Mapping[str, World], tmp_path: Path) -> None:
    assert run(configured["00"].copy(), "00", tmp_path)[0] == "proved"


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "answer"), [*proved_ones_by_night(QUIRKS, ALTERNATIVES, but=CASES), *DEFAULTS_THAT_NEED_A_CASE]
)
def test_the_runbook_does_what_is_expected(
    name: str, answer: str, configured: Mapping[str, World], tmp_path: Path
) -> None:
    assert outcome(name, answer, configured, tmp_path)[0] == QUIRKS[name].expects[answer]


def test_every_circumstance_is_arranged_for() -> None:
    assert set(CASES.values()) == set(ARRANGED)


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "answer", "check"),
    [
        ("region", "other", "F04"),
        ("authn_nameid_policy", "persistent", "F38"),
        ("friendly_name", "full_name", "S79"),
        ("nameid_case", "same_worker", "S79"),
        ("long_name", "truncate", "S79"),
        ("preexisting_worker", "adopt", ""),
        ("escape_underscore", "false", ""),
    ],
)
def test_what_is_unusual_and_works_is_pointed_out(
    name: str, answer: str, check: str, configured: Mapping[str, World], tmp_path: Path
) -> None:
    _, found = outcome(name, answer, configured, tmp_path)
    looks = {each.check for evidence in found for each in evidence.findings if each.state == "wrong"}
    assert looks & {"F04", "F38", "S79"} == ({check} if check else set())
