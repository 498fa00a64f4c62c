"""The steps of a first contact, smallest and safest first. Each may fail, and none stops the next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flexsso_helpers.first_contact.hand import Hand
from flexsso_helpers.first_contact.steps import (
    assignments,
    certificates,
    flex_console,
    identifiers,
    policies,
    reads,
    sign_ons,
    template,
    the_end,
    who,
    without_credentials,
)


@dataclass(frozen=True)
class Step:
    """One step: its number in the order, what it does in words, and whether it writes."""

    number: str
    title: str
    run: Callable[[Hand], Awaitable[None]]
    writes: bool = True


STEPS = (
    Step("0", "Without credentials: what anybody may ask of Flex", without_credentials.step, writes=False),
    Step("1", "Who is signed in", who.step, writes=False),
    Step("2", "Advisory reads", reads.step, writes=False),
    Step("3", "What the template gives", template.step),
    Step("4", "Identifiers and addresses", identifiers.step),
    Step("5", "A certificate for thirty days", certificates.step),
    Step("6", "Claims policies and signing policies", policies.step),
    Step("7", "Assignments", assignments.step),
    Step("8", "Sign-ons on this machine, where somebody is there to sign on", sign_ons.step),
    Step("9", "Flex, one billed user, and mistakes on purpose in its Console", flex_console.step),
    Step("10", "A second sign-on to Flex, with the right values again", flex_console.again),
    Step("11", "The portal's claims, which would count as a policy before", policies.portal),
    Step("12", "The certificate, looked at for the rest of its time", certificates.to_the_end),
    Step("13", "Deleted and restored", the_end.trials_of_the_end),
)
