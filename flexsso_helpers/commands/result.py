"""The result of a run as data: what `--json` prints and `result.json` keeps. Its schema is docs/result.schema.json.

`schema_version` grows when a key goes or comes to mean something else; a further key does not change it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from flexsso_helpers.handover import write_handover
from flexsso_helpers.handover.gathering import sign_ons
from flexsso_helpers.handover.writing import language_of
from flexsso_helpers.history import history
from flexsso_helpers.ledger import read_ledger, write_whole
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import FAILED, WAITING, Evidence, Finding
from flexsso_helpers.plan.facts import DAYS_LEFT, VALID_TO
from flexsso_helpers.plan.nameless import LEFT_OUT, meaning, without_mails

SCHEMA_VERSION: Literal[1] = 1
FILE = "result.json"
OUTCOME = "0 proved, 2 changed or changes planned, 3 a person's step is waiting, 1 failed; as the exit codes"
Outcome = Literal[0, 1, 2, 3]


class Told(BaseModel):
    """Plain data of which every key is always there."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class Check(Told):
    """One check of a section, as its last proof found it."""

    section: str = Field(description="Two digits, those of its notebook.")
    check: str = Field(description="Number of the check, such as S24 or D14.")
    title: str
    level: Literal["error", "warning", "info"] = Field(description="Only an error that is wrong fails.")
    state: Literal["holds", "said", "wrong", "waiting", "unknown"] = Field(
        description="`holds` and `wrong` were seen; `said` is a person's word; `unknown` could not be looked at."
    )
    said: str = Field(description="Who said it and when; empty unless the state is `said`.")
    reason: str = Field(description="What is expected, what was found, and what mends it; empty where it holds.")


class NotebookResult(Told):
    """What came of one notebook."""

    notebook: str
    outcome: Outcome | None = Field(description=f"{OUTCOME}; null when it was not run, or proved nothing yet.")
    verdict: str = Field(description="The outcome in words.")
    error: str = Field(description="What stopped it, in words; empty when nothing did.")
    as_good_as: str = Field(
        default="",
        description="Folder of the run that executed this notebook last, when this run only looked: read anew, nothing "
        "is to be changed and every check holds, but nobody signed on again. Empty when it was executed.",
    )
    started: str | None = Field(description="When it began by this machine's clock, ISO 8601 in UTC.")
    ended: str | None = Field(description="When it ended by this machine's clock.")
    session_started: str | None = Field(description="First entry in the ledger by the session's clock, the rehearsal's")
    session_ended: str | None = Field(description="Last entry in the ledger, by the session's clock.")
    checks: list[Check]


class Certificate(Told):
    """The active token-signing certificate, as this run read it last."""

    not_after: str = Field(description="The day it ends, ISO 8601.")
    days_left: int = Field(
        description="Whole days until then when it was looked at, by the session's clock; negative after."
    )


class TenantResult(Told):
    """What came of one tenant."""

    schema_version: Literal[1] = SCHEMA_VERSION
    tenant: str
    file: str = Field(description="The tenant's file.")
    rehearsal: bool
    outcome: Outcome = Field(description=f"The worst of the notebooks: {OUTCOME}.")
    error: str = Field(
        default="", description="Why there is nothing more to tell, in words; empty when notebooks were run."
    )
    started: str
    ended: str
    notebooks: list[NotebookResult] = Field(default_factory=list)
    certificate: Certificate | None = Field(default=None, description="Null when none was seen, or nothing looked.")
    sign_ons: dict[str, str] = Field(default_factory=dict, description="Sign-ons that 08 proved, by who signed on.")
    folder: str | None = Field(default=None, description="Where the run left its notebooks, ledger and evidence.")
    handover: str | None = Field(default=None, description="The handover page.")


class Skipped(Told):
    """A file that was given among several and is not meant to be run."""

    schema_version: Literal[1] = SCHEMA_VERSION
    file: str
    skipped: str = Field(description="Why.")


def nameless_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result, or a skipped file, as it may leave the machine: in the same shape, with nobody's name."""
    told = dict(result) | ({"error": _first_line(result["error"])} if "error" in result else {})
    if "sign_ons" in result:
        told["sign_ons"] = {f"person {number}": LEFT_OUT for number in range(1, len(result["sign_ons"]) + 1)}
    if "notebooks" in result:
        told["notebooks"] = [_nameless_notebook(each) for each in result["notebooks"]]
    return told


