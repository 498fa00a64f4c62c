"""Federation metadata: issuer, single sign-on URL and signing certificates of one application."""

import re
from dataclasses import dataclass

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.saml.certificate import Certificate, NotACertificate, from_base64
from flexsso_helpers.saml.document import DSIG, METADATA, PROTOCOL, Element, Unreadable, text_of
from flexsso_helpers.saml.document import parse as parse_xml

_ENTITY = f"{{{METADATA}}}EntityDescriptor"
_HEADERS = re.compile(r"-----(?:BEGIN|END) CERTIFICATE-----")
_FOLDING = re.compile(r"^[^\S\n]*[-\u2212\u2013+\u25bc\u25b6\u25b8\u25be][^\S\n]*(?=<)", re.MULTILINE)
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


class BadMetadata(FlexSSOError):
    """A document that is not the federation metadata of one tenant."""

    title = "This federation metadata cannot be used"


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What the service provider needs of the identity provider; the values are the document's own, byte for byte."""

    entity_id: str
    """The Microsoft Entra Identifier, to be compared with the issuer."""
    sso_url: str
    """The Login URL; empty when the document names none and none was needed."""
    certificates: tuple[Certificate, ...]
    """All signing certificates in the document's order, each once; several while one is being rotated."""


def parse(data: bytes, *, url_needed: bool = True) -> Metadata:
    """Read the bytes of a metadata document, BOM and prefixes as they come.

    Certificates are taken only from the IDPSSODescriptor, where `use` is "signing" or absent: the RoleDescriptors and
    the document's own signature carry certificates too. A collection (EntitiesDescriptor) is taken when just one of its
    members is a SAML identity provider. Raises BadMetadata for a document that is something else, is
    tenant-independent (`{tenant}` of the common endpoint), or names no certificate or (`url_needed`) no URL.
    """
    if data.lstrip().startswith(b"-----BEGIN"):
        raise BadMetadata("This is a certificate or key, not the federation metadata.", fix=_READ_AGAIN, notebook="06")
    try:
        root = parse_xml(_from_tree_view(data), instructions=True)
    except Unreadable as error:
        raise BadMetadata(error.what, why=error.why, fix=_READ_AGAIN, notebook="06") from error
    entity = _entity(root)
    entity_id = _entity_id(entity)
    provider = _only(entity)
    sso_url = _sso_url(provider, needed=url_needed)
    certificates = tuple(dict.fromkeys(_certificates(provider)))
    if not certificates:
        raise BadMetadata(
            "The metadata names no signing certificate.",
            why="A certificate appears a few minutes after it was made and activated.",
            fix="Wait some minutes and read again; if it stays so, run 03 · Signing certificate.",
            notebook="03",
        )
    return Metadata(entity_id=entity_id, sso_url=sso_url, certificates=certificates)


def _from_tree_view(data: bytes) -> bytes:
    """What a browser's view of an XML file gives to copy, without the sentence above it and its folding marks."""
    bare = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if bare.startswith(b"<") or b"<" not in bare or b"\x00" in bare:
        return data
    text = _FOLDING.sub("", bare.decode("utf-8", "replace"))
    return text[text.index("<") :].encode()


_READ_AGAIN = "Read the application's own metadata again, with ?appid= in the address."


def _entity(root: Element) -> Element:
    if root.tag == _ENTITY:
        return root
    if root.tag != f"{{{METADATA}}}EntitiesDescriptor":
        what = f"The root of the document is “{_local(root)}”, not EntityDescriptor."
        raise BadMetadata(what, fix=_READ_AGAIN, notebook="06")
    found = [entity for entity in root.iter(_ENTITY) if _providers(entity)]
    if len(found) != 1:
        raise BadMetadata(
            f"The metadata is a collection with {len(found) or 'no'} SAML identity provider{'s' * (len(found) > 1)}.",
            why="Only the metadata of one application says which certificates sign for it.",
            fix=_READ_AGAIN,
            notebook="06",
        )
    return found[0]


def _entity_id(root: Element) -> str:
    entity_id = root.get("entityID", "")
    if "{tenant" in entity_id.lower():
        raise BadMetadata(
            "This is the metadata of no particular tenant.",
            why=f"Its entity ID is “{entity_id}”: it was read from the common endpoint.",
            fix="Put the tenant id into the address in place of “common” or “organizations”.",
            notebook="06",
        )
    if not entity_id:
        raise BadMetadata("The metadata has no entity ID.", fix=_READ_AGAIN, notebook="06")
    return entity_id


def _only(root: Element) -> Element:
    providers = _providers(root)
    if len(providers) != 1:
        what = "no" if not providers else "more than one"
        raise BadMetadata(f"The metadata describes {what} SAML identity provider.", fix=_READ_AGAIN, notebook="06")
    return providers[0]


def _providers(entity: Element) -> list[Element]:
    """The descriptors for SAML 2.0; one that says nothing of protocols is taken to be meant."""
    found = entity.findall(f"{{{METADATA}}}IDPSSODescriptor")
    return [each for each in found if PROTOCOL in each.get("protocolSupportEnumeration", PROTOCOL).split()]


def _sso_url(provider: Element, *, needed: bool) -> str:
    for service in provider.findall(f"{{{METADATA}}}SingleSignOnService"):
        location = service.get("Location", "")
        if service.get("Binding") == _REDIRECT and location.startswith("https://"):
            return location
    if not needed:
        return ""
    raise BadMetadata("The metadata names no https sign-on URL for HTTP-Redirect.", fix=_READ_AGAIN, notebook="06")


def _certificates(provider: Element) -> list[Certificate]:
    found = []
    for descriptor in provider.findall(f"{{{METADATA}}}KeyDescriptor"):
        if descriptor.get("use", "signing") != "signing":
            continue
        for element in descriptor.iterfind(f"{{{DSIG}}}KeyInfo/{{{DSIG}}}X509Data/{{{DSIG}}}X509Certificate"):
            try:
                found.append(from_base64(_HEADERS.sub("", text_of(element))))
            except NotACertificate as error:
                raise BadMetadata(
                    "A signing certificate in the metadata is damaged.", why=error.what, fix=_READ_AGAIN, notebook="06"
                ) from error
    return found


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
