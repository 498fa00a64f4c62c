"""The handover page, made from the evidence of a run alone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lxml import html

from flexsso_helpers.handover import FILE, REHEARSED, handover, write_handover
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.plan import Evidence, Finding, Target
from flexsso_helpers.views.shown import text_of

LIVE = Target(
    tenant="contoso",
    title="Contoso",
    cloud="global",
    tenant_id="11111111-2222-4333-8444-555555555555",
    account_sid="AC0123456789abcdef0123456789abcdef",
    application="Twilio Flex",
)
LEAVING = Finding(
    check="D17",
    title="What leaves the tenant and is stored by Flex",
    level="info",
    state="holds",
    configured="NameID, email, full_name, roles",
    received="NameID, email, full_name, roles, job",
)
BEYOND = Finding(check="D17", title="Claims beyond the four", level="warning", state="wrong", received="job", fix="04")


def evidence(section: str, *findings: Finding, target: Target = LIVE, **facts: str) -> Evidence:
    return Evidence(section=section, title=f"Section {section}", target=target, findings=findings, facts=facts)


WHOLE = [
    evidence("03", Finding(check="S24", title="Own certificate", level="error", state="holds", configured="one")),
    evidence("04", LEAVING, BEYOND),
    evidence("08", **{"bo.agent@contoso.com": "roles agent · worker WK1 · Bo Agent"}),
]


def kept(folder: Path, *each: Evidence) -> Path:
    ledger = Ledger(folder, rehearsal=each[0].target.rehearsal if each else False, now=lambda: datetime.now(UTC))
    for one in each:
        ledger.proved(one)
    return folder


def words(*each: Evidence) -> str:
    return " ".join(" ".join(text_of(card) for card in handover(each)).split())


def test_the_page_tells_the_tenant_the_people_what_leaves_and_each_proof() -> None:
    said = words(*WHOLE)
    for text in (LIVE.tenant_id, LIVE.account_sid, "Twilio Flex", "03 · Section 03", "proved, nothing changed"):
        assert text in said
    assert "bo.agent@contoso.com roles agent · worker WK1 · Bo Agent" in said
    assert "Stored by Flex in worker attributes NameID, email, full_name, roles, job" in said
    assert "Own certificate" in said


def test_without_a_sign_on_or_claims_their_cards_are_left_out() -> None:
    said = words(WHOLE[0])
    assert "Sign-ons that were proved" not in said
    assert "What leaves the tenant" not in said


def test_a_rehearsal_says_what_it_is_worth_and_a_live_run_does_not() -> None:
    rehearsed = [replace(each, target=replace(LIVE, cloud="rehearsal")) for each in WHOLE]
    assert REHEARSED in words(*rehearsed)
    assert "[REHEARSAL]" in words(*rehearsed)
    assert REHEARSED not in words(*WHOLE)
    assert "[REHEARSAL]" not in words(*WHOLE)


def test_the_page_is_written_whole_private_and_readable_without_anything_else(tmp_path: Path) -> None:
    path = write_handover(kept(tmp_path, *WHOLE))
    assert path == tmp_path / FILE
    assert path.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob(".*.part"))
    page = html.fromstring(path.read_text("utf-8"))
    assert page.findtext(".//title") == "Handover · Contoso"
    assert not page.xpath("//script | //link | //img | //iframe | //@onclick")
    assert not [url for url in page.xpath("//@href | //@src") if not str(url).startswith("#")]


def test_a_run_without_evidence_makes_no_page(tmp_path: Path) -> None:
    assert write_handover(kept(tmp_path)) is None
    assert not (tmp_path / FILE).exists()


def test_a_later_run_of_a_section_replaces_what_the_page_says(tmp_path: Path) -> None:
    failing = Finding(check="S24", title="Own certificate", level="error", state="wrong", received="none", fix="03")
    path = write_handover(kept(tmp_path, evidence("03", failing)))
    assert path is not None
    assert "1 of 1 check fails" in path.read_text("utf-8")
    write_handover(kept(tmp_path, WHOLE[0]))
    assert "1 of 1 check fails" not in path.read_text("utf-8")


def test_names_that_look_like_markup_stay_names(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>&\"'"
    target = replace(LIVE, title=nasty, application=nasty)
    found = Finding(check="D32", title=nasty, level="error", state="wrong", configured=nasty, received=nasty, fix=nasty)
    path = write_handover(kept(tmp_path, evidence("08", found, target=target, **{nasty: nasty})))
    assert path is not None
    page = html.fromstring(path.read_text("utf-8"))
    assert not page.xpath("//script")
    assert nasty in page.text_content()
