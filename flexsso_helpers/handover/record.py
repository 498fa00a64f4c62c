"""The handover as data: what `handover.json` holds. Its schema is docs/handover.schema.json.

`schema_version` grows when a key goes or comes to mean something else; a further key does not change it.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION: Literal[1] = 1


class Told(BaseModel):
    """Plain data of which every key is always there."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class Worked(Told):
    """One session: who opened it, and what with."""

    at: str
    by: str = Field(description="The signed-in account.")
    run: str = Field(description="Folder of the run, below the tenant's.")
    versions: dict[str, str] = Field(description="What wrote this record, by name.")


class Made(Told):
    """One setting that was changed."""

    section: str = Field(description="Two digits, those of its notebook.")
    setting: str
    before: str
    after: str
    kind: Literal["+", "~", "-"] = Field(description="New, replaced, removed.")
    reason: str
    instructions: list[str] = Field(description="Documented instructions that it carries out, such as D14.")
    at: str = Field(description="When it was noted as made.")
    approved_by: str = Field(description="The signed-in account, at whose screen it was approved.")
    approved_at: str
    by_hand: bool = Field(description="Ticked by a person; else approved by the start of the run.")
    by_name: bool = Field(description="Approved by its own name, as removals and what leaves the tenant are.")
    plan: str = Field(description="SHA-256 of the plan that was approved.")
    lost: str = Field(description="What cannot be put back; empty where the setting before can be set again exactly.")


class Request(Told):
    """One write that was sent to Graph."""

    at: str
    section: str
    method: str
    path: str
    why: str
    status: int | None = Field(description="Of the answer; 0 when none came, null when none was noted.")
    request_id: str = Field(description="Graph's own; that of the whole batch where many were sent together.")
    run: str
    n: int = Field(description="Number of its line in the ledger of that run, which holds what stood there before.")


class Step(Told):
    """One documented step, by its newest proof."""

    section: str
    title: str
    standing: Literal["proved", "said", "open", "waiting", "failed", "no proof yet"]
    verdict: str
    at: str
    run: str


class Check(Told):
    """One check of the newest proof of its section."""

    section: str
    check: str
    title: str
    level: Literal["error", "warning", "info"]
    state: Literal["holds", "said", "wrong", "waiting", "unknown"]
    configured: str
    received: str
    said: str = Field(description="Who said it and when; empty unless the state is `said`.")
    backed: bool = Field(description="Something that was seen speaks for what was said.")


class Open(Told):
    """What is still open, and whose it is."""

    section: str
    check: str
    title: str
    to_do: str
    owner: str
    since: str
    due: str


class Note(Told):
    """What somebody wanted remembered."""

    at: str
    by: str
    text: str


class Certificate(Told):
    """The active token-signing certificate, as 03 read it last."""

    not_before: str = Field(description="The day it begins, ISO 8601; empty where that was not read.")
    not_after: str = Field(description="The day it ends, ISO 8601.")
    days_left: int = Field(description="Whole days until then when 03 looked; negative after.")
    looked_at: str


class File(Told):
    """One file that this record rests on."""

    path: str = Field(description="Below the tenant's folder of runs.")
    bytes: int
    sha256: str


class Record(Told):
    """The handover of one tenant, over all its runs."""

    schema_version: Literal[1] = SCHEMA_VERSION
    rehearsal: bool
    tenant: str
    title: str
    cloud: str
    tenant_id: str
    account_sid: str
    application: str
    outcome: int = Field(description="Of all steps: 0 proved, 2 changes planned, 3 something is awaited, 1 failed.")
    next: str = Field(description="The step that comes next; empty when all are proved.")
    first: str = Field(description="First entry of the ledgers.")
    last: str = Field(description="Last entry of the ledgers.")
    login_link: str = Field(description="Where people sign in, as 00 read it; empty before.")
    sign_ons: dict[str, str] = Field(description="Sign-ons of the last proof of 08, by who signed on.")
    leaving: str = Field(description="Claims that leave the tenant and are stored by Flex; empty before 04.")
    told: dict[str, str] = Field(description="Further facts of 06.")
    certificate: Certificate | None
    sessions: list[Worked]
    quiet_runs: int = Field(description="Further runs, which wrote nothing and whose proofs were made anew since.")
    steps: list[Step]
    changes: list[Made]
    requests: list[Request]
    checks: list[Check]
    open: list[Open]
    notes: list[Note]
    files: list[File]
    checksum: str = Field(description="SHA-256 over the list of files; `flexsso handover NAME --verify` compares it.")


def handover_schema() -> dict[str, Any]:
    """The JSON schema of `handover.json`."""
    schema = Record.model_json_schema(mode="serialization", ref_template="#/$defs/{model}")
    title = "Handover of a tenant: handover.json in the folder of a run"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
