"""The signing policy of 03: one policy, referenced from the service principal and from the application.

Which of the two places Entra obeys is disputed (G55), so both get the same policy, and 08 proves by a sign-on. Only the
application's reference is documented with permissions; where the service principal's is refused, the application's
stands alone, the refusal is noted, and the evidence says which policy is in force.
"""

from dataclasses import dataclass, field
from typing import Any

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Change, Finding, Pending, compare
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources import policies
from flexsso_helpers.resources.application import Found, Json, mark
from flexsso_helpers.resources.looking import NotSeen, could_not_look, look
from flexsso_helpers.session import Session

POLICIES = "tokenIssuancePolicies"
BODY = "TokenIssuancePolicy"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
BOTH = "ResponseAndToken"
PLACES = ("service principal", "application")
SAME = "the same"
ONLY = " · on the application only"
"""At the end of our own policy's name where the service principal refused it: the next run knows by it not to try
again, since nothing else in Graph tells a refusal from a reference that somebody took away."""
ONCE_MORE = 15.0
"""Seconds after which a refusal is asked again before it counts."""
EARLIER = "it did so in an earlier run, as the name of the policy says"
REASON = "Entra may obey either of the two"
FIX = "03 · Signing certificate: plan and apply."


@dataclass(frozen=True, kw_only=True)
class Place:
    """What hangs on the service principal, or on the application."""

    ids: tuple[str, ...] = ()
    unread: str = ""
    """Why its policies could not be read; then nothing is written there either."""
    refused: str = ""
    """Why Entra did not take the reference, when this session tried."""

    @property
    def usable(self) -> bool:
        """Whether the policy can hang here, as far as is known."""
        return not self.unread and not self.refused


@dataclass(frozen=True, kw_only=True)
class Signing:
    """Both places, and the policy that counts: the service principal's first one, else the application's.

    Its fields are empty without a policy, which means Entra's defaults (G58).
    """

    principal: Place = field(default_factory=Place)
    application: Place = field(default_factory=Place)
    policy_id: str = ""
    shared: bool = False
    """Whether other applications use this policy too."""
    option: str = ""
    algorithm: str = ""
    token_version: str = ""
    left_over: tuple[str, ...] = ()
    """Policies of ours that hang nowhere."""

    @property
    def places(self) -> tuple[tuple[str, Place], ...]:
        """Both places by name."""
        return tuple(zip(PLACES, (self.principal, self.application), strict=True))


class Refusals(dict[str, str]):
    """Where Entra did not take the reference in this session, and in which words; by place."""


def _owners(found: Found) -> tuple[str, str]:
    return f"/servicePrincipals/{found.principal_id}", f"/applications/{found.object_id}"


async def read(session: Session, found: Found) -> Signing:
    """Both places. One of them must be readable; whatever befalls the other one is said and stops nothing."""
    on_principal, on_application = await _hanging(session, found)
    seen = [each for each in (on_principal, on_application) if not isinstance(each, NotSeen)]
    policy = next((listed[0] for listed in seen if listed), None)
    body = policy.body(BODY) if policy else {}
    refusals = {**session.memory(Refusals)}
    if policy and policy.name.endswith(ONLY):
        refusals.setdefault("service principal", EARLIER)
    first, second = (
        Place(
            ids=() if isinstance(listed, NotSeen) else tuple(each.id for each in listed),
            unread=listed.why if isinstance(listed, NotSeen) else "",
            refused=refusals.get(name, ""),
        )
        for name, listed in zip(PLACES, (on_principal, on_application), strict=True)
    )
    return Signing(
        principal=first,
        application=second,
        policy_id=policy.id if policy else "",
        shared=policy.shared if policy else False,
        option=str(body.get("TokenResponseSigningPolicy", "")),
        algorithm=str(body.get("SigningAlgorithm", "")),
        token_version=str(body.get("SamlTokenVersion", "")),
        left_over=await policies.left_over(session, POLICIES, {each.id for listed in seen for each in listed}),
    )


Hanging = tuple[policies.Policy, ...] | NotSeen


async def _hanging(session: Session, found: Found) -> tuple[Hanging, Hanging]:
    """What hangs where; the application's list is needed where the service principal's could not be read."""
    principal, application = _owners(found)
    first = await look(policies.attached(session, principal, POLICIES))
    second = policies.attached(session, application, POLICIES)
    return first, await (second if isinstance(first, NotSeen) else look(second))


