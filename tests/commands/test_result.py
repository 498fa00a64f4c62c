"""The result of a run as others read it: its published schema is that of the code, and it says what was proved."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from shell import PROJECT, PUBLISHED, REHEARSAL, conforms
from telling import ledger, whole

from flexsso_helpers.commands.result import TenantResult, certificate, failed, leave, notebook_result, result_schema
from flexsso_helpers.commands.summary import print_result
from flexsso_helpers.handover.writing import language_of
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.parameters import load
from flexsso_helpers.parameters.telling import Handover
from flexsso_helpers.plan import Evidence, Finding, Target
from flexsso_helpers.resources.key_ring import Key, KeyRing
from flexsso_helpers.sections.signing import step as signing

TARGET = Target(tenant="x", title="X", cloud="rehearsal", tenant_id="t", account_sid="AC", application="Twilio Flex")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == result_schema(), "flexsso schema --result writes it: make schema"
    jsonschema.Draft202012Validator.check_schema(result_schema())
    assert PUBLISHED.is_relative_to(PROJECT / "docs")


@pytest.mark.parametrize("spoil", ["schema_version", "outcome", "certificate", "notebooks"])
def test_the_schema_has_teeth(spoil: str) -> None:
    whole = failed("x.yaml", "why").model_dump()
    conforms(whole)
    conforms([whole, {"schema_version": 1, "file": "y.yaml", "skipped": "an example"}])
    for spoiled in ({**whole, spoil: "other"}, {key: value for key, value in whole.items() if key != spoil}):
        with pytest.raises(jsonschema.ValidationError):
            conforms(spoiled)


def finding(check: str, state: str, **more: str) -> Finding:
    return Finding(check=check, title=f"About {check}", level="error", state=state, **more)  # type: ignore[arg-type]


def test_each_check_is_there_with_its_reason_and_whose_word_it_is(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, rehearsal=True, now=lambda: NOON)
    ledger.section = "06"
    ledger.remark("begun")
    findings = (
        finding("D21", "said", received="pasted", said="by Ada Admin on 2026-11-02"),
        finding("D22", "wrong", configured="one", received="other", fix="06 · Flex Console: paste it again."),
        finding("D23", "holds", configured="one", received="one", fix="never needed"),
    )
    ledger.proved(Evidence(section="06", title="Console", target=TARGET, findings=findings))
    told = notebook_result("06_flex_console", tmp_path, outcome=1, verdict="1 of 3 checks fails", error="x")
    assert [(each.section, each.check, each.state, each.said) for each in told.checks] == [
        ("06", "D21", "said", "by Ada Admin on 2026-11-02"),
        ("06", "D22", "wrong", ""),
        ("06", "D23", "holds", ""),
    ]
    assert told.checks[1].reason == "expected one, found other. 06 · Flex Console: paste it again"
    assert told.checks[2].reason == ""
    assert (told.session_started, told.session_ended) == (NOON.isoformat(), NOON.isoformat())
    assert notebook_result("07_assign_users", tmp_path, outcome=None, verdict="").checks == []


@pytest.mark.parametrize(("before", "then"), [("en", "de"), ("de", "en"), ("de", "de")])
def test_a_run_leaves_its_page_in_the_language_of_the_file_and_keeps_one_that_is(
    before: str, then: str, tmp_path: Path
) -> None:
    def leaving(run: str, language: str, kept: str | None = None) -> str:
        kernel = ledger(tmp_path / run)
        for each in whole():
            kernel.proved(each)
        tenant = load(REHEARSAL).model_copy(update={"handover": Handover(language=language)})
        given = {"started": "", "outcome": 0, "notebooks": [], "handover": kept}
        return str(leave(tmp_path / run, tenant, REHEARSAL, **given).handover)  # type: ignore[arg-type]

    first = leaving("one", before)
    second = leaving("two", then, first)
    assert [language_of(Path(page)) for page in (first, second)] == [before, then]
    assert (first == second) == (before == then)


class Noon:
    """As much of a session as the facts need."""

    now = NOON


@pytest.mark.parametrize(
    ("end", "days"), [("2026-12-02T12:00:00Z", 30), ("2026-11-01T12:00:00Z", -1)], ids=["valid", "over"]
)
def test_when_the_certificate_ends_is_in_the_result_and_on_the_terminal(
    end: str, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    ring = KeyRing(keys=(Key(sha1="ab" * 20, start="2026-01-01T00:00:00Z", end=end),), active="ab" * 20)
    facts = signing.facts(Noon(), signing.State(app=True, ring=ring))  # type: ignore[arg-type]
    found = certificate([Evidence(section="03", title="", target=TARGET, findings=(), facts=facts)])
    assert found is not None
    assert (found.not_after, found.days_left) == (end[:10], days)
    result = TenantResult(tenant="x", file="x", rehearsal=True, outcome=0, started="", ended="", certificate=found)
    print_result(Console(highlight=False), conforms(result.model_dump()))
    assert end[:10] in capsys.readouterr().out


def test_without_an_active_certificate_nothing_is_claimed() -> None:
    assert signing.facts(Noon(), signing.State(app=True)) == {}  # type: ignore[arg-type]
    assert certificate([Evidence(section="03", title="", target=TARGET, findings=())]) is None
