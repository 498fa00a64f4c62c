"""What the Flex side keeps to itself: why a login failed in the library's words, and what it found odd (F102)."""

from flexsso_helpers.rehearsal.world.world import World


def note(world: World, number: str, text: str, *, code: str = "") -> None:
    """Append an entry: the rule that spoke, the library's text, and the code that the person saw, if any."""
    entry = {"at": world.clock.iso(), "rule": number, "text": text, "code": code}
    world.store.put("flex_log", world.new_id("flex_log"), entry, at=world.clock.now)


def last(world: World) -> dict[str, str]:
    """The newest entry; empty when there is none."""
    entries = world.store.all("flex_log")
    return entries[-1] if entries else {}
