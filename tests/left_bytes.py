"""Every byte that a run or a guided session left: no token, no response and no secret is in any."""

import re
from collections.abc import Sequence
from pathlib import Path

SECRET = re.compile(
    rb"eyJ[\w-]{10,}\.eyJ[\w-]{20,}\.|SAMLResponse(=|%3D)[\w%+/]{60,}|PD94bWwg[\w+/]{200,}|PHNhbWxwO[\w+/]{200,}"
)
"""What looks like a token, or like a response in a form or in base64."""
REHEARSED = {".rehearsal", "responses"}
"""A rehearsal keeps its own folder, and the responses of invented people."""


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
