"""What is proved of the claims in force: sources, names, and what somebody has to answer for."""

from collections import Counter

from flexsso_helpers.parameters import Tenant, claim_names
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged, listed
from flexsso_helpers.resources import optional_claims, policies
from flexsso_helpers.resources.claims_schema import documented, further, wanted
from flexsso_helpers.resources.context import Context
from flexsso_helpers.sections.claims.state import POLICIES, STORES, State
from flexsso_helpers.sections.claims.wording import INSTRUCTIONS, setting

FIX = "04 · Attributes and claims: plan and apply."
LEAVING = "04 · Attributes and claims: plan and apply; what others added is taken out by name."
FIRST = "03 · Signing certificate: plan and apply."
ANSWER = "04 · Attributes and claims: approve their removal by name, or mind the law that applies to you."
ALWAYS = "tenant id, object id, display name, identity provider, authentication methods"
DEFAULTS = "Microsoft’s default claims"
KEYS = "They stay as somebody wrote them. Ask why; 08 shows whether issuer and audience are still what Flex expects."
TELL = "Write their names into tenant.claims.acknowledged if the company agrees, or take them out of tenant.attributes."


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """Each claim's source, no namespace, no default claims, and a certificate to sign them with."""
    # Where Graph cannot make a certificate (G53) a person is awaited, and 03 says what for.
    without: FindingState = "wrong" if context.cloud.can_add_certificate else "waiting"
    # Until there is one no claims are written, so they wait for the same person.
    found = [*_sources(context.tenant, state, "wrong" if state.active_certificate else without), *_names(state)]
    signed: FindingState = "holds" if state.active_certificate else without
    found.append(
        judged(
            "S73",
            "Active certificate beside the claims policy",
            "one",
            "one" if state.active_certificate else "none: sign-in would end in AADSTS50146",
            signed if state.app else "unknown",
            FIRST,
        )
    )
    found += policies.surplus("G34", POLICIES, state.left_over)
    return (*found, *_store(context.tenant, state), *_privacy(context.tenant, state))


def _store(tenant: Tenant, state: State) -> list[Finding]:
    """What is in force, told where it is not as usual: a mapping policy overrides the page (G37)."""
    store, asleep = tenant.claims.store, state.store == "mapping_policy" and bool(state.portal)
    if store == "mapping_policy" and not state.portal:
        return []
    found = [judged("G37", "Claims in force", STORES[store], STORES[state.store], state.store == store, FIX)]
    if asleep and store == state.store:
        held = ", ".join(claim.name for claim in state.portal)
        found.append(judged("G41", "Ignored: what the admin center’s page holds", "nothing", held, True, "", "info"))
    return found


def _sources(tenant: Tenant, state: State, otherwise: FindingState) -> list[Finding]:
    """`otherwise` is the state of what is not as it should be."""

    def verdict(*, holds: bool) -> FindingState:
        return "unknown" if not state.app else "holds" if holds else otherwise

    fix = FIX if state.active_certificate else FIRST
    rows = [(INSTRUCTIONS[claim.name], claim) for claim in documented(tenant)]
    rows += [("D33" if "extension_" in claim.source else "D20", claim) for claim in further(tenant)]
    spaced = [each.name for each in state.claims if each.name != "NameID" and (":" in each.name or "/" in each.name)]
    spaced += [DEFAULTS] if state.basic and state.app else []  # each of these has one
    return [
        *(
            judged(
                check,
                setting(claim.name),
                claim.source,
                state.source(claim.name) or "not sent",
                verdict(holds=state.source(claim.name) == claim.source),
                fix,
            )
            for check, claim in rows
        ),
        judged(
            "D12",
            "Claims with a namespace",
            "none",
            ", ".join(spaced) or "none",
            verdict(holds=not spaced),
            fix,
        ),
        judged(
            "D13",
            DEFAULTS,
            "not sent",
            "sent" if state.basic else "not sent",
            verdict(holds=not state.basic),
            fix,
        ),
    ]


def _names(state: State) -> list[Finding]:
    """Told only where there is something to tell: an ordinary tenant has none of these."""
    bare = {claim.name: claim_names.split(claim.name)[0] for claim in state.claims}
    reserved = [name for name, stored in bare.items() if stored in claim_names.RESERVED]
    managed = [name for name in bare if name.startswith("channel.") or name == "team_owner"]
    twice = [name for name, times in Counter(claim.name for claim in state.claims).items() if times > 1]
    late = [claim.name for claim in state.claims[claim_names.MOST_CLAIMS :]]
    rows = (
        ("S67", "Claims that override Flex’s own attributes", reserved, "error"),
        ("S67", "Claims that set what is otherwise managed in Flex", managed, "warning"),
        ("S65", "Claims that come twice", twice, "error"),
        ("G40", "Claims beyond the fifty that Entra issues", late, "error"),
    )
    return [listed(check, title, names, ANSWER, level) for check, title, names, level in rows if names]  # type: ignore[arg-type]


def _privacy(tenant: Tenant, state: State) -> list[Finding]:
    target, agreed = [claim.name for claim in wanted(tenant)], tenant.claims.acknowledged
    names = [claim.name for claim in state.claims]
    names += [DEFAULTS] if state.basic and state.app else []
    names += [f"{extra.name} (token configuration)" for extra in state.extras]
    target += [name for name in names if name.removesuffix(" (token configuration)") in agreed and name not in target]
    beyond = [claim.name for claim in state.claims if claim.name not in {each.name for each in documented(tenant)}]
    below = {name for name in beyond if name not in agreed}  # each has a row of its own
    rest = [name for name in names if name not in below]
    within: FindingState = "unknown" if not state.app else "holds" if set(rest) <= set(target) else "wrong"
    title, leaving = "What leaves the tenant and is stored by Flex", ", ".join(rest) or "nothing yet"
    leaving += ", and what is named below" if below else ""
    found = [judged("D17", title, f"no more than {', '.join(target)}", leaving, within, LEAVING, "info")]
    if state.app:
        found.append(judged("S59", "Sent by Entra in any case", ALWAYS, ALWAYS, True, "", "info"))
    if state.shaping:
        held = ", ".join(f"{key} {value}" for key, value in state.shaping)
        found.append(judged("D17", "Other keys of the policy", "none", held, False, KEYS, "warning"))
    found += optional_claims.findings(tenant, state.extras)
    asked = {claim.name for claim in further(tenant)}
    if told := [name for name in beyond if name in agreed]:
        found.append(judged("D17", "Acknowledged by name", ", ".join(told), "sent", True, "", "info"))
    if extra := [name for name in beyond if name not in agreed and name not in asked]:
        found.append(listed("D17", "Claims beyond the four", extra, ANSWER))
    if untold := [name for name in beyond if name not in agreed and name in asked]:
        found.append(listed("D17", "Sent, and nobody has acknowledged it", untold, TELL))
    return found
