"""A forge of Entra-shaped responses with keys of its own. It signs by hand: it shares no code with the judge."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.expected import Expected

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
TENANT = "11111111-2222-3333-4444-555555555555"
JQ = "JQ" + "0" * 32
OTHER_JQ = "JQ" + "1" * 32
ISSUER = f"https://sts.windows.net/{TENANT}/"
REPLY_URL = f"https://login.flex.us1.twilio.com/login/callback?connection={JQ}"
IDENTIFIER = f"urn:flex:{JQ}"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = f"{DSIG}rsa-sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = f"{DSIG}sha1"
_HASHES = {RSA_SHA1: hashes.SHA1, SHA1: hashes.SHA1}


@cache
def key(label: str) -> rsa.RSAPrivateKey:
    """One key a label and a test session."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if label == "short" else 2048)


@cache
def certificate(
    label: str = "active",
    *,
    name: str = "Microsoft Azure Federated SSO Certificate",
    start: datetime = NOW - timedelta(days=30),
    days: int = 1095,
    issuer: str = "",
) -> Certificate:
    """A certificate of the labelled key: self-signed, or issued by a certificate authority of that name."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]) if issuer else subject)
        .public_key(key(label).public_key())
        .serial_number(1 + int.from_bytes(label.encode()))
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key("authority") if issuer else key(label), hashes.SHA256())
    )
    return Certificate(made.public_bytes(Encoding.DER))


def stamp(offset: float = 0.0) -> str:
    """Entra's way to write a moment, `offset` seconds from NOW."""
    return (NOW + timedelta(seconds=offset)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def attribute(name: str, *values: str, more: str = "") -> str:
    """One Attribute element."""
    inner = "".join(f"<AttributeValue>{value}</AttributeValue>" for value in values)
    return f'<Attribute Name="{name}"{more}>{inner}</Attribute>'


CLAIMS = attribute("email", "ada@contoso.com") + attribute("full_name", "Ada Admin") + attribute("roles", "admin")


@dataclass(frozen=True, kw_only=True)
class Forge:
    """What goes into a response; `Forge().xml()` is what a well-configured tenant sends for Ada."""

    signer: str | Certificate = "active"
    signed: str = "both"
    algorithm: str = RSA_SHA256
    digest: str = SHA256
    name_id: str = "ada@contoso.com"
    name_id_format: str = f' Format="{EMAIL_FORMAT}"'
    attributes: str = CLAIMS
    issuer: str = ISSUER
    assertion_issuer: str = ""
    destination: str = REPLY_URL
    recipient: str = REPLY_URL
    audiences: tuple[str, ...] = (IDENTIFIER,)
    in_response_to: str = "_request1"
    response_id: str = "_r1111111-0000-4000-8000-000000000000"
    assertion_id: str = "_a2222222-0000-4000-8000-000000000000"
    issued: float = -60.0
    not_before: float = -360.0
    not_after: float = 3540.0
    confirm_until: float = 3540.0
    method: str = BEARER
    status: str = SUCCESS
    extra_session: str = ""
    before_signing: Callable[[str], str] = field(default=lambda text: text)
    """An edit of the unsigned response: what a configuration, not an attacker, would do."""
    signature_edit: Callable[[str], str] = field(default=lambda text: text)

    def but(self, **changes: object) -> "Forge":
        """The same with changes."""
        return replace(self, **changes)

    def xml(self) -> bytes:
        """The response, assertion signed first, then the response over it."""
        text = self.before_signing(self.plain())
        for part, wanted, identity in (("A", "assertion", self.assertion_id), ("R", "response", self.response_id)):
            mark = f"<!--{part}-->"
            signature = self.signature(text.replace("<!--A-->", "").replace("<!--R-->", ""), identity)
            text = text.replace(mark, signature if self.signed in (wanted, "both") else "")
        return text.encode()

    def plain(self) -> str:
        """The response with marks where the signatures go."""
        requested = f' InResponseTo="{self.in_response_to}"' if self.in_response_to else ""
        destination = f' Destination="{self.destination.replace("&", "&amp;")}"' if self.destination else ""
        recipient = f' Recipient="{self.recipient.replace("&", "&amp;")}"' if self.recipient else ""
        audience = "".join(f"<Audience>{each}</Audience>" for each in self.audiences)
        name_id = f"<NameID{self.name_id_format}>{self.name_id}</NameID>" if self.name_id else ""
        return (
            f'<samlp:Response ID="{self.response_id}" Version="2.0" IssueInstant="{stamp(self.issued)}"{destination}'
            f'{requested} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">'
            f'<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{self.issuer}</Issuer><!--R-->'
            f"<samlp:Status>{self.status}</samlp:Status>"
            f'<Assertion ID="{self.assertion_id}" IssueInstant="{stamp(self.issued)}" Version="2.0" '
            f'xmlns="urn:oasis:names:tc:SAML:2.0:assertion">'
            f"<Issuer>{self.assertion_issuer or self.issuer}</Issuer><!--A-->"
            f"<Subject>{name_id}"
            f'<SubjectConfirmation Method="{self.method}"><SubjectConfirmationData{requested} '
            f'NotOnOrAfter="{stamp(self.confirm_until)}"{recipient}/></SubjectConfirmation></Subject>'
            f'<Conditions NotBefore="{stamp(self.not_before)}" NotOnOrAfter="{stamp(self.not_after)}">'
            f"<AudienceRestriction>{audience}</AudienceRestriction></Conditions>"
            f"<AttributeStatement>{self.attributes}</AttributeStatement>"
            f'<AuthnStatement AuthnInstant="{stamp(-120)}" SessionIndex="{self.assertion_id}"{self.extra_session}>'
            "<AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef>"
            "</AuthnContext></AuthnStatement></Assertion></samlp:Response>"
        )

    def signature(self, text: str, identity: str) -> str:
        """The Signature element for the element with that ID in `text`."""
        target = etree.fromstring(text.encode()).xpath("//*[@ID=$i]", i=identity)
        if not target:
            return ""
        content = etree.tostring(target[0], method="c14n", exclusive=True, with_comments=False)
        return self.signature_edit(self.signature_over(content, identity))

    def signature_over(self, content: bytes, identity: str, *, sign: Callable[[bytes], bytes] | None = None) -> str:
        """A Signature element whose reference digests `content`."""
        digest = hashlib.new("sha1" if self.digest == SHA1 else "sha256", content, usedforsecurity=False).digest()
        info = (
            f'<CanonicalizationMethod Algorithm="{EXC_C14N}"></CanonicalizationMethod>'
            f'<SignatureMethod Algorithm="{self.algorithm}"></SignatureMethod><Reference URI="#{identity}"><Transforms>'
            f'<Transform Algorithm="{ENVELOPED}"></Transform><Transform Algorithm="{EXC_C14N}"></Transform>'
            "</Transforms>"
            f'<DigestMethod Algorithm="{self.digest}"></DigestMethod>'
            f"<DigestValue>{base64.b64encode(digest).decode()}</DigestValue></Reference>"
        )
        value = (sign or self._sign)(f'<SignedInfo xmlns="{DSIG}">{info}</SignedInfo>'.encode())
        return (
            f'<Signature xmlns="{DSIG}"><SignedInfo>{info}</SignedInfo>'
            f"<SignatureValue>{base64.b64encode(value).decode()}</SignatureValue><KeyInfo><X509Data><X509Certificate>"
            f"{base64.b64encode(self.certificate.der).decode()}</X509Certificate></X509Data></KeyInfo></Signature>"
        )

    @property
    def certificate(self) -> Certificate:
        """The certificate named in KeyInfo."""
        return self.signer if isinstance(self.signer, Certificate) else certificate(self.signer)

    def _sign(self, data: bytes) -> bytes:
        label = self.signer if isinstance(self.signer, str) else "active"
        return key(label).sign(data, padding.PKCS1v15(), _HASHES.get(self.algorithm, hashes.SHA256)())


def expected(**changes: object) -> Expected:
    """The configuration that `Forge()` fits."""
    active = certificate()
    fitting = Expected(
        at=NOW,
        issuer=ISSUER,
        tenant_id=TENANT,
        reply_url=REPLY_URL,
        identifier=IDENTIFIER,
        connection=JQ,
        certificates=(active,),
        active_sha1=active.sha1,
        metadata_sha1=frozenset({active.sha1}),
        attested_sha256=active.sha256,
        signing_option="both",
        name_id="ada@contoso.com",
        name_id_source="user.mail",
        user_principal_name="ada@contoso.com",
        email="ada@contoso.com",
        full_name="Ada Admin",
        roles=frozenset({"admin"}),
        request_id="_request1",
        relay_state="",
    )
    return replace(fitting, **changes)
