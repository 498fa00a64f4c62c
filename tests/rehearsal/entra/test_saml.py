"""The response that the configured tenant issues, in Entra's shape, and the documents around it."""

import base64
import hashlib
import html
import re

import pytest
from cryptography import x509
from entra_stage import (
    AGENT,
    DS,
    FLEX_CLAIMS,
    IDENTIFIER,
    LOGIN,
    NAME_ID,
    REPLY_URL,
    SAML,
    SAMLP,
    Entra,
    attributes,
    authn_xml,
    certificates,
    claims,
    from_user,
    logout_request,
    name_id,
    packed,
    signed_parts,
    signing,
)
from lxml import etree
from metadata_schema import problems
from signxml.verifier import SignatureConfiguration, XMLVerifier

from flexsso_helpers.rehearsal.world.world import TENANT_ID

ISSUER = f"https://sts.windows.net/{TENANT_ID}/"
CORE = "http://schemas.microsoft.com/identity/claims/"
SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def _response(entra: Entra, user: str = "bo.agent@contoso.com", **request: str) -> etree._Element:
    response = entra.sign_on(user, **request)
    assert not isinstance(response, str), response
    return response


def _order(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


def test_the_shape_is_that_of_a_genuine_response() -> None:
    entra = Entra()
    response = _response(entra)
    assertion = response.find(f"{SAML}Assertion")
    assert assertion is not None
    assert response.prefix == "samlp"
    assert b"<Assertion xmlns=" in etree.tostring(response)
    assert _order(response) == ["Issuer", "Signature", "Status", "Assertion"]
    assert _order(assertion) == [
        "Issuer", "Signature", "Subject", "Conditions", "AttributeStatement", "AuthnStatement",
    ]  # fmt: skip
    assert (response.get("Destination"), response.get("InResponseTo")) == (REPLY_URL, "_request")
    assert {element.text for element in response.iter(f"{SAML}Issuer")} == {ISSUER}
    assert response.findtext(f".//{SAML}Audience") == IDENTIFIER
    statement = response.find(f".//{SAML}AuthnStatement")
    assert statement is not None
    assert statement.get("SessionIndex") == assertion.get("ID")


def test_the_times_are_those_of_a_genuine_response() -> None:
    response = _response(Entra())
    conditions, data = response.find(f".//{SAML}Conditions"), response.find(f".//{SAML}SubjectConfirmationData")
    assert conditions is not None
    assert data is not None
    assert response.get("IssueInstant") == "2026-11-02T08:00:00.000Z"
    assert {str(name): value for name, value in conditions.attrib.items()} == {
        "NotBefore": "2026-11-02T07:55:00.000Z",
        "NotOnOrAfter": "2026-11-02T09:00:00.000Z",
    }
    assert {str(name): value for name, value in data.attrib.items()} == {
        "InResponseTo": "_request",
        "NotOnOrAfter": "2026-11-02T09:00:00.000Z",
        "Recipient": REPLY_URL,
    }


def test_only_what_is_configured_is_said() -> None:
    said = attributes(_response(Entra()))
    assert list(said) == [
        f"{CORE}tenantid",
        f"{CORE}objectidentifier",
        f"{CORE}displayname",
        f"{CORE}identityprovider",
        "http://schemas.microsoft.com/claims/authnmethodsreferences",
        "email",
        "full_name",
        "roles",
    ]
    assert (said["email"], said["full_name"], said["roles"]) == (["bo.agent@contoso.com"], ["Bo Agent"], ["agent"])


def test_the_basic_set_comes_when_it_is_not_switched_off() -> None:
    entra = Entra()
    entra.set_claims(claims(from_user("mail", NAME_ID), basic="true"))
    said = attributes(_response(entra))
    assert said[f"{SOAP}givenname"] == ["Bo"]
    assert said[f"{SOAP}name"] == ["bo.agent@contoso.com"]


def test_a_restricted_claim_is_not_issued() -> None:
    entra = Entra()
    restricted = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
    entra.set_claims(claims(from_user("mail", NAME_ID), from_user("assignedroles", restricted)))
    assert restricted not in attributes(_response(entra))


@pytest.mark.parametrize(
    ("what", "parts"),
    [
        ("TokenOnly", ["Assertion"]),
        ("ResponseOnly", ["Response"]),
        ("ResponseAndToken", ["Response", "Assertion"]),
    ],
)
def test_the_signing_option_decides_what_is_signed(what: str, parts: list[str]) -> None:
    entra = Entra()
    (policy,) = entra.linked(entra.sp_path, "tokenIssuancePolicies")
    entra.write("PATCH", f"/policies/tokenIssuancePolicies/{policy}", {"definition": signing(what)})
    assert signed_parts(_response(entra)) == parts


def test_name_formats_and_sha1_are_issued_where_chosen() -> None:
    entra = Entra()
    (policy,) = entra.linked(entra.sp_path, "tokenIssuancePolicies")
    sha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    text = signing(SigningAlgorithm=sha1, EmitSamlNameFormat="true")
    entra.write("PATCH", f"/policies/tokenIssuancePolicies/{policy}", {"definition": text})
    response = _response(entra)
    assert {method.get("Algorithm") for method in response.iter(f"{DS}SignatureMethod")} == {sha1}
    formats = {attribute.get("NameFormat", "") for attribute in response.iter(f"{SAML}Attribute")}
    assert formats == {"urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"}


@pytest.mark.parametrize("part", ["./", f"./{SAML}Assertion/"])
def test_both_signatures_verify_with_the_active_certificate(part: str) -> None:
    entra = Entra()
    (text,) = certificates(entra.metadata())
    certificate = x509.load_der_x509_certificate(base64.b64decode(text))
    config = SignatureConfiguration(location=part, expect_references=1)
    xml = etree.tostring(_response(entra))
    verified = XMLVerifier().verify(xml, x509_cert=certificate, expect_config=config)
    wanted = "Response" if part == "./" else "Assertion"
    assert not isinstance(verified, list)
    assert verified.signed_xml is not None
    assert etree.QName(verified.signed_xml).localname == wanted


def test_each_signature_carries_one_certificate_on_one_line() -> None:
    texts = certificates(_response(Entra()), "Signature")
    assert len(set(texts)) == 1
    assert "\n" not in texts[0]


def test_the_same_requests_give_the_same_bytes() -> None:
    assert etree.tostring(_response(Entra())) == etree.tostring(_response(Entra()))


def test_a_guest_is_named_as_at_home() -> None:
    entra = Entra()
    entra.set_claims(claims(from_user("userprincipalname", NAME_ID), from_user("localuserprincipalname", "local")))
    guest = entra.user("pat.partner@fabrikam.com")
    entra.assign(guest, AGENT)
    response = _response(entra, "pat.partner@fabrikam.com")
    assert name_id(response)[0] == "pat.partner@fabrikam.com"
    assert attributes(response)["local"] == ["pat.partner_fabrikam.com#EXT#@contoso.onmicrosoft.com"]


@pytest.mark.parametrize(
    ("request_text", "number"),
    [
        pytest.param("", 750054, id="nothing"),
        pytest.param("%%%", 75005, id="no base64"),
        pytest.param("AAAA", 75005, id="not deflated"),
        pytest.param(packed(b"<x"), 75005, id="no XML"),
        pytest.param(packed(b"<LogoutRequest/>"), 75005, id="another message"),
        pytest.param(packed(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), 75005, id="a document type"),
        pytest.param(packed(b" " * 200_000), 75005, id="far too long"),
    ],
)
def test_what_is_no_request_is_refused(request_text: str, number: int) -> None:
    answer = Entra().http.get(f"{LOGIN}/saml2", params={"SAMLRequest": request_text})
    assert answer.status_code == 400
    assert f">AADSTS{number}: " in answer.text


@pytest.mark.parametrize("posted", [False, True])
def test_a_sign_out_without_a_logout_url_ends_on_a_page(posted: bool) -> None:
    entra, url = Entra(), f"{LOGIN}/saml2"
    message = logout_request()
    if posted:
        answer = entra.http.post(url, data={"SAMLRequest": base64.b64encode(message).decode()})
    else:
        answer = entra.http.get(url, params={"SAMLRequest": packed(message)})
    assert (answer.status_code, "You signed out of your account" in answer.text) == (200, True)


@pytest.mark.parametrize(
    ("message", "number"),
    [(logout_request(issuer="urn:flex:other"), 700016), (logout_request(identity="1out"), 7500529)],
)
def test_a_sign_out_of_nobody_known_is_refused(message: bytes, number: int) -> None:
    answer = Entra().http.get(f"{LOGIN}/saml2", params={"SAMLRequest": packed(message)})
    assert f">AADSTS{number}: " in answer.text


@pytest.mark.parametrize("form", ["transient", "persistent"])
def test_a_generated_name_id_is_new_each_time_or_the_same_for_ever(form: str) -> None:
    entra = Entra(nameidpolicy_under_policy="requested")
    inside = f'<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:{form}"/>'
    first, second = (name_id(_response(entra, inside=inside)) for _ in range(2))
    assert (first[1], first[0] == second[0]) == (form, form == "persistent")


def test_the_first_reply_url_serves_where_none_is_asked_for() -> None:
    assert _response(Entra(), reply_url="").get("Destination") == REPLY_URL


def test_a_subject_or_another_way_to_sign_in_is_refused() -> None:
    entra = Entra()
    assert str(entra.sign_on(inside="<saml:Subject/>")).startswith("AADSTS900236:")
    wanted = "<saml:AuthnContextClassRef>urn:x:X509</saml:AuthnContextClassRef>"
    context = f"<samlp:RequestedAuthnContext>{wanted}</samlp:RequestedAuthnContext>"
    assert str(entra.sign_on(inside=context)).startswith("AADSTS75011:")


def test_somebody_else_is_not_in_the_directory() -> None:
    assert str(Entra().sign_on("eve@example.com")).startswith("AADSTS50034:")


def test_without_any_certificate_nothing_can_be_signed() -> None:
    entra = Entra()
    entra.unlink_all("claimsMappingPolicies")
    entra.write("PATCH", entra.sp_path, {"keyCredentials": [], "passwordCredentials": []})
    entra.wait()
    assert str(entra.sign_on()).startswith("AADSTS50003:")


def test_a_sign_on_counts() -> None:
    entra = Entra()
    entra.sign_on("eve@example.com")
    entra.sign_on()
    assert entra.world.writes()["sign_ins"] == 1


def test_metadata_is_what_parsers_must_cope_with() -> None:
    entra = Entra()
    document = entra.metadata()
    root = etree.fromstring(document)
    assert document.startswith(b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>')
    assert root.get("entityID") == ISSUER
    assert certificates(document, "RoleDescriptor") == certificates(document) * 2
    url = root.find(".//{*}SingleSignOnService")
    assert url is not None
    assert url.get("Location") == f"{LOGIN}/saml2"
    (text,) = certificates(document)
    sha1 = hashlib.sha1(base64.b64decode(text)).hexdigest()
    assert sha1 == entra.get(entra.sp_path)["preferredTokenSigningKeyThumbprint"]


@pytest.mark.parametrize(
    "path",
    ["FederationMetadata/2007-06/FederationMetadata.xml", "FEDERATIONMETADATA/2007-06/FEDERATIONMETADATA.XML"],
)
def test_the_metadata_stands_at_its_documented_address_in_any_letter_case(path: str) -> None:
    entra = Entra()
    answer = entra.http.get(f"{LOGIN}/{path}", params={"appid": entra.app["appId"].upper()})
    assert answer.content == entra.metadata()


@pytest.mark.parametrize("form", ["none", "prefixed"])
@pytest.mark.parametrize("cloud", ["", "china"])
def test_every_form_of_the_metadata_is_valid_against_its_schema(form: str, cloud: str) -> None:
    entra = Entra(cloud=cloud, metadata_prefixes=form)
    login = f"{entra.world.cloud.login}/{TENANT_ID}"
    document = entra.http.get(f"{login}/FederationMetadata/2007-06/FederationMetadata.xml").content
    assert problems(document) == []
    assert problems(document.replace(b"ServiceEndpoint>", b"Endpoint>"))


def test_metadata_of_an_unknown_application() -> None:
    answer = Entra().http.get(f"{LOGIN}/federationmetadata/2007-06/federationmetadata.xml", params={"appid": "x"})
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [700016])


def test_the_claims_policy_is_that_of_the_plan() -> None:
    entra = Entra()
    (policy,) = entra.linked(entra.sp_path, "claimsMappingPolicies")
    assert entra.get(f"/policies/claimsMappingPolicies/{policy}")["definition"] == FLEX_CLAIMS


def test_the_status_is_success() -> None:
    code = _response(Entra()).find(f"{SAMLP}Status/{SAMLP}StatusCode")
    assert code is not None
    assert code.get("Value") == "urn:oasis:names:tc:SAML:2.0:status:Success"


# The tiles of My Apps


def _tile(entra: Entra) -> str:
    return f"https://launcher.myapps.microsoft.com/api/signin/{entra.app['appId']}"


def test_a_tile_without_a_sign_on_url_sends_a_response_nobody_asked_for() -> None:
    entra = Entra()
    entra.write("PATCH", entra.sp_path, {"samlSingleSignOnSettings": {"relayState": "to-the-desk"}})
    assert "User name" in entra.http.get(_tile(entra)).text
    page = entra.http.post(_tile(entra), data={"user": "bo.agent@contoso.com"}).text
    sent = dict(re.findall(r'name="(SAMLResponse|RelayState)" value="([^"]*)"', page))
    response = etree.fromstring(base64.b64decode(html.unescape(sent["SAMLResponse"])))
    assert sent["RelayState"] == "to-the-desk"
    assert response.get("InResponseTo") is None
    assert (response.get("Destination"), response.findtext(f".//{SAML}Audience")) == (REPLY_URL, IDENTIFIER)


def test_a_tile_with_a_sign_on_url_goes_there() -> None:
    entra = Entra()
    entra.write("PATCH", entra.sp_path, {"loginUrl": "https://flex.twilio.com/contoso-1234"})
    answer = entra.http.get(_tile(entra))
    assert (answer.status_code, answer.headers["location"]) == (302, "https://flex.twilio.com/contoso-1234")


@pytest.mark.parametrize(
    ("change", "user", "said"),
    [
        pytest.param({}, "sol.supervisor@contoso.com", "AADSTS50105", id="not assigned"),
        pytest.param({"accountEnabled": False}, "bo.agent@contoso.com", "AADSTS7000112", id="application disabled"),
        pytest.param({"preferredSingleSignOnMode": None}, "bo.agent@contoso.com", "AADSTS700016", id="not SAML"),
    ],
)
def test_a_tile_that_does_not_sign_on(change: dict[str, object], user: str, said: str) -> None:
    entra = Entra()
    if change:
        entra.write("PATCH", entra.sp_path, change)
    assert said in entra.http.post(_tile(entra), data={"user": user}).text


# Outside providers on the browser face


def _posted_on_the_face(reply_url: str, **ticked: str) -> tuple[str, str]:
    """Where the form of a sign-on leads in a browser, and the whole page."""
    entra = Entra()
    entra.write("PATCH", entra.app_path, {"web": {"redirectUris": [reply_url]}})
    entra.wait()
    face = f"http://localhost:8000/login.microsoftonline.com/{TENANT_ID}/saml2"
    request = packed(authn_xml(reply_url=reply_url))
    page = entra.http.post(face, data={"SAMLRequest": request, "user": "bo.agent@contoso.com"} | ticked).text
    (action,) = re.findall(r'<form method="post" action="([^"]*)"', page)
    assert 'name="SAMLResponse"' in page
    return html.unescape(action), page


def test_a_response_for_an_outside_provider_goes_to_its_own_address_when_somebody_presses_continue() -> None:
    action, page = _posted_on_the_face("https://sp.example.com/acs?app=1")
    assert action == "https://sp.example.com/acs?app=1"
    assert "which is no part of this rehearsal" in page
    assert "document.forms[0].submit()" not in page


@pytest.mark.parametrize(
    ("reply_url", "action"),
    [
        pytest.param(REPLY_URL, f"/{REPLY_URL.removeprefix('https://')}", id="Flex"),
        pytest.param("http://localhost:3000/acs", "http://localhost:3000/acs", id="this machine"),
        pytest.param("https://other.twilio.com/acs", "/other.twilio.com/acs", id="Twilio, though not played"),
    ],
)
def test_a_response_for_the_rehearsal_or_this_machine_goes_by_itself(reply_url: str, action: str) -> None:
    found, page = _posted_on_the_face(reply_url)
    assert found == action
    assert ".submit()" in page


def test_whoever_asks_for_it_can_copy_the_response_before_it_goes_on() -> None:
    action, page = _posted_on_the_face(REPLY_URL, show="on")
    assert action == f"/{REPLY_URL.removeprefix('https://')}"
    assert "<script>document.forms[0].submit()" not in page
    sent, shown = (
        re.search(r'name="SAMLResponse" value="([^"]+)"', page),
        re.search(r'<code id="to-copy">([^<]+)<', page),
    )
    assert sent is not None
    assert shown is not None
    assert shown[1] == sent[1]
    assert 'value="to-copy" data-goes="on" aria-label="Copy SAMLResponse and continue"' in page
