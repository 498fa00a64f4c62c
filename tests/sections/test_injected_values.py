"""Values injected by `papermill -f` have no file to note anything in: a section that will have to says so first."""

import asyncio
from pathlib import Path

import pytest
from onboarding import STEPS
from stage import Stage, through

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.session import Session
from flexsso_helpers.session.tenant_values import TenantValues

WRITING = ("01", "02", "03", "04", "05", "07")
"""06 and 08 write nothing to Entra: there a person acts."""


async def injected(stage: Stage) -> Session:
    """As `papermill -f` opens a live tenant: no file, and no rehearsal that would keep values in its place."""
    session = await stage.open(apply=True)
    session.tenant_values = TenantValues(session.tenant, None, None)
    return session


def before(stage: Stage, number: str) -> None:
    """Bring the tenant to before this section, in a session that may note."""

    async def go() -> None:
        session = await stage.open(apply=True)
        for each in WRITING:
            if each < number:
                await through(session, STEPS[each])

    asyncio.run(go())


@pytest.mark.thinned(6)
@pytest.mark.parametrize("number", WRITING)
def test_a_section_is_whole_or_refused_before_it_writes(tmp_path: Path, number: str) -> None:
    stage = Stage(tmp_path)
    before(stage, number)

    async def go() -> None:
        session = await injected(stage)
        writes = stage.writes
        refused = ""
        try:
            await through(session, STEPS[number])
        except ParametersError as error:
            refused = error.fix
        assert (stage.writes == writes) is ("flexsso run NAME" in refused)

    asyncio.run(go())


@pytest.mark.full
def test_02_refuses_where_it_read_the_connection_from_flex_and_not_where_the_file_names_it(tmp_path: Path) -> None:
    async def go(stage: Stage, values: dict[str, str] | None) -> dict[str, int]:
        session = await injected(stage)
        if values:
            assert session.tenant.flex.connection is not None
        await through(session, STEPS["02"])
        return stage.writes

    stage = Stage(tmp_path / "read")
    before(stage, "02")
    with pytest.raises(ParametersError, match="injected"):
        asyncio.run(go(stage, None))

    async def noted() -> dict[str, str]:
        session = await stage.open(apply=True)
        await through(session, STEPS["02"])
        connection = session.tenant.flex.connection
        assert connection is not None
        return {"reply_url": connection.reply_url, "identifier": connection.identifier}

    values = asyncio.run(noted())
    named = Stage(tmp_path / "named", changes={"flex": {"connection": values}})
    before(named, "02")
    already = named.writes["graph"]
    assert asyncio.run(go(named, values))["graph"] > already