def setting(name: str) -> str:
    """The setting of a place, as plans call it."""
    return f"Signing policy of the {name}"


def key(name: str) -> str:
    """By what code knows the setting of a place."""
    return f"signing_policy {name}"


KEYS = frozenset(key(name) for name in PLACES)


def changes(state: Signing, *, app: bool) -> tuple[Change, ...]:
    """The application's reference, always; the service principal's where it lacks the policy or has more than one."""
    if not app:
        return (compare(setting("application"), Pending("01"), SAME, reason=REASON, key=key("application")),)
    return tuple(
        compare(
            setting(name),
            _now(state, place),
            SAME if place.usable else _now(state, place),
            reason=f"Entra refuses it: {place.refused}" if place.refused else REASON,
            key=key(name),
        )
        for name, place in state.places
        if not place.unread and (name == "application" or _special(state, place))
    )


def _special(state: Signing, place: Place) -> bool:
    """Whether the service principal's reference is worth a line: ordinarily the signing option says it all."""
    return bool(state.policy_id) and place.ids != (state.policy_id,)


def _now(state: Signing, place: Place) -> str | None:
    if not place.ids:
        return None
    if len(place.ids) > 1:
        return f"{len(place.ids)} policies"
    return SAME if place.ids == (state.policy_id,) else "another one"


async def write(session: Session, found: Found, wanted: Json) -> None:
    """Our own policy with this definition, and the only one at each place that can be read.

    Raises the last refusal when it can hang nowhere.
    """
    hanging = await _hanging(session, found)
    there = {name: listed for name, listed in zip(PLACES, hanging, strict=True) if not isinstance(listed, NotSeen)}
    known = [policy for listed in there.values() for policy in listed]
    name = f"{session.tenant.application.name} signing ({mark(session.tenant)})"
    policy_id = await policies.own(
        session,
        known,
        POLICIES,
        body=BODY,
        name=name,
        wanted={"Version": 1, **wanted, "EmitSamlNameFormat": "false"},
    )
    refusals: dict[str, FlexSSOError] = {}
    for place, owner in zip(PLACES, _owners(found), strict=True):
        if place not in there:
            continue
        refusal = await policies.hang_only(session, owner, POLICIES, policy_id, there[place])
        if refusal is not None:
            # A role that was given just now may not be known everywhere, and the policy's name would tell for good.
            await session.sleep(ONCE_MORE)
            refusal = await policies.hang_only(session, owner, POLICIES, policy_id, there[place])
        if refusal is not None:
            refusals[place] = refusal
            words = policies.words(refusal)
            session.memory(Refusals)[place] = words
            session.ledger.remark(f"The signing policy does not hang on the {place}: {words}")
    if len(refusals) == len(there):
        raise list(refusals.values())[-1]
    now = next((policy.name for policy in known if policy.id == policy_id), name)
    should_be = name + (ONLY if PLACES[0] in refusals else "")
    if now != should_be and now.removesuffix(ONLY) == name:
        await policies.rename(session, POLICIES, policy_id, now=now, name=should_be)


def findings(state: Signing) -> tuple[Finding, ...]:
    """Each place: the same policy, or why that is not known."""
    found: list[Finding] = []
    for name, place in state.places:
        seen = _now(state, place) or "none"
        if place.unread:
            found.append(could_not_look("S76", setting(name), SAME, NotSeen(place.unread)))
        elif place.refused and seen != SAME:
            fix = "08 shows by a sign-on whether Entra signs both; the policy of the other place is in force."
            words = f"{seen}; Entra refused it: {place.refused}"
            found.append(judged("S76", setting(name), SAME, words, "unknown", fix, "warning"))
        elif name == "application" or _special(state, place):
            found.append(judged("S76", setting(name), SAME, seen, seen == SAME, FIX))
    return (*found, *policies.surplus("G57", POLICIES, state.left_over))


def in_force(state: Signing) -> str:
    """Which policy is in force, where it hangs at one place only; empty where there is nothing to say."""
    if not state.policy_id or all(place.usable for _, place in state.places):
        return ""
    return f", by the policy of the {'service principal' if state.principal.ids else 'application'}"


def as_read(policy: policies.Policy) -> tuple[str, str]:
    """Signing option and algorithm of a policy, as written."""
    body: dict[str, Any] = policy.body(BODY)
    return str(body.get("TokenResponseSigningPolicy", "")), str(body.get("SigningAlgorithm", ""))
