"""One XML signature: what it covers, how it was made, and whose key verifies it (S17–S22)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from flexsso_helpers.saml.certificate import Certificate, NotACertificate, from_base64
from flexsso_helpers.saml.document import DSIG, Element, local_name, text_of
from flexsso_helpers.saml.structure import ASSERTION_TAG, SIGNATURE_TAG

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"
RSA_SHA1 = SignatureMethod.RSA_SHA1.value
SHA1 = DigestAlgorithm.SHA1.value
# RSA only, and named one by one: the library's own list holds HMAC, with which a public certificate becomes a secret.
# SHA-1 verifies so that it can be called weak (S19) instead of broken.
METHODS = frozenset(
    {SignatureMethod.RSA_SHA1, SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512}
)
DIGESTS = frozenset({DigestAlgorithm.SHA1, DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})

Part = Literal["response", "assertion"]
Verdict = Literal["verified", "changed", "unknown key", "damaged", "refused"]

_LOCATIONS: dict[Part, str] = {"response": "./", "assertion": f"./{ASSERTION_TAG}/"}
_TROUBLE = (
    SignXMLException,
    UnsupportedAlgorithm,
    etree.LxmlError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    NotImplementedError,
)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What is known about the signature of one part.

    verdict: `verified` by `certificate`; `changed`: the key fits, but the content was edited after signing;
    `unknown key`: intact, but made with a certificate that the application does not have (`key_info` names it);
    `damaged`: no key fits; `refused`: it covers or uses something that a SAML signature must not (`faults`).
    """

    part: Part
    verdict: Verdict
    certificate: Certificate | None = None
    key_info: Certificate | None = None
    """What the response itself names. A hint, never trust."""
    method: str = ""
    digest: str = ""
    canonicalisation: str = ""
    faults: tuple[str, ...] = ()
    detail: str = ""
    reformatted: bool = False
    """It does not hold as received, and does once the white space between the elements is gone."""
    content: Element | None = None
    """The signed element, parsed anew from the canonical bytes that were verified."""

    @property
    def verified(self) -> bool:
        """Whether a known certificate vouches for the content."""
        return self.verdict == "verified"


def examine(root: Element, part: Part, certificates: Sequence[Certificate]) -> Signature | None:
    """Judge the signature of the Response or of its Assertion against the certificates, in their order.

    None when that part has no signature of its own. Validity dates do not matter here (S28 looks at them).
    """
    owner = root if part == "response" else root.find(ASSERTION_TAG)
    element = None if owner is None else owner.find(SIGNATURE_TAG)
    if owner is None or element is None:
        return None
    method, digest, canonicalisation = _algorithms(element)
    found = Signature(
        part=part,
        verdict="refused",
        key_info=_key_info(element),
        method=method,
        digest=digest,
        canonicalisation=canonicalisation,
    )
    if faults := _faults(element, owner.get("ID", ""), method, digest, canonicalisation):
        return replace(found, faults=faults)
    for certificate in certificates:
        verdict, content, detail = _try(root, part, certificate)
        # The faults above exclude this; it stays because everything that is believed hangs on it.
        if content is not None and (content.tag, content.get("ID")) != (owner.tag, owner.get("ID")):
            return replace(found, faults=("what was signed is not the element that carries the signature",))
        if verdict != "damaged":
            return replace(found, verdict=verdict, certificate=certificate, detail=detail, content=content)
        found = replace(found, detail=detail)
    stranger = found.key_info is not None and _try(root, part, found.key_info)[0] == "verified"
    return replace(found, verdict="unknown key" if stranger else "damaged")


def compare_unformatted(root: Element, found: Signature, certificates: Sequence[Certificate]) -> Signature:
    """The same, with `reformatted` where that is all that was done to it. Nothing is believed for that."""
    if found.verdict not in ("changed", "damaged"):
        return found
    bare = etree.fromstring(etree.tostring(root))
    for node in bare.iter():
        if not (node.text or "x").strip():
            node.text = None
        if not (node.tail or "x").strip():
            node.tail = None
    again = examine(bare, found.part, certificates)
    return replace(found, reformatted=again is not None and again.verdict in ("verified", "unknown key"))


