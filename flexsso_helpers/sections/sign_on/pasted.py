"""What people paste and tick in notebook 08, when nobody else signs in for them. Responses stay in memory."""

from dataclasses import dataclass

from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.sections.sign_on import my_apps_tile
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field, Form

HELP = (
    "What the sign-on of this person left, whatever it is: the form field SAMLResponse, a HAR file's text, the text of "
    "an error page, or its number."
)
OPENED_HELP = "Tick only what you saw: the page of Flex, as this person. It counts where Flex leaves no trace."
TILE_HELP = "As a test user, open My Apps and choose the application; tick when Flex has opened."
_OPENED = "opened: "


@dataclass
class Pasted:
    """The form that takes them; None until notebook 08 has shown it."""

    form: Form | None = None


def responses(session: Session) -> Form:
    """Two fields for each test user, and one for the tile where it is asked for. No response is saved anywhere."""
    session.enter("08")
    fields = []
    for user in session.tenant.test_sign_ons:
        fields.append(Field(user, f"Response or error page of {user}", "lines", (), help=HELP, fleeting=True))
        opened = f"Flex opened as {user}"
        fields.append(Field(_OPENED + user, opened, "flag", value=None, help=OPENED_HELP))
    if my_apps_tile.asked_for(session.tenant):
        fields.append(Field(my_apps_tile.KEY, "The tile on My Apps opened Flex", "flag", value=None, help=TILE_HELP))
    form = Form("08 · Test the sign-on: what people saw", fields, badge=session.badge)
    session.memory(Pasted).form = form
    return form


def tile_opened(session: Session) -> bool:
    """Whether somebody ticked that the tile on My Apps opened Flex."""
    return bool(_edited(session, my_apps_tile.KEY))


def flex_opened(session: Session, user: str) -> bool:
    """Whether somebody ticked that Flex opened as this user."""
    return bool(_edited(session, _OPENED + user))


def pasted(session: Session, user: str) -> SeenSignOn | None:
    """What was pasted for this user; None when nothing was. Whether Flex opened, a paste does not tell."""
    lines = _edited(session, user)
    if not isinstance(lines, tuple) or not lines:
        return None
    return SeenSignOn(user=user, signed_in=None, said="pasted by hand", response="\n".join(lines))


def put_away(session: Session, user: str) -> None:
    """Forget what was judged, or could not be."""
    form = session.memory(Pasted).form
    if form and user in form.inputs:
        form.put_away(user)


def _edited(session: Session, key: str) -> object:
    form = session.memory(Pasted).form
    return form.edited().get(key) if form else None
