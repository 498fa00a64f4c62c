"""The start of a login, and what comes after the judgement."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flex_signer import ENTITY_ID, REPLY_URL, SSO_URL, Response
from flex_stage import VERIFIER, Checks, Make, Stage, error, heading, shown, signed_in, stage_without

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE, FLEX_SERVICES
from flexsso_helpers.rehearsal.flex import login, seed

CHECKS = Checks()
PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
OWN = "https://own.example.com/flex"


@CHECKS("F32")
def hops(make: Make) -> None:
    stage = make()
    first = stage.authorize()
    assert first.status_code == 302
    assert first.headers["location"].startswith("https://login.flex.us1.twilio.com/authorize?")
    second = stage.get(first.headers["location"])
    assert second.status_code == 302
    query = parse_qs(urlsplit(second.headers["location"]).query)
    assert second.headers["location"].startswith(f"{SSO_URL}?SAMLRequest=")
    assert set(query) == {"SAMLRequest", "RelayState"}


@CHECKS("F33")
def trusted(make: Make) -> None:
    def start(redirect_url: str, **quirks: str) -> Any:
        stage = make(**quirks)
        stage.save(trusted_urls=OWN)
        return stage.follow(stage.authorize(redirectUrl=redirect_url))

    for good in (OWN, f"{OWN}/desk", login.CALLBACK, "https://flex.twilio.com/contoso-1234"):
        assert start(good).is_redirect
    for bad in ("https://evil.example.com/flex", "http://own.example.com/flex", "https://flex.twilio.com/fabrikam-1"):
        assert "70002" in error(start(bad))
    assert "70002" in error(start(f"{OWN}/desk", trusted_match="exact"))
    assert start("https://own.example.com/", trusted_match="origin").is_redirect
    late = make(untrusted_at="callback")
    answer = late.sign_on(start=lambda: late.authorize(redirectUrl="https://evil.example.com/"))
    assert "70002" in error(answer)
    assert late.names() == []


@CHECKS("F34")
def not_configured(make: Make) -> None:
    for stage, profile in ((make(), "JQ" + "0" * 32), (make(saved=False), seed.CONNECTION)):
        answer = stage.authorize(ssoProfileSid=profile)
        assert error(answer) == "Hmm, Single Sign-On has not been configured."


@CHECKS("F35")
def missing(make: Make) -> None:
    for name in ("state", "nonce", "codeChallenge"):
        assert "45004" in error(make().authorize(**{name: None}))
        assert make(missing_pkce="accept").authorize(**{name: None}).is_redirect


@CHECKS("F36")
def no_web_url(make: Make) -> None:
    stage = make()
    stage.save(sso_url="login.microsoftonline.com/saml2")
    assert "70251" in error(stage.follow(stage.authorize()))
    assert stage.logged["text"] == "Invalid identity provider URL: login.microsoftonline.com/saml2"


@CHECKS("F37")
def metadata_url(make: Make) -> None:
    stage = make()
    metadata = "https://login.microsoftonline.com/common/federationmetadata/2007-06/federationmetadata.xml?appid=1"
    stage.save(sso_url=metadata)
    left = stage.follow(stage.authorize())
    assert left.status_code == 302
    assert left.headers["location"].startswith(f"{metadata}&SAMLRequest=")


@CHECKS("F38")
def request_content(make: Make) -> None:
    stage = make()
    request, relay_state = stage.asked(stage.authorize())
    attributes = dict(request.attrib)
    assert re.fullmatch(r"[A-Za-z_][\w.-]+", attributes.pop("ID", ""))
    assert attributes == {
        "Version": "2.0",
        "IssueInstant": stage.world.clock.iso(),
        "Destination": SSO_URL,
        "AssertionConsumerServiceURL": REPLY_URL,
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    }
    assert [(child.tag.split("}")[1], child.text) for child in request] == [("Issuer", ENTITY_ID)]
    assert relay_state
    for quirk in ("emailAddress", "unspecified", "persistent"):
        asked, _ = (stage := make(authn_nameid_policy=quirk)).asked(stage.authorize())
        assert asked.find(f"{PROTOCOL}NameIDPolicy").get("Format", "").endswith(f":{quirk}")


@CHECKS("F39")
def force(make: Make) -> None:
    for quirk, value in (("false", None), ("true", "true")):
        stage = make(force_authn=quirk)
        assert stage.asked(stage.authorize())[0].get("ForceAuthn") == value


@CHECKS("F40")
def unknown_domain(make: Make) -> None:
    assert error(make().get("https://flex.twilio.com/fabrikam-1")) == "Oops! Your runtime domain is incorrect."


@CHECKS("F04")
def region(make: Make) -> None:
    elsewhere = "https://login.flex.us2.twilio.com"
    assert make().http.get(f"{elsewhere}/authorize").status_code == 421
    stage = make(region="other")
    assert shown(stage.get(CONSOLE_SSO_PAGE), "acs-url").startswith(f"{elsewhere}/login/callback?connection=JQ")
    assert stage.authorize().headers["location"].startswith(f"{elsewhere}/authorize?")
    there = REPLY_URL.replace("us1", "us2")
    request, relay_state = stage.asked(stage.hosted())
    made = Response(in_response_to=request.get("ID"), destination=there, recipient=there)
    assert signed_in(stage.follow(stage.deliver(made.field(), relay_state, url=there)))


@CHECKS("F101")
def inside_an_iframe(make: Make) -> None:
    inside = {"Sec-Fetch-Dest": "iframe"}
    stage = make()
    request, relay_state = stage.asked(stage.hosted())
    fields = {"SAMLResponse": Response(in_response_to=request.get("ID")).field(), "RelayState": relay_state}
    answer = stage.http.post(REPLY_URL, data=fields, headers=inside)
    assert error(answer) == "Session not found"
    assert stage.names() == []
    popup = make()
    popup.save(login_popup="on")
    offered = popup.http.get("https://flex.twilio.com/contoso-1234", headers=inside)
    assert "window of its own" in offered.text
    assert signed_in(popup.sign_on())


def code_of(stage: Stage) -> str:
    """Sign on for an application of one's own, and take the code from the redirect."""
    request, relay_state = stage.asked(stage.authorize())
    answer = stage.deliver(Response(in_response_to=request.get("ID")).field(), relay_state)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{login.CALLBACK}?")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["state"]
    return query["code"][0]


