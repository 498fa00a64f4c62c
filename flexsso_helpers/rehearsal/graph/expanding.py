"""`$expand`: one relation beside each object, by the address that the relation has of its own (G109).

One relation at a time, at most twenty of it and no link to the rest, at most a hundred objects a page, and none of the
advanced filters (query parameters page; known issue 13635; microsoft-graph-docs-contrib#8352 and #9095).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, urlencode

from flexsso_helpers.rehearsal.directory.filter import parse_filter
from flexsso_helpers.rehearsal.directory.query import Query
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.store import Document

rules.declare({"G109": "One relation may be expanded, twenty of it, on pages of a hundred"})

MOST_OBJECTS, MOST_RELATED = 100, 20
COLLECTIONS = {
    "users": "User",
    "groups": "Group",
    "applications": "Application",
    "servicePrincipals": "ServicePrincipal",
}
OBJECT = re.compile(rf"/(?:(?P<collection>{'|'.join(COLLECTIONS)})(?:/[^/]+|\([^)]*\))?|me)", re.IGNORECASE)
RELATION = re.compile(r"(\w+)(?:\(\$select=([\w,]+)\))?")
UNPLAYED = (
    "manager", "directReports", "createdObjects", "ownedDevices", "registeredDevices", "memberOf", "owners",
    "transitiveMemberOf", "appRoleAssignments", "homeRealmDiscoveryPolicies", "tokenLifetimePolicies",
    "extensionProperties", "federatedIdentityCredentials", "oauth2PermissionGrants", "endpoints",
)  # fmt: skip
"""What Graph expands (properties pages of the four types); those that have no address here are refused as that."""
Ask = Callable[[str, str], Document]
"""What a GET of this path with this query answers. Raises GraphRefusal."""


def asked_for(path: str, query: Query) -> bool:
    """Whether this is for us: what is no object of the directory has an `$expand` of its own, or none."""
    return "$expand" in query.options and OBJECT.fullmatch(path) is not None


def expanded(path: str, query: Query, ask: Ask) -> Document:
    """The answer to a GET with `$expand`. Raises GraphRefusal for what Graph does not expand, or is not played."""
    entity = COLLECTIONS.get(
        next((each for each in COLLECTIONS if path.lower().startswith(f"/{each.lower()}")), "users")
    )
    relation, columns = _relation(query.options["$expand"])
    _check_filter(query, str(entity))
    selected = query.selected
    body = ask(path, _text(_plain(query)))
    single = "value" not in body
    for item in [body] if single else body["value"]:
        item[relation] = _related(f"/{_collection(path)}/{item['id']}/{relation}", relation, columns, str(entity), ask)
        if selected and "id" not in selected:
            del item["id"]
    body["@odata.context"] = _context(body["@odata.context"], selected, relation)
    if "@odata.nextLink" in body:
        chosen = f"$select={query.options.get('$select')}"
        link = str(body["@odata.nextLink"]).replace(f"{chosen},id&", f"{chosen}&")
        body["@odata.nextLink"] = f"{link}&$expand={query.options['$expand']}"
    return body


def _relation(text: str) -> tuple[str, str]:
    inner = re.sub(r"\([^)]*\)", "", text)
    if "," in inner:
        number = inner.count(",") + 1
        said = f"The result of parsing $expand contained at least {number} items, but the maximum allowed is 1."
        raise bad_request(said, "BadRequest")
    found = RELATION.fullmatch(text)
    if found is None:
        raise bad_request(f"Parsing OData Select and Expand failed: '{text}' cannot be read.", "BadRequest")
    return found[1], found[2] or ""


def _check_filter(query: Query, entity: str) -> None:
    condition = parse_filter(query.options["$filter"]) if "$filter" in query.options else None
    if condition and condition.advanced:
        said = f"Unsupported or invalid query filter clause specified for property '{condition.paths[0]}'"
        raise bad_request(f"{said} of resource '{entity}'.", "Request_UnsupportedQuery")


def _plain(query: Query) -> Query:
    """The same without `$expand`, with the id that relations are found by, and pages as small as they become."""
    options = {name: value for name, value in query.options.items() if name != "$expand"}
    if query.selected and "id" not in query.selected:
        options["$select"] += ",id"
    if options.get("$top", "").isdecimal():
        options["$top"] = str(min(int(options["$top"]), MOST_OBJECTS))
    return replace(query, options=options)


def _text(query: Query) -> str:
    return urlencode(query.options, quote_via=quote, safe="$")


def _related(path: str, relation: str, columns: str, entity: str, ask: Ask) -> list[Document]:
    try:
        found = ask(path, f"$select={columns}" if columns else "")
    except GraphRefusal as refusal:
        if not refusal.message.startswith("Resource not found for the segment"):
            raise
        if relation in UNPLAYED:
            raise bad_request(f"[sim] The relation '{relation}' is not played here.", "BadRequest") from None
        said = f"Parsing OData Select and Expand failed: Could not find a property named '{relation}' on type"
        raise bad_request(f"{said} 'microsoft.graph.{entity[0].lower()}{entity[1:]}'.", "BadRequest") from None
    listed: list[Document] = found["value"]
    return listed[:MOST_RELATED]


def _collection(path: str) -> str:
    first = re.split(r"[/(]", path.strip("/"))[0]
    return "users" if first.lower() == "me" else first


def _context(context: str, selected: list[str], relation: str) -> str:
    head, slash, entity = re.sub(r"\(.*\)", "", context).partition("/$entity")
    return f"{head}({','.join([*selected, f'{relation}()'])}){slash}{entity}"
