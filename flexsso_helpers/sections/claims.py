"""04 · Attributes and claims: what a response says about a person (D08–D13), and so what leaves the tenant (D17)."""

from dataclasses import dataclass

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare
from flexsso_helpers.sections import policies
from flexsso_helpers.sections.application import Json, find, mark
from flexsso_helpers.sections.findings import judged, listed
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

POLICIES = "claimsMappingPolicies"
BODY = "ClaimsMappingPolicy"
NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
FIX = "04 · Attributes and claims: plan and apply."
WORDS = {"mail": "user.mail", "userprincipalname": "user.userprincipalname", "displayname": "user.displayname"}
INSTRUCTIONS = {"NameID": "D08", "email": "D09", "full_name": "D10", "roles": "D11"}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One entry of a claims policy: the name it is sent under and where its value comes from."""

    name: str
    source: str
    raw: str
    """The entry as it stands, in canonical JSON, so that a foreign one can be kept to the letter."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read. Without a policy Entra's defaults hold, which are not safe for Flex (section 2d)."""

    app: bool = False
    policy_id: str = ""
    others: int = 0
    """Further policies on the application."""
    shared: bool = False
    claims: tuple[Claim, ...] = ()
    basic: bool = True
    active_certificate: bool = False

    def source(self, name: str) -> str | None:
        """Where the claim's value comes from; None when it is not sent."""
        return next((claim.source for claim in self.claims if claim.name == name), None)


def wanted(tenant: Tenant) -> dict[str, str]:
    """The four claims and their sources; one choice of NameID for the whole tenant."""
    return {
        "NameID": WORDS[tenant.name_id],
        "email": "user.mail",
        "full_name": "user.displayname",
        "roles": "user.assignedroles",
    }


async def read(session: Session) -> State:
    """The policy in force, unpacked, and whether a certificate is active."""
    found = await find(session)
    if found is None:
        return State()
    listed = await policies.attached(session, f"/servicePrincipals/{found.principal_id}", POLICIES)
    policy = listed[0] if listed else None
    body = policy.body(BODY) if policy else {}
    return State(
        app=True,
        policy_id=policy.id if policy else "",
        others=max(len(listed) - 1, 0),
        shared=policy.shared if policy else False,
        claims=tuple(_claim(entry) for entry in body.get("ClaimsSchema") or ()),
        basic=str(body.get("IncludeBasicClaimSet", "true")).lower() != "false",
        active_certificate=bool(found.principal.get("preferredTokenSigningKeyThumbprint")),
    )


def _claim(entry: Json) -> Claim:
    name = str(entry.get("SamlClaimType") or entry.get("JwtClaimType") or "")
    if "Value" in entry:
        source = f"“{entry['Value']}”"
    else:
        of = entry.get("ID") or entry.get("ExtensionID") or entry.get("TransformationID") or ""
        source = f"{entry.get('Source', '')}.{of}"
    return Claim(name="NameID" if name == NAME_ID else name, source=source, raw=policies.packed(entry))


def changes(session: Session, state: State) -> tuple[Change, ...]:
    """The four claims, the basic set off; claims that somebody added stay unless their removal is approved."""
    absent: Value = Pending("01") if not state.app else None
    copy = "in an own copy: other applications use this policy too" if state.shared else ""
    listed = [
        compare(
            _setting(name),
            absent or state.source(name),
            source,
            reason=copy or _reason(name, state.source(name)),
            instructions=(INSTRUCTIONS[name], "D12"),
        )
        for name, source in wanted(session.tenant).items()
    ]
    listed.append(
        compare(
            "Microsoft’s default claims",
            absent or ("sent" if state.basic else "not sent"),
            "not sent",
            reason="given name, surname, mail and user name would leave the tenant for nothing",
            instructions=("D13",),
        )
    )
    listed += [
        Change(
            setting=f"Additional claim {claim.name}",
            now=claim.source,
            should_be=None,
            kind="-",
            reason="Flex would store it in worker attributes; it is not asked for",
            instructions=("D17",),
        )
        for claim in _foreign(session, state)
    ]
    return tuple(listed)


