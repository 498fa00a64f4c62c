"""One claim: the name it is sent under, where its value comes from, and the entry of a policy that says so."""

from dataclasses import dataclass

from flexsso_helpers.documented_claims import DOCUMENTED, NAME_ID
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources import policies
from flexsso_helpers.resources.application import Json


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One entry of a claims policy. The NameID is called `NameID`."""

    name: str
    source: str
    raw: str
    """The entry as it stands, in canonical JSON, so that a foreign one can be kept to the letter.

    Empty where no mapping policy could say it.
    """
    portal: str = ""
    """The claim as the admin center's page keeps it, where it came from there."""

    @property
    def entry(self) -> Json:
        """The entry, unpacked."""
        return policies.unpacked(self.raw)


def of_entry(entry: Json) -> Claim:
    """The claim that an entry of a claims mapping policy makes."""
    name = str(entry.get("SamlClaimType") or entry.get("JwtClaimType") or "")
    if "Value" in entry:
        source = f"“{entry['Value']}”"
    else:
        of = entry.get("ID") or entry.get("ExtensionID") or entry.get("TransformationID") or ""
        source = f"{str(entry.get('Source', '')).lower()}.{of}"  # documented as `user` and as `User`
    return Claim(name="NameID" if name == NAME_ID else name, source=source, raw=policies.packed(entry))


def documented(tenant: Tenant) -> tuple[Claim, ...]:
    """The four claims that Flex needs (D08–D11); one choice of NameID for the whole tenant."""
    return tuple(
        of_entry({"Source": "user", "ID": each.source or tenant.name_id, "SamlClaimType": each.type})
        for each in DOCUMENTED
    )


def further(tenant: Tenant) -> tuple[Claim, ...]:
    """The claims of the tenant's `attributes` (D20, D33)."""
    return tuple(
        of_entry(_origin(each.source, each.value) | {"SamlClaimType": each.name}) for each in tenant.attributes
    )


def wanted(tenant: Tenant) -> tuple[Claim, ...]:
    """All claims that the tenant's file asks for."""
    return documented(tenant) + further(tenant)


def _origin(source: str | None, value: str | None) -> Json:
    if source is None:
        return {"Value": value}
    if source.startswith("user."):
        return {"Source": "user", "ID": source.removeprefix("user.")}
    return {"Source": "user", "ExtensionID": source}
