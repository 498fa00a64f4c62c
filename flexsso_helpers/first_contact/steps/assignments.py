"""7: the signed-in person assigned, once and again, and a group of each kind; all of it ends with the application."""

from functools import partial

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json

NOT_YET = ("Not a valid reference update.", "Permission being assigned was not found on application")
"""What is said while the roles are not copied yet."""
SOME_GROUPS = "/groups?$top=100&$select=id,groupTypes,securityEnabled"
HIDDEN = "HideApp"
"""The tag by which nobody sees it in My Apps."""


async def step(hand: Hand) -> None:
    """Hide the application from everybody, then assign."""
    if not hand.application:
        return
    session, graph = hand.session, hand.session.graph
    _, found = await hand.tries("", partial(graph.get, hand.sp, select="id,tags,appRoles"))
    roles = [role for role in (found or {}).get("appRoles") or () if role.get("isEnabled")]
    if not found or not roles or session.principal.kind not in ("member", "guest"):
        return
    tags = list(found.get("tags") or ())
    hidden = {"tags": [*tags, HIDDEN]}
    await hand.did("", lambda: graph.patch(hand.sp, hidden, why="Hiding it from My Apps", before={"tags": tags}))
    role = str(roles[0]["id"])
    me = session.principal.object_id
    if await hand.did(trials.ASSIGNED, partial(assign_patiently, hand, me, role)):
        await hand.did(trials.ASSIGNED_AGAIN, partial(_assign, hand, me, role))
    await _groups(hand, role)


async def _groups(hand: Hand, role: str) -> None:
    _, page = await hand.tries(trials.GROUPS, partial(hand.session.graph.get, SOME_GROUPS))
    found = (page or {}).get("value") or ()
    security = [each for each in found if each.get("securityEnabled")]
    unified = [each for each in found if not each.get("securityEnabled") and "Unified" in each["groupTypes"]]
    for trial, groups in ((trials.GROUP, security), (trials.M365_GROUP, unified)):
        for group in groups[:1]:
            await hand.did(trial, partial(assign_patiently, hand, str(group["id"]), role))


async def assign_patiently(hand: Hand, who: str, role: str) -> Json:
    """Assign, as soon as the service principal knows the role. Raises FlexSSOError."""
    once = partial(_assign, hand, who, role)
    return await hand.session.try_until(once, NOT_YET, what="the roles of the service principal")


async def _assign(hand: Hand, who: str, role: str) -> Json:
    body = {"principalId": who, "resourceId": hand.principal["id"], "appRoleId": role}
    return await hand.session.graph.post(f"{hand.sp}/appRoleAssignedTo", body, why="Assigning for a moment")
