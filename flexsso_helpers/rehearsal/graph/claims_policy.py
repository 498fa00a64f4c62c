"""The portal's own store of claims, `claimsPolicy` of a service principal: beta only, global cloud only (2d, G41)."""

from typing import Any

from flexsso_helpers.rehearsal.directory.reads import newest, one
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request, invalid_values, not_found
from flexsso_helpers.rehearsal.graph.call import BETA, Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import READ_PAGE, WRITE_POLICIES
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.lags import seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document

rules.declare({"G41": "The portal's claims are a policy of their own: beta only, one a service principal"})
quirks.declare(
    {
        "claims_policy_put": quirk("204", "200", "201", source="G41: docs name all three, 201 for PATCH"),
        "claims_policy_shape": quirk(
            "object",
            "list",
            "wrapped",
            source='G41: the reference shows the policy itself; Microsoft\'s how-to and an export {"value": [policy]}; '
            'an older page of the reference {"value": policy}',
        ),
        "claims_policy_absent": quirk("404", "empty", source="G41: nobody shows a GET before the first PUT"),
        "claims_policy_delete": quirk("405", "204", source="G41: an old page had DELETE, the current one has not"),
    }
)

KIND = "customClaimsPolicy"
TYPE = "#microsoft.graph."
EMPTY: Document = {
    "includeBasicClaimSet": True,
    "includeApplicationIdInIssuer": False,
    "audienceOverride": None,
    "groupFilter": None,
    "claims": [],
}
FORMATS = ("default", "unspecified", "emailAddress", "windowsDomainQualifiedName", "persistent")
TOKENS = {"saml", "jwt"}
USER_TYPES = (None, "any", "members", "allGuests", "aadGuests", "externalGuests")


def read(call: Call) -> Answer:
    """The policy; before the first PUT there is none, or an empty one."""
    sp = one(call.world, "servicePrincipal", call.parts["object"])
    found = call.world.store.get(KIND, sp["id"], as_of=seen(call.world, "get"))
    if found is None and call.world.quirks.value("claims_policy_absent") == "404":
        raise not_found(call.parts["object"])
    context = {"@odata.context": f"{call.metadata}#servicePrincipals('{sp['id']}')/claimsPolicy/$entity"}
    return Answer(200, context | _shaped(call, found or EMPTY))


def _shaped(call: Call, policy: Document) -> Document:
    """The policy itself, or below `value`, in a list or not."""
    shapes: dict[str, Document] = {"list": {"value": [policy]}, "wrapped": {"value": policy}}
    return shapes.get(call.world.quirks.value("claims_policy_shape"), policy)


def replace(call: Call) -> Answer:
    """PUT: the whole policy; what is not sent is as by default."""
    return _write(call, EMPTY)


def change(call: Call) -> Answer:
    """PATCH: what is sent; the list of claims is whole even here."""
    sp = newest(call.world, "servicePrincipal", call.parts["object"])
    return _write(call, call.world.store.get(KIND, sp["id"]) or EMPTY)


def _write(call: Call, old: Document) -> Answer:
    sp = newest(call.world, "servicePrincipal", call.parts["object"])
    sent = {name: value for name, value in call.body.items() if not name.startswith("@")}
    for name in sent:
        if name not in EMPTY:
            raise bad_request(f"Invalid property '{name}'.")
    new = old | sent
    if not isinstance(new["includeBasicClaimSet"], bool) or not isinstance(new["claims"], list):
        raise invalid_values()
    if not all(_claim_good(claim) for claim in new["claims"]):
        raise invalid_values()
    call.world.store.put(KIND, sp["id"], {"id": sp["id"], **new}, at=call.now)
    status = int(call.world.quirks.value("claims_policy_put"))
    if status == 204:
        return call.done()
    return call.made(_shaped(call, new), f"servicePrincipals('{sp['id']}')/claimsPolicy/$entity", status=status)


def remove(call: Call) -> Answer:
    """DELETE, which the current documentation does not have."""
    sp = newest(call.world, "servicePrincipal", call.parts["object"])
    if call.world.quirks.value("claims_policy_delete") == "405":
        text = "Specified HTTP method is not allowed for the request target."
        raise GraphRefusal(405, "Request_BadRequest", text, headers={"Allow": "GET, PATCH, PUT"})
    call.world.store.remove(KIND, sp["id"], at=call.now)
    return call.done()


def _claim_good(claim: Any) -> bool:
    if not isinstance(claim, dict) or not isinstance(claim.get("configurations"), list) or not claim["configurations"]:
        return False
    if not all(_configuration_good(each) for each in claim["configurations"]):
        return False
    if claim.get("@odata.type") == f"{TYPE}samlNameIdClaim":
        return claim.get("nameIdFormat", "default") in FORMATS
    named = isinstance(claim.get("name"), str) and bool(claim["name"].strip())
    return (
        claim.get("@odata.type") == f"{TYPE}customClaim" and named and not set(claim.get("tokenFormat") or ()) - TOKENS
    )


def _configuration_good(each: Any) -> bool:
    if not isinstance(each, dict) or not isinstance(each.get("attribute"), dict):
        return False
    condition, attribute = each.get("condition") or {}, each["attribute"]
    if condition.get("userType") not in USER_TYPES:
        return False
    if attribute.get("@odata.type") == f"{TYPE}valueBasedAttribute":
        return isinstance(attribute.get("value"), str)
    kind = attribute.get("@odata.type") == f"{TYPE}sourcedAttribute"
    return kind and isinstance(attribute.get("id"), str) and isinstance(attribute.get("source"), str)


THERE = "/servicePrincipals/{object}/claimsPolicy"
ENDPOINTS = [
    Endpoint("GET", THERE, read, READ_PAGE, BETA, everywhere=False),
    Endpoint("PUT", THERE, replace, WRITE_POLICIES, BETA, everywhere=False),
    Endpoint("PATCH", THERE, change, WRITE_POLICIES, BETA, everywhere=False),
    Endpoint("DELETE", THERE, remove, WRITE_POLICIES, BETA, everywhere=False),
]
