"""XML signatures as Flex's side checks them: one reference, to the parent, against the stored certificates only.

What counts afterwards is `signed`, parsed anew from the very bytes whose digest was checked, so that nothing outside
the signature can be read by mistake.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from copy import deepcopy

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DS + "enveloped-signature"
RSA_SHA1 = DS + "rsa-sha1"
SHA1 = DS + "sha1"

SIGNATURE_METHODS: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    RSA_SHA1: hashes.SHA1,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512,
}
DIGEST_METHODS = {
    SHA1: "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


class BadSignature(Exception):
    """The signature does not hold; the text says which part."""


def parse(xml: bytes) -> etree._Element:
    """Parse without entities, network or huge trees. Raises `etree.XMLSyntaxError`."""
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def signatures_of(element: etree._Element) -> list[etree._Element]:
    """The Signature elements that are direct children."""
    return element.findall(f"{{{DS}}}Signature")


def signed(element: etree._Element, certificates: Sequence[x509.Certificate], *, allow_sha1: bool) -> etree._Element:
    """The element as signed, without its Signature, read from the bytes that were digested.

    `element` has exactly one Signature child. KeyInfo is not looked at. Raises `BadSignature`.
    """
    signature = signatures_of(element)[0]
    info = _only(signature, "SignedInfo")
    method = _algorithm(_only(info, "SignatureMethod"))
    if method not in SIGNATURE_METHODS or (method == RSA_SHA1 and not allow_sha1):
        raise BadSignature(f"signature algorithm '{method}' is not supported")
    canonical = _digested(element, _only(info, "Reference"), allow_sha1=allow_sha1)
    canonicalization = _algorithm(_only(info, "CanonicalizationMethod"))
    if canonicalization not in (EXC_C14N, EXC_C14N + "WithComments"):
        raise BadSignature(f"canonicalization algorithm '{canonicalization}' is not supported")
    value = _base64(_only(signature, "SignatureValue"))
    info_bytes = _c14n(info, comments=canonicalization.endswith("WithComments"))
    _check_value(value, info_bytes, SIGNATURE_METHODS[method](), certificates)
    return parse(canonical)


def _digested(element: etree._Element, reference: etree._Element, *, allow_sha1: bool) -> bytes:
    """The canonical bytes of `element`, after its digest matched."""
    identifier = element.get("ID", "")
    if not identifier or reference.get("URI") != f"#{identifier}":
        raise BadSignature(f"invalid signature: the reference {reference.get('URI')!r} is not the signed element")
    if element.getroottree().xpath("count(//*[@ID=$id])", id=identifier) != 1:
        raise BadSignature(f"invalid signature: the ID {identifier!r} is not unique")
    transforms = [_algorithm(transform) for transform in _only(reference, "Transforms")]
    if transforms not in ([ENVELOPED, EXC_C14N], [ENVELOPED, EXC_C14N + "WithComments"]):
        raise BadSignature(f"invalid signature: transforms {transforms} are not supported")
    method = _algorithm(_only(reference, "DigestMethod"))
    if method not in DIGEST_METHODS or (method == SHA1 and not allow_sha1):
        raise BadSignature(f"digest algorithm '{method}' is not supported")
    canonical = _c14n(_without_signature(element), comments=transforms[1].endswith("WithComments"))
    digest = hashlib.new(DIGEST_METHODS[method], canonical).digest()
    if digest != _base64(_only(reference, "DigestValue")):
        raise BadSignature(
            f"invalid signature: for uri #{identifier} calculated digest is {base64.b64encode(digest).decode()} "
            f"but the xml to validate supplies digest {_text(_only(reference, 'DigestValue'))}"
        )
    return canonical


def _without_signature(element: etree._Element) -> etree._Element:
    """A copy without its Signature child; the white space after that child belongs to the parent and stays."""
    bare = deepcopy(element)
    bare.tail = None
    signature = signatures_of(bare)[0]
    before = signature.getprevious()
    if before is None:
        bare.text = (bare.text or "") + (signature.tail or "")
    else:
        before.tail = (before.tail or "") + (signature.tail or "")
    bare.remove(signature)
    return bare


def _check_value(
    value: bytes, info: bytes, algorithm: hashes.HashAlgorithm, certificates: Sequence[x509.Certificate]
) -> None:
    for certificate in certificates:
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            continue
        try:
            key.verify(value, info, padding.PKCS1v15(), algorithm)
        except InvalidSignature:
            continue
        return
    raise BadSignature("invalid signature: the signature value is not by the configured certificate")


def _only(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise BadSignature(f"invalid signature: {len(found)} {name} elements")
    return found[0]


def _algorithm(element: etree._Element) -> str:
    return element.get("Algorithm", "")


def _text(element: etree._Element) -> str:
    return "".join((element.text or "").split())


def _base64(element: etree._Element) -> bytes:
    if len(element):
        raise BadSignature("invalid signature: a value holds more than text")
    try:
        return base64.b64decode(_text(element), validate=True)
    except ValueError as error:
        raise BadSignature("invalid signature: a value is not base64") from error


def _c14n(element: etree._Element, *, comments: bool = False) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=comments)
