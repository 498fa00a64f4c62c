"""The fleet's page: whole without its script, everything escaped, links to what lies beside it, the same metrics."""

import re
from dataclasses import replace
from pathlib import Path

from fleet_samples import FLEET, RUNS
from prometheus_client.parser import text_string_to_metric_families

from flexsso_helpers.fleet.metrics import write_metrics
from flexsso_helpers.fleet.page import fleet_page, moved, table
from flexsso_helpers.fleet.standing import Standing
from flexsso_helpers.plan import CHANGED, FAILED


def test_the_page_says_of_each_tenant_what_is_open_and_leads_to_its_handover() -> None:
    page = fleet_page(FLEET, RUNS)
    for words in ("failed", "03: a check", "administrator of Entra", "36 days", "REHEARSAL", "1 proved, 1 failed"):
        assert words in page, words
    assert 'href="fabrikam/x/handover.html"' in page
    assert str(RUNS) not in page
    assert not re.findall(r'(?:src|href)="https?:', page)  # nothing is loaded from anywhere


def test_what_a_tenant_says_is_text_wherever_it_stands() -> None:
    evil = replace(FLEET.tenants[0], tenant="<script>alert(1)</script>", why="</script><b>x</b>")
    page = fleet_page(replace(FLEET, tenants=(evil,)), RUNS)
    assert "<script>alert" not in page
    assert page.count("</script>") == 1


def test_checks_that_only_warn_are_not_shown_as_failures() -> None:
    warned = Standing(tenant="x", words="changed", outcome=CHANGED, moved=3)
    assert moved(warned).style == "wait"
    assert moved(replace(warned, words="failed", outcome=FAILED)).style == "no"
    assert moved(replace(warned, moved=0)).text == ""


def test_the_text_face_is_for_a_notebook() -> None:
    text = table(FLEET).text
    assert text.index("fabrikam") < text.index("contoso")  # worst first
    assert "✗ failed" in text


def test_metrics_say_what_the_page_says_and_nothing_that_is_not_known(tmp_path: Path) -> None:
    write_metrics(tmp_path / "flexsso.prom", FLEET, tmp_path / "runs")
    families = {each.name: each for each in text_string_to_metric_families((tmp_path / "flexsso.prom").read_text())}
    by_tenant = {
        name: {sample.labels.get("tenant", ""): sample.value for sample in family.samples}
        for name, family in families.items()
    }
    assert by_tenant["flexsso_outcome"] == {"contoso": 0.0, "fabrikam": 1.0}
    assert by_tenant["flexsso_certificate_days_left"] == {"contoso": 36.0}
    assert by_tenant["flexsso_checks_wrong"] == {"contoso": 0.0, "fabrikam": 2.0}
    assert list(by_tenant["flexsso_proved_timestamp_seconds"]) == ["contoso"]
    assert by_tenant["flexsso_run_timestamp_seconds"][""] > 1.7e9
