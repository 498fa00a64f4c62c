"""Responses of Entra as people keep them, judged by nothing but the metadata and two addresses."""

import base64
import json
from datetime import datetime, timedelta
from urllib.parse import quote

import entra_shapes as entra
import jsonschema
import pytest
import saml_attacks as attacks
import saml_forge as forge
from entra_shapes import Shape, Signer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flexsso_helpers.commands.judge import Verdict, given_metadata, judge_given, unknown
from flexsso_helpers.saml.expected import Signed

GUEST = "pat.partner_fabrikam.com#EXT#@contoso.onmicrosoft.com"
PAIRWISE = "Uz2Pqz1X7pxe4XLWxV9KJQ-n59d573SepSAkuYKSde8="
XS = ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
TYPED = (
    '<Attribute Name="department"><AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">Care</AttributeValue></Attribute>'
)
PREFIXED = {"protocol": "saml2p", "assertion": "saml2", "signature": "ds"}
OTHERS = {"protocol": "samlp", "assertion": "saml", "signature": "ds"}
NONE = {"protocol": "", "assertion": "", "signature": ""}
PAGE = "<html><head><title>Working...</title></head><body><form method='POST'>{fields}</form></body></html>"

HONEST: dict[str, Shape] = {
    "as Entra sends it by default": Shape(),
    "started from My Apps": Shape(request=""),
    "a guest": Shape(name_id=GUEST),
    "a persistent NameID": Shape(name_id=PAIRWISE, name_id_more=f' Format="{entra.PERSISTENT}"'),
    "a NameID without format": Shape(name_id_more=""),
    "the audience second": Shape(audiences=("urn:other", entra.IDENTIFIER)),
    "attributes with NameFormat": Shape(attributes=entra.attribute("groups", "a", "b", more=entra.URI_FORMAT)),
    "no attributes but the core ones": Shape(attributes=entra.CORE),
    "signature wrapped by LF": Shape(wrap="\n"),
    "signature wrapped by CRLF": Shape(wrap="\r\n"),
    "signature wrapped by an escaped CR": Shape(wrap="&#13;\n"),
    "seven digits of a second": Shape(times=lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.5754318Z")),
    "no fraction of a second": Shape(times=lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")),
    "prefixes saml2p, saml2, ds": Shape(prefixes=PREFIXED),
    "prefixes samlp, saml, ds": Shape(prefixes=OTHERS),
    "no prefixes at all": Shape(prefixes=NONE),
    "white space between elements": Shape(edit=lambda text: text.replace("><", ">\n  <")),
    "inclusive namespaces of a typed value": Shape(prefixes=PREFIXED, inclusive="xs", attributes=TYPED),
    "inclusive namespaces of the root": Shape(prefixes=PREFIXED, inclusive="xs #default", root_namespaces=XS),
    "an empty list of inclusive namespaces": Shape(inclusive=""),
    "SHA-1": Shape(algorithm="sha1"),
    "SHA-512": Shape(algorithm="sha512"),
    "certificate signed with SHA-1": Shape(signer=Signer(label="weak", weak_certificate=True)),
    "key of 1024 bits": Shape(signer=Signer(label="short", bits=1024)),
    "key of 4096 bits": Shape(signer=Signer(label="long", bits=4096)),
    "the tenant's own key": Shape(signer=Signer(label="tenant", subject="accounts.accesscontrol.windows.net")),
}


def judged(
    response: bytes | Shape,
    metadata: bytes | None = None,
    *,
    require: Signed = "assertion",
    at: datetime = entra.CAPTURED,
    identifier: str | None = entra.IDENTIFIER,
    reply_url: str | None = entra.REPLY_URL,
) -> Verdict:
    signer = response.signer if isinstance(response, Shape) else Signer()
    document = entra.metadata(signer) if metadata is None else metadata
    known = unknown(at=at, requires=require)
    expected = given_metadata(document, known, identifier=identifier, reply_url=reply_url)
    return judge_given(response.xml() if isinstance(response, Shape) else response, expected)


def failing(verdict: Verdict) -> set[str]:
    return {finding.check for finding in verdict.judgement.failing}


def state(verdict: Verdict, check: str) -> str:
    return next(finding.state for finding in verdict.judgement.findings if finding.check == check)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_response_is_accepted_with_its_person(name: str) -> None:
    shape = HONEST[name]
    verdict = judged(shape)
    assert (verdict.word, verdict.exit_code, failing(verdict)) == ("accepted", 0, set())
    assert verdict.judgement.name_id == shape.name_id
    assert verdict.judgement.signed == {"response": False, "assertion": True}


@pytest.mark.parametrize("name", HONEST)
def test_the_same_response_changed_in_one_letter_is_rejected_and_nobody_believed(name: str) -> None:
    xml = HONEST[name].xml()
    changed = xml.replace(HONEST[name].name_id.encode(), b"eve@evil.example")
    assert changed != xml
    verdict = judged(changed, entra.metadata(HONEST[name].signer))
    assert verdict.word == "rejected"
    assert "S17" in failing(verdict)
    assert (verdict.judgement.name_id, dict(verdict.judgement.attributes), dict(verdict.flex)) == (None, {}, {})


@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
@pytest.mark.parametrize("require", ["assertion", "response", "both"])
def test_what_is_required_decides_which_signatures_are_enough(signed: str, require: Signed) -> None:
    verdict = judged(Shape(signed=signed), require=require)
    enough = signed in (require, "both")
    assert verdict.word == ("accepted" if enough else "rejected")
    missing = {"S15": require in ("response", "both"), "S16": require in ("assertion", "both")}
    there = {"S15": signed in ("response", "both"), "S16": signed in ("assertion", "both")}
    assert failing(verdict) == {check for check in missing if missing[check] and not there[check]}
    assert verdict.judgement.name_id == "ada@contoso.com"


@pytest.mark.parametrize("name", ["inclusive namespaces of the root", "inclusive namespaces of a typed value"])
def test_inclusive_namespaces_hold_for_both_signatures(name: str) -> None:
    assert judged(HONEST[name].but(signed="both"), require="both").word == "accepted"


METADATA = {
    "no use at the key": entra.metadata(use=""),
    "prefixes": entra.metadata(prefix="md"),
    "no BOM": entra.metadata(bom=False),
    "the provider before the roles": entra.metadata(provider_first=True),
    "wrapped base64": entra.metadata(wrap="\n"),
    "wrapped by CRLF": entra.metadata(wrap="\r\n"),
    "our key last of three": entra.metadata(Signer(label="old"), Signer(label="older"), Signer()),
    "white space around it": b"\xef\xbb\xbf\r\n" + entra.metadata(bom=False).partition(b"?>")[2] + b"\r\n",
}


@pytest.mark.parametrize("name", METADATA)
def test_metadata_is_read_in_every_shape(name: str) -> None:
    assert judged(Shape(), METADATA[name]).word == "accepted"


def test_only_the_providers_keys_are_trusted() -> None:
    """The roles beside it list a stranger's key, and so would the document's own signature."""
    verdict = judged(Shape(signer=Signer(label="stranger")).xml())
    assert (verdict.word, "S17" in failing(verdict)) == ("rejected", True)
    assert judged(Shape().xml(), entra.metadata(Signer(label="other"))).word == "rejected"


def test_a_certificate_that_has_expired_since_is_judged_for_its_own_time() -> None:
    signer = Signer(days=401)
    then = judged(Shape(signer=signer))
    later = judged(Shape(signer=signer), at=entra.CAPTURED + timedelta(days=365))
    assert then.word == "accepted"
    assert state(then, "S28") == "wrong"  # it is about to expire, and that is said
    assert later.word == "rejected"
    assert {"S28", "S40"} <= failing(later)


def test_the_tenants_own_key_is_worth_a_warning_where_the_metadata_lists_it() -> None:
    verdict = judged(HONEST["the tenant's own key"])
    finding = next(each for each in verdict.judgement.findings if each.check == "S24")
    assert (finding.state, finding.level) == ("wrong", "warning")


@pytest.mark.parametrize(
    ("edit", "check"),
    [
        (lambda shape: shape.but(audiences=("urn:somebody:else",)), "S35"),
        (lambda shape: shape.but(audiences=(f"spn:{entra.IDENTIFIER}",)), "S35"),
        (lambda shape: shape.but(edit=lambda text: text.replace('mode=post" InR', 'mode=get" InR', 1)), "S33"),
        (lambda shape: shape.but(edit=lambda text: text.replace('mode=post"/>', 'mode=get"/>')), "S34"),
        (lambda shape: shape.but(edit=lambda text: text.replace(entra.ISSUER, entra.ISSUER[:-1])), "S31"),
        (lambda shape: shape.but(edit=lambda text: text.replace("sts.windows.net/6", "sts.windows.net/7")), "S31"),
        (lambda shape: shape.but(edit=lambda text: text.replace(":cm:bearer", ":cm:holder-of-key")), "S54"),
        (lambda shape: shape.but(edit=lambda text: text.replace("status:Success", "status:Requester")), "S08"),
        (lambda shape: shape.but(edit=lambda text: text.replace('Version="2.0"', 'Version="1.1"')), "S13"),
    ],
)
def test_an_address_or_answer_that_is_not_ours_is_rejected(edit: object, check: str) -> None:
    verdict = judged(edit(Shape()))  # type: ignore[operator]
    assert (verdict.word, check in failing(verdict)) == ("rejected", True)


@pytest.mark.parametrize(("offset", "check"), [(-481, "S39"), (3781, "S40")])
def test_outside_its_validity_it_is_rejected(offset: int, check: str) -> None:
    inside = timedelta(seconds=offset - (1 if offset > 0 else -1) * 2)
    assert judged(Shape(), at=entra.CAPTURED + inside).word == "accepted"
    assert check in failing(judged(Shape(), at=entra.CAPTURED + timedelta(seconds=offset)))


def test_without_the_addresses_their_checks_are_unknown_and_not_wrong() -> None:
    verdict = judged(Shape(), identifier=None, reply_url=None)
    assert verdict.word == "accepted"
    assert {state(verdict, check) for check in ("S33", "S34", "S35")} == {"unknown"}


def test_without_metadata_nothing_is_accepted_and_nobody_named() -> None:
    verdict = judge_given(Shape().xml(), unknown(at=entra.CAPTURED, requires="assertion"))
    assert (verdict.word, verdict.exit_code) == ("undecided", 3)
    assert (verdict.judgement.name_id, dict(verdict.flex), failing(verdict)) == (None, {}, set())
    assert {state(verdict, check) for check in ("S17", "S23", "S31")} == {"unknown"}
    assert "--metadata FILE" in verdict.notes[0]
    assert verdict.notes[0] in " ".join(verdict.card().text.split())


def test_without_metadata_what_needs_no_trust_is_still_said() -> None:
    shape = Shape(edit=lambda text: text.replace("status:Success", "status:Requester"))
    verdict = judge_given(shape.xml(), unknown(at=entra.CAPTURED, requires="assertion"))
    assert (verdict.word, failing(verdict)) == ("rejected", {"S08"})


def test_flexs_own_demands_inform_and_do_not_reject() -> None:
    verdict = judged(HONEST["a persistent NameID"])
    wrong = {finding.check for finding in verdict.judgement.findings if finding.state == "wrong"}
    assert {"S48", "S55"} <= wrong
    assert verdict.word == "accepted"


def _form(shape: Shape) -> str:
    return quote(base64.b64encode(shape.xml()).decode(), safe="")


WAYS = {
    "XML": lambda shape: shape.xml(),
    "XML with BOM": lambda shape: b"\xef\xbb\xbf" + shape.xml(),
    "XML with a declaration": lambda shape: b'<?xml version="1.0" encoding="UTF-8"?>\r\n' + shape.xml() + b"\r\n",
    "XML below a comment": lambda shape: b"<!-- kept as an example -->\n" + shape.xml(),
    "base64": lambda shape: base64.b64encode(shape.xml()),
    "wrapped base64": lambda shape: base64.encodebytes(shape.xml()).replace(b"\n", b"\r\n"),
    "form": lambda shape: f"SAMLResponse={_form(shape)}&RelayState=ss%3Amem%3A1".encode(),
    "page": lambda shape: PAGE.format(
        fields=f"<input name='SAMLResponse' value='{base64.b64encode(shape.xml()).decode()}'/>"
    ).encode(),
    "page below a comment": lambda shape: b"\r\n<!-- Copyright -->\r\n<!DOCTYPE html>" + WAYS["page"](shape),
    "HAR": lambda shape: json.dumps(
        {
            "log": {
                "entries": [
                    {"request": {"method": "GET", "url": "https://login.microsoftonline.com/?SAMLRequest=abc"}},
                    {"request": {"method": "POST", "postData": {"text": f"SAMLResponse={_form(shape)}"}}},
                ]
            }
        }
    ).encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_however_it_was_saved_it_is_found(way: str) -> None:
    assert judged(WAYS[way](Shape()), entra.metadata()).word == "accepted"


PROBLEM = "AADSTS50105: Your administrator has configured the application to block users. Trace ID: {0} Timestamp: {1}"
SAID = PROBLEM.format("11111111-2222-4333-8444-555555555555", "2026-11-02 08:00:00Z")
FLEX_SAID = "Log in failed. Please contact your administrator: Missing User Attributes. (error code 45050)"
ERRORS = {
    "Entra's text": (SAID, "AADSTS50105", "07 · "),
    "Entra's page": (f"<html><body><h1>Sorry</h1><div>{SAID}</div></body></html>", "AADSTS50105", "07 · "),
    "Entra's page below its comment": (
        f"\r\n\r\n<!-- Copyright (C) - all rights reserved. -->\r\n<!DOCTYPE html><html><body>{SAID}</body></html>",
        "AADSTS50105",
        "07 · ",
    ),
    "Entra's page whose scripts name others": (
        f"<!doctype html><html><script>var all=['AADSTS50053','AADSTS50057']</script><body>{SAID}</body></html>",
        "AADSTS50105",
        "07 · ",
    ),
    "Entra's page that says it only in a script": (
        f'<html><script>$Config={{"strServiceExceptionMessage":"{SAID}"}}</script><body></body></html>',
        "AADSTS50105",
        "07 · ",
    ),
    "a part of a page": (f'<p class="error">{SAID}</p>', "AADSTS50105", "07 · "),
    "a number that no table knows": ("AADSTS99999: something new", "AADSTS99999", "Microsoft's page"),
    "Flex's text": (FLEX_SAID, "Flex 45050", "08 · "),
    "Flex's page": (f"<!doctype html><html><body><p id='error'>{FLEX_SAID}</p></body></html>", "Flex 45050", "08 · "),
    "a text in UTF-16": (SAID.encode("utf-16"), "AADSTS50105", "07 · "),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_is_explained_in_words(name: str) -> None:
    given_text, code, fix = ERRORS[name]
    data = given_text if isinstance(given_text, bytes) else given_text.encode()
    verdict = judge_given(data, unknown(at=entra.CAPTURED, profile="flex"))
    (finding,) = verdict.judgement.findings
    assert (verdict.word, verdict.exit_code) == ("unreadable", 3)
    assert finding.received.startswith(code)
    assert fix in finding.fix
    assert finding.received in " ".join(verdict.card().text.split()) or code in verdict.card().text


UNREADABLE = {
    "nothing": (b"", "S01"),
    "an address": (b"https://flex.twilio.com/contoso-1234", "S01"),
    "a token": (b"eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "S01"),
    "half of it": (Shape().xml()[:-50], "S03"),
    "metadata": (entra.metadata(), "S06"),
    "an assertion alone": (b'<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>', "S06"),
    "a page of something else": (b"<html><body>Hello</body></html>", "S01"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_response_is_called_by_its_name(name: str) -> None:
    data, check = UNREADABLE[name]
    verdict = judged(data, entra.metadata())
    assert (verdict.word, verdict.exit_code, failing(verdict)) == ("unreadable", 3, {check})
    assert verdict.as_json()["signed"] == {"response": False, "assertion": False}
    assert verdict.judgement.findings[0].fix


@pytest.mark.parametrize(
    ("data", "check"),
    [(b"<!DOCTYPE r><r/>" + Shape().xml(), "S04"), (b"<r>" + b"<a>" * 60 + b"</a>" * 60 + b"</r>", "S05")],
)
def test_what_could_harm_is_rejected(data: bytes, check: str) -> None:
    verdict = judged(data, entra.metadata())
    assert (verdict.word, verdict.exit_code, failing(verdict)) == ("rejected", 1, {check})


def test_the_plain_data_has_the_shape_that_programs_rely_on() -> None:
    data = json.loads(json.dumps(judged(Shape(signed="both"), require="both").as_json()))
    assert list(data) == ["verdict", "profile", "notes", "findings", "name_id", "attributes", "signed", "flex"]
    assert (data["verdict"], data["profile"], data["name_id"]) == ("accepted", "saml", "ada@contoso.com")
    assert data["signed"] == {"response": True, "assertion": True}
    assert data["attributes"][f"{entra.SOAP}/givenname"] == ["Ada"]
    assert data["flex"]["friendly_name"] == "ada@contoso.com"
    assert {tuple(finding) for finding in data["findings"]} == {
        ("check", "title", "level", "state", "configured", "received", "fix")
    }


TEXT, LIST = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
FIELDS = {
    "check": {"type": "string", "pattern": "^S[0-9]{2}$"},
    "title": {"type": "string", "minLength": 1},
    "level": {"enum": ["error", "warning", "info"]},
    "state": {"enum": ["holds", "wrong", "waiting", "unknown"]},
    "configured": TEXT,
    "received": TEXT,
    "fix": TEXT,
}
SIGNED = {"response": {"type": "boolean"}, "assertion": {"type": "boolean"}}
PROPERTIES = {
    "verdict": {"enum": ["accepted", "rejected", "undecided", "unreadable"]},
    "profile": {"enum": ["saml", "flex"]},
    "notes": LIST,
    "findings": {
        "type": "array",
        "minItems": 1,
        "items": {"type": "object", "required": [*FIELDS], "properties": FIELDS, "additionalProperties": False},
    },
    "name_id": {"type": ["string", "null"]},
    "attributes": {"type": "object", "additionalProperties": LIST},
    "signed": {"type": "object", "required": [*SIGNED], "properties": SIGNED, "additionalProperties": False},
    "flex": {"type": "object"},
}
NOBODY = {"name_id": {"type": "null"}, "attributes": {"maxProperties": 0}, "flex": {"maxProperties": 0}}
SCHEMA = {
    "type": "object",
    "required": [*PROPERTIES],
    "properties": PROPERTIES,
    "additionalProperties": False,
    # Nobody is named unless a signature vouches for the name.
    "if": {"properties": {"signed": {"properties": {part: {"const": False} for part in SIGNED}}}},
    "then": {"properties": NOBODY},
}
ANSWERS = {
    "accepted": lambda: judged(Shape()),
    "rejected, though signed": lambda: judged(Shape(audiences=("urn:x",))),
    "rejected, changed": lambda: judged(Shape().xml().replace(b"ada@", b"eve@")),
    "rejected, unsigned": lambda: judged(Shape(signed="none")),
    "rejected, hostile": lambda: judged(b"<!DOCTYPE r><r/>", entra.metadata()),
    "undecided": lambda: judge_given(Shape().xml(), unknown(at=entra.CAPTURED, requires="assertion")),
    "unreadable": lambda: judged(b"AADSTS50105", entra.metadata()),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_verdict_fits_the_schema(name: str) -> None:
    verdict = ANSWERS[name]()
    assert verdict.word == name.partition(",")[0]
    jsonschema.validate(json.loads(json.dumps(verdict.as_json())), SCHEMA)


def test_the_schema_would_notice_a_name_without_a_signature() -> None:
    data = judged(Shape(signed="none")).as_json()
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, "name_id": "ada@contoso.com"}, SCHEMA)


def test_what_flex_would_refuse_is_said() -> None:
    verdict = judged(Shape(attributes=entra.attribute("skill.int", "much")))
    assert "skill.int" in str(verdict.flex["refused"])
    assert "skill.int" in verdict.card().text


def test_the_card_shows_the_worst_first_and_the_worker_last() -> None:
    claims = entra.attribute("email", "ada@contoso.com") + entra.attribute("roles", "agent", "wfo.team_leader")
    text = judged(Shape(attributes=claims, audiences=("urn:x",), algorithm="sha1")).card().text
    order = ["✗ rejected", "✗ fails", "S35", "! look", "checks hold", "What Flex would make of it"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "agent, wfo.team_leader" in text[places[-1] :]


def test_the_card_of_a_tampered_response_names_nobody() -> None:
    text = judged(Shape().xml().replace(b"Ada Admin", b"Eve Evil!"), entra.metadata()).card().text
    assert "no signature vouches" in text
    assert "NameID   " not in text


# White space without end around an honest response is an attack on a parser; a file's white space is trimmed first.
HOSTILE = [name for name in attacks.ATTACKS if name != "too large"]


@pytest.mark.sampled(2)
@pytest.mark.thinned(7)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_attack_is_accepted_from_a_file(name: str) -> None:
    data = attacks.ATTACKS[name][0]()
    verdict = judge_given(data, forge.expected())
    assert verdict.word in ("rejected", "unreadable")
    assert verdict.exit_code in (1, 3)
    assert json.dumps(verdict.as_json())
    assert verdict.card().text


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode), st.sampled_from(sorted(UNREADABLE))))
@example(b"\xff\xfe<")
@example(b"<!-- - -- -->" * 40 + b"<html")
@example(b"<!--" + b"<!-- -->" * 200)
@settings(max_examples=60, deadline=None)
def test_no_file_whatever_it_holds_makes_the_judge_fail(data: bytes | str) -> None:
    verdict = judged(data if isinstance(data, bytes) else UNREADABLE[data][0], entra.metadata())
    assert verdict.word != "accepted"
    assert verdict.card().text
