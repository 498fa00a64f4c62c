"""The reply URL: every rule by which Flex judges a response, and what each open question changes."""

import base64
from typing import Any

import pytest
from flex_signer import ENTITY_ID, ISSUER, PERSISTENT, REPLY_URL, SIGNATURE, Response, encode, key
from flex_stage import Checks, Make, Stage, error, signed_in, stage_without
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

CHECKS = Checks()
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def refused(stage: Stage, number: str, text: str, answer: Any) -> None:
    """The login failed by this rule with this library text, and made nobody."""
    assert not signed_in(answer)
    assert stage.logged.get("rule") == number, stage.logged
    assert text in stage.logged["text"], stage.logged
    assert stage.names() == []


@CHECKS("F41")
def only_post(make: Make) -> None:
    assert make().get(REPLY_URL).status_code == 405


@CHECKS("F42")
def connection_named(make: Make) -> None:
    stage = make()
    request, relay_state = stage.asked(stage.hosted())
    made = Response(in_response_to=request.get("ID"))
    for url in (REPLY_URL.split("?")[0], REPLY_URL[:-1] + "2"):
        assert stage.deliver(made.field(), relay_state, url=url).status_code == 400
    assert stage.names() == []


@CHECKS("F43")
def xml_only(make: Make) -> None:
    stage = make()
    good = base64.b64decode(Response().field())
    for sent in ("", "*" + encode(good) + "*", encode(b"no xml"), encode(good[:-9])):
        refused(stage, "F43", "SAMLResponse should be a valid xml", stage.deliver(sent))


@CHECKS("F44")
def one_response(make: Make) -> None:
    stage = make()
    refused(stage, "F44", "XML is not a valid saml response", stage.deliver(encode(b"<Hello/>")))
    tree = Response(sign_response=False).tree()
    tree.append(etree.fromstring('<Response xmlns="urn:other"/>'))
    refused(stage, "F44", "SAMLResponse should be unique", stage.deliver(encode(etree.tostring(tree))))


@CHECKS("F45")
def destination(make: Make) -> None:
    stage = make()
    bare = REPLY_URL.split("?")[0]
    refused(stage, "F45", f"Destination endpoint {bare} did not match {REPLY_URL}", stage.sign_on(destination=bare))
    assert signed_in(stage.sign_on(destination=None))


@CHECKS("F46")
def status(make: Make) -> None:
    stage = make()
    said = f'<samlp:StatusCode Value="{STATUS}InvalidNameIDPolicy"/>'
    answer = stage.sign_on(status=f"{STATUS}Requester", status_more=said)
    refused(stage, "F46", "Requester", answer)
    answer = stage.sign_on(status=f"{STATUS}Responder", status_more="")
    refused(stage, "F46", "Responder", answer)


@CHECKS("F47")
def one_assertion(make: Make) -> None:
    stage = make()
    request, relay_state = stage.asked(stage.hosted())
    tree = Response(in_response_to=request.get("ID"), sign_response=False).tree()
    tree.append(etree.fromstring('<x xmlns="urn:any"><Assertion/></x>'))
    answer = stage.follow(stage.deliver(encode(etree.tostring(tree)), relay_state))
    refused(stage, "F47", "A SAMLResponse can contain only one Assertion element.", answer)


@CHECKS("F48")
def encrypted(make: Make) -> None:
    stage = make()
    tree = Response(sign_response=False).tree()
    tree.remove(tree[-1])
    tree.append(etree.fromstring('<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>'))
    refused(stage, "F48", "Assertion is encrypted.", stage.deliver(encode(etree.tostring(tree))))


@CHECKS("F49")
def signed_at_all(make: Make) -> None:
    stage = make()
    answer = stage.sign_on(sign_response=False, sign_assertion=False)
    refused(stage, "F49", "neither the response nor the assertion are signed", answer)


@CHECKS("F50")
def one_signature(make: Make) -> None:
    for only in ("sign_response", "sign_assertion"):
        assert signed_in(make().sign_on(**{"sign_response": False, "sign_assertion": False, only: True}))
    both = make(require_signatures="both")
    refused(both, "F50", "[sim]", both.sign_on(sign_response=False))


@CHECKS("F51")
def signature_holds(make: Make) -> None:
    for part in ("both", "sign_response", "sign_assertion"):
        stage = make()
        left_out = {name: False for name in ("sign_response", "sign_assertion") if part not in (name, "both")}
        refused(stage, "F51", "Signature check errors: ", stage.sign_on(signer=key("another"), **left_out))


