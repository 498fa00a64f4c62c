"""The claims that Flex needs of a response, one row each (D08–D11): a further one is a further row."""

from dataclasses import dataclass

NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"


@dataclass(frozen=True, kw_only=True)
class DocumentedClaim:
    """One claim as Twilio's guide asks for it."""

    name: str
    """As plans and proofs call it."""
    type: str
    """As a policy names it."""
    source: str | None
    """The user's property that a policy takes its value from; None where the tenant's file chooses."""
    instruction: str
    words: str
    """The instruction in our words."""
    reason: str
    near: tuple[str, ...] = ()
    """What people name it by mistake, in lower case."""


DOCUMENTED = (
    DocumentedClaim(
        name="NameID",
        type=NAME_ID,
        source=None,
        instruction="D08",
        words="What identifies a person (NameID) is the mail address",
        reason="identifies the person to Flex, and names the worker",
    ),
    DocumentedClaim(
        name="email",
        type="email",
        source="mail",
        instruction="D09",
        words="Claim email",
        reason="Flex asks for it",
        near=("mail", "emailaddress", "e-mail", "useremail"),
    ),
    DocumentedClaim(
        name="full_name",
        type="full_name",
        source="displayname",
        instruction="D10",
        words="Claim full_name",
        reason="the name that Flex shows",
        near=("fullname", "displayname", "name", "full-name"),
    ),
    DocumentedClaim(
        name="roles",
        type="roles",
        source="assignedroles",
        instruction="D11",
        words="Claim roles",
        reason="what the person may do in Flex",
        near=("role", "flex_role", "flex_roles", "userroles"),
    ),
)
ATTRIBUTES = tuple(claim for claim in DOCUMENTED if claim.type != NAME_ID)
"""Those that travel as attributes of the response."""
