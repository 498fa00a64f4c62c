"""The table of documented instructions: complete, made from a run, and red where an instruction was not followed."""

import asyncio
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from onboarding import DOCUMENTED, STEPS, application, change_application, principal, proof
from rich.console import Console
from stage import Stage, through
from test_wrong_settings import ROWS, Row, attested, sp, without, without_role

from flexsso_helpers.coverage import INSTRUCTIONS, MODES, Covered, covered
from flexsso_helpers.coverage.__main__ import covered_by, show
from flexsso_helpers.coverage.demo import parameters_for, quirks_for
from flexsso_helpers.coverage.instructions import LEGACY
from flexsso_helpers.ledger import read_evidence
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world.world import World

OPEN = set[str]()
"""Instructions that no notebook carries out yet."""
EVERYTHING = {each.number for each in INSTRUCTIONS}


class Demo:
    """One run in each mode, the evidence it left, and the world after it."""

    def __init__(self, mode: str, folder: Path) -> None:
        self.mode, self.changes = mode, parameters_for(mode) | {"name": "rehearsal"}
        stage = Stage(folder, changes=self.changes)
        stage.rehearsal_client.reset(quirks=quirks_for(mode), legacy=mode == LEGACY)
        asyncio.run(self._go(stage))
        stage.world.advance(600.0)
        self.world, self.left = stage.world, stage.folder / "run-1"

    async def _go(self, stage: Stage) -> None:
        session = await stage.open()
        await STEPS["00"].verify(session)
        for number in DOCUMENTED:
            await through(session, STEPS[number])
        await STEPS["06"].verify(session)  # what was said of Console, the sign-ons have shown since

    @property
    def rows(self) -> list[Covered]:
        return covered_by(self.mode, self.left)


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Demo]:
    """A demonstration in each mode; not to be changed."""
    return {mode: Demo(mode, tmp_path_factory.mktemp(mode)) for mode in MODES}


def gaps(rows: Sequence[Covered]) -> dict[str, str]:
    return {row.instruction.number: row.gap for row in rows if row.gap}


@pytest.mark.parametrize("mode", MODES)
def test_every_instruction_is_carried_out_and_proved(mode: str, demos: dict[str, Demo]) -> None:
    assert {number: gap for number, gap in gaps(demos[mode].rows).items() if number not in OPEN} == {}


def test_the_numbers_are_those_of_the_document() -> None:
    assert [each.number for each in INSTRUCTIONS] == [f"D{number:02d}" for number in range(1, 34)]


# The row of test_wrong_settings that leaves just this instruction undone.
SEEDS = {
    "D01": "application-disabled", "D02": "mode-not-saml", "D03": "reply-url-of-another-connection",
    "D04": "reply-url-of-another-connection", "D06": "identifier-of-another-connection",
    "D05": "identifier-of-another-connection", "D08": "name-id-is-the-user-name", "D09": "email-claim-missing",
    "D10": "full-name-from-another-source", "D11": "roles-claim-missing", "D12": "claim-with-a-namespace",
    "D13": "default-claims-sent", "D14": "only-the-assertion-is-signed", "D15": "sha-1",
    "D16": "notification-address-missing", "D17": "additional-claim", "D18": "role-missing",
    "D21": "attested-certificate-is-another", "D22": "attested-issuer-lacks-its-slash",
    "D23": "attested-sso-url-of-another-tenant", "D24": "person-in-the-file-does-not-exist",
    "D25": "user-not-assigned", "D29": "last-sign-on-older-than-the-certificate",
    "D30": "last-sign-on-older-than-the-certificate", "D31": "roles-of-the-worker-edited",
    "D32": "mail-of-the-worker-edited",
}  # fmt: skip


def second_identifier(world: World) -> None:
    change_application(world, identifierUris=[*application(world)["identifierUris"], "api://left-behind"])


