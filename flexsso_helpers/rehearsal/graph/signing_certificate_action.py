"""addTokenSigningCertificate: a new certificate for an application, and what may come with it."""

from datetime import UTC, datetime

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import (
    ASSERTION_SIGNED,
    DEFAULT_NAME,
    LONGEST_LIFE,
    POLICY_ID,
    make_certificate,
)
from flexsso_helpers.rehearsal.directory.reads import newest
from flexsso_helpers.rehearsal.directory.refusals import bad_request
from flexsso_helpers.rehearsal.graph.call import Answer, Call
from flexsso_helpers.rehearsal.world.clock import parse
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World


def add_certificate(call: Call) -> Answer:
    """addTokenSigningCertificate: inactive until its thumbprint is preferred."""
    world = call.world
    sp = newest(world, "servicePrincipal", call.parts["sp"])
    unknown = set(call.body) - {"displayName", "endDateTime"}
    if unknown:
        raise bad_request(
            f"The parameter '{unknown.pop()}' in the request payload is not a valid parameter.", "BadRequest"
        )
    name = call.body.get("displayName") or DEFAULT_NAME
    if world.rules.on("G43") and not str(name).startswith("CN="):
        raise bad_request("Invalid value specified for property 'displayName' of resource 'SelfSignedCertificate'.")
    made = make_certificate(world, name=str(name), start=call.now, end=_end(call))
    _check_type(world)
    first = not sp["keyCredentials"]
    sp["keyCredentials"] = [*sp["keyCredentials"], *made.keys]
    sp["passwordCredentials"] = [*sp["passwordCredentials"], made.password]
    auto = first and world.quirks.value("first_certificate") == "auto_active"
    if auto or not world.rules.on("G44"):
        sp["preferredTokenSigningKeyThumbprint"] = made.thumbprint.lower()
    world.store.put("servicePrincipal", sp["id"], sp, at=call.now)
    _policy_of_certificate(call, sp)
    return call.made(made.answer, "microsoft.graph.selfSignedCertificate", status=200)


def _end(call: Call) -> float:
    """When the new certificate ends. Raises GraphRefusal outside (now, now + 3 years]."""
    start = datetime.fromtimestamp(call.now, UTC)
    leap_day = (start.month, start.day) == (2, 29)
    latest = start.replace(year=start.year + 3, day=28 if leap_day else start.day).timestamp()
    text = call.body.get("endDateTime")
    try:
        end = latest if text is None else parse(str(text))
    except ValueError:
        raise bad_request(
            "Cannot convert the literal 'endDateTime' to the expected type 'Edm.DateTimeOffset'.", "BadRequest"
        ) from None
    if call.world.rules.on("G43") and not call.now < end <= latest:
        raise bad_request("Invalid value specified for property 'endDateTime' of resource 'SelfSignedCertificate'.")
    capped = call.world.quirks.value("key_life_policy") == "enforced" and call.world.rules.on("G52")
    if capped and end > call.now + LONGEST_LIFE * 86400:
        text = f"Credential lifetime exceeds the max value allowed as per assigned policy '{POLICY_ID}'."
        details = [("InvalidKeyEndDate", "EndDate", text)]
        raise bad_request(text, "CredentialInvalidLifetimeAsPerAppPolicy", details=details)
    return end


def _check_type(world: World) -> None:
    """Raises GraphRefusal where passwords are forbidden and a certificate's password counts as one (G52)."""
    if world.quirks.value("credential_type_policy") == "enforced" and world.rules.on("G52"):
        text = f"Credential type not allowed as per assigned policy '{POLICY_ID}'."
        raise bad_request(text, "CredentialTypeNotAllowedAsPerAppPolicy")


def _policy_of_certificate(call: Call, sp: Document) -> None:
    """Some tenants are said to get a policy on the service principal with the certificate (G56)."""
    world = call.world
    wanted = "yes_token_only" in (world.quirks.value("cert_creates_policy"), _implied(world))
    if not world.rules.on("G56") or not wanted:
        return
    if objects.attached(world, "tokenIssuancePolicy", "servicePrincipal", sp["id"]):
        return
    policy: Document = {
        "id": world.new_id("policy"), "deletedDateTime": None, "displayName": "TokenIssuancePolicy",
        "isOrganizationDefault": False, "definition": [ASSERTION_SIGNED], "_of_certificate": True,
    }  # fmt: skip
    world.store.put("tokenIssuancePolicy", policy["id"], policy, at=call.now)
    objects.attach(world, "tokenIssuancePolicy", "servicePrincipal", sp["id"], policy["id"], at=call.now)


def _implied(world: World) -> str:
    """A sign-in service that obeys only the policy of the certificate implies that there is one (G55)."""
    return "yes_token_only" if world.quirks.value("policy_attachment") == "preexisting" else "no"
