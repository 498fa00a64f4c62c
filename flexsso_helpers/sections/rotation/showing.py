"""21 · What a person needs in front of them: how long nobody can sign on in each order, and what is pasted."""

from datetime import datetime

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.certificates import own
from flexsso_helpers.resources.key_ring import Key
from flexsso_helpers.sections.rotation.state import State, read
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Cell, CopyField, CopyFields, Row, Shown, card

FOLLOWS = "usually five to ten minutes"
ORDERS = (
    (
        "Activate first, paste right after",
        "from the moment Entra follows until Save in Flex Console, or the other way round",
        f"at most as long as Entra takes, {FOLLOWS}; none where both meet",
    ),
    (
        "Paste first, activate right after",
        "from Save in Flex Console until Entra follows",
        f"all of the time that Entra takes, {FOLLOWS}",
    ),
    (
        "Paste first, activate on another day",
        "from Save in Flex Console until Entra follows",
        "hours or days: never do this",
    ),
)
"""Order, when nobody can sign on, and how long that is. Flex holds one certificate, and Entra promises no time."""
CHOSEN = 0


def orders(session: Session) -> Shown:
    """How long nobody can sign on in each order. The first is chosen: it is never longer than the second.

    The `session` gives the badge alone; the orders are the same in each.
    """
    rows = [
        Row((Cell(order, "ok" if number == CHOSEN else ""), when, length))
        for number, (order, when, length) in enumerate(ORDERS)
    ]
    return card(
        title="21 · How long nobody can sign on",
        right="the first is chosen",
        badge=session.badge,
        columns=("Order", "Nobody can sign on", "How long"),
        rows=rows,
        footer="Flex keeps one certificate, and Entra signs with one. Who is signed in to Flex already stays so. "
        "Choose an hour with few sign-ons, and have Flex Console open before you begin.",
    )


@speaks("21")
async def values(session: Session, phase: str) -> CopyFields:
    """The certificate that is pasted in this phase, with a button that copies it: copy it before Change."""
    state = await read(session)
    key = _pasted(state, phase, await session.present())
    found = await find(session)
    shown = (await own(session, found)).get(key.sha1) if found and key else None
    words = f"{key.words}" if key else "nothing to paste"
    unknown = "known after the phase stage" if phase == "stage" else "there is none"
    return CopyFields(
        "21 · For Flex Console › Single sign-on: only this field changes",
        [CopyField("X.509 Certificate", words, shown.pem if shown else unknown, there=bool(shown))],
        link=("open the page", session.person.address(CONSOLE_SSO_PAGE)),
        badge=session.badge,
    )


def _pasted(state: State, phase: str, now: datetime) -> Key | None:
    ring = state.ring
    if phase == "roll_back":
        return ring.current if ring.staged(now) else ring.previous(now)
    return ring.staged(now) or (ring.current if phase != "stage" else None)
