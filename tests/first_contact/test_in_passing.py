"""A run that keeps its traffic settles questions in passing, and a tenant that is played again is the same."""

import asyncio
import json
from pathlib import Path

import pytest
from contacting import contact
from onboarding import DOCUMENTED, STEPS
from stage import Stage, through

from flexsso_helpers.first_contact.files import keep
from flexsso_helpers.first_contact.observations import FILE, read_observations
from flexsso_helpers.first_contact.walk import of_recording
from flexsso_helpers.rehearsal.world.quirks import QUIRKS
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.traffic import FILE as TRAFFIC

OTHERWISE = {
    "time_digits": "padded",
    "custom_key_identifier": "ascii_thumbprint",
    "metadata_prefixes": "prefixed",
    "template_roles": "msiam_access",
    "template_tags": "integrated+custom_sso",
    "notification_seed": "creator",
}


def onboarded(folder: Path, quirks: dict[str, str], until: str) -> dict[str, str]:
    """What the recording of a run to this notebook tells."""

    async def go() -> None:
        stage = Stage(folder, world=World(quirks=quirks))
        session = await stage.open(record=True)
        for number in DOCUMENTED:
            if number <= until:
                await through(session, STEPS[number])
        await session.close()

    asyncio.run(go())
    return dict(of_recording(folder / "run-1").told)


@pytest.mark.full
@pytest.mark.parametrize("quirks", [OTHERWISE, {}], ids=["otherwise", "as-we-go-by"])
def test_a_run_tells_in_passing_and_never_wrongly(quirks: dict[str, str], tmp_path: Path) -> None:
    told = onboarded(tmp_path, quirks, "03")
    assert set(OTHERWISE) <= set(told)
    assert told == {name: quirks.get(name, QUIRKS[name].choices[0]) for name in told}


@pytest.mark.full
@pytest.mark.parametrize("otherwise", [False, True])
def test_a_whole_run_tells_more(otherwise: bool, tmp_path: Path) -> None:
    of_flex = {"runtime_domain_form": "url", "authn_nameid_policy": "emailAddress", "region": "other"}
    of_workers = {"friendly_name": "full_name", "roles_shape": "as_received"}
    quirks = {**OTHERWISE, **of_flex, **of_workers, "force_authn": "true"} if otherwise else {}
    told = onboarded(tmp_path, quirks, "08")
    assert {*OTHERWISE, *of_flex, *of_workers} <= set(told)
    assert told == {name: quirks.get(name, QUIRKS[name].choices[0]) for name in told}


def test_without_the_wish_no_traffic_is_kept(tmp_path: Path) -> None:
    async def go() -> None:
        stage = Stage(tmp_path)
        await (await stage.open()).close()

    asyncio.run(go())
    assert not list(tmp_path.rglob(TRAFFIC))


def test_the_start_of_a_run_may_wish_it(tmp_path: Path) -> None:
    """As `flexsso run --record` says it to each kernel."""

    async def go() -> None:
        stage = Stage(tmp_path)
        (tmp_path / "run-1").mkdir()
        (tmp_path / "run-1" / "run.json").write_text(json.dumps({"record": True}), "utf-8")
        await (await stage.open()).close()

    asyncio.run(go())
    assert of_recording(tmp_path / "run-1").told["admin_consent"] == "granted"


@pytest.mark.full
def test_a_tenant_that_is_played_again_is_observed_the_same(tmp_path: Path) -> None:
    """observations.yaml says everything that it takes to play this tenant."""
    seen = contact(tmp_path / "first", quirks={"claims_policy_put": "200", "app_delete": "cascades", "lag": "none"})
    keep(seen.found, tmp_path)
    quirks, cloud = read_observations(tmp_path / FILE)
    assert cloud == "global"
    assert quirks == dict(seen.found.told)
    again = contact(tmp_path / "second", quirks=quirks)
    assert again.found.told == seen.found.told
    assert {question.name for question, _ in again.found.different} == {"claims_policy_put", "app_delete", "lag"}
