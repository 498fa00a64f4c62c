"""Console's Single sign-on pages, walked as a person does, and the settings that a login finds wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from flex_signer import ENTITY_ID, ISSUER, REPLY_URL, SSO_URL, key
from flex_stage import Checks, Make, Stage, error, heading, shown, signed_in, stage_without
from lxml import html

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE, NEW_CONSOLE
from flexsso_helpers.rehearsal.flex import legacy_realm, seed, workers

CHECKS = Checks()
LABELS = {
    "Friendly Name",
    "X.509 Certificate",
    "Identity Provider Issuer",
    "Single Sign-On URL",
    "Default Redirect URL",
    "Trusted URLs",
    "Login using popup",
}


def not_started(make: Make) -> Stage:
    stage = make(saved=False)
    stage.world.store.remove("flex_connection", seed.CONNECTION, at=stage.world.clock.now)
    return stage


def labels(answer: Any) -> set[str]:
    return {" ".join(label.text_content().split()) for label in html.fromstring(answer.text).iter("label")}


def buttons(answer: Any) -> list[str]:
    """The buttons that send something; those that copy a value are left out."""
    return [each.text_content() for each in html.fromstring(answer.text).iter("button") if each.get("type") == "submit"]


@CHECKS("F02")
def one_name(make: Make) -> None:
    page = make(saved=False).get(CONSOLE_SSO_PAGE)
    assert shown(page, "entity-id") == ENTITY_ID
    assert shown(page, "acs-url") == REPLY_URL


@CHECKS("F07")
def old_flex(make: Make) -> None:
    for version, offered in (("2.4.9", False), ("~2.5", True), ("2", True)):
        stage = not_started(make)
        home = {**workers.account(stage.world), "ui_version": version}
        stage.world.store.put("flex_account", home["sid"], home, at=stage.world.clock.now)
        assert ("Start setup" in buttons(stage.get(CONSOLE_SSO_PAGE))) is offered
    for version, offered in (("2.6.9", False), ("~2.7", True)):
        stage = not_started(make)
        legacy_realm.plant(stage.world)
        home = {**workers.account(stage.world), "ui_version": version}
        stage.world.store.put("flex_account", home["sid"], home, at=stage.world.clock.now)
        assert ("Start setup" in buttons(stage.get(CONSOLE_SSO_PAGE))) is offered


@CHECKS("F09")
def start(make: Make) -> None:
    stage = not_started(make)
    assert shown(stage.get(CONSOLE_SSO_PAGE), "entity-id") == ""
    stage.post(f"{CONSOLE_SSO_PAGE}/start")
    page = stage.get(CONSOLE_SSO_PAGE)
    assert heading(page) == "Set up your identity provider"
    assert shown(page, "entity-id") == ENTITY_ID
    assert "has not been configured" in error(stage.follow(stage.hosted()))


@CHECKS("F11")
def bad_settings(make: Make) -> None:
    bad = (
        {"certificate": "no certificate"},
        {"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
        {"sso_url": "login.microsoftonline.com/saml2"},
        {"issuer": ""},
    )
    for changed in bad:
        refusing = make(bad_settings_at="save")
        assert error(refusing.save(**changed))
        late = make()
        assert not error(late.save(**changed))
        if "sso_url" not in changed:
            assert "70251" in error(late.sign_on())


@CHECKS("F12")
def two_certificates(make: Make) -> None:
    both = key("old").pem + key("new").pem
    refusing = make()
    assert "one certificate" in error(refusing.save(certificate=both))
    for quirk, second_works in (("first", False), ("all", True)):
        stage = make(multi_cert=quirk)
        assert not error(stage.save(certificate=both))
        assert signed_in(stage.sign_on(signer=key("old")))
        assert signed_in(stage.sign_on(signer=key("new"))) is second_works
    sloppy = {
        "one line": key().pem.replace("\n", ""),
        "other lines before it": f"Bag Attributes\n    localKeyID: 01\n{key().pem}",
        "lines of another length": key().pem.replace("\n", "", 2).replace("CERTIFICATE-----", "CERTIFICATE-----\n", 1),
    }
    for text in sloppy.values():
        assert "64 characters" in error(make(certificate_box="strict").save(certificate=text))
        assert not error(make().save(certificate=text))
    for text in (key().pem, key().pem.replace("\n", "\r\n"), f"\n{key().pem}\n"):
        assert not error(make(certificate_box="strict").save(certificate=text))


@CHECKS("F13")
def default_is_trusted(make: Make) -> None:
    stage = make()
    page = stage.save(default_redirect_url="https://own.example.com/flex", trusted_urls="https://b.example.com")
    assert shown(page, "trusted-urls") == "https://b.example.com https://own.example.com/flex"


@CHECKS("F14")
def wildcards(make: Make) -> None:
    page = make().save(trusted_urls="https://*.example.com")
    assert "wildcards" in error(page)
    assert heading(page) == "Enter identity provider data"


@CHECKS("F15")
def self_hosted(make: Make) -> None:
    stage = make()
    home = {**workers.account(stage.world), "self_hosted": True}
    stage.world.store.put("flex_account", home["sid"], home, at=stage.world.clock.now)
    assert "self-hosted" in error(stage.save())
    good = stage.save(default_redirect_url="https://own.example.com/flex", trusted_urls="https://own.example.com/flex")
    assert not error(good)


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[number](stage_without(number))


def test_the_pages_lead_from_the_start_to_the_overview() -> None:
    stage = not_started(stage_without())
    assert buttons(stage.get(CONSOLE_SSO_PAGE)) == ["Start setup"]
    stage.post(f"{CONSOLE_SSO_PAGE}/start")
    unticked = stage.post(f"{CONSOLE_SSO_PAGE}/confirm")
    assert labels(unticked) == {"I have updated my identity provider"}
    assert error(unticked) == "Tick the box when your identity provider has both values."
    stage.confirm()
    page = stage.get(CONSOLE_SSO_PAGE)
    assert heading(page) == "Enter identity provider data"
    assert labels(page) == LABELS
    assert shown(page, "acs-url") == REPLY_URL
    overview = stage.save()
    assert buttons(overview) == ["Edit identity provider data"]
    assert shown(overview, "login-link") == "https://flex.twilio.com/contoso-1234"
    assert shown(overview, "issuer") == ISSUER
    assert shown(overview, "sso-url") == SSO_URL
    assert stage.world.writes()["console"] == 3


def test_the_stored_certificate_is_kept_but_not_shown_again() -> None:
    stage = Stage()
    body = key().pem.splitlines()[1]
    overview, edit = stage.get(CONSOLE_SSO_PAGE), stage.post(f"{CONSOLE_SSO_PAGE}/edit")
    assert shown(overview, "certificate") == "stored, valid until 2029-01-01"
    assert body not in overview.text
    assert body not in edit.text
    assert not error(stage.save(certificate=""))
    assert signed_in(stage.sign_on())


def test_what_was_refused_stands_in_the_form_to_be_corrected() -> None:
    page = Stage().save(trusted_urls="https://*.example.com", friendly_name="Entra & friends")
    form = html.fromstring(page.text).forms[0]
    assert form.fields["trusted_urls"] == "https://*.example.com"
    assert form.fields["friendly_name"] == "Entra & friends"


def test_looking_writes_nothing_and_each_save_counts_one() -> None:
    stage = Stage()
    before = stage.world.writes()["console"]
    stage.get(CONSOLE_SSO_PAGE)
    stage.post(f"{CONSOLE_SSO_PAGE}/edit")
    assert stage.world.writes()["console"] == before
    stage.save()
    assert stage.world.writes()["console"] == before + 1


def test_on_the_browser_face_every_form_and_redirect_stays_there() -> None:
    stage = not_started(stage_without())
    face = f"http://localhost:8000/{CONSOLE_SSO_PAGE.removeprefix('https://')}"
    moved = stage.post(f"{face}/start")
    assert moved.headers["location"] == f"/{CONSOLE_SSO_PAGE.removeprefix('https://')}"
    page = html.fromstring(stage.get(face).text)
    assert all(form.action.startswith("/console.twilio.com/") for form in page.forms)
    assert REPLY_URL in page.text_content()


@pytest.mark.parametrize("path", ["/", "/us1/develop/flex/users-and-access/single-sign-on"])
def test_the_new_console_leads_to_the_page_that_twilio_documents(path: str) -> None:
    page = Stage().get(f"{NEW_CONSOLE}{path}")
    assert heading(page) == "Twilio Console"
    assert f'href="{CONSOLE_SSO_PAGE}"' in page.text


@pytest.mark.parametrize("notebook", ["02_basic_saml_configuration", "06_flex_console"])
def test_a_notebook_that_sends_a_person_to_console_names_both(notebook: str) -> None:
    text = (Path(__file__).parents[3] / "notebooks" / f"{notebook}.ipynb").read_text("utf-8")
    prose = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
    sending = [words for words in prose if CONSOLE_SSO_PAGE in words]
    assert sending
    assert all(f"{NEW_CONSOLE}/" in words for words in sending)
