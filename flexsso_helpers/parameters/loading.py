"""From a file, a name or an injected mapping to a Tenant. Whatever is wrong comes as one ParametersError."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import file_schema, scalars
from flexsso_helpers.parameters.contradictions import Key
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.problems import Problem, check, is_private, refuse
from flexsso_helpers.parameters.yaml_text import DEEPEST, Document, Unreadable, decode, parse

_FIX = "Correct the lines named above, save the file, and run this again."
_FIX_MAPPING = (
    "Correct the keys named above in the file that was injected. By name, `{name}`, lines would be named too."
)


def load(path: str | Path) -> Tenant:
    """Read and check one tenant's file.

    Raises ParametersError that lists every problem with file and line; the file's name must be the tenant's.
    """
    path = Path(path)
    tenant, problems = judge(path, read(path))
    if tenant is None:
        raise refuse(problems, label(path), _FIX)
    return tenant


def find(name_or_path: str | Path, *, folder: str | Path) -> Path:
    """The file of a tenant: by its name in `folder`, or by a path. Raises ParametersError with the names that exist."""
    folder, text = Path(folder), str(name_or_path)
    by_path = isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.endswith((".yaml", ".yml"))
    path = Path(text) if by_path else folder / f"{text}.yaml"
    if not _is_file(path):
        raise _missing(path, path.parent if by_path else folder)
    return path


def from_mapping(mapping: Mapping[str, Any]) -> Tenant:
    """The tenant that a mapping describes: what stands below `tenant:`, as `papermill -f` injects it.

    There are no lines to name: ParametersError names the keys. `extends` is refused, a mapping knows no other file.
    """
    data = plain(mapping, ())
    if "extends" in data:
        what = "extends cannot be followed here: a mapping knows no other files"
        raise ParametersError(what, fix="Use the command `flexsso run NAME`, which resolves files.")
    if set(data) == {"tenant"}:
        raise ParametersError("tenant is given twice; give what stands below `tenant:`", fix="Pass the inner mapping.")
    tenant, problems = check(data)
    if tenant is None:
        raise refuse(problems, "", _FIX_MAPPING)
    return tenant


def open_tenant(value: str | Path | Mapping[str, Any], folder: str | Path) -> tuple[Tenant, Path | None]:
    """The tenant that a notebook's parameter means, and its file (None for a mapping)."""
    if isinstance(value, Mapping):
        return from_mapping(value), None
    if not isinstance(value, str | Path):
        raise ParametersError(f"tenant is {value!r:.40}", fix='Write a name in quotes, such as tenant = "rehearsal".')
    path = find(value, folder=folder)
    return load(path), path


def label(path: Path) -> str:
    """How messages name the file: as given when relative, else folder and file only."""
    return "/".join(path.parts[-2:]) if path.is_absolute() else path.as_posix()


def read(path: Path) -> str:
    """The text of a file; raises ParametersError when it is missing, unreadable or no plain UTF-8."""
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        raise _missing(path, path.parent) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not possible"
        raise ParametersError(
            f"{label(path)} cannot be read: {reason}.", fix="Check the path and its rights."
        ) from None
    except Unreadable as problem:
        raise _unreadable(path, problem) from None


def judge(path: Path, text: str) -> tuple[Tenant | None, list[Problem]]:
    """The tenant in a text, or all its problems; raises ParametersError when the text is no YAML at all."""
    try:
        document = parse(text)
    except Unreadable as problem:
        raise _unreadable(path, problem) from None
    problems = _of_text(document)
    body = document.root.plain.get("tenant") if isinstance(document.root.plain, dict) else None
    problems += _of_top(document)
    if not isinstance(body, dict):
        return None, problems
    blamed = {problem.path for problem in problems}
    tenant, found = check(body)
    problems += [_placed(problem, document) for problem in found if problem.path not in blamed]
    stem = path.name.removesuffix(".yaml").removesuffix(".example")
    if isinstance(body.get("name"), str) and body["name"] != stem and ("name",) not in {each.path for each in found}:
        other = f"is {body['name']}, but the file is {path.name}; both must be the same"
        problems.append(Problem(("name",), other, document.line(("tenant", "name"))))
    if tenant and not problems:
        problems = _read_otherwise(document, text)
    return (None if problems else tenant), problems


