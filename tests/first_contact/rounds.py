"""As few contacts as show each answer: each plays many answers at once, and says which of them it hides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contacting import ADA, ANYWHERE, CIRCUMSTANCES, CONNECTED, Circumstance, cloud_administrator, no_premium

import flexsso_helpers.rehearsal.server.server  # noqa: F401 - so that every quirk is declared
from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES
from flexsso_helpers.rehearsal.world.quirks import QUIRKS
from flexsso_helpers.rehearsal.world.world import World


@dataclass(frozen=True, kw_only=True)
class Round:
    """One contact."""

    quirks: Mapping[str, str]
    there: Circumstance = ANYWHERE
    read_only: bool = False
    hides: frozenset[str] = field(default=frozenset())
    """What another answer of this round keeps from being told."""

    @property
    def tells(self) -> dict[str, str]:
        """What has to be named."""
        return {name: answer for name, answer in self.quirks.items() if name not in self.hides}


SPOILERS: dict[str, tuple[str, ...]] = {
    "identifier_policy": ("strict",),
    "key_life_policy": ("enforced",),
    "credential_type_policy": ("enforced",),
    "template_certificate": ("present_active", "present_inactive"),
    "localhost_reply_url": ("refused",),
    "token_claims": ("opaque",),
    "instantiate_ghost": ("404", "504"),
    "ambiguous_failure": ("on",),
    "policy_attachment": ("application", "preexisting"),
    "lag": ("none", "long"),
    "replica_flap": ("on",),
    "restore_state": ("no_certs",),
    "samlnameidformat_key": ("rejected",),
}
"""Answers that keep many others from being told; they have rounds of their own."""
BY_READING = {name for name, there in CIRCUMSTANCES.items() if there is CONNECTED}
SLOWER = {"deleted_identifier": 0, "listed_before_save": 1}
"""What stays for two rounds, as another's answers are seen beside one of its own only; the first round's shift."""
HIDDEN: tuple[tuple[str, ...], ...] = (
    ("active_before_save", "nameidpolicy_unspecified"),
    ("no_connection", "policy_attachment"),
    ("no_connection", "nameidpolicy_unspecified", "policy_attachment", "restore_conflict"),
    ("active_before_save", "cert_creates_policy", "policy_attachment", "restore_conflict"),
    ("active_before_save", "cert_creates_policy", "nameidpolicy_unspecified", "policy_attachment"),
)
EVERYTHING = Circumstance(sign_ons=True, billed_user=ADA)
SIGN_ONS = Circumstance(sign_ons=True)
SINGLY = (
    "legacy",
    "flex_missing_status",
    "guest_token",
    "list_users",
    "delegate_me",
    "admin_consent",
    "device_code_flow",
)
"""Each in a tenant of its own, where reading tells."""


def _poor(world: World) -> None:
    no_premium(world)
    cloud_administrator(world)


POOR = Circumstance(arrange=_poor)
APART = {*BY_READING, *SINGLY, "group_without_p1", "cloud_application_administrator_policies", "assignment_permission",
         "missing_action"}  # fmt: skip
"""What is seen in a tenant of another kind alone."""


def _mixed(number: int) -> dict[str, str]:
    """Of each question another answer in each round, but for what would hide too much."""
    found = {}
    for name in (each for each in JUDGES if each not in APART):
        kept = [each for each in QUIRKS[name].choices if each not in SPOILERS.get(name, ())]
        turn = (number + SLOWER[name]) // 2 if name in SLOWER else number
        found[name] = kept[turn % len(kept)]
    return found


def rounds() -> Iterator[Round]:
    """All of them; the first one takes everything that goes together."""
    for number, hidden in enumerate(HIDDEN):
        yield Round(quirks=_mixed(number), there=EVERYTHING, hides=frozenset(hidden))
    for number in range(max(len(QUIRKS[name].choices) for name in BY_READING)):
        answers = {name: QUIRKS[name].choices[number % len(QUIRKS[name].choices)] for name in BY_READING}
        yield Round(quirks=answers, there=CONNECTED, read_only=True)
    obeyed = {"lag": "none", "restore_state": "no_certs", "samlnameidformat_key": "rejected"}
    came = {
        "no_policy_nameid": "upn_email",
        "nameidpolicy_unspecified": "pairwise",
        "template_certificate": "present_active",
    }
    yield Round(quirks={"policy_attachment": "application", **obeyed, **came}, there=SIGN_ONS)
    before = {"policy_attachment": "preexisting", "cert_creates_policy": "yes_token_only"}
    yield Round(quirks={**before, "template_certificate": "present_inactive"}, there=SIGN_ONS)
    strict = {"identifier_policy": "strict", "key_life_policy": "enforced", "localhost_reply_url": "refused"}
    yield Round(quirks={**strict, "token_claims": "opaque", "instantiate_ghost": "404"})
    late = {"instantiate_ghost": "504", "lag": "long", "replica_flap": "on"}
    yield Round(quirks={**late, "credential_type_policy": "enforced"})
    yield Round(quirks={"ambiguous_failure": "on"})
    for number, answer in enumerate(QUIRKS["group_without_p1"].choices):
        roles = QUIRKS["cloud_application_administrator_policies"].choices
        both = {"group_without_p1": answer, "cloud_application_administrator_policies": roles[number % len(roles)]}
        yield Round(quirks=both, there=POOR)
    for name in ("assignment_permission", "missing_action"):
        yield from (Round(quirks={name: answer}, there=CIRCUMSTANCES[name]) for answer in QUIRKS[name].choices)
    for name in SINGLY:
        there = CIRCUMSTANCES.get(name, ANYWHERE)
        yield from (Round(quirks={name: each}, there=there, read_only=True) for each in QUIRKS[name].choices)


ROUNDS = tuple(rounds())
