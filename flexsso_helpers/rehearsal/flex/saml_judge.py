"""Flex's verdict on a SAML response: the checks of the service provider's library, in its order (F43-F67).

Texts that the library is known to give are given as it gives them; texts nobody has seen start with `[sim]`.
Only what a verified signature covers is read.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from cryptography import x509
from lxml import etree

from flexsso_helpers.rehearsal.flex import signature
from flexsso_helpers.rehearsal.world.quirks import Quirks
from flexsso_helpers.rehearsal.world.rules import Rules

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
FAILING_STATUS = frozenset(STATUS + name for name in ("VersionMismatch", "Requester", "Responder", "AuthnFailed"))
QUALIFIED_FORMATS = frozenset(
    f"urn:oasis:names:tc:SAML:2.0:nameid-format:{name}" for name in ("persistent", "transient")
)
SKEW = 180.0
"""Seconds of clock difference that the library forgives."""

Value = str | list[str]


class Refused(Exception):
    """The response is not accepted. `text` is the library's, kept in the log; `code` is Flex's where it is known."""

    def __init__(self, number: str, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.number, self.text, self.code = number, text, code


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the connection stores; the reply URL includes its query string."""

    entity_id: str
    reply_url: str
    issuer: str
    certificates: tuple[x509.Certificate, ...]