@CHECKS("F52")
def both_verified(make: Make) -> None:
    bad_inside = Response(sign_response=False, signer=key("another")).tree()[-1]
    stage = make()
    refused(stage, "F51", "Signature check errors: ", _with_assertion(stage, bad_inside))
    assert signed_in(_with_assertion(make(sp_profile="wsfed-4.6.4"), bad_inside))


def _with_assertion(stage: Stage, assertion: etree._Element) -> Any:
    """A response rightly signed around an assertion that is not."""
    request, relay_state = stage.asked(stage.hosted())
    outer = Response(in_response_to=request.get("ID"), sign_assertion=False, sign_response=False)
    tree = outer.tree()
    tree.replace(tree[-1], etree.fromstring(etree.tostring(assertion)))
    placeholder = etree.fromstring('<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"/>')
    tree.insert(1, placeholder)
    return stage.follow(stage.deliver(encode(etree.tostring(outer._signed(tree))), relay_state))


@CHECKS("F53")
def sha1(make: Make) -> None:
    assert signed_in(make().sign_on(sha1=True))
    careful = make(allow_sha1="false")
    refused(careful, "F51", "is not supported", careful.sign_on(sha1=True))


@CHECKS("F54")
def certificate_dates(make: Make) -> None:
    old = key("old", first=2020, last=2023)
    lenient = make()
    lenient.save(certificate=old.pem)
    assert signed_in(lenient.sign_on(signer=old))
    assert lenient.logged["text"] == "The signing certificate is not currently valid."
    checking = make(check_cert_expiry="true")
    checking.save(certificate=old.pem)
    answer = checking.sign_on(signer=old)
    refused(checking, "F54", "The signing certificate is not currently valid.", answer)
    assert "70251" in error(answer)


@CHECKS("F55")
def times(make: Make) -> None:
    for within in ({"not_before": 170.0}, {"not_on_or_after": -170.0}):
        assert signed_in(make().sign_on(**within))
    for outside in ({"not_before": 190.0}, {"not_on_or_after": -190.0}):
        stage = make()
        refused(stage, "F55", "assertion has expired.", stage.sign_on(**outside))
    assert signed_in(make(sp_profile="wsfed-4.6.4").sign_on(not_before=190.0))


@CHECKS("F56")
def no_conditions(make: Make) -> None:
    stage = make()
    refused(stage, "F57", f"Audience is invalid. Configured: {ENTITY_ID}", stage.sign_on(with_conditions=False))


@CHECKS("F57")
def first_audience(make: Make) -> None:
    for wrong in ((), ("urn:other", ENTITY_ID), (ENTITY_ID + "/",)):
        stage = make()
        refused(stage, "F57", f"Audience is invalid. Configured: {ENTITY_ID}", stage.sign_on(audiences=wrong))
    assert signed_in(make().sign_on(audiences=(ENTITY_ID, "urn:other")))


@CHECKS("F58")
def recipient(make: Make) -> None:
    stage = make()
    answer = stage.sign_on(recipient="https://other.example.com/")
    refused(stage, "F58", f"Recipient is invalid. Configured: {REPLY_URL}", answer)
    assert signed_in(make().sign_on(recipient=None))
    assert signed_in(make().sign_on(confirmed_until=-3600.0))


@CHECKS("F59")
def issuer(make: Make) -> None:
    other = ISSUER.rstrip("/")
    stage = make()
    refused(stage, "F59", f"Was {other}", stage.sign_on(issuer=other))
    assert signed_in(make(check_issuer="false").sign_on(issuer=other))


@CHECKS("F60")
def nobody_asked(make: Make) -> None:
    stage = make()
    stage.save(default_redirect_url="https://flex.twilio.com/contoso-1234")
    assert signed_in(stage.follow(stage.deliver(Response(in_response_to=None).field())))
    without = make()
    answer = without.deliver(Response(in_response_to=None).field())
    assert "45002" in error(answer)
    refusing = make(idp_initiated="refused")
    refusing.save(default_redirect_url="https://flex.twilio.com/contoso-1234")
    refused(refusing, "F60", "[sim]", refusing.deliver(Response(in_response_to=None).field()))


