"""What a response says, as plain data. The same reader serves signed bytes and, for diagnosis only, unsigned ones."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from flexsso_helpers.saml.document import ASSERTION, PROTOCOL, Element, text_of

_A = f"{{{ASSERTION}}}"
_P = f"{{{PROTOCOL}}}"
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class NameId:
    """The subject's identifier, white space and letter case as sent."""

    value: str
    format: str = ""
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One claim; the values in the order sent."""

    name: str
    name_format: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """One SubjectConfirmation with its data."""

    method: str
    recipient: str | None = None
    in_response_to: str | None = None
    not_before: str | None = None
    not_on_or_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """What the Response element itself says; None for what is absent."""

    id: str
    version: str | None
    issue_instant: str | None
    destination: str | None
    in_response_to: str | None
    issuer: str | None
    status: tuple[str, ...]
    """Status codes from the outermost inwards."""
    status_message: str

    @property
    def success(self) -> bool:
        """Whether the outermost status is Success."""
        return self.status[:1] == ("urn:oasis:names:tc:SAML:2.0:status:Success",)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What the Assertion says; None for what is absent. Moments are the raw texts, see `moment`."""

    id: str
    version: str | None
    issue_instant: str | None
    issuer: str | None
    name_ids: tuple[NameId, ...]
    confirmations: tuple[Confirmation, ...]
    windows: tuple[tuple[str | None, str | None], ...]
    """NotBefore and NotOnOrAfter of each Conditions; there should be one, and every one of them binds."""
    restrictions: tuple[tuple[str, ...], ...]
    """The audiences of each AudienceRestriction; every one of them has to name the reader (CORE 2.5.1.4)."""
    authn_statements: int
    authn_instant: str | None
    session_not_on_or_after: str | None
    authn_context: str
    attributes: tuple[Attribute, ...]

    @property
    def name_id(self) -> NameId | None:
        """The NameID when there is exactly one."""
        return self.name_ids[0] if len(self.name_ids) == 1 else None

    @property
    def audiences(self) -> tuple[str, ...]:
        """All audiences in the order sent."""
        return tuple(audience for restriction in self.restrictions for audience in restriction)

    @property
    def claims(self) -> dict[str, tuple[str, ...]]:
        """Name to values in the order sent; of a name that comes twice, the later (F67)."""
        return {attribute.name: attribute.values for attribute in self.attributes}


def moment(text: str | None) -> datetime | None:
    """An xs:dateTime with a time zone as an aware UTC datetime; None for anything else. Fractions beyond µs are cut."""
    match = _MOMENT.fullmatch((text or "").strip())
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    try:
        local = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=_zone(zone))
        return (local + timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_message(response: Element) -> Message:
    """Read a Response element; only its direct children count."""
    status = response.find(f"{_P}Status")
    return Message(
        id=response.get("ID", ""),
        version=response.get("Version"),
        issue_instant=response.get("IssueInstant"),
        destination=response.get("Destination"),
        in_response_to=response.get("InResponseTo"),
        issuer=_text(response, f"{_A}Issuer"),
        status=tuple(code.get("Value", "") for code in status.iter(f"{_P}StatusCode")) if status is not None else (),
        status_message=_text(response, f"{_P}Status/{_P}StatusMessage") or "",
    )


def read_statement(assertion: Element) -> Statement:
    """Read an Assertion element; only its direct children count."""
    limits = [_attributes(each) for each in assertion.findall(f"{_A}Conditions")]
    session = _attributes(assertion.find(f"{_A}AuthnStatement"))
    return Statement(
        id=assertion.get("ID", ""),
        version=assertion.get("Version"),
        issue_instant=assertion.get("IssueInstant"),
        issuer=_text(assertion, f"{_A}Issuer"),
        name_ids=tuple(map(_name_id, assertion.findall(f"{_A}Subject/{_A}NameID"))),
        confirmations=tuple(map(_confirmation, assertion.findall(f"{_A}Subject/{_A}SubjectConfirmation"))),
        windows=tuple((each.get("NotBefore"), each.get("NotOnOrAfter")) for each in limits),
        restrictions=tuple(
            tuple(map(text_of, restriction.findall(f"{_A}Audience")))
            for restriction in assertion.findall(f"{_A}Conditions/{_A}AudienceRestriction")
        ),
        authn_statements=len(assertion.findall(f"{_A}AuthnStatement")),
        authn_instant=session.get("AuthnInstant"),
        session_not_on_or_after=session.get("SessionNotOnOrAfter"),
        authn_context=(_text(assertion, f"{_A}AuthnStatement/{_A}AuthnContext/{_A}AuthnContextClassRef") or "").strip(),
        attributes=tuple(map(_attribute, assertion.findall(f"{_A}AttributeStatement/{_A}Attribute"))),
    )


def _name_id(element: Element) -> NameId:
    return NameId(
        value=text_of(element),
        format=element.get("Format", ""),
        name_qualifier=element.get("NameQualifier"),
        sp_name_qualifier=element.get("SPNameQualifier"),
    )


def _confirmation(element: Element) -> Confirmation:
    said = _attributes(element.find(f"{_A}SubjectConfirmationData"))
    return Confirmation(
        method=element.get("Method", ""),
        recipient=said.get("Recipient"),
        in_response_to=said.get("InResponseTo"),
        not_before=said.get("NotBefore"),
        not_on_or_after=said.get("NotOnOrAfter"),
    )


def _attribute(element: Element) -> Attribute:
    values = tuple(map(text_of, element.findall(f"{_A}AttributeValue")))
    return Attribute(name=element.get("Name", ""), name_format=element.get("NameFormat", ""), values=values)


def _attributes(element: Element | None) -> dict[str, str]:
    return {} if element is None else {str(name): str(value) for name, value in element.attrib.items()}


def _text(element: Element, path: str) -> str | None:
    found = element.find(path)
    return None if found is None else text_of(found)


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
