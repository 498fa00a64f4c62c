"""The shape of a response, looked at before anything in it is believed (S09–S14)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from flexsso_helpers.saml.document import ASSERTION, DSIG, Element, local_name

ASSERTION_TAG = f"{{{ASSERTION}}}Assertion"
SIGNATURE_TAG = f"{{{DSIG}}}Signature"

_NC_NAME = re.compile(r"[A-Za-z_][\w.\-]*")
_PLAIN = ("NameID", "Issuer", "Audience")
_ENCRYPTED = ("EncryptedAssertion", "EncryptedID", "EncryptedAttribute", "EncryptedData")


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What a response consists of. Names are counted in every namespace: an attacker chooses the prefix."""

    responses: int
    assertions: int
    assertion_in_place: bool
    """The only Assertion is a child of the Response, in the SAML 2.0 namespace."""
    encrypted: tuple[str, ...]
    repeated_ids: tuple[str, ...]
    odd_ids: tuple[str, ...]
    """IDs of Response or Assertion that are missing or no XML names."""
    marked: tuple[str, ...]
    """Elements with a comment in them, or with markup inside their value."""
    stray_signatures: tuple[str, ...]
    """Where a Signature stands that is not the first and only one directly in Response or Assertion."""

    @property
    def sound(self) -> bool:
        """Whether the values may be looked at: one Response, at most one Assertion in its place, nothing hidden."""
        alone = self.responses == 1 and (self.assertions == 0 or (self.assertions == 1 and self.assertion_in_place))
        return alone and not (
            self.encrypted or self.repeated_ids or self.odd_ids or self.marked or self.stray_signatures
        )


def look(root: Element) -> Structure:
    """The structure of a parsed response."""
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    names = Counter(local_name(element) for element in elements)
    assertions = root.findall(ASSERTION_TAG)
    signed_parts = [root, *assertions]
    in_place = {part.find(SIGNATURE_TAG) for part in signed_parts}
    return Structure(
        responses=names["Response"],
        assertions=names["Assertion"],
        assertion_in_place=len(assertions) == 1,
        encrypted=tuple(name for name in _ENCRYPTED if names[name]),
        repeated_ids=_repeated_ids(elements),
        odd_ids=tuple(part.get("ID", "") for part in signed_parts if not _NC_NAME.fullmatch(part.get("ID", ""))),
        marked=tuple(dict.fromkeys(_marked(root))),
        stray_signatures=tuple(
            _name_of_parent(each) for each in elements if local_name(each) == "Signature" and each not in in_place
        ),
    )


def _repeated_ids(elements: list[Element]) -> tuple[str, ...]:
    """Values of Id, ID, id and xml:id, in any namespace, that occur more than once (libraries disagree on the name)."""
    seen = Counter(
        value
        for element in elements
        for name, value in element.attrib.items()
        if etree.QName(name).localname.lower() in ("id", "assertionid", "responseid")
    )
    return tuple(str(value) for value, times in seen.items() if times > 1)


def _marked(root: Element) -> Iterator[str]:
    """Entra writes no comment. Readers disagree about the text around one, wherever it stands."""
    yield from (_name_of_parent(comment) for comment in root.iter(etree.Comment) if comment.getparent() is not None)
    for element in root.iter():
        if local_name(element) in _PLAIN and any(isinstance(part.tag, str) for part in element):
            yield local_name(element)


def _name_of_parent(node: Element) -> str:
    parent = node.getparent()
    return local_name(parent) if parent is not None else ""