@CHECKS("F61")
def in_response_to(make: Make) -> None:
    assert signed_in(make().sign_on(in_response_to="_never_asked"))
    checking = make(check_in_response_to="true")
    refused(checking, "F61", "[sim]", checking.sign_on(in_response_to="_never_asked"))
    assert signed_in(checking.sign_on())


@CHECKS("F62")
def replay(make: Make) -> None:
    for reject, outcome in (("false", True), ("true", False)):
        stage = make(reject_replay=reject)
        request, relay_state = stage.asked(stage.hosted())
        sent = Response(in_response_to=request.get("ID")).field()
        assert signed_in(stage.follow(stage.deliver(sent, relay_state)))
        assert signed_in(stage.follow(stage.deliver(sent, relay_state))) is outcome


@CHECKS("F63")
def qualifiers(make: Make) -> None:
    stage = make()
    persistent = {"name_id_format": PERSISTENT, "name_id": "pairwise"}
    answer = stage.sign_on(**persistent, name_id_more=' NameQualifier="other"')
    refused(stage, "F63", "NameQualifier attribute in the NameID element does not match", answer)
    answer = stage.sign_on(**persistent, name_id_more=' SPNameQualifier="other"')
    refused(stage, "F63", "SPNameQualifier attribute", answer)
    assert signed_in(make().sign_on(**persistent, name_id_more=f' NameQualifier="{ISSUER}"'))
    assert signed_in(make().sign_on(name_id_more=' NameQualifier="other"'))


@CHECKS("F64")
def relay_state(make: Make) -> None:
    stage = make()
    assert signed_in(stage.sign_on())
    lost = make()
    request, _ = lost.asked(lost.hosted())
    answer = lost.deliver(Response(in_response_to=request.get("ID")).field(), "lost")
    refused(lost, "F64", "[sim]", answer)
    lenient = make(bad_relaystate="as_idp_initiated")
    lenient.save(default_redirect_url="https://flex.twilio.com/contoso-1234")
    request, _ = lenient.asked(lenient.hosted())
    answer = lenient.deliver(Response(in_response_to=request.get("ID")).field(), "lost")
    assert signed_in(lenient.follow(answer))
    forged = stage.get("https://flex.twilio.com/contoso-1234", code="any", state="forged")
    assert error(forged) == "Locally stored state does not match response state"


@CHECKS("F65")
def doctype(make: Make) -> None:
    declared = '<!DOCTYPE samlp:Response [<!ENTITY unused "x">]>'
    stage = make()
    refused(stage, "F65", "document type", stage.sign_on(doctype=declared))
    assert signed_in(make(allow_doctype="true").sign_on(doctype=declared))


@CHECKS("F66")
def comments(make: Make) -> None:
    stage = make()
    assert signed_in(stage.sign_on(name_id="bo.agent@contoso.com<!-- -->.evil.example"))
    assert stage.names() == ["bo.agent@contoso.com.evil.example"]


@CHECKS("F67")
def values(make: Make) -> None:
    stage = make(roles_shape="as_received")
    claims = {"roles": "agent", "full_name": "Bo", "email": "bo.agent@contoso.com", "skills": ["a", "b"], "phone": ""}
    assert signed_in(stage.sign_on(claims=claims))
    held = stage.attributes()
    assert (held["roles"], held["skills"], held["phone"]) == ("agent", ["a", "b"], "")
    twice = Response().but(
        claims={**Response().claims, "desk": '1</AttributeValue></Attribute><Attribute Name="desk"><AttributeValue>2'}
    )
    assert signed_in(stage.sign_on(twice))
    assert stage.attributes()["desk"] == "2"


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.thinned(3)
@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[number](stage_without(number))


@pytest.mark.parametrize(
    ("quirk", "code"), [("70252", "70252"), ("45050", "45050"), ("45002", "45002")], ids=lambda code: f"shown {code}"
)
def test_a_refused_response_shows_the_code_of_the_quirk_and_not_the_library_text(quirk: str, code: str) -> None:
    answer = Stage(saml_error_code=quirk).sign_on(audiences=("urn:other",))
    assert f"(error code {code})" in error(answer)
    assert "Audience" not in error(answer)


