"""How Flex writes a NameID as an identity: every byte but letters and digits becomes `_` and two hex digits (F82)."""

from string import ascii_letters, digits

PLAIN = frozenset((ascii_letters + digits).encode())


def escape(name_id: str, *, escape_underscore: bool = True) -> str:
    """`ada.l@example.org` becomes `ada_2El_40example_2Eorg`; other letters by their UTF-8 bytes."""
    kept = PLAIN if escape_underscore else PLAIN | {ord("_")}
    return "".join(chr(byte) if byte in kept else f"_{byte:02X}" for byte in name_id.encode())


def contact_uri(name_id: str, *, escape_underscore: bool = True) -> str:
    """The address that Flex gives a worker: `client:` and the identity."""
    return f"client:{escape(name_id, escape_underscore=escape_underscore)}"
