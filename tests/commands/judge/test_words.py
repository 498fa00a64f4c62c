"""The sentences: each for its reader, with the thing to compare, its place and what to press; and the page of them."""

import re
from datetime import timedelta
from pathlib import Path

import copied
import entra_shapes as entra
import pytest
import saml_forge as forge
from entra_shapes import Shape, Signer
from test_judge_command import GIVEN, Run, files, run  # noqa: F401 - fixtures
from test_mistakes import MISTAKES

from flexsso_helpers.commands.judge import Verdict, given_metadata, judge_given, unknown
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.saml.entra_errors import ENTRA

OURS = re.compile(rf"\b(?:{'|'.join(TITLES)}) · |notebook|\bConsole\b|(?i:twilio)")
SHOWN = re.compile(r"\b[\w.]+@[\w.]+\b|\bAda\b|\bada\b|contoso_2E|#EXT#")


def of_mistake(name: str, profile: str) -> Verdict:
    response, changes, *_ = MISTAKES[name]
    changes = {key: value for key, value in changes.items() if key != "profile"}
    return judge_given(response.xml(), forge.expected(**changes, profile=profile))


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", MISTAKES)
def test_the_owner_of_another_application_is_sent_to_no_notebook(name: str) -> None:
    for finding in of_mistake(name, "saml").judgement.findings:
        assert not OURS.search(finding.fix), finding
        if finding.state == "wrong":
            assert finding.fix, finding
            assert finding.level != "error" or re.search("›|[Ss]ign on|--at|this response|clock", finding.fix), finding


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", MISTAKES)
def test_whoever_sets_up_flex_is_sent_to_one(name: str) -> None:
    for finding in of_mistake(name, "flex").judgement.failing:
        assert re.search(rf"\b(?:{'|'.join(TITLES)}) · ", finding.fix), finding


@pytest.mark.parametrize("number", ENTRA)
def test_an_error_of_another_application_is_not_explained_by_flex(number: str) -> None:
    (finding,) = judge_given(f"AADSTS{number}: no".encode(), unknown(at=entra.CAPTURED)).judgement.findings
    assert not OURS.search(finding.fix + finding.received)
    assert "Flex" not in finding.fix + finding.received
    assert finding.fix


@pytest.mark.parametrize("profile", ["flex", "saml"])
@pytest.mark.parametrize("missing", ["certificates", "issuer", "reply_url", "identifier", "active_sha1", "name_id"])
def test_a_row_of_what_is_not_known_claims_nothing(missing: str, profile: str) -> None:
    changes = {missing: () if missing == "certificates" else None}
    findings = judge_given(forge.Forge().xml(), forge.expected(**changes, profile=profile)).judgement.findings
    rows = [each.title for each in findings if each.state == "unknown" and each.check != "S80"]
    assert all(re.search("(?i)not known|no certificate is known|nothing is known|may not be read", row) for row in rows)
    assert rows or (missing, profile) in {("name_id", "flex")}


def test_what_is_not_known_names_the_option_that_tells_it() -> None:
    verdict = judge_given(Shape().xml(), unknown(at=entra.CAPTURED, requires="assertion"))
    fixes = {each.check: each.fix for each in verdict.judgement.findings if each.state == "unknown"}
    assert "--metadata" in fixes["S31"]
    assert "--reply-url" in fixes["S33"]
    assert "--identifier" in fixes["S35"]
    assert "--identifier" in verdict.card().text


def test_a_response_that_was_kept_is_offered_its_own_time() -> None:
    verdict = judge_given(Shape().xml(), unknown(at=entra.CAPTURED + timedelta(days=20), requires="assertion"))
    assert verdict.word == "rejected"
    assert any("--at 2023-05-10T09:30:00Z" in note for note in verdict.notes)
    assert not judge_given(Shape(times=lambda _: "soon").xml(), unknown(at=entra.CAPTURED)).notes


