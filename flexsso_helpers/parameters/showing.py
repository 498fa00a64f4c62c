"""What a tenant's file comes to: every value, and where it stands. Secrets are references here too, as in the file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexsso_helpers.parameters.contradictions import Key
from flexsso_helpers.parameters.files import read
from flexsso_helpers.parameters.joining import USERS, Joined
from flexsso_helpers.parameters.kinds import Part
from flexsso_helpers.parameters.loading import judge
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.problems import dotted
from flexsso_helpers.parameters.yaml_text import Document

DEFAULT = "default"


@dataclass(frozen=True)
class Setting:
    """One value. `where` is `file:line` or `default`, with `(null)` where a null took another file's value away; `key`
    is written as messages write it.
    """

    key: str
    value: Any
    where: str

    @property
    def words(self) -> str:
        """The value as text for people."""
        if isinstance(self.value, dict):
            return ", ".join(map(str, self.value.values()))
        if isinstance(self.value, list):
            return ", ".join(map(str, self.value)) or "none"
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "not set" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Explained:
    """A tenant with the origin of each of its values."""

    tenant: Tenant
    settings: tuple[Setting, ...]
    joined: Joined
    chain: tuple[str, ...]
    """The files that it is read from, its own first."""
    files: tuple[Path, ...]
    """Where these lie, and the CSV file of its people."""

    def table(self) -> list[Setting]:
        """The settings for people: those who come from a CSV file are counted, not listed."""
        people = self.joined.people
        if people is None or not self.joined.persons:
            return list(self.settings)
        listed = [each for each in self.settings if not each.where.startswith(f"{people.file}:")]
        roles = Counter(person.role for person in self.joined.persons)
        counted = ", ".join(f"{count:,} {role}" for role, count in sorted(roles.items()))
        total = f"{len(self.joined.persons):,} more: {counted}"
        after = next(index for index, each in enumerate(listed) if each.key == "assignments.csv") + 1
        return [*listed[:after], Setting("assignments.users", total, people.file), *listed[after:]]

    def notes(self) -> list[str]:
        """How the files go together, and what the CSV file is worth a remark."""
        way = [" extends ".join(self.chain) + "."] if len(self.chain) > 1 else []
        return [*way, *([self.joined.people.told()] if self.joined.people else [])]

    def as_json(self) -> dict[str, Any]:
        """Everything, each person included, as plain data."""
        settings = [{"key": each.key, "value": each.value, "from": each.where} for each in self.settings]
        return {"tenant": self.tenant.name, "settings": settings, "notes": self.notes()}


def explain(path: Path) -> Explained:
    """Read one tenant's file with all that it names, and nothing else. Raises ParametersError as `load` does."""
    judged = judge(path, read(path))
    tenant = judged.require()
    assert judged.joined is not None
    settings = tuple(_settings(tenant, (), judged.document, judged.joined))
    csv = (judged.joined.path,) if judged.joined.path else ()
    files = (*(each.path for each in judged.layers), *csv)
    return Explained(tenant, settings, judged.joined, tuple(each.document.root.file for each in judged.layers), files)


def _settings(part: Part, path: Key, document: Document, joined: Joined) -> Iterator[Setting]:
    for name in type(part).model_fields:
        value, here = getattr(part, name), (*path, name)
        if here == ("practice",) and isinstance(part, Tenant) and not part.rehearsal:
            continue  # a live tenant has no such choice
        if isinstance(value, Part):
            yield from _settings(value, here, document, joined)
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            for index, entry in enumerate(value):
                at = (*here, index)
                yield Setting(dotted(at), entry.model_dump(mode="json"), _where(at, document, joined))
        else:
            plain = list(value) if isinstance(value, tuple) else value
            yield Setting(dotted(here), plain, _where(here, document, joined))


def _where(path: Key, document: Document, joined: Joined) -> str:
    if path[:2] == USERS and (person := joined.person(path)) and joined.people:
        return f"{joined.people.file}:{person.line}"
    file, line = document.place(("tenant", *path))
    if document.find(("tenant", *path)) is not None:
        return f"{file}:{line}"
    return f"{file}:{line} (null)" if _taken_away(path, document) else DEFAULT


def _taken_away(path: Key, document: Document) -> bool:
    parents = (document.find(("tenant", *path[:size])) for size in range(len(path)))
    return any(parent and str(path[size]) in parent.removed for size, parent in enumerate(parents))
