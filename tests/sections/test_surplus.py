"""Two machines at once: in the end there is one of everything, or the next run names the surplus and its way out."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults import OneAtATime, Watching
from flows import Go, people, section
from onboarding import NAME, STEPS, application, certificates, finding, onboard, policies_of, principal, proof
from stage import Stage, through

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import thumbprint_of
from flexsso_helpers.rehearsal.world.clock import parse
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources.application import setup_name
from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.sections import undo
from flexsso_helpers.sections.rotation.step import STEPS as PHASES
from flexsso_helpers.session import Session
from flexsso_helpers.session.writing_lock import WritingLock


async def elsewhere(stage: Stage, app: Any = None) -> Session:
    """A session on another machine: no lock of this one keeps it from writing."""
    session = await stage.open(app=app)
    session.lock = WritingLock(session.folder / "writing.lock")
    return session


async def overtaken(stage: Stage, number: str, *, before: str, times: int = 1) -> list[Evidence | FlexSSOError]:
    """Two runs of a section: the first goes through it whole while the second is about to send that write."""
    other, left = await elsewhere(stage), [times]

    async def watch(_method: str, path: str, _body: Any) -> None:
        if path.endswith(before) and left[0]:
            left[0] -= 1
            await through(other, STEPS[number])

    late = await elsewhere(stage, Watching(stage.app, watch))
    done: list[Evidence | FlexSSOError] = [await proof(other, number)]
    try:
        done.append((await through(late, STEPS[number]))[2])
    except FlexSSOError as error:
        done.append(error)
    assert not left[0]
    return done


@pytest.mark.full
def test_two_certificates_made_at_once_are_told_and_both_runs_use_the_older(before: Callable[[str], Stage]) -> None:
    stage = before("03")
    _, second = asyncio.run(overtaken(stage, "03", before="/addTokenSigningCertificate"))
    made = certificates(principal(stage.world))
    first = min(made, key=lambda key: key["startDateTime"])
    assert len(made) == 2
    assert principal(stage.world)["preferredTokenSigningKeyThumbprint"] == thumbprint_of(first)
    assert isinstance(second, Evidence)
    stage.world.advance(600.0)

    async def third() -> Evidence:
        return await proof(await stage.open(), "03")

    evidence = asyncio.run(third())
    assert (evidence.outcome, evidence.verdict) == (3, "waiting for a person")
    told = finding(evidence, "S30")
    assert (told.state, "Delete" in told.fix) == ("waiting", True)


@pytest.mark.parametrize(
    ("number", "kind", "collection", "check"),
    [
        ("03", "tokenIssuancePolicy", "tokenIssuancePolicies", "G57"),
        ("04", "claimsMappingPolicy", "claimsMappingPolicies", "G34"),
    ],
)
def test_a_policy_of_ours_that_hangs_nowhere_is_named_with_its_way_out(
    number: str, kind: str, collection: str, check: str, configured: Stage
) -> None:
    world = configured.world
    ours = policies_of(world, kind)[0]
    left = "0e000000-0000-4000-8000-00000000abcd"
    world.store.put(kind, left, ours | {"id": left}, at=world.clock.now)
    world.advance(600.0)

    async def look() -> Evidence:
        return await proof(await configured.open(apply=False), number)

    evidence = asyncio.run(look())
    told = finding(evidence, check)
    assert (evidence.outcome, told.received) == (3, left)
    assert f"DELETE /v1.0/policies/{collection}" in told.fix


def test_a_second_pair_under_the_name_of_the_set_up_is_named_and_never_taken_for_ours(tmp_path: Path) -> None:
    """A create that was delivered twice: the first is finished, the second stays as it was made."""
    stage = Stage(tmp_path)
    asyncio.run(onboard(stage, until="01"))
    mine = application(stage.world)["id"]
    name = application(stage.world)["displayName"]

    async def look(stage: Stage) -> tuple[Any, Evidence]:
        session = await stage.open(apply=False)
        if not any(
            entry["displayName"] == setup_name(session.tenant) for entry in stage.world.store.all("application")
        ):
            pair = objects.pair(
                stage.world,
                setup_name(session.tenant),
                at=stage.world.clock.now,
                template=objects.template_id(stage.world),
            )
            objects.keep(stage.world, *pair, at=stage.world.clock.now)
        plan = await STEPS["01"].plan(session)
        return plan, await proof(session, "01")

    asyncio.run(look(stage))
    stage.world.advance(1200.0)
    plan, evidence = asyncio.run(look(stage))
    assert (plan.open, evidence.outcome) == ((), 3)
    assert "Delete it in the admin center" in finding(evidence, "D01", "Unfinished").fix
    assert (application(stage.world, name)["id"], application(stage.world, name)["notes"] != "") == (mine, True)


RACED: dict[str, Go] = {
    **{number: section(STEPS[number]) for number in ("01", "02", "03", "04", "05", "07")},
    "21": section(PHASES["stage"]), "22": people, "29": section(undo.STEP),
}  # fmt: skip


@pytest.mark.thinned(12)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "07", "22", "21", "29"])
def test_races_by_seed_end_with_one_of_everything_or_with_the_surplus_named(
    seed: int, number: str, before: Callable[[str], Stage], afterwards: Callable[[str], Stage]
) -> None:
    stage, chance = afterwards("raced") if number > "20" else before(number), random.Random(seed)

    class Shuffled:
        """The one server; each request comes a little later than it might."""

        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            await self.app(scope, receive, send)

    stage.app = OneAtATime(stage.app)
    stage.rehearsal_client = replace(stage.rehearsal_client, app=stage.app)
    app = Shuffled(stage.app)

    async def race() -> list[Any]:
        sessions = [await elsewhere(stage, app), await elsewhere(stage, app)]
        return await asyncio.gather(*(RACED[number](session) for session in sessions), return_exceptions=True)

    for done in asyncio.run(race()):
        assert not isinstance(done, Exception) or isinstance(done, FlexSSOError), repr(done)
    stage.world.advance(1200.0)

    async def third() -> Evidence | FlexSSOError:
        try:
            return await RACED[number](await stage.open())
        except FlexSSOError as error:
            return error

    evidence, extra = asyncio.run(third()), surplus_of(stage.world)
    assert unnamed(extra, evidence) == [], evidence
    if extra:
        assert isinstance(evidence, FlexSSOError) or evidence.outcome in (1, 3), (extra, evidence)
    else:
        assert isinstance(evidence, Evidence), evidence
        assert evidence.outcome in (0, 2, 3)


def unnamed(extra: Sequence[str], said: Evidence | FlexSSOError) -> list[str]:
    """What is there beyond one of everything, and is not named together with a way out."""
    if isinstance(said, FlexSSOError):
        return [each for each in extra if each not in str(said) or not said.fix]
    told = [each for each in said.findings if each.fix and (each.fails or each.state == "waiting")]
    return [each for each in extra if not any(each in f"{one.title} {one.received}" for one in told)]


def surplus_of(world: World) -> list[str]:
    """What two runs may have doubled, as a finding names it: all but the one that is in use."""
    applications = [each for each in world.store.all("application") if "Twilio Flex" in each["displayName"]]
    finished = next((each for each in applications if each["displayName"] == NAME), None)
    found = [each["appId"] for each in applications if each is not finished]
    links = [(each["object"], each["policyKind"], each["policy"]) for each in world.store.all("policyLink")]
    for kind in ("claimsMappingPolicy", "tokenIssuancePolicy"):
        ours = [each["id"] for each in world.store.all(kind) if each["displayName"].startswith("Twilio Flex")]
        hanging = next((each for each in ours if each in [policy for *_, policy in links]), None)
        found += [each for each in ours if each != hanging]
    for place, kind in {(place, kind) for place, kind, _ in links}:
        found += [each for *where, each in links if where == [place, kind]][1:]
    if finished is None:
        return found
    entry, kept = principal(world), list[float]()
    active = entry["preferredTokenSigningKeyThumbprint"]
    for key in sorted(certificates(entry), key=lambda key: (thumbprint_of(key) != active, key["startDateTime"])):
        made = parse(key["startDateTime"])
        found += [short(thumbprint_of(key))] if any(abs(made - other) < 600.0 for other in kept) else []
        kept.append(made)
    roles = [role["value"] for role in finished["appRoles"] if role["value"]]
    found += [role for role in set(roles) if roles.count(role) > 1]
    given = [each for each in world.store.all("appRoleAssignment") if each["resourceId"] == entry["id"]]
    held = [(each["principalDisplayName"], each["appRoleId"]) for each in given]
    return found + sorted(who for who, _ in {pair for pair in held if held.count(pair) > 1})


def test_whatever_can_be_doubled_counts_as_surplus_beside_the_one_in_use(configured: Stage) -> None:
    world = configured.world
    now, entry = world.clock.now, principal(world)
    assert surplus_of(world) == []
    policy = policies_of(world, "claimsMappingPolicy")[0]
    given = next(each for each in world.store.all("appRoleAssignment") if each["resourceId"] == entry["id"])
    world.store.put("claimsMappingPolicy", "another", policy | {"id": "another"}, at=now)
    objects.attach(world, "claimsMappingPolicy", "servicePrincipal", entry["id"], "another", at=now)
    world.store.put("claimsMappingPolicy", "others", policy | {"id": "others", "displayName": "Travel"}, at=now)
    objects.attach(world, "claimsMappingPolicy", "servicePrincipal", entry["id"], "others", at=now)
    world.store.put("appRoleAssignment", "again", given | {"id": "again"}, at=now)
    assert {"another", "others", given["principalDisplayName"]} <= {*surplus_of(world)}
