"""Claims mapping and token issuance policies, and where they hang."""

import re
from functools import partial

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import LONGEST_LIFE, POLICY_ID
from flexsso_helpers.rehearsal.directory.policy_definitions import check_definition
from flexsso_helpers.rehearsal.directory.reads import keyless, listed, mirrored, newest, one
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request, denied, no_segment, not_found
from flexsso_helpers.rehearsal.directory.schema import APPLICATION, MANAGEMENT_POLICY, POLICY, SERVICE_PRINCIPAL
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint, Handler, checked
from flexsso_helpers.rehearsal.graph.rights import (
    LINK_POLICIES,
    READ_LINKS,
    READ_MANAGEMENT,
    READ_POLICIES,
    WRITE_POLICIES,
)
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.lags import seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G30": "A policy's change or end acts on everything it hangs on",
        "G32": "A description in a claims mapping policy is refused",
        "G33": "Hanging a policy up where it already hangs is refused",
        "G34": "Whether a second claims mapping policy may hang on one service principal is open",
        "G35": "Taking a policy off where it does not hang is refused",
        "G54": "Token issuance policies are made, read, changed and ended as claims mapping policies are",
        "G57": "A service principal takes one token issuance policy; whether an application takes two is open",
    }
)
quirks.declare(
    {
        "policy_description": quirk("rejected", "accepted", source="G32: mgdocs#17907, seen in 2022"),
        "second_claims_policy": quirk(
            "rejected",
            "both_listed",
            source="G34: azat detaches first, the guide stops",
            when="a claims policy that another application uses too",
        ),
        "second_signing_policy": quirk(
            "rejected",
            "both_listed",
            source="G57: OfficeDocs-Enterprise#62 tells of one a service principal, nobody of an application",
            when="a signing policy that another application uses too",
        ),
        "signing_policy_on_principal": quirk(
            "taken",
            "write_403",
            "write_404",
            "all_403",
            "all_400",
            source="a service principal's references stand in the schema and in no list of permissions",
        ),
        "unlink_error": quirk(
            "404",
            "400",
            source="G35: hamilton expects either",
            when="somebody takes a shared policy off at the same moment",
        ),
    }
)


def _allow(call: Call, kind: str, owner: str, way: str) -> None:
    """Refuse what is open: `way` is `read` or `write`, of the signing policies of a service principal."""
    refused, _, status = call.world.quirks.value("signing_policy_on_principal").partition("_")
    if kind != "tokenIssuancePolicy" or owner != "servicePrincipal" or refused not in (way, "all"):
        return
    raise {"403": denied(), "404": not_found(call.parts["object"]), "400": no_segment(COLLECTIONS[kind])}[status]


COLLECTIONS = {"claimsMappingPolicy": "claimsMappingPolicies", "tokenIssuancePolicy": "tokenIssuancePolicies"}
SECOND = {
    "claimsMappingPolicy": ("G34", "second_claims_policy"),
    "tokenIssuancePolicy": ("G57", "second_signing_policy"),
}
ONE_ONLY = ("tokenIssuancePolicy", "servicePrincipal")
REFERENCE = re.compile(r"/(?:v1\.0|beta)/(?:policies/(?P<collection>\w+)|directoryObjects)/(?P<id>[0-9a-f-]{36})")


def listing(kind: str, call: Call) -> Answer:
    """All policies of a kind."""
    return call.page(listed(call.world, kind), POLICY, f"policies/{COLLECTIONS[kind]}")


def read(kind: str, call: Call) -> Answer:
    """One policy."""
    return call.item(one(call.world, kind, call.parts["policy"]), POLICY, f"policies/{COLLECTIONS[kind]}")


