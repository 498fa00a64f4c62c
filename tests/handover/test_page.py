"""The handover page: an auditor's questions, each answered on the page, in every language, in one file."""

import re
from dataclasses import replace
from gettext import NullTranslations
from pathlib import Path

import pytest
from lxml import html
from telling import (
    FAILING,
    LIVE,
    OWN,
    apply,
    change,
    evidence,
    ledger,
    told,
    whole,
)

from flexsso_helpers.catalogue import languages
from flexsso_helpers.handover import FILE, Record, write_handover
from flexsso_helpers.handover.page import cards, page, rehearsed
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.plan import Finding
from flexsso_helpers.sections.rotation.showing import CHOSEN, ORDERS


def words(record: Record, language: str = "en") -> str:
    return seen(page(record, language))


def seen(made: str) -> str:
    """The words of a page, in order; cells stand apart."""
    parts = html.fromstring(re.sub("<wbr ?/?>", "", made)).xpath("//text()[not(parent::style)]")
    return " ".join(" ".join(parts).split())


def made(kernel: Ledger) -> None:
    apply(kernel, "03", change("Signing option", "sign SAML assertion", "sign SAML response and assertion"))
    apply(kernel, "05", change("App role admin", None, "enabled", "+", reason="Flex needs it", instructions=("D18",)))
    entry = kernel.intent(
        service="graph", method="PATCH", path="/applications/1", why="Making roles", before={"a": 1}, body={"a": 2}
    )
    kernel.answer(entry, status=200, note="", request_id="6f0c-request")
    kernel.note("Ask Kim for the group", by="Ada Admin", owner="Kim", due="2026-12-01", done=False)
    kernel.note("The group is small", by="Ada Admin", owner="", due="", done=False)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return told(tmp_path / "run", *whole(), and_then=made)


