"""One Graph request on its way to a handler, and the handler's answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flexsso_helpers.rehearsal.directory.order import in_order
from flexsso_helpers.rehearsal.directory.query import SINGLE, Query, Source, fixed, page, project, total
from flexsso_helpers.rehearsal.directory.refusals import bad_request, invalid_values
from flexsso_helpers.rehearsal.directory.schema import Entity
from flexsso_helpers.rehearsal.directory.tokens import Principal
from flexsso_helpers.rehearsal.graph.rights import Right
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G04": "A verb that an address does not offer: 405",
        "G05": "PATCH: absent stays, null clears, a list replaces the list; an unknown property is refused",
    }
)
rules.declare({"G06": "An empty string is refused where null is meant"})

BOTH = ("v1.0", "beta")
BETA = ("beta",)


@dataclass(frozen=True)
class Answer:
    """What Graph answers: status and JSON body, None for no body; or a `text`, as `$count` gives one."""

    status: int = 204
    body: Document | None = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


NO_CONTENT = Answer()


@dataclass
class Call:
    """A request whose token and rights are checked. `path` is below the version; `parts` are the address's names."""

    world: World
    principal: Principal
    version: str
    path: str
    parts: dict[str, str]
    query: Query
    body: Document = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The authentic address of this version of this cloud's Graph."""
        return f"{self.world.cloud.graph}/{self.version}"

    @property
    def metadata(self) -> str:
        """What contexts begin with."""
        return f"{self.root}/$metadata"

    def item(self, found: Document, entity: Entity, context: str, *, shown: bool = True) -> Answer:
        """Answer with one object, as `$select` asks."""
        self.query.allow(SINGLE)
        selected = self.query.selected
        suffix = f"({','.join(selected)})" if selected else ""
        body = {"@odata.context": f"{self.metadata}#{context}{suffix}/$entity"} | project(
            in_order(self.world, found), entity, selected, shown=shown
        )
        return Answer(200, body)

    def page(self, items: Source | Iterable[Document], entity: Entity, context: str) -> Answer:
        """Answer with one page of objects."""
        source = items if isinstance(items, Source) else fixed(items)
        url, full = f"{self.root}{self.path}", f"{self.metadata}#{context}"
        return Answer(200, page(self.world, self.query, source, entity, url=url, context=full))

    def count(self, items: Source | Iterable[Document], entity: Entity) -> Answer:
        """Answer with the number of objects, as plain text."""
        source = items if isinstance(items, Source) else fixed(items)
        return Answer(200, text=str(total(self.world, self.query, source, entity)))

    def done(self) -> Answer:
        """A write without a body in its answer is done."""
        self.wrote()
        return NO_CONTENT

    def made(self, body: Document, context: str, *, status: int = 201) -> Answer:
        """A write that answers with what it made."""
        self.wrote()
        public = {name: value for name, value in body.items() if not name.startswith("_")}
        return Answer(status, {"@odata.context": f"{self.metadata}#{context}"} | public)

    def wrote(self) -> None:
        """Count a write; a second passes."""
        self.world.count("graph")
        self.world.wrote()

    @property
    def now(self) -> float:
        """The moment that this call writes at."""
        return self.world.clock.now


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    """One verb of one address. `{name}` in the pattern is a part of the path.

    `versions` are those that have it; `everywhere` is false for what the other clouds lack (G53); `cost` is in
    resource units (G84).
    """

    method: str
    pattern: str
    handler: Handler
    right: Right
    versions: tuple[str, ...] = BOTH
    everywhere: bool = True
    cost: int = 1


def checked(world: World, body: Document, entity: Entity) -> Document:
    """The properties of a PATCH or POST, without annotations. Raises GraphRefusal for an unknown name or wrong type."""
    wanted = {name: value for name, value in body.items() if not name.startswith("@") and "@odata" not in name}
    for name, value in wanted.items():
        if name not in entity.properties:
            if not world.rules.on("G05"):
                continue
            raise bad_request(f"Invalid property '{name}'.")
        if value is not None and not _fits(name, value, entity):
            raise invalid_values()
        if value == "" and world.rules.on("G06"):
            raise bad_request(f"Invalid value specified for property '{name}' of resource '{entity.name}'.")
    return {name: value for name, value in wanted.items() if name in entity.properties}


def _fits(name: str, value: Any, entity: Entity) -> bool:
    for names, kind in (
        (entity.strings, str),
        (entity.booleans, bool),
        (entity.lists, list),
        (entity.objects, dict),
    ):
        if name in names:
            return isinstance(value, kind)
    return True


def merged(old: Document, change: Document, entity: Entity) -> Document:
    """The object after a PATCH: lists replaced whole, null clears, members of an object changed one by one (G05)."""
    new = dict(old)
    for name, value in change.items():
        if name in entity.objects and isinstance(value, dict) and isinstance(old.get(name), dict):
            new[name] = {**old[name], **{k: v for k, v in value.items() if not k.startswith("@")}}
        elif name in entity.lists and value is None:
            new[name] = []
        else:
            new[name] = value
    return new
