"""Two thousand people from a CSV file: bad lines all at once, then assigned twenty a request, then nothing more."""

import asyncio
from pathlib import Path

import pytest
from onboarding import STEPS, assignments_of
from stage import REHEARSAL, InProcessWire, Stage, through

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import load
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world import World
from flexsso_helpers.session import Session
from flexsso_helpers.session.opening import assemble
from flexsso_helpers.wire import Wire

MANY = 2000
BAD = ("agnet", "", "admin,extra,entry")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, world=World(people=MANY))


def written(stage: Stage, bad: int) -> Path:
    """A tenant's file whose people come from people.csv; the first `bad` of them are wrong."""
    folder = stage.folder
    inline = REHEARSAL.read_text().split("  assignments:\n")
    rest = inline[1][inline[1].index("  # Those who sign on") :]
    (folder / "rehearsal.yaml").write_text(f"{inline[0]}  assignments:\n    csv: people.csv\n\n{rest}")
    roles = {"ada.admin@contoso.com": "admin", "sol.supervisor@contoso.com": "supervisor"}
    names = [user["userPrincipalName"] for user in stage.world.store.all("user") if user["accountEnabled"]]
    lines = [f"{name},{BAD[at % 3] if at < bad else roles.get(name, 'agent')}" for at, name in enumerate(names)]
    (folder / "people.csv").write_text("\n".join(["user,role", *lines]) + "\n")
    return folder / "rehearsal.yaml"


async def opened(stage: Stage, file: Path, run: str) -> Session:
    wire = InProcessWire(hosts=Wire.for_cloud(GLOBAL).hosts, loopback="http://127.0.0.1", app=stage.app)
    return await assemble(load(file), file, cloud=GLOBAL, wire=wire, door=stage.door, folder=stage.folder / run)


def test_twenty_bad_lines_are_named_at_once(stage: Stage) -> None:
    with pytest.raises(ParametersError) as caught:
        load(written(stage, 20))
    told = caught.value.what.splitlines()
    assert [line.split(": ")[0] for line in told] == [f"{stage.folder.name}/people.csv, line {n}" for n in range(2, 22)]


def test_the_corrected_file_is_assigned_once_and_stays_readable(stage: Stage) -> None:
    file = written(stage, 0)

    async def run(name: str, *numbers: str) -> list[Evidence]:
        session = await opened(stage, file, name)
        evidence = []
        for number in numbers:
            plan, _, proof = await through(session, STEPS[number])
            assert len(str(plan._repr_mimebundle_()["text/plain"])) < 12_000
            assert len(str(proof._repr_mimebundle_()["text/plain"])) < 12_000
            evidence.append(proof)
            stage.world.advance(600.0)
        return evidence

    count = len(load(file).assignments.users)
    assert count > MANY - 20
    done = asyncio.run(run("first", "01", "02", "03", "04", "05", "07"))
    assert done[-1].verdict == f"proved, {count} changes made"
    assert len(assignments_of(stage.world)) == count
    writes = stage.writes
    again = asyncio.run(run("second", "00", "05", "07"))
    assert [each.outcome for each in again] == [0, 0, 0]
    assert stage.writes == writes
