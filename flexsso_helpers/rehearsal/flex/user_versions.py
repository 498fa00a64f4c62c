"""The trace that a change leaves on a Flex user: `created_date`, `updated_date` and `version`.

Twilio describes these fields (twilio-oai, flex.v2.flex_user: version begins at 0; the Flex SDK's page on signing in
shows them in the answer of Provision). Nobody says whether a sign-on that changes nothing moves them: the quirk
`flex_user_version`.
"""

from typing import Any

from flexsso_helpers.rehearsal.world.world import World

User = dict[str, Any]
SEEN = ("email", "full_name", "roles", "locale", "team", "worker_sid")
"""What a reader of the Flex Users API sees of a user, besides names that never change."""


def begun(world: World, user: User) -> User:
    """A user who is new."""
    now = world.clock.iso()
    return user | {"created_date": now, "updated_date": now, "version": 0}


def changed(world: World, before: User, after: User) -> User:
    """`after` with the next version, when anything that a reader sees is another than `before`."""
    if all(before.get(name) == after.get(name) for name in SEEN):
        return after
    return _moved(world, after)


def signed_on(world: World, before: User, after: User) -> User:
    """`after` as a sign-on leaves it."""
    return _moved(world, after) if world.quirks.value("flex_user_version") == "moves" else changed(world, before, after)


def shown(world: World, user: User) -> dict[str, Any]:
    """The fields as an answer carries them."""
    if world.quirks.value("flex_user_version") == "absent":
        return {}
    return {name: user.get(name) for name in ("created_date", "updated_date")} | {"version": user.get("version", 0)}


def _moved(world: World, user: User) -> User:
    return user | {"updated_date": world.clock.iso(), "version": user.get("version", 0) + 1}
