"""3: the throw-away application, made from the template as 01 makes it, and how long until it is steady."""

from functools import partial
from uuid import NAMESPACE_URL, uuid5

from flexsso_helpers.errors import OutcomeUnknown, Refused, WaitedTooLong
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json
from flexsso_helpers.graph import literal

POLICIES = ("/policies/claimsMappingPolicies", "/policies/tokenIssuancePolicies")
STEADY = 10
"""Reads in a row, a second apart, after which nothing is expected to vanish again."""
LOST = 240
"""Seconds to look for what may have been made."""
LONGEST = 600
"""Seconds to wait for it."""
NO_REFERENCE = "ServiceTreeValueMissing"


async def step(hand: Hand) -> None:
    """Make it once, whatever the answer says; write on it at once; read it until it is steady, and as it was made."""
    graph = hand.session.graph
    _, there = await hand.tries("", partial(policies_there, hand))
    hand.policies = frozenset(there or ())
    made = await _make(hand)
    if made:
        hand.application, hand.principal = made["application"], made["servicePrincipal"]
        await hand.did(
            trials.AT_ONCE,
            lambda: graph.patch(hand.sp, {"notes": hand.name}, why="Marking it", before={"notes": None}),
        )
    elif isinstance(hand.mishaps.get(trials.MADE_AGAIN) or hand.mishaps.get(trials.MADE), OutcomeUnknown):
        await _find(hand)
    if not hand.application:
        return
    with hand.recorder.during(trials.VISIBLE):
        await _steady(hand)
    await hand.did(trials.TEMPLATE, partial(graph.get, hand.app))
    await hand.did(trials.TEMPLATE, partial(graph.get, hand.sp))
    if hand.reference:
        body = {"serviceManagementReference": None}
        before = {"serviceManagementReference": hand.reference}
        if await hand.did(
            trials.WITHOUT_REFERENCE, lambda: graph.patch(hand.app, body, why="Taking it off", before=before)
        ):
            await hand.did("", lambda: graph.patch(hand.app, before, why="Setting it again", before=body))


async def policies_there(hand: Hand) -> list[str]:
    """The ids of all policies of the two kinds."""
    return [str(each["id"]) for path in POLICIES for each in await hand.session.graph.list(path)]


async def _make(hand: Hand) -> Json | None:
    path = f"/applicationTemplates/{hand.session.cloud.template_id}/instantiate"
    body = {"displayName": hand.name}
    why = "Making the throw-away application"
    _, made = await hand.tries(trials.MADE, lambda: hand.session.graph.post(path, body, why=why))
    mishap = hand.mishaps.get(trials.MADE)
    if isinstance(mishap, Refused) and mishap.code == NO_REFERENCE:
        given = hand.session.tenant.application.service_management_reference
        hand.reference = given or str(uuid5(NAMESPACE_URL, hand.name))
        asked = body | {"serviceManagementReference": hand.reference}
        _, made = await hand.tries(trials.MADE_AGAIN, lambda: hand.session.graph.post(path, asked, why=why))
    return made


async def _find(hand: Hand) -> None:
    """Look for what may have been made though the answer was an error; its name is nobody else's."""
    query = {"$filter": f"displayName eq {literal(hand.name)}", "$select": "id,appId"}
    session = hand.session

    async def appear() -> None:
        for _ in range(LOST):  # asked each second: what vanishes again does so soon after it came
            apps = await session.graph.list("/applications", query)
            principals = await session.graph.list("/servicePrincipals", query)
            if apps and principals:
                hand.application, hand.principal = apps[0], principals[0]
                return
            await session.sleep(1.0)

    await hand.did(trials.VISIBLE, appear)


async def _steady(hand: Hand) -> None:
    """Read both until they were there STEADY times in a row. Raises WaitedTooLong."""
    seen = 0
    for _ in range(LONGEST):
        app = await hand.session.graph.get(hand.app, select="id", missing_ok=True)
        principal = await hand.session.graph.get(hand.sp, select="id", missing_ok=True)
        seen = seen + 1 if app and principal else 0
        if seen >= STEADY:
            return
        await hand.session.sleep(1.0)
    raise WaitedTooLong(
        f"After {LONGEST} seconds: the throw-away application is not steady.",
        why="Copies of Entra's directory show it, and then do not.",
        fix="Run 90 again later: what is left is taken away first.",
        notebook="90",
    )
