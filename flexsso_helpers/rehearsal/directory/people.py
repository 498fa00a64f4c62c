"""The people and groups of the rehearsed company. All invented; Contoso and Fabrikam are Microsoft's own examples."""

import random
from dataclasses import dataclass

from flexsso_helpers.rehearsal.world.world import PEOPLE

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"

GIVEN = "Anna,Bela,Carl,Dora,Emil,Fern,Gus,Hana,Ivo,Jana,Karl,Lena,Milo,Nora,Otto,Petra,Quinn,Rosa,Sven,Tara,Udo,Vera"
FAMILY = "Abbot,Brook,Carver,Dale,Ember,Field,Grove,Hale,Iver,Jasper,Kent,Lark,Marsh,North,Oakes,Pike,Quill,Reed,Stone"


@dataclass(frozen=True)
class Person:
    """One account. `mail` None is an account without mailbox; `upn` is the user principal name."""

    name: str
    upn: str
    mail: str | None
    title: str = ""
    roles: tuple[str, ...] = ()
    enabled: bool = True
    guest: bool = False
    held: tuple["Held", ...] = ()


@dataclass(frozen=True)
class Held:
    """A directory role that is not simply active in the whole tenant."""

    role: str
    """Template id of a built-in role, or the id of a custom one."""
    scope: str = "/"
    """For which objects: `/` for the whole tenant, else the display name of an application."""
    eligible: bool = False
    """Whether it has to be activated first (Privileged Identity Management)."""


@dataclass(frozen=True)
class Team:
    """One group and the user principal names, or names of groups, that are its direct members."""

    name: str
    members: tuple[str, ...]
    security: bool = True


def _person(name: str, title: str, *, mail: str | None = "", **more: object) -> Person:
    upn = f"{name.lower().replace(' ', '.')}@contoso.com"
    return Person(name, upn, upn if mail == "" else mail, title, **more)  # type: ignore[arg-type]


FIXED = (
    _person(
        "Ada Admin", "Identity engineer", roles=(APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR)
    ),
    _person("Sol Supervisor", "Contact centre supervisor"),
    _person("Bo Agent", "Contact centre agent"),
    _person("Rhea Reader", "Auditor"),
    _person("Nia Nomail", "Contact centre agent", mail=None),
    _person("Kit Nobox", "Warehouse clerk", mail=None),
    _person("Lou Later", "Trainee", mail=None),
    _person("Dee Disabled", "Former agent", enabled=False),
    _person("Mia Married", "Contact centre agent", mail="mia.maiden@contoso.com"),
    _person("Ned Newname", "Facilities", mail="ned.oldname@contoso.com"),
    _person("Olga Owner", "Head of service"),
    _person("Greta Global", "Head of IT", roles=(GLOBAL_ADMINISTRATOR,)),
    Person(
        "Pat Partner", "pat.partner_fabrikam.com#EXT#@contoso.onmicrosoft.com", "pat.partner@fabrikam.com", "Partner",
        guest=True,
    ),
    Person(
        "Finn Fabrikam", "finn.fabrikam_fabrikam.com#EXT#@contoso.onmicrosoft.com", "finn.fabrikam@fabrikam.com",
        "Partner", guest=True,
    ),
)  # fmt: skip


CUSTOM_ROLE = "f1e55000-0000-4000-8000-00000000c057"
CUSTOM_ROLE_TITLE = "Flex Deployer"
ADMINISTRATORS_OF_ALL_KINDS = (
    _person("Cleo Custom", "Identity engineer", held=(Held(CUSTOM_ROLE),)),
    _person("Skye Scoped", "Travel team", held=(Held(APPLICATION_ADMINISTRATOR, "Contoso Travel"),)),
    _person("Ellis Eligible", "Identity engineer", held=(Held(APPLICATION_ADMINISTRATOR, eligible=True),)),
    Person(
        "Gail Guest", "gail.guest_fabrikam.com#EXT#@contoso.onmicrosoft.com", "gail.guest@fabrikam.com", "Consultant",
        guest=True, roles=(APPLICATION_ADMINISTRATOR,),
    ),
)  # fmt: skip
"""People who administer and are not ordinary administrators; a fresh rehearsal is without them
(seed.administrators).
"""
DELEGATE = Person(
    "Fabrikam Technician", "dana.delegate@fabrikam.com", None, "Partner", roles=(APPLICATION_ADMINISTRATOR,)
)
"""A partner's delegated administrator (GDAP): signs in to this tenant and has no account in it."""


def _words(text: str) -> list[str]:
    return text.split(",")


def people(seed: int, number: int = PEOPLE) -> list[Person]:
    """So many people: the fixed ones, then invented names that depend on the seed; more of them are numbered."""
    names = [f"{given} {family}" for given in _words(GIVEN) for family in _words(FAMILY)]
    random.Random(seed).shuffle(names)  # noqa: S311 - a repeatable order, no secret
    invented = [
        _person(names[n % len(names)] + (f" {n // len(names) + 1}" if n >= len(names) else ""), "Contact centre agent")
        for n in range(number - len(FIXED))
    ]
    return [*FIXED, *invented]


def teams(everybody: list[Person]) -> list[Team]:
    """The groups. "Flex Agents" has twelve direct members, one without mail, and one nested group."""
    others = [person.upn for person in everybody[len(FIXED) :]]
    agents = ("bo.agent@contoso.com", "nia.nomail@contoso.com", "mia.married@contoso.com", *others[:8])
    supervisors = ("sol.supervisor@contoso.com", *others[12:15])
    return [
        Team("Flex Agents Night", tuple(others[8:12])),
        Team("Flex Agents", (*agents, "Flex Agents Night")),
        Team("Flex Supervisors", supervisors),
        Team("Contact Centre News", tuple(others[:4]), security=False),
        Team("All Company", tuple(person.upn for person in everybody if person.enabled and not person.guest)),
    ]
