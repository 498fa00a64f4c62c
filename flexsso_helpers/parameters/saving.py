"""Writing values back into a tenant's file, which stays the one truth and stays its author's."""

import contextlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters.contradictions import Key
from flexsso_helpers.parameters.editing import CannotEdit, blank, edit, put, same
from flexsso_helpers.parameters.extending import Layer, layer, merged
from flexsso_helpers.parameters.files import label, read, read_bytes
from flexsso_helpers.parameters.joining import USERS, Joined
from flexsso_helpers.parameters.loading import in_csv, judge, plain
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.problems import dotted
from flexsso_helpers.parameters.yaml_text import parse

_NOT_SAVED = "Nothing was saved. Correct what is named above and save again."


def save(path: str | Path, changes: Mapping[Key, Any]) -> Tenant:
    """Set values in a tenant's file and return the tenant that it then describes.

    Keys are paths below `tenant`, such as ("signing", "valid_days") or ("assignments", "users", 0, "role"); values are
    plain, and None removes an entry. Comments, quotes and order stay. The new text is checked before it replaces the
    file in one step; raises ParametersError, and then the file is as it was. Nothing is written when nothing changes,
    and never anything into a file that this one extends.
    """
    path = Path(path)
    before = read(path)
    judged = judge(path, before)
    wanted = {key: plain(value, key) for key, value in changes.items()}
    changes = {key: value for key, value in wanted.items() if not _known(judged.joined, key, value)}
    after = _edited(path, before, judged.layers[1:], changes)
    tenant = judge(path, after).require(_NOT_SAVED)
    if after != before:
        swap(path, before.encode(), after.encode())
    return tenant


def _known(joined: Joined | None, key: Key, value: Any) -> bool:
    """Whether users who come from a CSV file are given as they are; raises ParametersError when they are not."""
    if joined is None or joined.people is None or key[:2] != USERS:
        return False
    try:
        kept = same(put(joined.body, key, value), joined.body)
    except (IndexError, TypeError):
        kept = False
    if not kept:
        raise in_csv(joined.people.file)
    return True


def _edited(path: Path, text: str, below: Sequence[Layer], changes: Mapping[Key, Any]) -> str:
    def whole(text: str) -> Any:
        return merged([layer(path, text), *below]).root.plain

    for key, value in changes.items():
        try:
            wanted = put(whole(text), ("tenant", *key), value)
            if not same(whole(text), wanted):
                text = _set(text, ("tenant", *key), value, wanted)
                if value is None and not same(whole(text), wanted):
                    text = blank(text, ("tenant", *key))
            kept = same(whole(text), wanted)
        except (CannotEdit, ParametersError, IndexError, TypeError):
            kept = False
        if not kept:
            what = f"{label(path)}: {dotted(key)} cannot be set from here."
            raise ParametersError(what, fix="Nothing was saved. Write the value into the file yourself.")
    return text


def _set(text: str, key: Key, value: Any, wanted: Any) -> str:
    """One edit; a list that an extended file gives is copied whole, since lists replace one another."""
    document = parse(text)
    for size, part in enumerate(key):
        if isinstance(part, int) and document.find(key[:size]) is None:
            for step in key[:size]:
                wanted = wanted[step]
            return edit(text, key[:size], wanted)
    return edit(text, key, value)


def swap(path: Path, before: bytes, after: bytes) -> None:
    """Replace a file in one step. Raises ParametersError where it is another by now, or cannot be written."""
    target = path.resolve()
    if read_bytes(path) != before:
        raise ParametersError(f"{label(path)} was changed by someone else meanwhile.", fix=_NOT_SAVED)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".new")
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(target.stat().st_mode & 0o777)
        Path(temporary).replace(target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        what = f"{label(path)} cannot be written: {error.strerror}."
        raise ParametersError(
            what, fix="Nothing was saved. Check the rights of the folder and the space left."
        ) from None