def _setting(name: str) -> str:
    return "Unique user identifier (NameID)" if name == "NameID" else f"Claim {name}"


def _reason(name: str, now: str | None) -> str:
    if name == "NameID" and now:
        return "a changed NameID makes a new, billed worker for everyone whose value differs"
    return {
        "NameID": "identifies the person to Flex, and names the worker",
        "email": "Flex asks for it",
        "full_name": "the name that Flex shows",
        "roles": "what the person may do in Flex",
    }[name]


def _foreign(session: Session, state: State) -> tuple[Claim, ...]:
    return tuple(claim for claim in state.claims if claim.name not in wanted(session.tenant))


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Write the whole list of claims; other keys of the policy stay."""
    found = await find(session)
    assert found is not None
    principal = f"/servicePrincipals/{found.principal_id}"
    removed = {change.setting for change in chosen if change.kind == "-"}
    kept = [claim for claim in _foreign(session, state) if f"Additional claim {claim.name}" not in removed]
    await policies.settle(
        session,
        principal,
        POLICIES,
        body=BODY,
        name=f"{session.tenant.application.name} claims ({mark(session)})",
        wanted=_wanted(session.tenant, kept),
    )
    return True


def _wanted(tenant: Tenant, kept: list[Claim]) -> Json:
    sources = {"NameID": tenant.name_id, "email": "mail", "full_name": "displayname", "roles": "assignedroles"}
    entries: list[Json] = [
        {"Source": "user", "ID": source, "SamlClaimType": NAME_ID if name == "NameID" else name}
        for name, source in sources.items()
    ]
    entries += [policies.unpacked(claim.raw) for claim in kept]
    return {"Version": 1, "IncludeBasicClaimSet": "false", "ClaimsSchema": entries}


def findings(session: Session, state: State) -> tuple[Finding, ...]:
    """Each claim's source, no namespace, no default claims, and a certificate to sign them with."""
    target = wanted(session.tenant)
    spaced = [each.name for each in state.claims if each.name != "NameID" and (":" in each.name or "/" in each.name)]
    rows: list[tuple[str, str, str, str, bool]] = [
        (INSTRUCTIONS[name], _setting(name), source, state.source(name) or "not sent", state.source(name) == source)
        for name, source in target.items()
    ]
    rows += [
        ("D12", "Claims with a namespace", "none", ", ".join(spaced) or "none", not spaced),
        ("D13", "Microsoft’s default claims", "not sent", "sent" if state.basic else "not sent", not state.basic),
    ]
    found = [judged(*row[:4], row[4] if state.app else "unknown", FIX) for row in rows]
    found.append(
        judged(
            "S73",
            "Active certificate beside the claims policy",
            "one",
            "one" if state.active_certificate else "none: sign-in would end in AADSTS50146",
            state.active_certificate if state.app else "unknown",
            "03 · Signing certificate: plan and apply.",
        )
    )
    leaving = ", ".join(claim.name for claim in state.claims) or "nothing yet"
    found.append(
        judged("D17", "What leaves the tenant and is stored by Flex", ", ".join(target), leaving, True, "", "info")
    )
    if extra := [claim.name for claim in _foreign(session, state)]:
        fix = "04 · Attributes and claims: approve their removal by name, or mind the law that applies to you."
        found.append(listed("D17", "Claims beyond the four", extra, fix))
    return tuple(found)


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """The one choice."""
    return (
        Field(
            "name_id",
            "Unique user identifier (NameID)",
            "choice",
            tenant.name_id,
            choices=("mail", "userprincipalname"),
            help="One for all users. Twilio's two guides differ here; changing it later makes new, billed workers.",
        ),
    )


STEP = Step(
    number="04",
    title="Attributes and claims",
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