def create(kind: str, call: Call) -> Answer:
    """Make a policy; it hangs nowhere yet."""
    world = call.world
    rejected = world.quirks.value("policy_description") == "rejected" and world.rules.on("G32")
    if "description" in call.body and rejected:
        raise GraphRefusal(404, "Request_ResourceNotFound", "Resource 'description' does not exist.")
    if kind == "tokenIssuancePolicy" and not world.rules.on("G54"):
        raise no_segment(COLLECTIONS[kind])
    body = checked(world, {k: v for k, v in call.body.items() if k != "description"}, POLICY)
    if not body.get("displayName"):
        raise bad_request("Property displayName is required.")
    check_definition(world, kind, body.get("definition"))
    policy: Document = {
        "id": world.new_id("policy"),
        "deletedDateTime": None,
        "displayName": body["displayName"],
        "definition": body["definition"],
        "isOrganizationDefault": bool(body.get("isOrganizationDefault")),
    }
    world.store.put(kind, policy["id"], policy, at=call.now)
    return call.made(policy, f"policies/{COLLECTIONS[kind]}/$entity")


def change(kind: str, call: Call) -> Answer:
    """PATCH: the new definition holds for everything the policy hangs on."""
    policy = newest(call.world, kind, call.parts["policy"])
    body = checked(call.world, call.body, POLICY)
    if "definition" in body:
        check_definition(call.world, kind, body["definition"])
    call.world.store.put(kind, policy["id"], policy | body, at=call.now)
    return call.done()


def delete(kind: str, call: Call) -> Answer:
    """End a policy, wherever it hangs."""
    policy = newest(call.world, kind, call.parts["policy"])
    call.world.store.remove(kind, policy["id"], at=call.now)
    if call.world.rules.on("G30"):
        for link in call.world.store.find("policyLink", "policy", policy["id"]):
            objects.detach(call.world, link["kind"], link["object"], policy["id"], at=call.now)
    return call.done()


def applies_to(kind: str, call: Call) -> Answer:
    """What a policy hangs on."""
    policy = one(call.world, kind, call.parts["policy"])
    found = []
    for link in call.world.store.find("policyLink", "policy", policy["id"], as_of=seen(call.world, "list")):
        item = call.world.store.get(link["kind"], link["object"])
        if item:
            shown = mirrored(call.world, item) if link["kind"] == "servicePrincipal" else item
            found.append({"@odata.type": f"#microsoft.graph.{link['kind']}"} | keyless(shown))
    both = SERVICE_PRINCIPAL if all(f["@odata.type"].endswith("servicePrincipal") for f in found) else APPLICATION
    return call.page(found, both, "directoryObjects")


def hanging(kind: str, owner: str, call: Call) -> Answer:
    """The policies of a kind that hang on one object."""
    _allow(call, kind, owner, "read")
    item = one(call.world, owner, call.parts["object"])
    found = objects.attached(call.world, kind, owner, item["id"], as_of=seen(call.world, "list"))
    return call.page(found, POLICY, f"Collection(microsoft.graph.{kind})")


def link(kind: str, owner: str, call: Call) -> Answer:
    """Hang a policy on an object, by its `@odata.id`."""
    _allow(call, kind, owner, "write")
    world, item = call.world, newest(call.world, owner, call.parts["object"])
    address = str(call.body.get("@odata.id", ""))
    match = REFERENCE.fullmatch(address.removeprefix(world.cloud.graph))
    if (
        match is None
        or not address.startswith(world.cloud.graph)
        or match["collection"] not in (None, COLLECTIONS[kind])
    ):
        raise bad_request("The request body must contain a valid '@odata.id' of an existing object.")
    if world.store.get(kind, match["id"]) is None:
        raise not_found(match["id"])
    there = [policy["id"] for policy in objects.attached(world, kind, owner, item["id"])]
    if match["id"] in there and world.rules.on("G33"):
        raise bad_request(
            "One or more added object references already exist for the following modified properties: "
            f"'{COLLECTIONS[kind]}'."
        )
    rule, quirk = SECOND[kind]
    one_only = (kind, owner) == ONE_ONLY or world.quirks.value(quirk) == "rejected"
    if set(there) - {match["id"]} and world.rules.on(rule) and one_only:
        raise bad_request(f"A policy of this type is already assigned to this object: '{COLLECTIONS[kind]}'.")
    objects.attach(world, kind, owner, item["id"], match["id"], at=call.now)
    return call.done()


