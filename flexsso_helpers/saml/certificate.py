"""Token-signing certificates in every shape that Entra, Graph, Console and people use."""

import base64
import binascii
import hashlib
import re
import textwrap
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from flexsso_helpers.errors import FlexSSOError

BEHIND = timedelta(minutes=15)
"""How far this computer's clock may be behind Entra's: for it a certificate that was just made is not valid yet."""
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_LABEL = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_HEX_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_DOWNLOAD_AGAIN = "Take the download “Certificate (Base64)” as it is, with its header and footer lines."


class NotACertificate(FlexSSOError):
    """A text or file that should have been one X.509 certificate and is something else."""

    title = "This is not one usable certificate"


@dataclass(frozen=True)
class Certificate:
    """One X.509 certificate, held as its DER bytes; two are equal when their bytes are."""

    der: bytes

    @cached_property
    def x509(self) -> x509.Certificate:
        """The certificate as the cryptography library reads it."""
        return x509.load_der_x509_certificate(self.der)

    @property
    def sha1(self) -> str:
        """The thumbprint that Entra and Graph use: SHA-1 of the DER, 40 lower-case hex digits."""
        return hashlib.sha1(self.der, usedforsecurity=False).hexdigest()

    @property
    def sha256(self) -> str:
        """What the tenant's file keeps of a certificate that was pasted: SHA-256, 64 lower-case hex digits."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def subject(self) -> str:
        """The subject in RFC 4514 form, such as `CN=Microsoft Azure Federated SSO Certificate`."""
        return self.x509.subject.rfc4514_string()

    @property
    def not_before(self) -> datetime:
        """First moment of validity, aware, in UTC."""
        return self.x509.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """Last moment of validity, aware, in UTC."""
        return self.x509.not_valid_after_utc

    def begun(self, at: datetime) -> bool:
        """Whether its validity has begun at this moment, by a clock that may be slow."""
        return self.not_before - BEHIND <= at

    @property
    def pem(self) -> str:
        """What Console wants: header, base64 in lines of 64, footer, LF after each line."""
        body = "\n".join(textwrap.wrap(base64.b64encode(self.der).decode(), 64))
        return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"

    @property
    def rsa_bits(self) -> int:
        """Size of the RSA key; 0 when the key is of another kind."""
        key = self.x509.public_key()
        return key.key_size if isinstance(key, RSAPublicKey) else 0

    @property
    def self_signed(self) -> bool:
        """Whether the certificate signed itself, as those that Entra makes for an application do."""
        try:
            self.x509.verify_directly_issued_by(self.x509)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            return False
        return True

    def days_left(self, at: datetime) -> int:
        """Whole days from `at` (aware) to the end of validity; negative once it has expired."""
        return (self.not_after - at).days

    def __repr__(self) -> str:
        """Short: the thumbprint and the subject."""
        return f"<Certificate {self.sha1[:8]}… {self.subject}>"


def from_der(der: bytes) -> Certificate:
    """The certificate in these DER bytes (Entra's raw download). Raises NotACertificate."""
    certificate = Certificate(bytes(der))
    try:
        certificate.x509.public_key()
        _ = certificate.not_before, certificate.not_after, certificate.subject
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotACertificate(
            "These bytes are not an X.509 certificate.",
            why="They were cut, or they are something else, such as a key or a PFX file.",
            fix=_DOWNLOAD_AGAIN,
            notebook="03",
        ) from error
    return certificate


def from_base64(text: str) -> Certificate:
    """The certificate in bare base64 of DER, as Graph and XML carry it (`X509Certificate`). Raises NotACertificate."""
    if "-----" in text:
        what = "This is PEM with header lines where bare base64 is expected."
        raise NotACertificate(what, fix="Give what stands between the two lines of dashes.", notebook="03")
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotACertificate(
            "The text is not base64.",
            why="Some characters do not belong there, or some are missing at the end.",
            fix=_DOWNLOAD_AGAIN,
            notebook="03",
        ) from error
    return from_der(der)


def from_pem(text: str | bytes) -> Certificate:
    """The one certificate in a PEM text.

    Line lengths, line ends, a BOM and blanks are forgiven, because `Certificate.pem` writes them anew. Refused with
    NotACertificate: no header lines, two certificates (parsers silently take the first), keys, the raw download.
    """
    if isinstance(text, bytes):
        text = _decoded(text)
    labels = _LABEL.findall(text)
    if other := [label for label in labels if label != "CERTIFICATE"]:
        secret = any("PRIVATE KEY" in label for label in other)
        raise NotACertificate(
            f"The text holds a “{other[0].title()}”, not only a certificate.",
            why="A private key never leaves Entra and must not be pasted anywhere." if secret else "",
            fix=_DOWNLOAD_AGAIN,
            notebook="03",
        )
    if len(labels) > 1:
        raise NotACertificate(
            f"The text holds {len(labels)} certificates.",
            why="Console documents room for one certificate, and most programs silently take the first.",
            fix="Keep only the certificate that is active in Entra.",
            notebook="06",
        )
    block = _BLOCK.search(text)
    if block is None:
        missing = "footer" if labels else "header"
        raise NotACertificate(
            f"The {missing} line “-----{'END' if labels else 'BEGIN'} CERTIFICATE-----” is missing.",
            why="Console needs the whole text, all dashes included.",
            fix=_DOWNLOAD_AGAIN,
            notebook="06",
        )
    return from_base64(block.group(1))


def thumbprint(value: str | bytes) -> str:
    """A thumbprint in any of its forms as 40 lower-case hex digits.

    Takes hex in any case, with colons or blanks; `customKeyIdentifier` as base64 of the 20 bytes (28 characters) or of
    the hex text (56 characters); and the bytes that the Graph library has already decoded. Raises NotACertificate.
    """
    if isinstance(value, bytes):
        if len(value) == hashlib.sha1(usedforsecurity=False).digest_size:
            return value.hex()
        value = value.decode("ascii", errors="replace")
    text = re.sub(r"[\s:\u200e\u200f]", "", value)
    if _HEX_SHA1.fullmatch(text):
        return text.lower()
    if len(text) in (28, 56):
        try:
            return thumbprint(base64.b64decode(text, validate=True))
        except binascii.Error:
            pass
    raise NotACertificate(
        f"“{value[:80]}” is not a certificate thumbprint.",
        why="A thumbprint is the SHA-1 of the certificate: 40 hexadecimal digits, or their base64.",
        fix="Copy it as Entra shows it: Single sign-on › SAML Certificates › Thumbprint.",
        notebook="03",
    )


def _decoded(data: bytes) -> str:
    if data[:2] == b"\x30\x82":
        raise NotACertificate("This is the raw (binary) certificate file.", fix=_DOWNLOAD_AGAIN, notebook="06")
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotACertificate("The file is not a text.", fix=_DOWNLOAD_AGAIN, notebook="06") from error