def test_a_computers_clock_is_blamed_in_the_right_direction() -> None:
    def said(**apart: int) -> str:
        expected = given_metadata(entra.metadata(Signer()), unknown(at=entra.CAPTURED + timedelta(**apart)))
        return " ".join(each.title for each in judge_given(Shape().xml(), expected).judgement.findings)

    assert "clock is ahead" in said(hours=2)
    assert "clock is behind" in said(hours=-2)


def test_a_refusal_that_is_signed_is_not_told_to_change_the_signing_option() -> None:
    refusal = forge.Forge(
        signed="response", status='<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>'
    )
    xml = re.sub("<Assertion .*</Assertion>", "", refusal.plain())
    xml = xml.replace("<!--R-->", refusal.signature(xml.replace("<!--R-->", ""), refusal.response_id))
    checks = {each.check for each in judge_given(xml.encode(), forge.expected()).judgement.failing}
    assert "S08" in checks
    assert not {"S15", "S16"} & checks


def test_of_several_responses_the_verdict_says_which_one() -> None:
    commands = " ;\n".join(
        f"curl '{url}' --data-raw 'SAMLResponse={copied.quote(copied.base64.b64encode(xml))}'"
        for url, xml in ((copied.URL, copied.XML), ("https://a.example/", forge.Forge(response_id="_r9").xml()))
    )
    verdict = judge_given(commands.encode(), forge.expected())
    assert verdict.word == "accepted"
    assert "sent to the reply URL" in verdict.notes[0]
    assert verdict.as_json()["notes"] == list(verdict.notes)
    assert "sent to the reply URL" in verdict.card().text


def test_fifty_numbers_are_no_footer() -> None:
    text = judge_given(forge.Forge().xml(), forge.expected()).card().text
    assert re.search(r"\d+ checks hold\.", text)
    assert "S31, S32" not in text


@pytest.mark.sampled(2)
@pytest.mark.thinned(9)
@pytest.mark.parametrize("profile", ["flex", "saml"])
@pytest.mark.parametrize("name", MISTAKES)
def test_a_page_for_a_ticket_names_nobody(name: str, profile: str) -> None:
    verdict = of_mistake(name, profile)
    page = re.sub(r"<wbr/?>", "", verdict.page())
    assert not SHOWN.search(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)), SHOWN.search(page)
    assert all(each.check in page for each in verdict.judgement.failing)
    assert "ada@contoso.com" not in verdict.card(names=False).text


def test_the_address_in_an_error_text_is_left_out_of_the_page() -> None:
    text = (
        "AADSTS50020: User account 'pat_fabrikam.com#EXT#@contoso.onmicrosoft.com' from ada@contoso.com does not exist."
    )
    page = judge_given(text.encode(), unknown(at=entra.CAPTURED)).page()
    assert "AADSTS50020" in page
    assert "contoso" not in page


def test_a_page_with_names_has_them() -> None:
    page = re.sub(r"<wbr/?>", "", judge_given(forge.Forge().xml(), forge.expected()).page(names=True))
    assert "ada@contoso.com" in page
    assert "Ada Admin" in page


def test_the_command_writes_the_page(run: Run, files: Path) -> None:  # noqa: F811
    code, out, _ = run("response.xml", *GIVEN, "--require", "assertion", "--html", "page.html")
    page = (files / "page.html").read_text("utf-8")
    assert (code, "accepted" in page, "ada@contoso.com" in page) == (0, True, False)
    assert "ada@contoso.com" in out
    run("response.xml", *GIVEN, "--require", "assertion", "--html", "page.html", "--names")
    assert "ada@contoso.com" in re.sub(r"<wbr/?>", "", (files / "page.html").read_text("utf-8"))


@pytest.mark.parametrize("arguments", [("--names",), ("--html", "."), ("--html", "no/such/folder/page.html")])
def test_a_page_that_cannot_be_is_a_wrong_use(run: Run, arguments: tuple[str, ...]) -> None:  # noqa: F811
    code, _, err = run("response.xml", *GIVEN, *arguments)
    assert code == 64
    assert "--html" in err or "cannot be written" in err
