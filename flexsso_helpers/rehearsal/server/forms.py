"""Each form of a page is sent once: its hidden state says that one of our pages drew it, and what was sent already.

What had no effect, as a value that was refused, may be sent again. Two windows have two states; Back and a second click
show how it stands now, in words. The key outlives the server, so that a page that was left open can still be sent;
which states are used is known as long as it runs.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from starlette.types import Message

from flexsso_helpers.rehearsal.world.pages import STATE

KEY = "forms.key"
NOTE = (
    '<p class="error" id="sent-before" role="status">This form was sent before, and nothing was done a second time. '
    "This is how it stands now.</p>"
)


class Forms:
    """The states of one server's forms."""

    def __init__(self, folder: Path | None) -> None:
        """Take the key of the private folder, or put one there; without a folder a passing one."""
        self._key, self._used = _key_in(folder), set[str]()

    def fresh(self) -> str:
        """A state for one form."""
        once = secrets.token_urlsafe(12)
        return f"{once}.{self._mac(once)}"

    def known(self, state: str) -> Literal["fresh", "used", "foreign"]:
        """What this state is."""
        once, _, mac = state.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(once).encode()):
            return "foreign"
        return "used" if state in self._used else "fresh"

    def spend(self, state: str) -> None:
        """It is used from now on: what was sent with it had an effect. What had none may be sent again, by a reload."""
        self._used.add(state)

    def _mac(self, once: str) -> str:
        return hmac.new(self._key, once.encode(), hashlib.sha256).hexdigest()


def _key_in(folder: Path | None) -> bytes:
    if folder is None:
        return secrets.token_bytes(32)
    path = folder / KEY
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


def without_state(body: bytes) -> tuple[str, bytes, set[str]]:
    """The state that was sent with a form, the form without it as if there were none, and the names of its fields."""
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    state = next((value for name, value in fields if name == STATE), "")
    kept = [(name, value) for name, value in fields if name != STATE]
    return state, urlencode(kept).encode() if len(kept) < len(fields) else body, {name for name, _ in kept}


def noted(messages: list[Message]) -> list[Message] | None:
    """A page with the note that its form was sent before; None for what is no page."""
    start, *parts = messages
    body = b"".join(part.get("body", b"") for part in parts)
    if start["status"] != 200 or b"</h1>" not in body:
        return None
    body = body.replace(b"</h1>", f"</h1>\n{NOTE}".encode(), 1)
    headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    return [{**start, "headers": headers}, {"type": "http.response.body", "body": body}]
