"""What published fixtures add to Entra's own shapes: other producers' habits, kept files, metadata of every make."""

import base64
import re
from html import escape

import entra_shapes as entra
import pytest
from entra_shapes import Shape, Signer, attribute, metadata
from lxml import etree

from flexsso_helpers.commands.judge import Verdict, given_metadata, judge_given, unknown
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.saml.expected import Signed
from flexsso_helpers.saml.metadata import BadMetadata

ROOT = metadata(bom=False).decode().partition("?>")[2]
OTHER_AUDIENCE = "<AudienceRestriction><Audience>urn:somebody:else</Audience></AudienceRestriction>"
SAME_AUDIENCE = f"<AudienceRestriction><Audience>{entra.IDENTIFIER}</Audience></AudienceRestriction>"


def judged(response: bytes, document: bytes | None = None, *, require: Signed = "assertion") -> Verdict:
    known = given_metadata(
        metadata() if document is None else document,
        unknown(at=entra.CAPTURED, requires=require),
        identifier=entra.IDENTIFIER,
        reply_url=entra.REPLY_URL,
    )
    return judge_given(response, known)


def failing(verdict: Verdict) -> list[str]:
    return sorted({finding.check for finding in verdict.judgement.failing})


def edited(old: str, new: str) -> Shape:
    """An edit before anything is signed."""
    return Shape(edit=lambda text: re.sub(old, new, text, count=1, flags=re.DOTALL))


