"""What only a person can do: type a code, copy two values from Flex Console, paste three back, sign in."""

from flexsso_helpers.person.live import PersonAtTheConsole
from flexsso_helpers.person.pages import Pages
from flexsso_helpers.person.simulated import SimulatedPerson
from flexsso_helpers.person.tasks import ENDED, SAVED, ConsoleValues, CopiedConnection, Person, SeenSignOn, Trial

__all__ = [
    "ENDED",
    "SAVED",
    "ConsoleValues",
    "CopiedConnection",
    "Pages",
    "Person",
    "PersonAtTheConsole",
    "SeenSignOn",
    "SimulatedPerson",
    "Trial",
]