QUESTIONS = {
    "whose tenant and account": (LIVE.tenant_id, LIVE.account_sid, "Twilio Flex"),
    "what was changed, before and after": ("Signing option", "sign SAML assertion", "sign SAML response and assertion"),
    "who approved it, when, by which plan": ("ada.admin@contoso.com · ticked", "2026-11-02 12:01 UTC", "abababababab"),
    "when was worked on it, and who": ("2026-11-02 12:00 UTC", "1 session · ada.admin@contoso.com"),
    "what did Graph call the request": ("6f0c-request", "PATCH /applications/1", "Making roles"),
    "when the certificate begins and ends": ("2026-11-02 – 2029-11-01", "1,094 on 2026-11-02"),
    "when to exchange it, and who is told": ("Exchange it from 2029-08-03", "sso@contoso.com"),
    "where people sign in": ("Login link https://flex.twilio.com/contoso",),
    "who signed on": ("bo.agent@contoso.com roles agent · worker WK1",),
    "what leaves the tenant": ("Claims that leave the tenant NameID, email, full_name, roles, job",),
    "what was only said": ("Certificate in Flex Console", "by Ada Admin on 2026-11-02"),
    "what is open, whose, until when": ("Ask Kim for the group", "Kim", "until 2026-12-01", "Claims beyond the four"),
    "which way back": ("The way back", "Set back exactly", "flexsso undo contoso", "ledger.jsonl"),
    "with which versions": ("flexsso 0.1.0, Python 3.12",),
    "what every check expected and found": ("Verdict Check Expected Found",),
    "what was noted": ("Ask Kim for the group · Ada Admin", "The group is small · Ada Admin"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_auditor_finds(question: str, record: Record) -> None:
    said = words(record)
    assert [each for each in QUESTIONS[question] if each not in said] == []


def test_the_checksum_and_how_to_compare_it_stand_at_the_top(record: Record) -> None:
    assert f"Checksum {record.checksum} · flexsso handover contoso --verify" in words(record)


def test_what_was_not_looked_at_is_not_claimed(tmp_path: Path) -> None:
    said = words(told(tmp_path / "run", whole()[2]))
    assert "Certificate valid to not read yet" in said
    assert "Login link not read yet; 00 reads it" in said
    for absent in ("Sign-ons", "Who approved what", "The way back", "Said by a person", "Signing certificate Valid"):
        assert absent not in said, absent
    assert "Nothing was changed by these runs." in said
    assert "1 of 9 proved" in said


def test_a_refused_tenant_is_not_called_proved(tmp_path: Path) -> None:
    said = words(told(tmp_path / "run", evidence("03", FAILING)))
    assert "State A step fails; see what is open." in said
    assert "✗ failed" in said
    assert "Every step is proved" not in said
    assert "Next: 00 · Start here." in said


def test_only_what_stood_there_before_can_be_set_back_exactly(tmp_path: Path) -> None:
    def some(kernel: Ledger) -> None:
        apply(
            kernel,
            "03",
            change("Exact", "old", "new"),
            change("New", None, "new", "+"),
            change("Certificate", "none", "one", "+", undo="a certificate cannot be put back"),
            change("Lost", "old", None, "-", undo="it gets a new id"),
        )

    (row,) = html.fromstring(page(told(tmp_path / "run", *whole(), and_then=some))).xpath(
        "//table[caption[contains(., 'The way back')]]/tbody/tr"
    )
    assert [" ".join(cell.text_content().split()) for cell in row] == [
        "03 · Signing certificate", "1", "1", "a certificate cannot be put back; it gets a new id",
    ]  # fmt: skip


def test_a_rehearsal_says_what_it_is_worth_across_every_page_and_a_live_run_does_not(tmp_path: Path) -> None:
    practised = page(told(tmp_path / "one", *whole(replace(LIVE, cloud="rehearsal"))))
    live = page(told(tmp_path / "other", *whole()))
    assert html.fromstring(practised).xpath("string(//*[@class='across'])") == "REHEARSAL"
    assert rehearsed(NullTranslations()) in html.fromstring(practised).text_content()
    assert "REHEARSAL" not in html.fromstring(live).text_content()


def test_it_is_one_private_file_that_needs_no_other(tmp_path: Path) -> None:
    kernel = ledger(tmp_path / "run")
    for each in whole():
        kernel.proved(each)
    path = write_handover(tmp_path / "run")
    assert path == tmp_path / "run" / FILE
    assert path.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.rglob(".*.part"))
    found = html.fromstring(path.read_text("utf-8"))
    assert found.findtext(".//title") == "Handover · Contoso"
    assert not found.xpath("//script | //link | //img | //iframe | //@onclick")
    assert not [url for url in found.xpath("//@href | //@src") if not str(url).startswith("#")]
    targets = {str(url)[1:] for url in found.xpath("//@href")}
    assert targets == set(found.xpath("//dt/@id"))


def test_a_run_without_evidence_makes_no_page(tmp_path: Path) -> None:
    ledger(tmp_path / "run")
    assert write_handover(tmp_path / "run") is None
    assert not (tmp_path / "run" / FILE).exists()


def test_a_later_run_says_what_holds_now_and_keeps_what_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    first = ledger(tmp_path / "contoso" / "one")
    made(first)
    first.proved(evidence("03", FAILING, made=1))
    ledger(tmp_path / "contoso" / "two", hours=24, by="kim@contoso.com").proved(evidence("03", OWN))
    path = write_handover(tmp_path / "contoso" / "two")
    assert path is not None
    said = seen(path.read_text("utf-8"))
    assert "✗ failed" not in said
    assert "sign SAML response and assertion" in said
    assert "2026-11-02 12:00 UTC – 2026-11-03 12:00 UTC · 2 sessions · ada.admin@contoso.com, kim@contoso.com" in said


def test_very_many_changes_of_a_step_are_folded_and_all_are_in_the_details(tmp_path: Path) -> None:
    def many(kernel: Ledger) -> None:
        apply(kernel, "07", *(change(f"User {n}", None, "agent", "+") for n in range(200)))
        apply(kernel, "05", change("App role agent", None, "enabled", "+"))

    record = told(tmp_path / "run", *whole(), and_then=many)
    read = " ".join(" ".join(each.text.split()) for each in cards(record, NullTranslations()))
    assert read.count("User ") < 20
    assert "App role agent" in read
    assert "187 further changes are in the details." in read
    assert "User 199" in words(record)


def test_names_that_look_like_markup_stay_names(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>&\"'"
    target = replace(LIVE, title=nasty, application=nasty)
    found = Finding(check="D32", title=nasty, level="error", state="wrong", configured=nasty, received=nasty, fix=nasty)
    record = told(
        tmp_path / "run",
        evidence("08", found, target=target, facts={nasty: nasty}),
        and_then=lambda kernel: apply(kernel, "03", change(nasty, nasty, nasty)),
    )
    made = html.fromstring(page(record))
    assert not made.xpath("//script")
    assert nasty in made.text_content()


def test_in_german_the_page_says_so_and_names_what_is_english(record: Record) -> None:
    made = page(record, "de")
    said = words(record, "de")
    assert html.fromstring(made).get("lang") == "de"
    for text in (
        "Übergabe · Contoso",
        "Was geändert wurde",
        "bis 2026-12-01",
        "1 Sitzung",
        "Der Weg zurück",
        "stimmt",
        "Erwartet Gefunden",
    ):
        assert text in said, text
    assert "die englischen Namen" in said
    assert "English names" not in words(record)


ORDER = {"en": ("made active", "pasted into Flex Console"), "de": ("aktiv geschaltet", "in Flex Console eingefügt")}


@pytest.mark.parametrize("language", languages())
def test_the_certificate_is_exchanged_in_the_order_that_21_chooses(language: str, record: Record) -> None:
    """Pasted first, it keeps everybody out until Entra follows, which 21 tells beside its order."""
    order = ORDERS[CHOSEN][0].lower()
    assert order.index("activate") < order.index("paste")
    said = words(record, language)
    activated, pasted = ORDER[language]
    assert 0 < said.index(activated) < said.index(pasted)


def test_a_year_of_nightly_looks_makes_the_page_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    first = ledger(tmp_path / "contoso" / "first")
    made(first)
    for night in range(1, 31):
        ledger(tmp_path / "contoso" / f"night-{night}", hours=24 * night).proved(evidence("03", OWN))
    path = write_handover(tmp_path / "contoso" / "night-30")
    assert path is not None
    record = Record.model_validate_json((path.parent / "handover.json").read_text("utf-8"))
    assert {each.run for each in record.sessions} == {"first", "night-30"}
    assert {each.path.split("/")[0] for each in record.files} == {"first", "night-30"}
    assert record.quiet_runs == 29
    assert "2 sessions · 29 further runs only looked · ada.admin@contoso.com" in seen(path.read_text("utf-8"))
