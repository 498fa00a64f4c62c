"""What only a person can do: type a code, copy two values from Flex Console, paste three back, sign in."""

from flexsso_helpers.person.live import PersonAtTheConsole, PersonInRehearsal
from flexsso_helpers.person.nearby import kernel_elsewhere
from flexsso_helpers.person.simulated import SimulatedPerson
from flexsso_helpers.person.tasks import ConsoleValues, CopiedConnection, Person, SeenSignOn

__all__ = [
    "ConsoleValues",
    "CopiedConnection",
    "Person",
    "PersonAtTheConsole",
    "PersonInRehearsal",
    "SeenSignOn",
    "SimulatedPerson",
    "kernel_elsewhere",
]
