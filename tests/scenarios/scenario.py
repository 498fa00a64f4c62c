"""What may stand in a scenario's file; unknown keys are refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from flexsso_helpers.rehearsal.world.world import World

Number = Literal["00", "01", "02", "03", "04", "05", "06", "07", "08"]
Moment = Literal["01", "02", "03", "04", "05", "06", "07", "08", "09"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Refused(Part):
    """The error that ends the run: its name, the notebook it names (none before one is open), and what it says."""

    error: str
    notebook: Number | None = None
    says: list[str] = Field(min_length=1)


class Expect(Part):
    """What is planned, by section, and the end: who signs on with which roles, a refusal, or a person is awaited."""

    planned: dict[Number, list[str] | int] = {}
    """The settings, or of very many how many."""
    left: list[str] = []
    """What the second run shows again: removals that nobody approved, and what waits for a person."""
    gone: list[str] = []
    """All that stood before and does not afterwards, or not as it did (standing.py)."""
    signs_on: dict[str, list[str]] = {}
    workers: dict[str, dict[str, Any]] = {}
    """Attributes of workers afterwards, by the worker's name."""
    requests: int | None = None
    """How many requests the first run may take at most, where many people make that a question."""
    refused: Refused | None = None
    waits: dict[Number, str] = {}
    """The sections in which a person is awaited, and what this person is told to do."""

    @model_validator(mode="after")
    def _one_end(self) -> "Expect":
        if [bool(self.signs_on), bool(self.refused), bool(self.waits)].count(True) != 1:
            raise ValueError("expect one of signs_on, refused and waits")
        if bool(self.planned) == bool(self.refused):
            raise ValueError("what is planned is told of every run that is not refused, and of no other")
        if self.refused and (self.left or self.workers):
            raise ValueError("what is left, and workers, are told of a run that ends in sign-ons")
        return self


class Scenario(Part):
    """`before`: the notebook before which an earlier run ended (09: it was whole). `approve`: removals by name.

    `seed` is done before the run, `meanwhile` by people during it, before the notebook that is named (09: afterwards).
    Another cloud, or number of people, begins with a company that has nothing of ours yet.
    """

    title: str
    cloud: Literal["global", "gov_l4", "gov_l5", "china", "bleu", "delos"] = "global"
    people: int | None = None
    before: Moment = "01"
    seed: list[str] = []
    meanwhile: dict[Moment, list[str]] = {}
    quirks: dict[str, str] = {}
    parameters: dict[str, Any] = {}
    approve: list[str] = []
    expect: Expect

    @model_validator(mode="after")
    def _from_the_beginning(self) -> "Scenario":
        if self.before != "01" and (self.cloud != "global" or self.people):
            raise ValueError("an earlier run is there in the global cloud alone, and in a company of the usual size")
        return self

    def world(self, worlds: Mapping[str, World]) -> World:
        """A world of its own to play in."""
        if self.cloud != "global" or self.people:
            return World(quirks=self.quirks, cloud=self.cloud, people=self.people)
        return World(worlds[self.before].store.copy(), quirks=self.quirks)


def load(path: Path) -> Scenario:
    return Scenario.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