@pytest.mark.parametrize(
    "changed",
    [
        {"sign_response": False},
        {"sha1": True},
        {"confirmed_until": -3600.0},
        {"recipient": None},
        {"in_response_to": "_never_asked"},
    ],
    ids=["one signature", "sha-1", "confirmation over", "no recipient", "never asked"],
)
def test_the_strict_profile_demands_what_the_standard_demands(changed: dict[str, Any]) -> None:
    assert signed_in(Stage().sign_on(**changed))
    assert not signed_in(Stage(sp_profile="strict").sign_on(**changed))


def test_the_strict_profile_accepts_an_honest_response() -> None:
    assert signed_in(Stage(sp_profile="strict").sign_on())


def test_a_value_changed_after_signing_is_refused() -> None:
    for left_out in ("", "sign_response", "sign_assertion"):
        stage = Stage()
        request, relay_state = stage.asked(stage.hosted())
        signs = {left_out: False} if left_out else {}
        xml = base64.b64decode(Response(in_response_to=request.get("ID"), **signs).field())  # type: ignore[arg-type]
        sent = encode(xml.replace(b"<AttributeValue>agent<", b"<AttributeValue>admin<"))
        refused(stage, "F51", "calculated digest", stage.deliver(sent, relay_state))


def _moved_signature(tree: etree._Element, assertion: etree._Element, *, name: bytes) -> etree._Element:
    """A forged copy of the assertion with another name."""
    copy = etree.fromstring(etree.tostring(assertion).replace(b"bo.agent@contoso.com", name))
    for signature in copy.findall(SIGNATURE):
        copy.remove(signature)
    copy.set("ID", "_forged")
    return copy


@pytest.mark.parametrize("place", ["before", "around", "inside the signature", "in extensions", "same id"])
def test_a_wrapped_assertion_is_never_read(place: str) -> None:
    stage = Stage()
    request, relay_state = stage.asked(stage.hosted())
    tree = Response(in_response_to=request.get("ID"), sign_response=False).tree()
    original = tree[-1]
    forged = _moved_signature(tree, original, name=b"eve@evil.example")
    if place == "before":
        tree.insert(2, forged)
    elif place == "around":
        tree.replace(original, forged)
        forged.append(original)
    elif place == "inside the signature":
        tree.replace(original, forged)
        signature = original.find(SIGNATURE)
        original.remove(signature)
        signature.append(original)
        forged.insert(1, signature)
    elif place == "in extensions":
        extensions = etree.SubElement(tree, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
        tree.insert(1, extensions)
        extensions.append(original)
        tree.append(forged)
    else:
        forged.set("ID", original.get("ID"))
        tree.append(forged)
    answer = stage.follow(stage.deliver(encode(etree.tostring(tree)), relay_state))
    assert not signed_in(answer)
    assert stage.names() == []


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (b"rsa-sha256", b"hmac-sha256", "is not supported"),
        (b'URI="#_assertion"', b'URI=""', "is not the signed element"),
        (b"enveloped-signature", b"base64", "are not supported"),
        (b"xmlenc#sha256", b"xmlenc#md5", "is not supported"),
    ],
    ids=["hmac", "empty reference", "odd transform", "odd digest"],
)
def test_signatures_of_another_shape_are_refused(old: bytes, new: bytes, text: str) -> None:
    stage = Stage()
    xml = base64.b64decode(Response(sign_response=False).field())
    refused(stage, "F51", text, stage.deliver(encode(xml.replace(old, new))))


def test_white_space_around_the_signature_belongs_to_what_is_signed() -> None:
    stage = Stage()
    request, relay_state = stage.asked(stage.hosted())
    made = Response(in_response_to=request.get("ID"), sign_response=False, sign_assertion=False)
    inside = (
        made.but(sign_assertion=True)
        .assertion()
        .replace("</Issuer>", "</Issuer>\n  ")
        .replace("<Subject>", "\n  <Subject>")
    )
    tree = made.tree()
    tree.replace(tree[-1], made._signed(etree.fromstring(inside)))
    assert signed_in(stage.follow(stage.deliver(encode(etree.tostring(tree)), relay_state)))


@settings(max_examples=40, deadline=None)
@given(junk=st.one_of(st.text(max_size=60), st.binary(max_size=60).map(encode)))
def test_nothing_that_is_posted_is_more_than_refused(junk: str) -> None:
    stage = _JUNK_STAGE
    answer = stage.deliver(junk, junk)
    assert answer.status_code == 401
    assert error(answer)


_JUNK_STAGE = Stage()
