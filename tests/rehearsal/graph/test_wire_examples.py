"""Graph's answers held against public example bodies: names, nesting and types of what an example has are in ours.

The examples lie beside the repository (cases/wire/README.md says from where). Where they disagree with Microsoft's own
metadata and with reports, those win: see NOT_SO.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from entra_stage import AGENT, FLEX_CLAIMS, SUPERVISOR, Entra, signing

from flexsso_helpers.rehearsal.directory import objects

EXAMPLES = Path(__file__).parents[4] / "shared/cases/wire/graph-v1.0-examples.json"
ROOT = "https://graph.microsoft.com/v1.0"
BEYOND = {
    "identityGovernance/lifecycleWorkflows": "workflows are another product",
    "deletedItems/getUserOwnedObjects": "nothing here asks who owned what",
}
"""Addresses that the rehearsal does not play, and why; they are refused as Graph refuses an unknown one."""
ONLY_SHAPE = ("deletedItems/microsoft.graph.group", "deletedItems/*", "deleteditems/*")
"""Examples of deleted groups and users: our deleted objects are applications, so only what all have is compared."""
COMMON = ("@odata.context", "@odata.type", "id", "displayName")
NOT_SO = {
    ("POST", "/users/*/appRoleAssignments"): ("status", "200 in the example, 201 for the equivalent address"),
    ("PATCH", "/policies/tokenIssuancePolicies/*"): ("body", "a 204 has no body (G54)"),
}
NOT_IN_METADATA = ("publisherName", "endpoints")
"""Names in examples that are no properties in v1.0's metadata, from which the SDK's models are made; `endpoints`
is a navigation property, which live answers leave out."""
ANNOTATIONS = ("@odata.id", "@microsoft.graph.tips", "@odata.nextLink")
"""Annotations that come and go."""


def _mocks() -> list[Any]:
    if not EXAMPLES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"{EXAMPLES.name} is not beside the repository"))]
    mocks = json.loads(EXAMPLES.read_text("utf-8"))["mocks"]
    return [pytest.param(mock, id=f"{mock['request']['method']} {_address(mock)}") for mock in mocks]


def _address(mock: Any) -> str:
    return str(mock["request"]["url"]).removeprefix(ROOT)


@functools.cache
def _configured() -> tuple[Entra, dict[str, str]]:
    """A tenant where every address leads somewhere, and what stands for the stars."""
    entra = Entra()
    entra.write("PATCH", entra.sp_path, {"samlSingleSignOnSettings": {"relayState": "x"}})
    group = entra.group("Flex Agents")
    assigned = {"groups": entra.assign(group, AGENT), "servicePrincipals": "", "users": "", "me": ""}
    entra.write("POST", f"{entra.sp_path}/appRoleAssignedTo", _grant(entra, entra.sp["id"]))
    assigned["me"] = entra.assign({"id": entra.ada.id}, AGENT)
    loose = entra.policy("tokenIssuancePolicies", signing())
    entra.link(entra.app_path, "tokenIssuancePolicies", loose)
    entra.wait()
    bo = entra.user("bo.agent@contoso.com")["id"]
    for name, path in (("users", f"/users/{bo}"), ("servicePrincipals", entra.sp_path)):
        assigned[name] = entra.get(f"{path}/appRoleAssignments")["value"][0]["id"]
    claims = entra.linked(entra.sp_path, "claimsMappingPolicies")[0]
    deleted = _deleted(entra)
    stars = {
        "servicePrincipals": entra.sp["id"], "users": bo, "groups": group["id"], "applications": entra.app["id"],
        "claimsmappingpolicies": claims, "tokenissuancepolicies": loose, "deleteditems": deleted,
        "applicationtemplates": objects.TEMPLATE_ID, "appid": entra.app["appId"],
        "approleassignedto": assigned["users"],
        **{f"{name}/approleassignments": identity for name, identity in assigned.items()},
    }  # fmt: skip
    return entra, {name.lower(): value for name, value in stars.items()}


def _grant(entra: Entra, principal: str, role: str = AGENT) -> Any:
    return {"principalId": principal, "resourceId": entra.sp["id"], "appRoleId": role}


def _deleted(entra: Entra) -> str:
    made = entra.write("POST", "/applications", {"displayName": "Twilio, once"})["id"]
    entra.wait()
    entra.write("DELETE", f"/applications/{made}")
    return str(made)


def _filled(address: str, stars: dict[str, str]) -> str:
    """The address with an id for each star."""
    path, _, query = address.partition("?")
    path = path.replace("(appId=*)", f"(appId='{stars['appid']}')")
    parts = path.strip("/").split("/")
    for number, part in enumerate(parts):
        if part == "*":
            before = parts[number - 1].lower()
            owner = parts[0].split("(")[0].lower()
            parts[number] = stars.get(before) or stars[f"{owner}/{before}"]
    query = query.replace("displayName:*", "displayName:Twilio").replace("displayName,*", "displayName,'Twilio'")
    query = query.replace("resourceId eq *", f"resourceId eq '{stars['serviceprincipals']}'")
    query = query.replace("DisplayName", "displayName")
    query = re.sub(r"\* eq \* or\s+\* eq \*", f"appId eq '{stars['appid']}' or displayName eq 'x'", query)
    return "/" + "/".join(parts) + (f"?{query}" if query else "")


def _body(mock: Any, entra: Entra, stars: dict[str, str]) -> Any:
    """What a client would send to this address."""
    method, address = mock["request"]["method"], _address(mock)
    if method not in ("POST", "PATCH"):
        return None
    last = address.split("/")[-1]
    bodies: dict[str, Any] = {
        "instantiate": {"displayName": "Twilio Flex"},
        "addTokenSigningCertificate": {"displayName": "CN=Twilio Flex"},
        "restore": None,
        "getByIds": {"ids": [stars["users"], stars["groups"]], "types": ["user", "group"]},
        "applications": {"displayName": "Twilio by hand"},
        "servicePrincipals": {"appId": _loose(entra) if address == "/servicePrincipals" else ""},
        "claimsMappingPolicies": {"displayName": "x", "definition": FLEX_CLAIMS},
        "tokenIssuancePolicies": {"displayName": "x", "definition": signing()},
    }
    if last == "$ref":
        collection = "claimsMappingPolicies" if "claims" in address else "tokenIssuancePolicies"
        made = entra.policy(collection, FLEX_CLAIMS if "claims" in address else signing())
        owner = entra.sp_path if "claims" in address else entra.app_path
        for policy in entra.linked(owner, collection):
            entra.write("DELETE", f"{owner}/{collection}/{policy}/$ref")
        return {"@odata.id": f"{ROOT}/policies/{collection}/{made}"}
    if last in ("appRoleAssignments", "appRoleAssignedTo"):
        owner = address.split("/")[1].lower()
        return _grant(entra, stars[owner], SUPERVISOR)
    if method == "PATCH":
        return {"displayName": "Renamed"} if "policies" in address.lower() else {"notes": "x"}
    return bodies[last]


def _loose(entra: Entra) -> str:
    made = entra.write("POST", "/applications", {"displayName": "Without"})
    entra.wait()
    return str(made["appId"])


@pytest.mark.thinned(3)
@pytest.mark.parametrize("mock", _mocks())
def test_an_answer_has_the_shape_of_its_example(mock: Any) -> None:
    ready, stars = _configured()
    entra = Entra()
    entra.world = ready.world.copy()
    entra.http = Entra.over(entra.world)
    entra.app, entra.sp = ready.app, ready.sp
    method, address = mock["request"]["method"], _address(mock)
    if any(part in address for part in BEYOND):
        assert entra.call(method, address.partition("?")[0].replace("*", "x"), {}).status_code in (400, 405)
        return
    if method == "DELETE" and address == "/applications/*":
        entra.write("DELETE", entra.sp_path)  # a SAML service principal must go first (G79)
    body, path = _body(mock, entra, stars), _filled(address, stars)
    answer = entra.call(method, path, body, ConsistencyLevel="eventual")
    but, _ = NOT_SO.get((method, address), ("", ""))
    expected = mock["response"].get("statusCode", 200)
    assert answer.status_code == (201 if but == "status" else expected), answer.text
    example = mock["response"].get("body")
    if example and but != "body":
        only = COMMON if any(part in address for part in ONLY_SHAPE) else ()
        assert _misfits(example, answer.json(), only=only) == []


def _misfits(example: Any, ours: Any, where: str = "", *, only: tuple[str, ...] = ()) -> list[str]:
    """Where ours lacks a name that the example has, or has another type. Null stands for any type."""
    if example is None or ours is None:
        return []
    if isinstance(example, dict) and isinstance(ours, dict):
        names = [
            name
            for name in example
            if name not in (*ANNOTATIONS, *NOT_IN_METADATA) and (not only or name in (*only, "value"))
        ]
        missing = [f"{where}/{name} is missing" for name in names if name not in ours]
        there = [name for name in names if name in ours]
        return missing + [
            m for name in there for m in _misfits(example[name], ours[name], f"{where}/{name}", only=only)
        ]
    if isinstance(example, list) and isinstance(ours, list):
        return _misfits(example[0], ours[0], f"{where}/0", only=only) if example and ours else []
    same = type(example) is type(ours)
    return [] if same else [f"{where} is {type(ours).__name__}, not {type(example).__name__}"]


def test_a_misfit_is_seen() -> None:
    example = {"a": {"b": "x"}, "c": [1], "d": None, "e": True}
    assert _misfits(example, {"a": {"b": 1}, "c": ["y"], "e": True}) == [
        "/d is missing",
        "/a/b is int, not str",
        "/c/0 is str, not int",
    ]