def unlink(kind: str, owner: str, call: Call) -> Answer:
    """Take a policy off an object."""
    _allow(call, kind, owner, "write")
    world, item = call.world, newest(call.world, owner, call.parts["object"])
    there = [policy["id"] for policy in objects.attached(world, kind, owner, item["id"])]
    if call.parts["policy"] not in there and world.rules.on("G35"):
        if world.quirks.value("unlink_error") == "404":
            raise not_found(call.parts["policy"])
        raise bad_request(
            "One or more removed object references do not exist for the following modified properties: "
            f"'{COLLECTIONS[kind]}'."
        )
    objects.detach(world, owner, item["id"], call.parts["policy"], at=call.now)
    return call.done()


def management(call: Call) -> Answer:
    """The tenant's app-management policy, as the identifier check applies it (G25)."""
    choice = call.world.quirks.value("identifier_policy")
    restriction = {
        "state": "disabled" if choice == "off" else "enabled",
        "isStateSetByMicrosoft": True,
        "restrictForAppsCreatedAfterDateTime": None,
        "excludeAppsReceivingV2Tokens": True,
        "excludeSaml": choice != "strict",
        "excludeActors": None,
    }
    none: Document = {"passwordCredentials": _passwords(call.world), "keyCredentials": _key_life(call.world)}
    policy = {
        "id": POLICY_ID,
        "displayName": "Default app management tenant policy",
        "description": "Default tenant policy that enforces app management restrictions.",
        "isEnabled": choice != "off",
        "applicationRestrictions": none
        | {
            "identifierUris": {
                "uriAdditionWithoutUniqueTenantIdentifier": restriction,
                "nonDefaultUriAddition": restriction | {"state": "disabled", "excludeSaml": True},
            }
        },
        "servicePrincipalRestrictions": none,
    }
    return call.item(policy, MANAGEMENT_POLICY, "policies/defaultAppManagementPolicy")


def _key_life(world: World) -> list[Document]:
    """The cap on the life of keys, where the tenant has one (G52)."""
    if world.quirks.value("key_life_policy") == "none":
        return []
    cap = {"restrictionType": "asymmetricKeyLifetime", "maxLifetime": f"P{LONGEST_LIFE}D", "state": "enabled"}
    return [cap | {"restrictForAppsCreatedAfterDateTime": None}]


def _passwords(world: World) -> list[Document]:
    """The ban on passwords, where the tenant has one (G52)."""
    if world.quirks.value("credential_type_policy") == "none":
        return []
    ban = {"restrictionType": "passwordAddition", "maxLifetime": None, "state": "enabled"}
    return [ban | {"restrictForAppsCreatedAfterDateTime": None}]


def _of(handler: "partial[Answer]") -> Handler:
    return handler


def _endpoints(kind: str) -> list[Endpoint]:
    own = f"/policies/{COLLECTIONS[kind]}"
    owners = {"servicePrincipal": "/servicePrincipals"}
    if kind == "tokenIssuancePolicy":
        owners["application"] = "/applications"
    table = [
        Endpoint("GET", own, _of(partial(listing, kind)), READ_POLICIES),
        Endpoint("POST", own, _of(partial(create, kind)), WRITE_POLICIES),
        Endpoint("GET", f"{own}/{{policy}}", _of(partial(read, kind)), READ_POLICIES),
        Endpoint("PATCH", f"{own}/{{policy}}", _of(partial(change, kind)), WRITE_POLICIES),
        Endpoint("DELETE", f"{own}/{{policy}}", _of(partial(delete, kind)), WRITE_POLICIES),
        Endpoint("GET", f"{own}/{{policy}}/appliesTo", _of(partial(applies_to, kind)), READ_POLICIES),
    ]
    for owner, base in owners.items():
        there = f"{base}/{{object}}/{COLLECTIONS[kind]}"
        table += [
            Endpoint("GET", there, _of(partial(hanging, kind, owner)), READ_LINKS),
            Endpoint("POST", f"{there}/$ref", _of(partial(link, kind, owner)), LINK_POLICIES),
            Endpoint("DELETE", f"{there}/{{policy}}/$ref", _of(partial(unlink, kind, owner)), LINK_POLICIES),
        ]
    return table


ENDPOINTS = [
    Endpoint("GET", "/policies/defaultAppManagementPolicy", management, READ_MANAGEMENT),
    *_endpoints("claimsMappingPolicy"),
    *_endpoints("tokenIssuancePolicy"),
]