ACCEPTED = {
    "no Destination": edited(' Destination="[^"]*"', ""),
    "no Issuer in the Response": edited("<Issuer[^>]*>[^<]*</Issuer>", ""),
    "no AuthnStatement": edited("<AuthnStatement.*</AuthnStatement>", ""),
    "no AttributeStatement": edited("<AttributeStatement>.*</AttributeStatement>", ""),
    "two AttributeStatements": edited("(<AttributeStatement>.*</AttributeStatement>)", r"\1\1"),
    "the audience restricted twice": edited("</AudienceRestriction>", "</AudienceRestriction>" + SAME_AUDIENCE),
    "a session end": edited('SessionIndex="_a1"', 'SessionIndex="_a1" SessionNotOnOrAfter="2023-05-10T18:00:00Z"'),
    "a second confirmation": edited(
        "</SubjectConfirmation>",
        '</SubjectConfirmation><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/>',
    ),
    "times with an offset": Shape(times=lambda at: at.strftime("%Y-%m-%dT%H:%M:%S+00:00")),
    "Consent as ADFS sends it": edited(
        'Version="2.0"', 'Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" Version="2.0"'
    ),
    "a status message": edited("(Success\"/>)", r"\1<samlp:StatusMessage>fine</samlp:StatusMessage>"),
    "extensions": edited("<samlp:Status>", '<samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions><samlp:Status>'),
    "a NameID of unspecified format": Shape(
        name_id_more=' Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"'
    ),
    "a Windows name": Shape(
        name_id="CONTOSO\\ada",
        name_id_more=' Format="urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName"',
    ),
    "qualifiers": Shape(name_id_more=f' Format="{entra.PERSISTENT}" NameQualifier="x" SPNameQualifier="y"'),
    "an issuer without its slash": Shape(edit=lambda text: text.replace(entra.ISSUER, entra.ISSUER[:-1])),
    "a prefix at the signature only": Shape(prefixes={"protocol": "samlp", "assertion": "", "signature": "ds"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_saml_allows_is_accepted(name: str) -> None:
    shape = ACCEPTED[name]
    document = metadata(entity_id=entra.ISSUER[:-1]) if "slash" in name else None
    verdict = judged(shape.xml(), document)
    assert (verdict.word, failing(verdict)) == ("accepted", [])
    assert verdict.judgement.name_id == shape.name_id


def test_what_most_readers_overlook_is_remarked() -> None:
    verdict = judged(ACCEPTED["no AuthnStatement"].xml(), None)
    (remark,) = [each for each in verdict.judgement.findings if each.check == "S81"]
    assert (remark.state, remark.level) == ("wrong", "warning")


REJECTED = {
    "a restriction that leaves us out": (
        edited("</AudienceRestriction>", "</AudienceRestriction>" + OTHER_AUDIENCE), ["S35"],
    ),
    "no audience": (edited("<AudienceRestriction>.*</AudienceRestriction>", ""), ["S35"]),
    "no Conditions": (edited("<Conditions.*</Conditions>", ""), ["S35", "S40"]),
    "a second Conditions that has expired": (
        edited("</Conditions>", '</Conditions><Conditions NotOnOrAfter="2023-05-10T08:00:00Z"/>'), ["S40"],
    ),
    "a second Conditions that has not begun": (
        edited("</Conditions>", '</Conditions><Conditions NotBefore="2033-05-10T08:00:00Z"/>'), ["S39"],
    ),
    "a confirmation that has not begun": (
        edited("<SubjectConfirmationData", '<SubjectConfirmationData NotBefore="2033-05-10T08:00:00Z"'), ["S41"],
    ),
    "a confirmation that begins at no time": (
        edited("<SubjectConfirmationData", '<SubjectConfirmationData NotBefore="now"'), ["S41"],
    ),
    "no Recipient": (edited(' Recipient="[^"]*"', ""), ["S34"]),
    "no NameID": (edited("<NameID.*</NameID>", ""), ["S47"]),
    "a comment inside the NameID": (
        edited("ada@contoso.com</NameID>", "ada@contoso.com<!-- -->.evil.example</NameID>"), ["S14"],
    ),
    "a comment between elements": (edited("<Subject>", "<!-- kept --><Subject>"), ["S14"]),
    "a comment below the root": (edited("<samlp:Status>", "<!-- kept --><samlp:Status>"), ["S14"]),
    "a comment inside a value": (Shape(attributes=attribute("job", "a<!-- -->b")), ["S14"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_what_is_missing_or_hidden_is_rejected(name: str) -> None:
    shape, checks = REJECTED[name]
    verdict = judged(shape.xml())
    assert verdict.exit_code == 1
    assert set(checks) <= set(failing(verdict)) <= {*checks, "S17"}


VALUES: dict[str, tuple[str, tuple[str, ...]]] = {
    "empty": ("<AttributeValue/>", ("",)),
    "none at all": ("", ()),
    "nil": (
        '<AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>', ("",),
    ),
    "typed": (
        '<AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">a</AttributeValue>', ("a",),
    ),
    "CDATA": ("<AttributeValue><![CDATA[a<b]]></AttributeValue>", ("a<b",)),
    "several": ("<AttributeValue>a</AttributeValue><AttributeValue>b</AttributeValue>", ("a", "b")),
    "with a namespace of its own": (
        '<AttributeValue xmlns:a="http://schemas.xmlsoap.org/ws/2009/09/identity/claims" a:OriginalIssuer="x">a'
        "</AttributeValue>", ("a",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("more", ["", entra.URI_FORMAT, ' FriendlyName="job"'])
def test_values_are_read_as_they_were_signed(name: str, more: str) -> None:
    inner, values = VALUES[name]
    verdict = judged(Shape(attributes=f'<Attribute Name="job"{more}>{inner}</Attribute>').xml())
    assert verdict.word == "accepted"
    assert verdict.as_json()["attributes"] == {"job": list(values)}


UTF_16 = '<?xml version="1.0" encoding="UTF-16"?>'
KEPT = {
    "UTF-16 with a declaration": lambda xml: (UTF_16 + xml.decode()).encode("utf-16"),
    "UTF-16, big end first": lambda xml: b"\xfe\xff" + (UTF_16 + xml.decode()).encode("utf-16-be"),
    "base64 of UTF-16": lambda xml: base64.b64encode((UTF_16 + xml.decode()).encode("utf-16")),
    "base64 of a BOM": lambda xml: base64.b64encode(b"\xef\xbb\xbf" + xml),
    "base64 in UTF-16": lambda xml: base64.b64encode(xml).decode().encode("utf-16"),
    "base64 without its padding": lambda xml: base64.b64encode(xml).rstrip(b"="),
    "base64 in quotes": lambda xml: b'"' + base64.b64encode(xml) + b'"',
    "an older encoding": lambda xml: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + xml,
    "from a page's source": lambda xml: escape(xml.decode(), quote=False).encode(),
    "from a page's source, quotes too": lambda xml: escape(xml.decode()).encode(),
}


@pytest.mark.parametrize("way", KEPT)
def test_encodings_do_not_hide_it(way: str) -> None:
    verdict = judged(KEPT[way](Shape(signed="both").xml()), require="both")
    assert (verdict.word, verdict.judgement.name_id) == ("accepted", "ada@contoso.com")


@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
def test_indented_after_signing_it_is_called_so(signed: Signed) -> None:
    xml = etree.tostring(etree.fromstring(Shape(signed=signed).xml()), pretty_print=True)
    verdict = judged(xml, require=signed)
    assert (verdict.exit_code, failing(verdict), verdict.judgement.name_id) == (1, ["S17"], None)
    assert "re-formatted after signing" in verdict.judgement.failing[0].title


def test_an_encrypted_assertion_is_said_plainly_and_not_called_an_attack() -> None:
    cipher = '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"/>'
    sealed = f'<EncryptedAssertion xmlns="{entra.ASSERTION}">{cipher}</EncryptedAssertion>'
    xml = re.sub("<Assertion .*</Assertion>", sealed, Shape().xml().decode())
    verdict = judged(xml.encode())
    assert (verdict.exit_code, failing(verdict)) == (1, ["S11"])
    assert "attack" not in verdict.card().text


def test_nobody_says_flex_where_flex_is_not_meant() -> None:
    assert "started by the application" in judged(Shape().xml()).card().text
    idle = judged(Shape(request="").xml()).card().text
    assert "started from My Apps" in idle
    assert "Default Redirect URL" not in idle


def _collection(*members: str) -> str:
    return f'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{"".join(members)}</EntitiesDescriptor>'


SIGNING = '<KeyDescriptor use="signing">'
SERVICE = (
    '<EntityDescriptor entityID="urn:sp"><SPSSODescriptor '
    f'protocolSupportEnumeration="{entra.PROTOCOL}"/></EntityDescriptor>'
)
OLD_PROTOCOL = (
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"/></EntityDescriptor>'
)
PEM = f"-----BEGIN CERTIFICATE-----\n{Signer().base64}\n-----END CERTIFICATE-----"
METADATA = {
    "a collection of one": _collection(ROOT),
    "a collection with a service provider": _collection(SERVICE, ROOT),
    "a collection in a collection": _collection(SERVICE, _collection(ROOT)),
    "no sign-on URL for HTTP-Redirect": re.sub('<SingleSignOnService Binding="[^"]*Redirect"[^>]*>', "", ROOT),
    "no sign-on URL": re.sub("<SingleSignOnService[^>]*>", "", ROOT),
    "a sign-on URL without TLS": ROOT.replace("https://login", "http://login"),
    "PEM where base64 belongs": ROOT.replace(Signer().base64, PEM),
    "a key for encryption": ROOT.replace(SIGNING, '<KeyDescriptor use="encryption"/>' + SIGNING),
    "a key name beside the certificate": ROOT.replace("<X509Data>", "<KeyName>x</KeyName><X509Data>"),
    "two certificates in one key": ROOT.replace(
        "</X509Certificate></X509Data></KeyInfo></KeyDescriptor><Single",
        f"</X509Certificate><X509Certificate>{Signer(label='old').base64}"
        "</X509Certificate></X509Data></KeyInfo></KeyDescriptor><Single",
    ),
    "SAML 1.1 beside it": ROOT.replace("</EntityDescriptor>", OLD_PROTOCOL),
}  # fmt: skip


@pytest.mark.parametrize("name", METADATA)
def test_metadata_of_any_make_serves(name: str) -> None:
    assert judged(Shape().xml(), METADATA[name].encode()).word == "accepted"
    assert judged(Shape(signer=Signer(label="stranger")).xml(), METADATA[name].encode()).word == "rejected"


def test_metadata_in_utf_16_serves() -> None:
    document = (UTF_16 + ROOT).encode("utf-16")
    assert judged(Shape().xml(), document).word == "accepted"


REFUSED = {
    "two identity providers": (_collection(ROOT, ROOT.replace(entra.TENANT, entra.APP_ID)), "collection with 2 SAML"),
    "no identity provider": (_collection(SERVICE), "collection with no SAML"),
    "a certificate": (PEM, "certificate or key, not the federation metadata"),
    "a web page": ("<html/>", "The root of the document is “html”"),
    "a service provider's": (
        SERVICE.replace(" entity", ' xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entity'), "no SAML identity provider",
    ),
    "the common endpoint's": (ROOT.replace(entra.TENANT, "{tenantid}"), "no particular tenant"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_metadata_that_cannot_serve_is_called_what_it_is(name: str) -> None:
    document, says = REFUSED[name]
    with pytest.raises((BadMetadata, ParametersError)) as raised:
        judged(Shape().xml(), document.encode())
    assert says in raised.value.what