def exchanged(stage: Stage, code: str, verifier: str = VERIFIER) -> Any:
    return stage.post(f"{FLEX_SERVICES}/v1/Flex/OAuth/Tokens", code=code, code_verifier=verifier)


@CHECKS("F97")
def code(make: Make) -> None:
    stage = make()
    issued = code_of(stage)
    token = exchanged(stage, issued)
    assert token.status_code == 200
    assert token.json()["realm_user_id"] == "bo.agent@contoso.com"
    assert token.json()["identity"] == "bo_2Eagent_40contoso_2Ecom"
    assert exchanged(stage, issued).status_code == 401
    assert exchanged(stage, "unknown").status_code == 401


@CHECKS("F98")
def verifier(make: Make) -> None:
    for quirk in ("45002", "45050"):
        stage = make(pkce_fail=quirk)
        answer = exchanged(stage, code_of(stage), "another verifier")
        assert (answer.status_code, answer.json()["code"] if answer.status_code != 200 else 0) == (401, int(quirk))


@CHECKS("F102")
def screen(make: Make) -> None:
    stage = make()
    answer = stage.sign_on(claims={"roles": "agent"})
    assert heading(answer) == "Log in failed"
    assert error(answer) == (
        "Log in failed. Please contact your administrator with the following details - Missing User Attributes. "
        "Please verify your SSO provider is configured to send required attributes (email, roles, flex_user_sid). "
        "(error code 45050)"
    )
    assert "full_name" in stage.logged["text"]
    open_stage = make(show_library_text="true")
    assert "full_name" in error(open_stage.sign_on(claims={"roles": "agent"}))


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[number](stage_without(number))


def test_a_login_on_the_browser_face_never_leaves_it() -> None:
    stage = Stage()
    answer = stage.get("http://localhost:8000/flex.twilio.com/contoso-1234")
    visited = []
    while answer.is_redirect and not answer.headers["location"].startswith("/login.microsoftonline.com/"):
        visited.append(answer.headers["location"].split("/")[1])
        answer = stage.get(f"http://localhost:8000{answer.headers['location']}")
    assert visited == ["services.twilio.com", "login.flex.us1.twilio.com"]
    assert answer.headers["location"].startswith("/login.microsoftonline.com/")


def test_a_sign_on_counts_once_and_takes_a_second() -> None:
    stage = Stage()
    before = stage.world.clock.now
    stage.hosted()
    assert stage.world.writes()["sign_ins"] == 0
    assert signed_in(stage.sign_on())
    assert stage.world.writes()["sign_ins"] == 1
    assert stage.world.clock.now == before + 1


def test_the_same_requests_make_the_same_world() -> None:
    def dump() -> str:
        stage = Stage()
        stage.asked(stage.authorize())
        stage.asked(stage.hosted())
        return stage.world.store.dump()

    assert dump() == dump()
