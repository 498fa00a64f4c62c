"""The SAML response in the shape that Entra gives it."""

from dataclasses import dataclass
from typing import Any

from lxml import etree

from flexsso_helpers.rehearsal.entra.claims import Attribute, Subject
from flexsso_helpers.rehearsal.entra.signing import Key, SigningOption, sign
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
BARE_SAML: Any = {None: SAML}
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS = f"{STATUS}Success"
PASSWORD_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"  # noqa: S105 - a class of authentication
UNSPECIFIED_NAME = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
EARLIER = -5 * 60
LATER = 60 * 60


@dataclass(frozen=True)
class Request:
    """What of the AuthnRequest the response answers. `id` is empty where the identity provider starts."""

    id: str
    issuer: str
    reply_url: str


def build_response(world: World, request: Request, subject: Subject, *, key: Key, option: SigningOption) -> bytes:
    """The signed response. The assertion is signed first, then the response over it."""
    response_id, assertion_id = f"_{world.new_id('samlResponse')}", f"_{world.new_id('samlAssertion')}"
    response = _response(world, response_id, Destination=request.reply_url, **_in_response_to(request))
    status = etree.SubElement(response, f"{{{SAMLP}}}Status")
    etree.SubElement(status, f"{{{SAMLP}}}StatusCode", Value=SUCCESS)
    assertion = _assertion(world, assertion_id, request, subject, option)
    if option.assertion:
        assertion = sign(assertion, key, sha1=option.sha1)
    response.append(assertion)
    if option.response:
        response = sign(response, key, sha1=option.sha1)
    return etree.tostring(response)


def build_refusal(world: World, request: Request, text: str) -> bytes:
    """A response without an assertion, signature or Destination: nobody could be signed on silently."""
    response = _response(world, f"_{world.new_id('samlResponse')}", **_in_response_to(request))
    status = etree.SubElement(response, f"{{{SAMLP}}}Status")
    code = etree.SubElement(status, f"{{{SAMLP}}}StatusCode", Value=f"{STATUS}Responder")
    etree.SubElement(code, f"{{{SAMLP}}}StatusCode", Value=f"{STATUS}NoPassive")
    etree.SubElement(status, f"{{{SAMLP}}}StatusMessage").text = text
    return etree.tostring(response)


def _response(world: World, identity: str, **more: str) -> etree._Element:
    response = etree.Element(f"{{{SAMLP}}}Response", nsmap={"samlp": SAMLP})
    attributes = {"ID": identity, "Version": "2.0", "IssueInstant": _instant(world), **more}
    for name, value in attributes.items():
        response.set(name, value)
    _issuer(world, response)
    return response


def _assertion(
    world: World, identity: str, request: Request, subject: Subject, option: SigningOption
) -> etree._Element:
    assertion = etree.Element(f"{{{SAML}}}Assertion", nsmap=BARE_SAML)
    for name, value in (("ID", identity), ("IssueInstant", _instant(world)), ("Version", "2.0")):
        assertion.set(name, value)
    _issuer(world, assertion)
    _subject(world, assertion, request, subject)
    conditions = _child(
        assertion, "Conditions", NotBefore=_instant(world, EARLIER), NotOnOrAfter=_instant(world, LATER)
    )
    restriction = _child(conditions, "AudienceRestriction")
    _child(restriction, "Audience").text = audience(request.issuer)
    statement = _child(assertion, "AttributeStatement")
    for attribute in subject.attributes:
        _attribute(statement, attribute, option)
    authentication = _child(assertion, "AuthnStatement", AuthnInstant=_instant(world), SessionIndex=identity)
    context = _child(authentication, "AuthnContext")
    _child(context, "AuthnContextClassRef").text = PASSWORD_CONTEXT
    return assertion


def _subject(world: World, assertion: etree._Element, request: Request, subject: Subject) -> None:
    element = _child(assertion, "Subject")
    if subject.value is not None:
        _child(element, "NameID", Format=subject.format).text = subject.value
    confirmation = _child(element, "SubjectConfirmation", Method=BEARER)
    _child(
        confirmation,
        "SubjectConfirmationData",
        **_in_response_to(request),
        NotOnOrAfter=_instant(world, LATER),
        Recipient=request.reply_url,
    )


def _attribute(statement: etree._Element, attribute: Attribute, option: SigningOption) -> None:
    element = _child(statement, "Attribute", Name=attribute.name)
    name_format = attribute.name_format or (UNSPECIFIED_NAME if option.name_format else "")
    if name_format:
        element.set("NameFormat", name_format)
    for value in attribute.values:
        _child(element, "AttributeValue").text = value


def audience(issuer: str) -> str:
    """The audience for an AuthnRequest's issuer: itself, or with `spn:` where it is no URI."""
    return issuer if ":" in issuer else f"spn:{issuer}"


def _issuer(world: World, parent: etree._Element) -> None:
    element = etree.SubElement(parent, f"{{{SAML}}}Issuer", nsmap=BARE_SAML)
    element.text = world.cloud.issuer(TENANT_ID)


def _child(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{SAML}}}{name}", attrib=attributes)


def _in_response_to(request: Request) -> dict[str, str]:
    return {"InResponseTo": request.id} if request.id else {}


def _instant(world: World, offset: float = 0.0) -> str:
    return f"{world.clock.iso(offset)[:-1]}.000Z"
