"""06 · Which of the ways through Flex Console is this account's own, with its values, line by line.

The notebook's table names them all. Here stands only what is to be done now, from what Entra and Flex show.
"""

from dataclasses import dataclass

from flexsso_helpers.resources import legacy_sso
from flexsso_helpers.resources.context import Context, context_of
from flexsso_helpers.sections.flex_console import step
from flexsso_helpers.sections.flex_console.findings import State, three_values
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Cell, Row, Shown, card

Line = tuple[str, str | tuple[Cell, ...]]
"""What the page shows, and what to do there."""
UNLESS_REFUSED = "nothing to paste, unless Flex refuses in 08"
REFUSED = (
    "the overview, with the login link",
    "go on with 07 and 08. If Flex refuses there: Edit identity provider data, paste all values again; Save",
)


@dataclass(frozen=True)
class Case:
    """A way through Console: its name, what tells that it is this one, and its lines."""

    name: str
    because: str
    lines: tuple[Line, ...] = ()


@speaks("06")
async def checklist(session: Session) -> Shown:
    """A card with this account's own steps. Only reads."""
    state = await step.read(session)
    on_legacy = not state.legacy and bool((await legacy_sso.start(session)).sso_url)
    found = case_of(state, on_legacy=on_legacy, pasted=_to_paste(await context_of(session), state))
    return card(
        title="06 · Your way through Flex Console",
        subtitle=found.name,
        badge=session.badge,
        columns=("", "The page shows", "What you do"),
        rows=[Row((f"☐\u00a0{number}", shows, does)) for number, (shows, does) in enumerate(found.lines, 1)],
        footer=found.because,
    )


def _to_paste(context: Context, state: State) -> tuple[str, ...]:
    """The fields of Console's page that are not as the file and Entra want them."""
    return tuple(change.setting for change in step.changes(context, state) if change.open)


def case_of(state: State, *, on_legacy: bool, pasted: tuple[str, ...]) -> Case:
    """Purely: the case of what was read. `on_legacy`: people sign on by Legacy while Enhanced is wanted."""
    if not state.published:
        return Case(
            "not yet", "Entra publishes no certificate for this application: 03 · Signing certificate comes first."
        )
    denied = state.probe_known and state.probe_sso_url != state.sso_url
    if denied and state.lists_others:
        return Case("02 first", state.mend)
    if denied and not pasted:
        # somebody said so, and a started login shows something else
        pasted = tuple(row.title for row in three_values(state))
    if not pasted:
        last = ("a request to validate", "that is 08. Sign on there, then press Finish")
        given = f"What Console was given is what Entra publishes, {_by(state)}."
        if state.seen_by_sign_on or state.opened_by_sign_on:
            return Case("nothing to paste", given, (last,))
        return Case(UNLESS_REFUSED, f"{given} No sign-on has shown it yet.", (last, REFUSED))
    if state.legacy:
        page = ("Edit identity provider data", f"paste {_listed(pasted)}; Save")
        return Case("the account stays on Legacy", "The file says flex.mode: legacy.", (page, _tried()))
    if on_legacy and not state.connection:
        return Case(
            "02 first",
            "People sign on by Legacy now, and go on to. Nothing is pasted before 02 knows where responses go.",
            (
                ("New SSO Solution Available", "Start setup, then Create new SSO connection"),
                ("Set up your identity provider", "leave the page open; copy Entity ID and ACS URL into 02 and run it"),
            ),
        )
    if on_legacy:
        return Case(
            "change-over from Legacy",
            "People sign on by Legacy now. They get in at every step, also if you stop half way.",
            (
                ("New SSO Solution Available", "Start setup, then Create new SSO connection"),
                *_first(state, pasted),
                ("a request to validate", "run 07 and 08, then 02 once more, and only then press Finish here"),
            ),
        )
    if state.probe_sso_url:
        return Case(
            "other values",
            "Flex has a connection already, and it leads to "
            f"{state.probe_sso_url}. Until both sides agree, nobody new can sign on.",
            (
                ("the overview, with the login link", "Edit identity provider data"),
                ("the fields as they are; that of the certificate is empty", f"paste {_listed(pasted)}; Save"),
                *_deployed(state),
                _tried(),
            ),
        )
    start = () if state.connection else (("single sign-on is not set up", "start the set-up, then run 02 again"),)
    return Case(
        "first set-up",
        "Flex sends nobody to Entra yet.",
        (*start, *_first(state, pasted), *_deployed(state), _tried()),
    )


def _first(state: State, pasted: tuple[str, ...]) -> tuple[Line, ...]:
    both = (
        Cell("Entity ID and ACS URL have to be these, else run 02 again"),
        Cell(state.identifier, "value"),
        Cell(state.reply_url, "value"),
    )
    compare = both if state.connection else "compare both values with 02"
    return (
        ("Set up your identity provider", compare),
        ("a box about the identity provider", "tick that it has been updated; Save and continue"),
        ("Enter identity provider data", f"paste {_listed(pasted)}; Save"),
    )


def _deployed(state: State) -> tuple[Line, ...]:
    if not state.landing.trusted:
        return ()
    return (("(not Console) your self-hosted Flex", "put the appConfig block from below into it, and deploy it"),)


def _tried() -> Line:
    return ("the overview, with the login link", "go on with 07 and 08 at once: only a sign-on proves what was pasted")


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _by(state: State) -> str:
    return f"as said {state.attested_by}" if state.attested_by else "as far as Flex shows"
