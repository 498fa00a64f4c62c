"""Every byte that a run or a guided session left: no token, no response and no secret is in any."""

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from stage import REHEARSAL

from flexsso_helpers.parameters import load
from flexsso_helpers.session.secrets import REHEARSED_SECRET

SECRET = re.compile(
    rb"eyJ[\w-]{10,}\.eyJ[\w-]{20,}\.|SAMLResponse(=|%3D)[\w%+/]{60,}|PD94bWwg[\w+/]{200,}|PHNhbWxwO[\w+/]{200,}"
)
"""What looks like a token, or like a response in a form or in base64."""
REFRESH = b64encode(b'{"use": "refres')
"""How a rehearsal's refresh tokens begin, after what any token begins with: a part of one is found too."""
IN_ITS_PLACE = {"TWILIO_API_SECRET": "a-secret-of-Twilio-that-only-a-variable-holds"}
"""A variable that a run is started with, and that nothing which it leaves may show."""
REHEARSED = {".rehearsal", "responses"}
"""A rehearsal keeps its own folder, and the responses of invented people."""


def kept_by(runs: Path) -> tuple[bytes, ...]:
    """What a rehearsal in this folder keeps to itself: its server's nonce, Twilio's key and secret as they travel,
    those of the variables, and refresh tokens.
    """
    nonces = [json.loads(path.read_text("utf-8"))["nonce"].encode() for path in runs.rglob("server.json")]
    assert nonces, "no server of a rehearsal runs here any more"
    twilio = b64encode(f"{load(REHEARSAL).flex.api_key}:{REHEARSED_SECRET}".encode())
    return (*nonces, twilio, *(each.encode() for each in IN_ITS_PLACE.values()), REFRESH)


def clean(folder: Path, *secrets: bytes) -> Sequence[Path]:
    """All files below, half-written notebooks, IPython's history and temporary files among them.

    Fails where one holds a secret.
    """
    files = [
        path for path in folder.rglob("*") if path.is_file() and not REHEARSED & set(path.relative_to(folder).parts)
    ]
    contents = {path: path.read_bytes() for path in files}
    found = [
        str(path) for path, content in contents.items()
        if SECRET.search(content) or any(each in content for each in secrets)
    ]  # fmt: skip
    assert not found, f"a secret lies in {', '.join(found)}"
    return files