def _read_otherwise(document: Document, text: str) -> list[Problem]:
    """What the last difference between the two versions of YAML leaves: punctuation without blanks around it."""
    found = scalars.disagreement(text, document.root.plain)
    if found is None:
        return []
    path, line = found
    return [
        Problem(path[1:], "is not read the same by every program; put the text in quotes", line or document.line(path))
    ]


def _placed(problem: Problem, document: Document) -> Problem:
    line = document.line(("tenant", *problem.path))
    node = document.find(("tenant", *problem.path))
    text = problem.text
    if node and node.bare and text.endswith("write it in quotes"):
        text = f'{text}: "{node.spelled}"'
    return Problem(problem.path, text, line)


def _of_text(document: Document) -> list[Problem]:
    found = []
    for path, line, text in document.problems:
        inside = path[1:] if path[:1] == ("tenant",) else path
        found.append(Problem(inside, text or _ambiguous(document, path, inside), line))
    return found


def _ambiguous(document: Document, path: Key, inside: Key) -> str:
    node = document.find(path)
    if node is None or is_private(inside):
        return "is not read the same by every program; write it in quotes"
    switch = scalars.as_switch(node.spelled)
    if file_schema.at(inside).get("type") == "boolean" and switch is not None:
        return f"is written {node.spelled}; write {str(switch).lower()}"
    if file_schema.at(inside).get("type") == "integer":
        return f"is written {node.spelled}, which is not read the same by every program; write plain digits"
    quoted = node.spelled.replace("\\", "\\\\").replace('"', '\\"')
    return f'is written {node.spelled}, which is not read as text by every program; write "{quoted}" in quotes'


def _of_top(document: Document) -> list[Problem]:
    root, line = document.root, document.root.line
    if not isinstance(root.plain, dict) or "tenant" not in root.plain:
        return [Problem((), "tenant: is missing; it is the one key at the top, all others are indented below it", line)]
    text = "stands beside tenant; only tenant: is at the top, indent this below it or remove it"
    problems = [Problem((key,), text, document.line((key,))) for key in root.plain if key != "tenant"]
    if not isinstance(root.plain["tenant"], dict):
        problems.append(Problem((), "tenant: has no keys below it; indent them", document.line(("tenant",))))
    return problems


def _unreadable(path: Path, problem: Unreadable) -> ParametersError:
    place = f"{label(path)}, line {problem.line}:" if problem.line else label(path)
    return ParametersError(f"{place} {problem.text}.", fix=_FIX)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _missing(path: Path, folder: Path) -> ParametersError:
    try:
        names = sorted(each.name.removesuffix(".yaml") for each in folder.glob("*.yaml"))
    except (OSError, ValueError):
        names = []
    near = difflib.get_close_matches(path.stem.lower(), names, n=1)
    known = f"Names that exist: {', '.join(names)}." if names else "There is no tenant's file in that folder."
    fix = f"Did you mean {near[0]}?" if near else "Copy contoso.example.yaml and fill it in, or name an existing file."
    return ParametersError(f"{label(path)} does not exist.", why=known, fix=fix)


def plain(value: Any, path: Key) -> Any:
    """A copy of plain data; raises ParametersError for anything YAML could not have held."""
    if len(path) > DEEPEST:
        raise refuse([Problem(path[:3], "is nested too deeply")], "", _FIX_MAPPING)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise refuse([Problem(path, "has a key that is not text; put it in quotes")], "", _FIX_MAPPING)
        return {key: plain(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, (*path, index)) for index, item in enumerate(value)]
    if value is None or type(value) in (str, bool, int, float):
        return value
    raise refuse([Problem(path, "is neither text nor a number, a list or a block of keys")], "", _FIX_MAPPING)