def without_insights(world: World) -> None:
    """Somebody removed the one assignment to a role of Flex Insights."""
    role = next(each["id"] for each in application(world)["appRoles"] if each["value"] == "wfo.team_leader")
    mine = principal(world)["id"]
    (found,) = (
        each for each in world.store.all("appRoleAssignment") if (each["appRoleId"], each["resourceId"]) == (role, mine)
    )
    world.store.remove("appRoleAssignment", found["id"], at=world.clock.now)
    world.advance(600.0)


OWN_SEEDS: dict[str, tuple[str, Callable[[World], None]]] = {
    "D07": ("02", second_identifier),
    "D19": ("05", without_role("wfo.team_leader")),
    "D26": ("07", without_insights),
    "D27": ("08", attested(tile={"at": "2026-11-01T08:00:00Z"})),
    "D28": ("06", attested(console={"trusted_urls": ["https://elsewhere.contoso.com"]})),
    "D20": ("04", without("position")),
    "D33": ("04", without("site")),
}


ON_LEGACY: dict[str, tuple[str, Callable[[World], None]]] = {"D27": ("02", sp(loginUrl="https://flex.twilio.com"))}


def seed_of(number: str, mode: str) -> tuple[str, Callable[[World], None], Any]:
    if mode == LEGACY and number in ON_LEGACY:
        return *ON_LEGACY[number], {}
    if number in OWN_SEEDS:
        return *OWN_SEEDS[number], {}
    row: Row = next(row for row in ROWS if row.name == SEEDS[number])
    return row.section, row.spoil, row.changes


@pytest.mark.sampled(2)
@pytest.mark.thinned(6)
@pytest.mark.parametrize(("number", "mode"), [(each.number, mode) for each in INSTRUCTIONS for mode in each.modes])
def test_an_instruction_that_was_not_followed_turns_its_row_red(
    number: str, mode: str, demos: dict[str, Demo], tmp_path: Path
) -> None:
    section, spoil, changes = seed_of(number, mode)
    demo = demos[mode]
    world = demo.world.copy()
    spoil(world)

    async def look() -> Evidence:
        return await proof(
            await Stage(tmp_path, world=world, changes=demo.changes | changes).open(apply=False), section
        )

    spoiled = asyncio.run(look())
    evidence = [spoiled if each.section == section else each for each in read_evidence(demo.left)]
    assert number in gaps(covered(mode, evidence, EVERYTHING))
    assert number not in gaps(demo.rows)


def test_every_instruction_has_a_seed() -> None:
    wanted = {each.number for each in INSTRUCTIONS if set(each.modes) & set(MODES)}
    assert {*SEEDS, *OWN_SEEDS} >= wanted - OPEN


@pytest.mark.parametrize("number", [each.number for each in INSTRUCTIONS if each.changes])
def test_what_the_run_did_not_change_is_a_gap(number: str, demos: dict[str, Demo]) -> None:
    for mode, demo in demos.items():
        told = gaps(covered(mode, read_evidence(demo.left), EVERYTHING - {number}))
        assert number not in {row.instruction.number for row in demo.rows} or (
            "the run changed nothing for it" in told[number]
        )


def test_without_any_run_every_row_is_a_gap(tmp_path: Path) -> None:
    rows = covered_by(MODES[0], tmp_path)
    assert len(gaps(rows)) == len(rows)


def test_the_table_says_what_is_proved_where_and_by_what(demos: dict[str, Demo]) -> None:
    console = Console(width=160, record=True, file=StringIO())
    show(console, demos[MODES[0]].rows)
    said = " ".join(console.export_text().split())
    assert (
        "✓ D03 · Reply URL of the connection enhanced 02 · Basic SAML configuration Reply URL 02 D03 · 1 finding"
        in said
    )
    assert (
        f"{len(demos[MODES[0]].rows) - len(OPEN)} of {len(demos[MODES[0]].rows)} instructions are carried out" in said
    )
