"""Hostile-proof XML: the one parser of this room, and what it refuses before anything is believed (S03–S05)."""

from lxml import etree

from flexsso_helpers.errors import FlexSSOError

MAX_BYTES = 1 << 20
MAX_DEPTH = 48
MAX_NODES = 20_000
MAX_ATTRIBUTES = 64
"""Attributes of one element; comparing them with each other costs their square."""
MAX_VALUE = 1 << 16
"""Characters of one value; a certificate has some 2,000."""

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
DSIG = "http://www.w3.org/2000/09/xmldsig#"

Element = etree._Element

_DISCARD = "Do not use this file."
_CAPTURE = "Copy the form field SAMLResponse again, unchanged, as notebook 08 · Test the sign-on describes."


class Unreadable(FlexSSOError):
    """What was given cannot be a SAML response that is worth judging. `check` is the number of the rule (S01–S06)."""

    title = "This cannot be read as a SAML response"

    def __init__(self, check: str, what: str, *, why: str = "", fix: str = _CAPTURE, notebook: str = "08") -> None:
        """`check` such as S04; the rest as in FlexSSOError."""
        super().__init__(what, why=why, fix=fix, notebook=notebook)
        self.check = check


def parse(data: bytes, *, instructions: bool = False) -> Element:
    """The root element of `data`, parsed without DTD, entities or network.

    Raises Unreadable: S05 for more than 1 MiB, 48 levels, 20,000 nodes, 64 attributes of one element or 65,536
    characters of one value; S04 for a DOCTYPE, an entity or (unless `instructions`) a processing instruction; S03 for
    what is not well-formed.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("S05", f"{len(data):,} bytes are too many for a login response.", fix=_DISCARD)
    if any("<!DOCTYPE".encode(encoding) in data for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        raise _doctype()
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=False,
        remove_pis=False,
        strip_cdata=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        if "depth" in str(error):
            raise _monstrous() from error
        raise Unreadable(
            "S03",
            "The text is not well-formed XML.",
            why=f"It was cut or re-formatted on the way. The parser says: {str(error)[:160]}",
        ) from error
    _bounded(root)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    if not instructions and _instructed(root):
        raise Unreadable("S04", "The XML holds a processing instruction; a SAML response never does.", fix=_DISCARD)
    return root


def local_name(element: Element) -> str:
    """The element's name without its namespace; "" for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def require_response(root: Element) -> None:
    """Raise Unreadable S06, naming what it is instead, unless the root is a SAML 2.0 Response."""
    if root.tag == f"{{{PROTOCOL}}}Response":
        return
    name = local_name(root)
    namespace = etree.QName(root).namespace or ""
    what, fix, notebook = _OTHERS.get(name, (f"The XML is a “{name}”, not a SAML response.", _CAPTURE, "08"))
    if ":1." in namespace or name in _WS_FED:
        what, notebook = "This is a SAML 1.1 or WS-Federation answer, not a SAML 2.0 response.", "03"
        fix = "03 · Signing certificate: the token issuance policy must say SamlTokenVersion 2.0."
    raise Unreadable("S06", what, fix=fix, notebook=notebook)


_WS_FED = ("RequestSecurityTokenResponse", "RequestSecurityTokenResponseCollection")
_OTHERS = {
    "AuthnRequest": ("This is the request that Flex sent (AuthnRequest), not the response.", _CAPTURE, "08"),
    "LogoutRequest": ("This is a sign-out request, not the response of a sign-on.", _CAPTURE, "08"),
    "LogoutResponse": ("This is the answer to a sign-out, not the response of a sign-on.", _CAPTURE, "08"),
    "ArtifactResponse": ("This is an artifact response; Flex uses the POST binding.", _CAPTURE, "08"),
    "EntityDescriptor": ("This is the federation metadata, not a response.", _CAPTURE, "08"),
    "EntitiesDescriptor": ("This is federation metadata, not a response.", _CAPTURE, "08"),
    "Assertion": ("This is an assertion without the response around it.", _CAPTURE, "08"),
    "EncryptedAssertion": ("This is an encrypted assertion without the response around it.", _CAPTURE, "08"),
    "html": ("This is a web page, not a response.", _CAPTURE, "08"),
}


def text_of(element: Element | None) -> str:
    """All text within, joined across comments (never `.text`, which stops at the first one); "" for None."""
    return "" if element is None else "".join(str(part) for part in element.itertext())


def _bounded(root: Element) -> None:
    depth = nodes = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        depth += {"start": 1, "end": -1}.get(event, 0)
        nodes += event != "end"
        if depth > MAX_DEPTH or nodes > MAX_NODES or (event != "end" and _swollen(node)):
            raise _monstrous()


def _swollen(node: Element) -> bool:
    if not local_name(node):
        return len(node.text or "") > MAX_VALUE or len(node.tail or "") > MAX_VALUE
    if len(node.attrib) > MAX_ATTRIBUTES:  # asked first: lxml takes the square of their number to list them
        return True
    return any(len(text or "") > MAX_VALUE for text in (node.text, node.tail, *node.attrib.values()))


def _monstrous() -> Unreadable:
    what = "The XML is nested too deeply, has too many parts, or a value that is too long for a response."
    return Unreadable("S05", what, fix=_DISCARD)


def _instructed(root: Element) -> bool:
    around = [*root.itersiblings(preceding=True), *root.itersiblings()]
    kinds = (etree.ProcessingInstruction, etree.Entity)
    return any(node.tag in kinds for node in around) or next(root.iter(*kinds), None) is not None


def _doctype() -> Unreadable:
    return Unreadable(
        "S04",
        "The XML holds a DOCTYPE. A SAML document never does.",
        why="A DOCTYPE can read local files or blow up memory; it is a known attack.",
        fix=_DISCARD,
    )
