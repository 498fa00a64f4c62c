"""What the application is like in Entra now, beside a response that is right in itself (S71, S73–S79)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import saml_forge as forge
from saml_forge import Forge, attribute, expected

from flexsso_helpers.plan import Finding
from flexsso_helpers.saml.configuration import ClaimsPolicy, Configuration, SigningPolicy
from flexsso_helpers.saml.diagnosis import judge

SOURCES = {"email": "user.mail", "full_name": "user.displayname", "roles": "user.assignedroles"}
BOTH = ("ResponseAndToken", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
POLICY = ClaimsPolicy(there=True, claims=SOURCES, basic=False)
FITS = Configuration(
    mode="saml",
    saved=(forge.IDENTIFIER,),
    identifiers=("12345678-90ab-4cde-8f01-234567890abc", forge.IDENTIFIER),
    reply_urls=(forge.REPLY_URL,),
    assignment_required=True,
    encrypts=False,
    signed_requests=False,
    active_certificate=True,
    claims=POLICY,
    signing=SigningPolicy(on_principal=BOTH, on_application=BOTH),
)
EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
TEAM = attribute("team", "west")


def found(
    *, sent: Forge | None = None, known: dict[str, Any] | None = None, **changes: Any
) -> dict[str, list[Finding]]:
    """The findings by check, with `changes` in the configuration."""
    held = expected(**{"configuration": replace(FITS, **changes), **(known or {})})
    by_check: dict[str, list[Finding]] = {}
    for finding in judge((sent or Forge()).xml(), held).findings:
        by_check.setdefault(finding.check, []).append(finding)
    return by_check


def policy(**changes: Any) -> ClaimsPolicy:
    return replace(POLICY, **changes)


def with_more(more: str) -> Forge:
    return Forge(attributes=Forge().attributes + more)


# id: what was sent, what differs, check, state, level, words of the title
CASES: dict[str, tuple[Forge | None, dict[str, Any], str, str, str, str]] = {
    "all fits": (None, {}, "S71", "holds", "error", "those of the policy"),
    "basic claims though switched off": (
        with_more(attribute(EMAIL, "ada@contoso.com")), {}, "S71", "wrong", "error", "sent besides",
    ),
    "basic claims as the policy says": (
        with_more(attribute(EMAIL, "ada@contoso.com")), {"claims": policy(basic=True)}, "S71", "holds", "error", "",
    ),
    "core claims always come": (
        with_more(attribute("http://schemas.microsoft.com/identity/claims/tenantid", forge.TENANT)), {},
        "S71", "holds", "error", "",
    ),
    "a constant as promised": (
        with_more(TEAM), {"claims": policy(claims={**SOURCES, "team": "“west”"})}, "S71", "holds", "error", "",
    ),
    "a constant of another value": (
        with_more(TEAM), {"claims": policy(claims={**SOURCES, "team": "“east”"})},
        "S71", "wrong", "error", "sent with another value: team",
    ),
    "an attribute that may be empty": (
        None, {"claims": policy(claims={**SOURCES, "city": "user.city"})}, "S71", "wrong", "warning", "not sent: city",
    ),
    "two policies": (
        with_more(TEAM), {"claims": policy(others=1)}, "S71", "wrong", "error", "2 policies hang there",
    ),
    "the policy may not be read": (None, {"claims": None}, "S71", "unknown", "error", "may not be read"),
    "no policy": (None, {"claims": policy(there=False, claims={})}, "S71", "unknown", "error", "portal's claims count"),
    "no policy needs no certificate": (
        None, {"claims": policy(there=False), "active_certificate": False}, "S73", "holds", "error", "",
    ),
    "nobody may read the policies": (None, {"signing": None}, "S76", "unknown", "warning", ""),
    "a signing policy in one place": (
        None, {"signing": SigningPolicy(on_principal=BOTH, on_application=None)}, "S76", "holds", "warning", "",
    ),
    "identifier on its way": (
        None, {"identifiers": ()}, "S78", "wrong", "error", "saved, but not copied to the service principal yet",
    ),
    "identifier nowhere": (None, {"identifiers": (), "saved": ()}, "S78", "wrong", "error", "not saved"),
    "encrypts and wants signatures": (
        None, {"encrypts": True, "signed_requests": True}, "S75", "wrong", "error", "Flex can do neither",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_thing_is_said_in_words(name: str) -> None:
    sent, changes, check, state, level, words = CASES[name]
    first = found(sent=sent, **changes)[check][0]
    assert (first.state, first.level) == (state, level)
    assert words in first.title


def test_an_active_certificate_that_is_over_breaks_the_claims() -> None:
    later = forge.certificate().not_after + timedelta(days=1)
    (finding,) = found(known={"at": later})["S73"]
    assert finding.fails
    assert "AADSTS50146" in finding.title


def test_an_active_certificate_that_the_metadata_lacks_is_not_called_missing() -> None:
    (finding,) = found(known={"active_sha1": "0" * 40})["S73"]
    assert (finding.state, finding.received) == ("unknown", "active, but the metadata does not list it yet")


def test_a_person_without_mail_sends_none() -> None:
    sent = Forge(attributes=attribute("full_name", "Ada Admin") + attribute("roles", "admin"))
    assert found(sent=sent, known={"email": ""})["S71"][0].state == "holds"
    assert found(sent=sent)["S71"][0].fails


def test_no_tenant_no_word_about_its_configuration() -> None:
    checks = {finding.check for finding in judge(Forge().xml(), expected()).findings}
    assert not checks & {"S71", "S73", "S74", "S75", "S76", "S77", "S78", "S79"}


@pytest.mark.parametrize(
    ("worker", "state"),
    [
        ({"contact_uri": "client:ada_40contoso_2Ecom", "roles": ["admin"]}, "holds"),
        ({"contact_uri": "client:ada_40contoso_2Ecom", "roles": "admin", "full_name": "Ada Admin"}, "holds"),
        ({"contact_uri": "client:somebody", "roles": ["admin"]}, "wrong"),
        ({"contact_uri": "client:ada_40contoso_2Ecom", "roles": ["admin", "agent"]}, "wrong"),
    ],
)
def test_the_worker_is_compared_as_flex_would_write_it(worker: dict[str, object], state: str) -> None:
    person = {"email": "ada@contoso.com", "full_name": "Ada Admin"}
    (finding,) = found(known={"worker_attributes": person | worker})["S79"]
    assert (finding.state, finding.level) == (state, "warning")