def _nameless_notebook(record: Mapping[str, Any]) -> dict[str, Any]:
    checks = [
        {
            **check,
            "title": meaning(check["check"], check["title"]),
            "said": "by a person" if check["said"] else "",
            "reason": LEFT_OUT if check["reason"] else "",
        }
        for check in record["checks"]
    ]
    return {**record, "error": _first_line(record["error"]), "checks": checks}


def _first_line(error: str) -> str:
    """Of an error its title: what follows may name people."""
    return without_mails(error.partition("\n")[0])


def result_schema() -> dict[str, Any]:
    """The JSON schema of a run's `--json` (a list) and of `result.json` (one tenant)."""
    either = TypeAdapter(TenantResult | list[TenantResult | Skipped])
    schema = either.json_schema(mode="serialization", ref_template="#/$defs/{model}")
    title = "Result of flexsso run: one tenant's result.json, or the list that --json prints"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}


def moment() -> str:
    """Now by this machine's clock, as results write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def failed(
    file: Path | str, error: str, *, tenant: str = "", started: str = "", rehearsal: bool = False, waits: bool = False
) -> TenantResult:
    """The result of a tenant that could not be run; of one that `waits`, because a person has to do it."""
    at = moment()
    return TenantResult(
        tenant=tenant or Path(file).stem,
        file=str(file),
        rehearsal=rehearsal,
        outcome=WAITING if waits else FAILED,
        error=error,
        started=started or at,
        ended=at,
    )


def leave(
    folder: Path,
    tenant: Tenant,
    file: Path,
    *,
    started: str,
    outcome: int,
    notebooks: list[NotebookResult],
    handover: str | None = None,
) -> TenantResult:
    """Write what every run leaves into its folder, the handover page and the result, and return the result.

    `handover` is the page of an earlier run that says the same still; without it, and where the tenant's file has come
    to ask for another language, a new one is written.
    """
    evidence = told_by(folder)
    language = tenant.handover.language
    if not handover or language_of(Path(handover)) != language:
        written = write_handover(folder, language)
        handover = str(written) if written else None
    result = TenantResult(
        tenant=tenant.name,
        file=str(file),
        rehearsal=tenant.rehearsal,
        outcome=outcome,  # type: ignore[arg-type]
        started=started,
        ended=moment(),
        notebooks=notebooks,
        certificate=certificate(evidence),
        sign_ons=sign_ons(evidence),
        folder=str(folder),
        handover=handover,
    )
    write_whole(folder / FILE, result.model_dump_json(indent=1))
    return result


def told_by(run: Path) -> list[Evidence]:
    """The evidence of this run alone, a section each; what one waited for and another has seen since is left out."""
    return history([run]).evidence


def notebook_result(
    notebook: str,
    folder: Path,
    *,
    outcome: Outcome | None,
    verdict: str,
    error: str = "",
    as_good_as: str = "",
    started: str | None = None,
    ended: str | None = None,
    evidence: Evidence | None = None,
) -> NotebookResult:
    """What came of one notebook, with the checks and the times that the run's folder holds of its section; `evidence`
    is what it holds, where somebody has read it already.
    """
    section = notebook[:2]
    times = [str(line["at"]) for line in read_ledger(folder) if line.get("section") == section and line.get("at")]
    return NotebookResult(
        notebook=notebook,
        outcome=outcome,
        verdict=verdict,
        error=error,
        as_good_as=as_good_as,
        started=started,
        ended=ended,
        session_started=min(times, default=None),
        session_ended=max(times, default=None),
        checks=[_check(section, each) for each in _findings([evidence] if evidence else told_by(folder), section)],
    )


def certificate(evidence: Iterable[Evidence]) -> Certificate | None:
    """The certificate as the proof of 03, 20 or 21 names it."""
    facts = next((each.facts for each in evidence if VALID_TO in each.facts), None)
    if facts is None:
        return None
    return Certificate(not_after=facts[VALID_TO], days_left=int(facts[DAYS_LEFT]))


def _findings(evidence: Iterable[Evidence], section: str) -> Sequence[Finding]:
    return next((each.findings for each in evidence if each.section == section), ())


def _check(section: str, finding: Finding) -> Check:
    beside = [f"expected {finding.configured}"] if finding.configured else []
    beside += [f"found {finding.received}"] if finding.received else []
    reason = ". ".join(part.rstrip(".") for part in (", ".join(beside), finding.fix) if part)
    return Check(
        section=section,
        check=finding.check,
        title=finding.title,
        level=finding.level,
        state=finding.state,
        said=finding.said,
        reason="" if finding.state == "holds" else reason,
    )
