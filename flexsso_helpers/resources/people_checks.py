"""For whom the first sign-on would fail, or go otherwise than hoped: looked for in 00, and again in 07."""

from collections import Counter
from dataclasses import dataclass

from flexsso_helpers.identities import identity
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import listed
from flexsso_helpers.resources.people import WHICH_GROUP, Everyone, User


@dataclass(frozen=True, kw_only=True)
class PeopleProblems:
    """People by what is wrong with them, each by user name."""

    unknown: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    """Names that several groups have."""
    near: tuple[str, ...] = ()
    """Whom the unknown names may mean, in sentences."""
    without_mail: tuple[str, ...] = ()
    without_name: tuple[str, ...] = ()
    without_name_id: tuple[str, ...] = ()
    one_address: tuple[str, ...] = ()
    """Mail addresses that several have, with those who do."""
    disabled: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    several_roles: tuple[str, ...] = ()
    testers: tuple[str, ...] = ()
    """Who is to test the sign-on and gets no role by the file, neither directly nor by a group of it."""


def lacks(user: User) -> str:
    """What this person lacks for a sign-on at Flex, in words; empty where nothing is."""
    needed = (("mail address", user.mail), ("display name", user.name.strip()))
    lacking = [name for name, value in needed if not value]
    return f"no {' and no '.join(lacking)} in Entra: the sign-on would fail" if lacking else ""


def problems(everyone: Everyone, tenant: Tenant) -> PeopleProblems:
    """Look at everyone, purely."""
    persons, roles = everyone.persons, everyone.roles
    mails = Counter(identity(person.mail) for person in persons if person.mail)
    shared: dict[str, list[str]] = {}
    for person in persons:
        if mails[identity(person.mail)] > 1:
            shared.setdefault(identity(person.mail), []).append(person.user_name)
    return PeopleProblems(
        unknown=everyone.unknown,
        unclear=everyone.unclear,
        near=everyone.near,
        without_name=tuple(person.user_name for person in persons if not person.name.strip()),
        without_mail=tuple(person.user_name for person in persons if not person.mail),
        without_name_id=tuple(person.user_name for person in persons if not person.name_id(tenant)),
        one_address=tuple(f"{mail}: {', '.join(names)}" for mail, names in sorted(shared.items())),
        disabled=tuple(person.user_name for person in persons if not person.enabled),
        guests=tuple(person.user_name for person in persons if person.guest),
        nested=tuple(f"{name} in {group.name}" for _, _, group in everyone.groups if group for name in group.nested),
        several_roles=tuple(
            f"{person.user_name}: {', '.join(roles[person.id])}" for person in persons if len(roles[person.id]) > 1
        ),
        testers=_without_a_role(everyone, tenant),
    )


def _without_a_role(everyone: Everyone, tenant: Tenant) -> tuple[str, ...]:
    named = {identity(person.user_name) for person in everyone.persons}
    return tuple(name for name in tenant.test_sign_ons if identity(name) not in named)


def findings(found: PeopleProblems) -> tuple[Finding, ...]:
    """A line for each kind of trouble."""
    no_mail = "Fill in the mail address in Entra: without it the claim email is missing, which ends in Flex 45050."
    no_name = "Fill in the display name in Entra: without it the claim full_name is missing, which ends in Flex 45050."
    correct = " ".join(("Correct the names in tenant.assignments.", *found.near))
    no_name_id = "Fill it in, or choose userprincipalname for all in 04: without it Entra answers AADSTS501241."
    twice = "Give each an address of their own in Entra: people with one address are one worker in Flex."
    several = "Give each person one; Flex takes the strongest."
    no_role = (
        "07 · Assign users: name them in tenant.assignments, or test with others; without a role of their own or of a "
        "group that holds them directly, Entra answers AADSTS50105."
    )
    unclear = [listed("D24", "Which group is meant", found.unclear, WHICH_GROUP, "error", want="clear")]
    return (
        *(unclear if found.unclear else ()),
        listed(
            "D24",
            "Does not exist in Entra",
            found.unknown,
            correct,
            "error",
            good="Everybody in the file exists in Entra",
        ),
        listed("S56", "Without a mail address", found.without_mail, no_mail, good="Everybody has a mail address"),
        *([listed("S56", "Without a display name", found.without_name, no_name)] if found.without_name else []),
        listed(
            "S47",
            "Without a value for NameID",
            found.without_name_id,
            no_name_id,
            good="Everybody has a value for NameID",
        ),
        listed(
            "S56",
            "Mail addresses used twice",
            found.one_address,
            twice,
            good="No mail address is used twice",
        ),
        listed(
            "D24",
            "Disabled accounts",
            found.disabled,
            "Enable the account, or take it off the list.",
            good="Every account is enabled",
        ),
        listed(
            "S61",
            "Nested groups",
            found.nested,
            "Their members get no role: assign that group itself.",
            good="Every group holds its people directly",
        ),
        *([listed("D30", "Test users without a role", found.testers, no_role)] if found.testers else []),
        listed("S62", "More than one Flex role", found.several_roles, several, good="Everybody has one Flex role"),
        listed(
            "S52",
            "Guests",
            found.guests,
            "Guests may sign in; look at their NameID in 08.",
            "info",
            good="Nobody is a guest",
        ),
    )
