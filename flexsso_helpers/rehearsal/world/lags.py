"""How long each kind of change takes to be seen, in virtual seconds, each by a rule and unlike the others.

The figures are ours: Microsoft promises none. They are short, and all different, so that a client
that waits for the wrong thing is found out.
"""

from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G09": "What instantiate makes is not seen by reads at once",
        "G18": "The identifier check sees single sign-on mode saml only after a while",
        "G23": "The service principal copies identifiers, reply URLs and names of the application after a while",
        "G42": "A new signing certificate is listed after a while",
        "G65": "The service principal copies the application's roles after a while",
        "G66": "A new assignment is listed after a while",
        "G74": "Metadata and sign-in follow a change of certificates after a while",
        "G86": "A read may serve an older version, a list more so than a single read",
    }
)
quirks.declare(
    {
        "lag": quirk("ordinary", "none", "long", source="G86, G18, G23, G42, G65, G74: Microsoft promises no figures"),
        "replica_flap": quirk("off", "on", source="G09: a 200 may be followed by a 404"),
    }
)

SECONDS: dict[str, tuple[str, float]] = {
    "get": ("G86", 2.0),
    "list": ("G86", 4.0),
    "create_application": ("G09", 6.0),
    "create_service_principal": ("G09", 8.0),
    "mode": ("G18", 7.0),
    "mirror": ("G23", 5.0),
    "role": ("G65", 9.0),
    "certificate": ("G42", 10.0),
    "assignment": ("G66", 3.0),
    "metadata": ("G74", 12.0),
}
LONG = 20.0
FLAP, FLAPPING = 2.0, 8.0


def lag(world: World, name: str) -> float:
    """The lag of this name; 0 where its rule is off."""
    number, seconds = SECONDS[name]
    factor = {"ordinary": 1.0, "none": 0.0, "long": LONG}[world.quirks.value("lag")]
    return seconds * factor if world.rules.on(number) else 0.0


def seen(world: World, name: str) -> float:
    """The moment up to which a reader with this lag sees what was written."""
    return world.clock.now - lag(world, name) - world.stale


def flaps(world: World, created: float, name: str) -> bool:
    """Whether a new object that was seen already is unseen again: every other FLAP seconds for a while (G09)."""
    age = seen(world, name) - created
    return (
        world.rules.on("G09") and world.quirks.value("replica_flap") == "on"
        and 0 <= age < FLAPPING and int(age // FLAP) % 2 == 1
    )  # fmt: skip
