"""A small identity provider for tests: builds a response, honest or not, and signs it with a key of this run."""

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from html import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, XMLSigner

from flexsso_helpers.rehearsal.flex import seed
from flexsso_helpers.rehearsal.world import clock

ISSUER = "https://sts.windows.net/f1e55000-0000-4000-8000-000000000001/"
SSO_URL = "https://login.microsoftonline.com/f1e55000-0000-4000-8000-000000000001/saml2"
REPLY_URL = f"https://login.flex.us1.twilio.com/login/callback?connection={seed.CONNECTION}"
ENTITY_ID = f"urn:flex:{seed.CONNECTION}"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
PLACEHOLDER = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"/>'


@dataclass(frozen=True)
class Key:
    """A private key and its certificate."""

    private: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


@cache
def key(name: str = "active", *, first: int = 2026, last: int = 2029) -> Key:
    """One key for each name in a run; the certificate holds for the years from `first` to `last`."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(private.public_key())
    built = built.serial_number(1).not_valid_before(datetime(first, 1, 1, tzinfo=UTC))
    return Key(private, built.not_valid_after(datetime(last, 1, 1, tzinfo=UTC)).sign(private, hashes.SHA256()))


@dataclass(frozen=True, kw_only=True)
class Response:
    """What a response says. `None` leaves a part out; `claims` values are one text or several."""

    name_id: str | None = "bo.agent@contoso.com"
    claims: dict[str, str | list[str]] = field(
        default_factory=lambda: {"roles": ["agent"], "full_name": "Bo Agent", "email": "bo.agent@contoso.com"}
    )
    in_response_to: str | None = "_request"
    destination: str | None = REPLY_URL
    recipient: str | None = REPLY_URL
    audiences: tuple[str, ...] = (ENTITY_ID,)
    issuer: str = ISSUER
    now: float = clock.START
    not_before: float = -300.0
    not_on_or_after: float = 3600.0
    confirmed_until: float = 3600.0
    with_conditions: bool = True
    name_id_format: str = EMAIL_FORMAT
    name_id_more: str = ""
    status: str = SUCCESS
    status_more: str = ""
    assertion_id: str = "_assertion"
    doctype: str = ""
    sign_response: bool = True
    sign_assertion: bool = True
    signer: Key = field(default_factory=key)
    sha1: bool = False

    def but(self, **changes: object) -> "Response":
        return replace(self, **changes)  # type: ignore[arg-type]

    def assertion(self) -> str:
        conditions = "".join(f"<Audience>{escape(each)}</Audience>" for each in self.audiences)
        conditions = (
            f'<Conditions NotBefore="{self._at(self.not_before)}" NotOnOrAfter="{self._at(self.not_on_or_after)}">'
            f"<AudienceRestriction>{conditions}</AudienceRestriction></Conditions>"
        )
        name_id = f'<NameID Format="{self.name_id_format}"{self.name_id_more}>{self.name_id}</NameID>'
        return (
            f'<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="{self.assertion_id}" Version="2.0" '
            f'IssueInstant="{self._at(0)}"><Issuer>{escape(self.issuer)}</Issuer>'
            f"{PLACEHOLDER if self.sign_assertion else ''}<Subject>{name_id if self.name_id is not None else ''}"
            '<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData'
            f"{_attribute('Recipient', self.recipient)}{_attribute('InResponseTo', self.in_response_to)}"
            f' NotOnOrAfter="{self._at(self.confirmed_until)}"/></SubjectConfirmation></Subject>'
            f"{conditions if self.with_conditions else ''}"
            f"<AttributeStatement>{''.join(map(_claim, self.claims.items()))}</AttributeStatement></Assertion>"
        )

    def tree(self) -> etree._Element:
        """The response with its signatures."""
        inside = etree.fromstring(self.assertion())
        if self.sign_assertion:
            inside = self._signed(inside)
        outside = etree.fromstring(
            f'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_response" Version="2.0" '
            f'IssueInstant="{self._at(0)}"{_attribute("Destination", self.destination)}'
            f"{_attribute('InResponseTo', self.in_response_to)}>"
            f'<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{escape(self.issuer)}</Issuer>'
            f"{PLACEHOLDER if self.sign_response else ''}"
            f'<samlp:Status><samlp:StatusCode Value="{self.status}">{self.status_more}</samlp:StatusCode>'
            "</samlp:Status></samlp:Response>"
        )
        outside.append(inside)
        return self._signed(outside) if self.sign_response else outside

    def field(self) -> str:
        """The value of the form field SAMLResponse."""
        return encode(self.doctype.encode() + etree.tostring(self.tree()))

    def _signed(self, element: etree._Element) -> etree._Element:
        signer = (
            _Sha1Signer()
            if self.sha1
            else XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
        )
        signed = signer.sign(
            element,
            key=self.signer.private,
            cert=[self.signer.certificate],
            reference_uri=element.get("ID"),
            id_attribute="ID",
        )
        return etree.fromstring(etree.tostring(signed))

    def _at(self, offset: float) -> str:
        return clock.iso(self.now + offset)


class _Sha1Signer(XMLSigner):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            signature_algorithm=SignatureMethod.RSA_SHA1,
            digest_algorithm=DigestAlgorithm.SHA1,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )

    def check_deprecated_methods(self) -> None:
        """An old identity provider would not mind."""


def encode(xml: bytes) -> str:
    return base64.b64encode(xml).decode()


def _attribute(name: str, value: str | None) -> str:
    return "" if value is None else f' {name}="{escape(value)}"'


def _claim(item: tuple[str, str | list[str]]) -> str:
    name, value = item
    values = value if isinstance(value, list) else [value]
    written = "".join(f"<AttributeValue>{each}</AttributeValue>" for each in values)
    return f'<Attribute Name="{escape(name)}">{written}</Attribute>'
