"""From a file, a name or an injected mapping to a Tenant. Whatever is wrong comes as one ParametersError."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import file_schema, scalars, shapes
from flexsso_helpers.parameters.contradictions import Key
from flexsso_helpers.parameters.extending import Layer, chain, merged
from flexsso_helpers.parameters.files import FIX, find, label, read
from flexsso_helpers.parameters.joining import Joined, join
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.problems import Problem, check, is_private, refuse, secrets
from flexsso_helpers.parameters.yaml_text import DEEPEST, Document

_FIX_MAPPING = (
    "Correct the keys named above in the file that was injected. Opened by name, with `-r tenant NAME`, lines would be "
    "named too."
)


@dataclass(frozen=True)
class Judged:
    """What a text says, all files that it names included: the tenant, or what is wrong."""

    tenant: Tenant | None
    problems: list[Problem]
    layers: list[Layer]
    document: Document
    """All layers as one."""
    joined: Joined | None
    """The same with the people of a CSV file; None where problems came first."""

    def require(self, fix: str = FIX) -> Tenant:
        """The tenant; raises ParametersError when there are problems."""
        if self.tenant is None:
            people = self.joined.people if self.joined else None
            why = people.told() if people and any(each.file == people.file for each in self.problems) else ""
            raise refuse(self.problems, label(self.layers[0].path), fix, why)
        return self.tenant


def load(path: str | Path) -> Tenant:
    """Read and check one tenant's file, with all that it names.

    Raises ParametersError that lists every problem with file and line; the file's name must be the tenant's.
    """
    path = Path(path)
    return judge(path, read(path)).require()


def from_mapping(mapping: Mapping[str, Any]) -> Tenant:
    """The tenant that a mapping describes: what stands below `tenant:`, as `papermill -f` injects it.

    There are no lines to name: ParametersError names the keys. What names another file is refused.
    """
    data = plain(mapping, ())
    if "extends" in data:
        what = "extends cannot be followed here: a mapping knows no other files"
        raise ParametersError(what, fix=_by_name(data))
    if isinstance(data.get("assignments"), dict) and data["assignments"].get("csv") is not None:
        what = "assignments.csv cannot be read here: a mapping does not tell where the file lies"
        raise ParametersError(what, fix=_by_name(data))
    if set(data) == {"tenant"}:
        raise ParametersError("tenant is given twice; give what stands below `tenant:`", fix="Pass the inner mapping.")
    tenant, problems = check(data)
    if tenant is None:
        raise refuse(problems, "", _FIX_MAPPING)
    return tenant


def overlaid(tenant: Tenant, above: Mapping[str, Any]) -> Tenant:
    """A tenant with other values laid over its own. Raises ParametersError when the result is none, and when it would
    change users who come from a CSV file.
    """
    given = tenant.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    csv = given.get("assignments", {}).pop("csv", None)
    if csv and "users" in above.get("assignments", {}):
        raise in_csv(csv, " In a rehearsal, `flexsso rehearsal reset` forgets earlier edits.")
    if "csv" in above.get("assignments", {}):
        what = "assignments.csv is not among what a rehearsal's forms can change."
        raise ParametersError(what, fix="Write the name into the file itself, and open the tenant again.")
    whole = from_mapping(laid(given, above))
    kept = whole.assignments.model_copy(update={"csv": csv})
    return whole.model_copy(update={"assignments": kept}) if csv else whole


def laid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values with others laid over them: mappings merge, everything else replaces."""
    whole = dict(below)
    for key, value in above.items():
        old = whole.get(key)
        whole[key] = laid(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return whole


def in_csv(file: str, more: str = "") -> ParametersError:
    """The error for an edit of users who come from a CSV file."""
    what = f"assignments.users cannot be set from here: people come from {file}."
    return ParametersError(what, fix=f"Nothing was saved. Edit {file}, save it, and open the tenant again.{more}")


def open_tenant(value: str | Path | Mapping[str, Any], folder: str | Path) -> tuple[Tenant, Path | None]:
    """The tenant that a notebook's parameter means, and its file (None for a mapping)."""
    if isinstance(value, Mapping):
        _refuse_half_a_file(value)
        return from_mapping(value), None
    if not isinstance(value, str | Path):
        raise ParametersError(f"tenant is {value!r:.40}", fix='Write a name in quotes, such as tenant = "rehearsal".')
    path = find(value, folder=folder)
    return load(path), path


def _refuse_half_a_file(injected: Mapping[str, Any]) -> None:
    """Papermill makes a variable of each key at the top of a file, so that `extends` ends up beside `tenant`.

    The mapping alone does not tell: it may even be complete, with other values than those of the file it extends.
    """
    from IPython.core.getipython import get_ipython  # slow to load, and there already where there are variables

    shell = get_ipython()
    base = shell.user_ns.get("extends") if shell else None
    if base is None:
        return
    raise ParametersError(
        f"The injected file extends {base!s:.200}, which papermill does not read.",
        why="`papermill -f` passes on what stands in the file itself; what it takes over from others is lost.",
        fix=_by_name(injected),
    )


def _by_name(injected: Mapping[str, Any]) -> str:
    given = injected.get("name")
    name = given if isinstance(given, str) and re.fullmatch(shapes.SLUG, given) else "NAME"
    return f"Use the command `flexsso run {name}`, which resolves files, or `papermill … -r tenant {name}`."


def judge(path: Path, text: str) -> Judged:
    """What a text says as the file at `path`; raises ParametersError when a text is no YAML at all."""
    layers, broken = chain(path, text)
    problems = [problem for each in layers for problem in _of_layer(each)] + broken
    document = merged(layers)
    body = document.root.plain.get("tenant") if isinstance(document.root.plain, dict) else None
    if broken or not all(each.tenant for each in layers) or not isinstance(body, dict):
        return Judged(None, problems, layers, document, None)
    blamed = {(problem.path, problem.file) for problem in problems}
    for each in layers[1:]:  # even where another file's value is used instead
        unused = secrets(each.document.root.plain["tenant"])
        problems += [_placed(problem, each.document) for problem in unused]
    joined = join(layers, document)
    problems += joined.problems
    tenant, found = check(joined.body)
    placed = [joined.placed(problem) or _placed(problem, document) for problem in found]
    problems += [problem for problem in placed if (problem.path, problem.file) not in blamed]
    stem = path.name.removesuffix(".yaml").removesuffix(".example")
    if isinstance(body.get("name"), str) and body["name"] != stem and ("name",) not in {each.path for each in found}:
        other = f"is {body['name']}, but the file is {path.name}; both must be the same"
        problems.append(_placed(Problem(("name",), other), document))
    if tenant and not problems:
        problems = [problem for each in layers for problem in _read_otherwise(each)]
    return Judged(None if problems else tenant, problems, layers, document, joined)


def _of_layer(layer: Layer) -> list[Problem]:
    """What is wrong with one file as such, whatever other files say."""
    found = [*_of_text(layer.document), *_of_top(layer.document)]
    return [Problem(each.path, each.text, each.line, layer.document.root.file) for each in found]


def _read_otherwise(layer: Layer) -> list[Problem]:
    """What the last difference between the two versions of YAML leaves: punctuation without blanks around it."""
    document = layer.document
    found = scalars.disagreement(layer.text, document.root.plain)
    if found is None:
        return []
    path, line = found
    text = "is not read the same by every program; put the text in quotes"
    return [Problem(path[1:], text, line or document.line(path), document.root.file)]


def _placed(problem: Problem, document: Document) -> Problem:
    file, line = document.place(("tenant", *problem.path))
    node = document.find(("tenant", *problem.path))
    text = problem.text
    if node and node.bare and text.endswith("write it in quotes"):
        text = f'{text}: "{node.spelled}"'
    return Problem(problem.path, text, line, file)


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
        text = "tenant: is missing; it is the key at the top, all others are indented below it"
        return [Problem((), text, line)]
    text = "stands beside tenant; only extends: and tenant: are at the top, indent this below tenant or remove it"
    others = (key for key in root.plain if key not in ("extends", "tenant"))
    problems = [Problem((key,), text, document.line((key,))) for key in others]
    if not isinstance(root.plain["tenant"], dict):
        problems.append(Problem((), "tenant: has no keys below it; indent them", document.line(("tenant",))))
    return problems


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


def objections(tenant: Tenant, changes: Mapping[Key, Any]) -> dict[Key, str]:
    """A sentence for each place that these values, by their place below `tenant`, would make wrong; none when all fit.

    People of a CSV file are left out: they are judged where they stand.
    """
    data = tenant.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    data.get("assignments", {}).pop("csv", None)
    for key, value in changes.items():
        data = laid(data, _below(key, plain(value, key)))
    _, problems = check(data)
    return {problem.path: problem.sentence() for problem in reversed(problems)}


def _below(key: Key, value: Any) -> dict[str, Any]:
    for part in reversed(key):
        value = {str(part): value}
    return dict(value)
