"""The claims as the admin center's own page keeps them: `claimsPolicy`, in beta and the global cloud only (G41)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.documented_claims import NAME_ID
from flexsso_helpers.errors import NotPermitted, ParametersError, Refused
from flexsso_helpers.resources import policies
from flexsso_helpers.resources.application import Json
from flexsso_helpers.resources.claims_schema import Claim, of_entry
from flexsso_helpers.session import Session

TYPE = "#microsoft.graph."
RULES = "rules of its own"
"""The source, in words, of a claim that a mapping policy cannot express."""
ISSUER = "includeApplicationIdInIssuer"
SHAPING = ("groupFilter", "audienceOverride", ISSUER)
"""Documented keys of the page beside its claims (customClaimsPolicy resource type)."""
_SAME = (("issuerWithApplicationId", ISSUER), ("audienceOverride", "audienceOverride"))
"""Keys that a mapping policy and the page both document, by their names there. The group filters are two types."""


@dataclass(frozen=True, kw_only=True)
class PortalPolicy:
    """What the page holds; an untouched page holds nothing, and then Entra's defaults count."""

    body: Json
    claims: tuple[Claim, ...] = ()

    @property
    def basic(self) -> bool:
        """Whether Microsoft's default claims are sent."""
        return bool(self.body.get("includeBasicClaimSet", True))


def _path(principal_id: str) -> str:
    return f"/beta/servicePrincipals/{principal_id}/claimsPolicy"


async def read(session: Session, principal_id: str) -> PortalPolicy | None:
    """The page's policy, or None where it holds no claims or cannot be asked for."""
    if session.cloud.name != "global":
        return None
    try:
        body = await session.graph.get(_path(principal_id), missing_ok=True)
    except (Refused, NotPermitted):
        if session.tenant.claims.store == "portal_policy":
            raise
        return None  # beta is promised to nobody, and what it would say is only worth a remark here
    body = policy_of(body)
    listed = body.get("claims") or ()
    return PortalPolicy(body=body, claims=tuple(map(_claim, listed))) if listed else None


def policy_of(body: Json) -> Json:
    """The policy of an answer: the answer itself, or what is below `value`, listed or not; all are published (G41)."""
    inner = body.get("value")
    if "claims" in body or not isinstance(inner, list | dict):
        return body
    return dict(inner if isinstance(inner, dict) else next(iter(inner), {}))


def carried(held: Sequence[tuple[str, str]], store: str) -> Json:
    """The further keys of the store in force, by their names in the other one, which is to count. Pure.

    Raises ParametersError for a key that has no documented name there: it would be lost.
    """
    to_page = store == "portal_policy"
    names = {(policy if to_page else page).lower(): page if to_page else policy for policy, page in _SAME}
    for key, _ in held:
        if key.lower() not in names:
            raise ParametersError(
                f"The claims cannot move to {store.replace('_', ' ')} with the key {key}; nothing was written.",
                why="Somebody set it, the other store has no documented name for it, and it would count no longer.",
                fix="Take it out where it stands, if the company agrees, or leave tenant.claims.store as it was.",
                notebook="04",
            )
    return {names[key.lower()]: json.loads(value) for key, value in held}


async def write(
    session: Session, principal_id: str, claims: Sequence[Claim], before: PortalPolicy | None, further: Json
) -> None:
    """Replace the page's claims by these, set these further keys; its other settings stay.

    Raises ParametersError for what it cannot hold.
    """
    old = before.body if before else {}
    # Microsoft's page says that the application's id is in the issuer unless told otherwise; its schema does not.
    kept: Json = {ISSUER: False, **{key: old[key] for key in SHAPING if key in old}, **further}
    await session.graph.put(
        _path(principal_id),
        {**kept, "includeBasicClaimSet": False, "claims": [_as_kept(claim) for claim in claims]},
        why="Writing the claims where the admin center keeps them",
        before={key: value for key, value in old.items() if not key.startswith("@")},
    )


def _claim(kept: Json) -> Claim:
    """One claim of the page; what a mapping policy cannot say keeps its own form only."""
    name = _name(kept)
    rules = kept.get("configurations") or []
    simple = len(rules) == 1 and not rules[0].get("condition") and not rules[0].get("transformations")
    if not simple or "saml" not in (kept.get("tokenFormat") or ["saml"]):
        return Claim(name=name, source=RULES, raw="", portal=policies.packed(kept))
    attribute = rules[0].get("attribute") or {}
    identity = str(attribute.get("id", "")).strip()
    if "value" in attribute:
        entry: Json = {"Value": str(attribute["value"])}
    elif attribute.get("isExtensionAttribute"):
        entry = {"Source": "user", "ExtensionID": identity}
    else:
        entry = {"Source": str(attribute.get("source", "")).strip().lower(), "ID": identity.lower()}
    claim = of_entry(entry | {"SamlClaimType": NAME_ID if name == "NameID" else name})
    form = str(kept.get("nameIdFormat") or "emailAddress")
    source = claim.source if form == "emailAddress" else f"{claim.source} as {form}"
    return Claim(name=name, source=source, raw=claim.raw, portal=policies.packed(kept))


def _name(kept: Json) -> str:
    if str(kept.get("@odata.type", "")).endswith("samlNameIdClaim"):
        return "NameID"
    space = str(kept.get("namespace") or "").rstrip("/")
    return f"{space}/{kept.get('name', '')}" if space else str(kept.get("name", ""))


def _as_kept(claim: Claim) -> Json:
    """A claim as the page keeps it; one that came from there, to the letter."""
    if claim.portal:
        return policies.unpacked(claim.portal)
    entry = claim.entry
    if "Value" in entry:
        attribute: Json = {"@odata.type": f"{TYPE}valueBasedAttribute", "value": entry["Value"]}
    elif entry.get("Source") in ("user", "application", "company") and ("ID" in entry or "ExtensionID" in entry):
        attribute = {
            "@odata.type": f"{TYPE}sourcedAttribute",
            "id": entry.get("ExtensionID") or entry["ID"],
            "source": entry["Source"],
            "isExtensionAttribute": "ExtensionID" in entry,
        }
    else:
        raise cannot_carry(claim, "portal_policy", "mapping_policy")
    rules: list[Json] = [{"condition": None, "attribute": attribute, "transformations": []}]
    if claim.name == "NameID":
        return {
            "@odata.type": f"{TYPE}samlNameIdClaim",
            "nameIdFormat": "emailAddress",
            "serviceProviderNameQualifier": None,
            "configurations": rules,
        }
    space, _, name = claim.name.rpartition("/")
    return {
        "@odata.type": f"{TYPE}customClaim",
        "name": name,
        "namespace": space or None,
        "tokenFormat": ["saml"],
        "samlAttributeNameFormat": None,
        "configurations": rules,
    }


def cannot_carry(claim: Claim, to: str, back: str) -> ParametersError:
    """The refusal to lose a claim of others on the way from one store to the other."""
    return ParametersError(
        f"The claim {claim.name} has {RULES}, which {to.replace('_', ' ')} cannot say; nothing was written.",
        why="Somebody made it, and it would no longer be sent.",
        fix=f"Approve its removal by name, or set tenant.claims.store to {back}.",
        notebook="04",
    )