def _try(root: Element, part: Part, certificate: Certificate) -> tuple[Verdict, Element | None, str]:
    config = SignatureConfiguration(
        location=_LOCATIONS[part],
        expect_references=1,
        signature_methods=METHODS,
        digest_algorithms=DIGESTS,
        verification_time=certificate.not_before,
    )
    try:
        result = XMLVerifier().verify(root, x509_cert=certificate.x509, id_attribute="ID", expect_config=config)
    except InvalidDigest as error:
        return "changed", None, str(error)
    except InvalidSignature as error:
        return "damaged", None, str(error)
    except _TROUBLE as error:
        return "damaged", None, f"{type(error).__name__}: {error}"
    if isinstance(result, list) or result.signed_xml is None:
        return "damaged", None, "The signature does not cover XML."
    return "verified", result.signed_xml, ""


def _faults(element: Element, owner_id: str, method: str, digest: str, canonicalisation: str) -> tuple[str, ...]:
    """Everything for which a signature is not even tried (S18, S19, S21)."""
    children = [local_name(child) for child in element]
    infos = [node for node in element.iter() if local_name(node) == "SignedInfo"]
    references = [node for node in element.iter() if local_name(node) == "Reference"]
    found = []
    if len(infos) != 1 or children.count("SignedInfo") != 1:
        found.append(f"{len(infos)} SignedInfo elements")
    if children not in (["SignedInfo", "SignatureValue"], ["SignedInfo", "SignatureValue", "KeyInfo"]):
        found.append(f"unexpected parts: {', '.join(children)}")
    if len(references) != 1:
        found.append(f"{len(references)} references")
    elif references[0].get("URI") != f"#{owner_id}":
        found.append(f"it refers to “{references[0].get('URI')}” instead of its own element “#{owner_id}”")
    transforms = [node.get("Algorithm", "") for node in element.iter(f"{{{DSIG}}}Transform")]
    if transforms != [ENVELOPED, EXC_C14N]:
        found.append(f"transforms: {', '.join(transforms) or 'none'}")
    inner = [child for node in element.iter(f"{{{DSIG}}}Transform") for child in node]
    if any(child.tag != f"{{{EXC_C14N}}}InclusiveNamespaces" for child in inner):
        found.append("a transform with content of its own")
    if canonicalisation != EXC_C14N:
        found.append(f"canonicalisation {canonicalisation or 'missing'}")
    if method not in {each.value for each in METHODS}:
        found.append(f"signature algorithm {method or 'missing'}")
    if digest not in {each.value for each in DIGESTS}:
        found.append(f"digest algorithm {digest or 'missing'}")
    if not all(_strict(element, name) for name in ("SignatureValue", "DigestValue")):
        found.append("a value that is not base64")
    return tuple(found)


def _algorithms(element: Element) -> tuple[str, str, str]:
    info = f"{{{DSIG}}}SignedInfo/{{{DSIG}}}"
    nodes = (
        element.find(f"{info}SignatureMethod"),
        element.find(f"{info}Reference/{{{DSIG}}}DigestMethod"),
        element.find(f"{info}CanonicalizationMethod"),
    )
    method, digest, canonicalisation = ("" if node is None else node.get("Algorithm", "") for node in nodes)
    return method, digest, canonicalisation


def _strict(element: Element, name: str) -> bool:
    """Python's decoder drops foreign characters silently unless told to validate."""
    for node in element.iter(f"{{{DSIG}}}{name}"):
        try:
            base64.b64decode("".join(text_of(node).split()), validate=True)
        except (binascii.Error, ValueError):
            return False
    return True


def _key_info(element: Element) -> Certificate | None:
    node = element.find(f"{{{DSIG}}}KeyInfo/{{{DSIG}}}X509Data/{{{DSIG}}}X509Certificate")
    try:
        return None if node is None else from_base64(text_of(node))
    except NotACertificate:
        return None
