"""Tenants' files on disk: found by name, read as text, named in messages, and the other files that they name."""

import difflib
import os
from pathlib import Path

from flexsso_helpers import places
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters.yaml_text import Unreadable, decode

NAME_IT = "Name the tenant's file itself, such as parameters/contoso.yaml."
FIX = "Correct the lines named above, save the file, and run this again."


def find(name_or_path: str | Path, *, folder: str | Path) -> Path:
    """The file of a tenant: by its name in `folder`, or by a path. Raises ParametersError with the names that exist."""
    folder, text = Path(folder), str(name_or_path)
    by_path = isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.endswith((".yaml", ".yml"))
    path = Path(text) if by_path else folder / f"{text}.yaml"
    if not _is_file(path):
        raise _missing(path, path.parent if by_path else folder)
    return path


def label(path: Path) -> str:
    """How messages name the file: as given when relative, else folder and file only."""
    return "/".join(path.parts[-2:]) if path.is_absolute() else path.as_posix()


def read(path: Path) -> str:
    """The text of a file; raises ParametersError when it is missing, unreadable or no plain UTF-8."""
    try:
        return decode(read_bytes(path))
    except Unreadable as problem:
        raise unreadable(path, problem) from None


def read_bytes(path: Path) -> bytes:
    """What a file holds; raises ParametersError when it is missing or cannot be read."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device has no end
            raise ParametersError(f"{label(path)} is no file.", why="It is a folder, a pipe or a device.", fix=NAME_IT)
        return path.read_bytes()
    except FileNotFoundError:
        raise _missing(path, path.parent) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not possible"
        raise ParametersError(
            f"{label(path)} cannot be read: {reason}.", fix="Check the path and its rights."
        ) from None


def unreadable(path: Path, problem: Unreadable) -> ParametersError:
    """The error for a text that is no YAML that we take."""
    place = f"{label(path)}, line {problem.line}:" if problem.line else label(path)
    return ParametersError(f"{place} {problem.text}.", fix=FIX)


def limits(path: Path) -> Path:
    """The folder that the file at `path` may name files in: that of all parameters, for a file elsewhere its own."""
    folder, home = places.parameters().resolve(), _home(path).resolve()
    return folder if home.is_relative_to(folder) else home


def neighbour(path: Path, name: str, within: Path) -> Path:
    """The file that `name` means in the file at `path`; `name` has been checked for its form.

    Raises ValueError with a sentence that continues after the name of the field.
    """
    found = Path(os.path.normpath(_home(path) / name))
    try:
        # A link that leads back to itself: Python 3.13 resolves it without a word, and is still a link.
        end = found.resolve()
        inside = end.is_relative_to(within) and not end.is_symlink()
    except (OSError, RuntimeError):  # … and older ones raise
        inside = False
    if not inside:
        raise ValueError(f"is {name}, which lies outside the parameters folder; copy that file into the folder")
    if not _is_file(found):
        near = difflib.get_close_matches(found.name, _names(found.parent, f"*{found.suffix}"), n=1)
        meant = f"; did you mean {near[0]}?" if near else f"; it is looked for as {label(found)}"
        raise ValueError(f"names {name}, which does not exist{meant}")
    return found


def _home(path: Path) -> Path:
    return path.resolve().parent if path.is_symlink() else path.parent


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _names(folder: Path, pattern: str) -> list[str]:
    try:
        return sorted(each.name for each in folder.glob(pattern))
    except (OSError, ValueError):
        return []


def _missing(path: Path, folder: Path) -> ParametersError:
    names = [name.removesuffix(".yaml") for name in _names(folder, "*.yaml")]
    near = difflib.get_close_matches(path.stem.lower(), names, n=1)
    known = f"Names that exist: {', '.join(names)}." if names else "There is no tenant's file in that folder."
    fix = f"Did you mean {near[0]}?" if near else "Copy contoso.example.yaml and fill it in, or name an existing file."
    return ParametersError(f"{label(path)} does not exist.", why=known, fix=fix)
