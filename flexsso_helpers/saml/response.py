"""Verify a response: find tampering first, then signatures, and read values only from the bytes that were signed."""

from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.document import Element, parse, require_response
from flexsso_helpers.saml.signature import Part, Signature, compare_unformatted, examine
from flexsso_helpers.saml.structure import ASSERTION_TAG, Structure, look
from flexsso_helpers.saml.values import (
    Attribute,
    Confirmation,
    Message,
    NameId,
    Statement,
    read_message,
    read_statement,
)

__all__ = [
    "Attribute",
    "Confirmation",
    "Message",
    "NameId",
    "Signature",
    "Statement",
    "Structure",
    "Verified",
    "verify",
]


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A response that was looked at with the given certificates.

    `message` and `statement` come from signed bytes as far as there are verified ones (`signed`, `trusted`);
    otherwise they are what was received, good for a diagnosis and for nothing else. Both are None when the structure
    is that of an attack, because then nobody can say which values are meant.
    """

    structure: Structure
    signatures: tuple[Signature, ...]
    message: Message | None
    statement: Statement | None
    trusted: bool
    """The structure is sound, every signature present verifies, and one of them covers the assertion."""

    def signature(self, part: str) -> Signature | None:
        """The signature of "response" or "assertion", if that part has one of its own."""
        return next((signature for signature in self.signatures if signature.part == part), None)

    @property
    def signed(self) -> dict[str, bool]:
        """Which parts have a verified signature of their own."""
        return {"response": self._vouched("response"), "assertion": self._vouched("assertion")}

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates that verified, each once; more than one means that the two signatures disagree."""
        found = (signature.certificate for signature in self.signatures if signature.verified)
        return tuple(dict.fromkeys(certificate for certificate in found if certificate is not None))

    def _vouched(self, part: str) -> bool:
        signature = self.signature(part)
        return self.structure.sound and signature is not None and signature.verified


def verify(xml: bytes, certificates: Sequence[Certificate]) -> Verified:
    """Look at response XML with the certificates in the order in which they should be tried (S17).

    Raises Unreadable (S03–S06) for what is not a SAML response at all. Never raises for a hostile one: whatever is
    wrong stands in the result, and `trusted` is False.
    """
    root = parse(xml)
    require_response(root)
    structure = look(root)
    if not structure.sound:
        signatures = tuple(_signatures(root, certificates)) if structure.responses == structure.assertions == 1 else ()
        return Verified(structure=structure, signatures=signatures, message=None, statement=None, trusted=False)
    signatures = tuple(_signatures(root, certificates))
    contents = {each.part: each.content for each in signatures if each.content is not None}
    message_from = contents.get("response", root)
    statements = _statements(root, contents)
    believable = bool(contents) and all(each.verified for each in signatures)
    return Verified(
        structure=structure,
        signatures=signatures,
        message=read_message(message_from),
        statement=statements[0] if statements else None,
        trusted=believable and bool(statements) and all(each == statements[0] for each in statements),
    )


def _signatures(root: Element, certificates: Sequence[Certificate]) -> list[Signature]:
    parts: tuple[Part, ...] = ("response", "assertion")
    found = (examine(root, part, certificates) for part in parts)
    return [compare_unformatted(root, signature, certificates) for signature in found if signature is not None]


def _statements(root: Element, contents: dict[Part, Element]) -> list[Statement]:
    """The assertion as each verified signature covers it, or as received when none does."""
    covered = [contents["assertion"]] if "assertion" in contents else []
    if "response" in contents:
        covered += contents["response"].findall(ASSERTION_TAG)
    return [read_statement(element) for element in covered or root.findall(ASSERTION_TAG)]
