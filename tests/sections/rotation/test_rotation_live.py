"""21 under `practice: live`: a human activates, pastes, ticks and signs on; 20 says 0 before and after."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from human import PEM, Human
from live_play import LiveStage, Notebook, at_the_screen
from rotating import DAY, keys

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.session.approval import ApprovalCell
from flexsso_helpers.views import CopyFields


@dataclass
class Rotating(Human):
    """Copies the certificate when it is shown, and pastes it when notebook 21 asks whether that is done."""

    copied: str = ""

    def looks_at(self, thing: Any) -> None:
        if isinstance(thing, CopyFields):
            text = thing._repr_mimebundle_()["text/plain"]
            begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
            if begin in text:
                body = text[text.index(begin) : text.index(end) + len(end)]
                self.copied = "\n".join(line.strip() for line in body.splitlines())
            return
        if isinstance(thing, ApprovalCell) and "pasted into Flex Console" in thing._repr_mimebundle_()["text/plain"]:
            page = self.browser(CONSOLE_SSO_PAGE)
            page.press("Edit identity provider data")
            page.fill(PEM, self.copied)
            page.press("Save")
            self.pasted = True
        super().looks_at(thing)


async def rotate(human: Human, phase: str) -> int:
    """Notebook 21 in this phase; its outcome."""
    notebook = Notebook("21", human)
    notebook.sources = [source.replace('phase = "stage"', f'phase = "{phase}"') for source in notebook.sources]
    await notebook.run()
    assert notebook.evidence is not None
    return notebook.evidence.outcome


async def outcome(human: Human, number: str) -> int:
    notebook = Notebook(number, human)
    await notebook.work_through()
    assert notebook.evidence is not None
    return notebook.evidence.outcome


@pytest.mark.full
def test_a_human_exchanges_the_certificate(snapshots: dict[str, World], tmp_path: Path) -> None:
    stage = LiveStage(tmp_path, world=snapshots["09"].copy())
    stage.world.advance(300 * DAY)
    human = Rotating(stage)
    first, _ = keys(stage.world)

    async def go() -> list[int]:
        told = [await outcome(human, "20"), await rotate(human, "stage")]
        stage.world.advance(3 * DAY)
        told += [await rotate(human, "stage"), await rotate(human, "activate")]
        stage.world.advance(600.0)
        told += [await outcome(human, "08"), await rotate(human, "activate"), await outcome(human, "20")]
        return told

    with at_the_screen(stage, human):
        told = asyncio.run(go())
    active, others = keys(stage.world)
    assert (human.pasted, others) == (True, [first])
    assert told == [0, 2, 0, 3, 2, 0, 0]
    assert active != first
