"""What people paste and tick in notebook 08, when nobody else signs in for them. Responses stay in memory."""

from dataclasses import dataclass

from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.sections import tile
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field, Form

HELP = "The form field SAMLResponse as the browser sent it to Flex: developer tools, or a HAR file's text."

TILE_HELP = "As a test user, open My Apps and choose the application; tick when Flex has opened."


@dataclass
class Pasted:
    """The form that takes them; None until notebook 08 has shown it."""

    form: Form | None = None


def responses(session: Session) -> Form:
    """A field for each test user, and one for the tile where it is asked for. No response is saved anywhere."""
    session.enter("08")
    fields = [Field(user, f"Response of {user}", "lines", (), help=HELP) for user in session.tenant.test_sign_ons]
    if tile.asked_for(session):
        fields.append(Field(tile.SETTING, "The tile on My Apps opened Flex", "flag", value=False, help=TILE_HELP))
    form = Form("08 · Test sign-on: responses pasted by hand", fields, badge=session.badge)
    session.memory(Pasted).form = form
    return form


def opened(session: Session) -> bool:
    """Whether somebody ticked that the tile on My Apps opened Flex."""
    form = session.memory(Pasted).form
    return bool(form and form.edited().get(tile.SETTING))


def pasted(session: Session, user: str) -> SeenSignOn | None:
    """What was pasted for this user; None when nothing was."""
    form = session.memory(Pasted).form
    lines = form.edited().get(user) if form else None
    if not lines:
        return None
    return SeenSignOn(user=user, signed_in=True, said="response pasted by hand", response="\n".join(lines))