@dataclass(frozen=True, kw_only=True)
class Asserted:
    """What an accepted response says. `in_response_to` holds every value given, signed or not."""

    name_id: str
    attributes: dict[str, Value]
    in_response_to: frozenset[str]
    assertion_id: str
    events: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Judges responses at one moment (`now`, unix seconds) under the world's rules and quirks."""

    expected: Expected
    now: float
    rules: Rules
    quirks: Quirks

    def judge(self, saml_response: str) -> Asserted:
        """Judge the form field `SAMLResponse`. Raises `Refused`."""
        response = self._response(saml_response)
        self._check_destination(response)
        self._check_status(response)
        assertion = self._covered(response, self._assertion(response))
        events = self._check_certificate_dates()
        if assertion.get("Version") != "2.0":
            self._refuse("F44", "SAML Assertion version not supported, or not defined")
        self._check_times(assertion)
        self._check_audience(assertion)
        self._check_recipient(assertion)
        self._check_qualifiers(assertion)
        self._check_issuer(assertion)
        return Asserted(
            name_id=self._text(assertion.find("{*}Subject/{*}NameID")),
            attributes=self._attributes(assertion),
            in_response_to=frozenset(_in_response_to(response, assertion)),
            assertion_id=assertion.get("ID", ""),
            events=events,
        )

    @property
    def strict(self) -> bool:
        """Whether the profile demands what the standard demands, not what the library is known to check."""
        return self.quirks.value("sp_profile") == "strict"

    def _refuse(self, number: str, text: str, code: str | None = None) -> NoReturn:
        raise Refused(number, text, code)

    def _response(self, saml_response: str) -> etree._Element:
        root = self._parsed(saml_response)
        if self.rules.on("F65") and self.quirks.value("allow_doctype") == "false" and _has_doctype(root):
            self._refuse("F65", "[sim] SAMLResponse has a document type declaration.")
        found = _named(root, "Response")
        if len(found) > 1 and self.rules.on("F44"):
            self._refuse("F44", "SAMLResponse should be unique")
        if not found or found[0] is not root:
            self._refuse("F44", "XML is not a valid saml response")
        return root

    def _parsed(self, saml_response: str) -> etree._Element:
        sent = "".join(saml_response.split())
        try:
            xml = base64.b64decode(sent, validate=self.rules.on("F43"))
            return signature.parse(xml.replace(b"\r\n", b"\n"))
        except (ValueError, etree.XMLSyntaxError):
            self._refuse("F43", "SAMLResponse should be a valid xml")

    def _check_destination(self, response: etree._Element) -> None:
        destination = response.get("Destination")
        if destination is not None and destination != self.expected.reply_url and self.rules.on("F45"):
            self._refuse("F45", f"Destination endpoint {destination} did not match {self.expected.reply_url}")

    def _check_status(self, response: etree._Element) -> None:
        failing = [code for code in _status_codes(response) if code in FAILING_STATUS]
        if not failing or not self.rules.on("F46"):
            return
        message = self._text(response.find("{*}Status/{*}StatusMessage"))
        self._refuse("F46", message or f"[sim] The identity provider answered {failing[-1].removeprefix(STATUS)}.")

    def _assertion(self, response: etree._Element) -> etree._Element:
        found = _named(response, "Assertion")
        if len(found) > 1 and self.rules.on("F47"):
            self._refuse("F47", "A SAMLResponse can contain only one Assertion element.")
        if not found and _named(response, "EncryptedAssertion") and self.rules.on("F48"):
            text = "Assertion is encrypted. Please set options.decryptionKey with your decryption private key."
            self._refuse("F48", text)
        children = [child for child in found if child.getparent() is response]
        if not children:
            status = next(iter(_status_codes(response)), "")
            self._refuse("F46", f"saml response does not contain an Assertion element (Status: {status})")
        return children[0]

    def _covered(self, response: etree._Element, assertion: etree._Element) -> etree._Element:
        """The assertion as the verified signature covers it."""
        signed = [element for element in (response, assertion) if self._is_signed(element)]
        if not signed:
            if self.rules.on("F49"):
                self._refuse("F49", "neither the response nor the assertion are signed")
            return assertion
        if len(signed) == 1 and self._needs_both():
            self._refuse("F50", "[sim] Flex is set to need a signed response and a signed assertion; one is signed.")
        if len(signed) == 2 and (not self.rules.on("F52") or self.quirks.value("sp_profile") == "wsfed-4.6.4"):
            signed = [response]
        read = [self._verified(element) for element in signed][-1]
        if not self.rules.on("F66"):
            return assertion
        inside = read if etree.QName(read).localname == "Assertion" else read.find(f"{{{SAML}}}Assertion")
        if inside is None:
            self._refuse("F51", "Signature check errors: the signed response holds no assertion")
        return inside

    def _needs_both(self) -> bool:
        return self.strict or not self.rules.on("F50") or self.quirks.value("require_signatures") == "both"

    def _is_signed(self, element: etree._Element) -> bool:
        found = signature.signatures_of(element)
        if len(found) > 1:
            name = etree.QName(element).localname
            self._refuse("F51", f"Signature was found more than one time (xpath: //{name}/Signature)")
        return bool(found)

    def _verified(self, element: etree._Element) -> etree._Element:
        allow_sha1 = self.rules.on("F53") and self.quirks.value("allow_sha1") == "true" and not self.strict
        try:
            return signature.signed(element, self.expected.certificates, allow_sha1=allow_sha1)
        except signature.BadSignature as error:
            if not self.rules.on("F51"):
                return element
            self._refuse("F51", f"Signature check errors: {error}")

    def _check_certificate_dates(self) -> tuple[str, ...]:
        moment = datetime.fromtimestamp(self.now, UTC)
        if any(c.not_valid_before_utc <= moment <= c.not_valid_after_utc for c in self.expected.certificates):
            return ()
        text = "The signing certificate is not currently valid."
        if self.rules.on("F54") and (self.strict or self.quirks.value("check_cert_expiry") == "true"):
            self._refuse("F54", text, "70251")
        return (text,)

    def _check_times(self, assertion: etree._Element) -> None:
        conditions = assertion.find("{*}Conditions")
        if conditions is None or not self.rules.on("F55"):
            return
        early = self._moment(conditions.get("NotBefore"), if_absent=self.now)
        late = self._moment(conditions.get("NotOnOrAfter"), if_absent=self.now)
        checks_early = self.quirks.value("sp_profile") != "wsfed-4.6.4"
        if (checks_early and early - SKEW > self.now) or late + SKEW < self.now:
            self._refuse("F55", "assertion has expired.")

    def _moment(self, text: str | None, *, if_absent: float) -> float:
        if text is None:
            return if_absent
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._refuse("F55", "assertion has expired.")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def _check_audience(self, assertion: etree._Element) -> None:
        if assertion.find("{*}Conditions") is None and not self.rules.on("F56"):
            return
        first = assertion.find("{*}Conditions/{*}AudienceRestriction/{*}Audience")
        if (first is None or self._text(first) != self.expected.entity_id) and self.rules.on("F57"):
            self._refuse("F57", f"Audience is invalid. Configured: {self.expected.entity_id}")

    def _check_recipient(self, assertion: etree._Element) -> None:
        data = assertion.find("{*}Subject/{*}SubjectConfirmation/{*}SubjectConfirmationData")
        recipient = None if data is None else data.get("Recipient")
        if recipient is not None and recipient != self.expected.reply_url and self.rules.on("F58"):
            self._refuse("F58", f"Recipient is invalid. Configured: {self.expected.reply_url}")
        if not self.strict:
            return
        late = None if data is None else data.get("NotOnOrAfter")
        if recipient is None or late is None or self._moment(late, if_absent=0) + SKEW < self.now:
            self._refuse(
                "F58", "[sim] SubjectConfirmationData needs a Recipient and a NotOnOrAfter that has not passed."
            )

    def _check_qualifiers(self, assertion: etree._Element) -> None:
        name_id = assertion.find("{*}Subject/{*}NameID")
        if name_id is None or name_id.get("Format") not in QUALIFIED_FORMATS or not self.rules.on("F63"):
            return
        issuer = self._text(assertion.find("{*}Issuer"))
        for name, wanted in (("NameQualifier", issuer), ("SPNameQualifier", self.expected.entity_id)):
            if name_id.get(name, wanted) != wanted:
                self._refuse("F63", f"{name} attribute in the NameID element does not match {wanted}")

    def _check_issuer(self, assertion: etree._Element) -> None:
        issuer = self._text(assertion.find("{*}Issuer"))
        checks = self.strict or self.quirks.value("check_issuer") == "true"
        if checks and issuer != self.expected.issuer and self.rules.on("F59"):
            self._refuse("F59", f"[sim] Issuer is invalid. Was {issuer}. Configured: {self.expected.issuer}")

    def _attributes(self, assertion: etree._Element) -> dict[str, Value]:
        """One value as text, several as a list, an empty one as empty text; of two with one name the later (F67)."""
        read: dict[str, Value] = {}
        for attribute in assertion.findall("{*}AttributeStatement/{*}Attribute"):
            values = [self._text(value) for value in attribute.findall("{*}AttributeValue")]
            if self.rules.on("F67"):
                read[attribute.get("Name", "")] = values if len(values) > 1 else "".join(values)
            else:
                read.setdefault(attribute.get("Name", ""), values)
        return read

    def _text(self, element: etree._Element | None) -> str:
        """The whole text of an element, comments joined over (F66)."""
        if element is None:
            return ""
        return str(element.xpath("string()")) if self.rules.on("F66") else (element.text or "")


def _has_doctype(root: etree._Element) -> bool:
    return root.getroottree().docinfo.internalDTD is not None


def _named(element: etree._Element, name: str) -> list[etree._Element]:
    """The element and everything in it with that local name, in any namespace."""
    return list(element.iter(f"{{*}}{name}"))


def _status_codes(response: etree._Element) -> Iterator[str]:
    for code in response.iterfind("{*}Status//{*}StatusCode"):
        yield code.get("Value", "")


def _in_response_to(response: etree._Element, assertion: etree._Element) -> Iterator[str]:
    data = assertion.find("{*}Subject/{*}SubjectConfirmation/{*}SubjectConfirmationData")
    for element in (response, data):
        if element is not None and element.get("InResponseTo"):
            yield element.get("InResponseTo", "")
