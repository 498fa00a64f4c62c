"""What a person is asked to paste into Flex Console on purpose, in exact words; one row a mistake.

Each row says all values, so that no mistake meets the one before it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flexsso_helpers.first_contact import trials
from flexsso_helpers.person import ConsoleValues

Wrong = Callable[[ConsoleValues, str], ConsoleValues]
"""From the right values, and the certificate of a stranger, to the wrong ones."""
RIGHT = "Paste these three into Flex Console › Single sign-on, and save. Did Console save them, or refuse?"
AGAIN = "Paste these three back, and save: Console may still hold a value that is wrong on purpose. Did it save them?"
PASTE = "This is wrong on purpose. Paste {what}, and the others as shown, and save. Did Console save it, or refuse?"
LAND = "Paste these, the Default Redirect URL too, and save: all are right. Did Console save them, or refuse?"
SIGN_ON = (
    "Open the page in a private window and sign in as {user}. How does it end: opened (Flex is there), the number that "
    "Flex's page shows, or elsewhere (the identity provider ended it, or there is no number)?"
)


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One of them."""

    trial: str
    what: str
    """What is wrong, as the person is told."""
    wrong: Wrong
    signs_on: bool = True
    """Whether only a sign-on tells what becomes of it, where Console saves it."""


def one_line(pem: str) -> str:
    """A certificate whose text is one long line between the dashes."""
    first, *lines, last = pem.strip().splitlines()
    return f"{first}\n{''.join(lines)}\n{last}\n"


MISTAKES = (
    Mistake(
        trial=trials.ONE_LINE,
        what="the certificate as one long line",
        wrong=lambda right, _: replace(right, certificate_pem=one_line(right.certificate_pem)),
        signs_on=False,
    ),
    Mistake(
        trial=trials.NO_ADDRESS,
        what="words in place of the Single Sign-On URL",
        wrong=lambda right, _: replace(right, sso_url="no address"),
        signs_on=False,
    ),
    Mistake(
        trial=trials.NO_SLASH,
        what="the issuer without its slash at the end",
        wrong=lambda right, _: replace(right, issuer=right.issuer.rstrip("/")),
    ),
    Mistake(
        trial=trials.TWO_CERTIFICATES,
        what="two certificates, of which the second is the right one",
        wrong=lambda right, other: replace(right, certificate_pem=f"{other.strip()}\n{right.certificate_pem}"),
    ),
    Mistake(
        trial=trials.WRONG_CERTIFICATE,
        what="a certificate that does not sign",
        wrong=lambda right, other: replace(right, certificate_pem=other),
    ),
)
