"""Responses that people paste into notebook 08, when nobody else signs in for them. They stay in memory."""

from dataclasses import dataclass

from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field, Form

HELP = "The form field SAMLResponse as the browser sent it to Flex: developer tools, or a HAR file's text."


@dataclass
class Pasted:
    """The form that takes them; None until notebook 08 has shown it."""

    form: Form | None = None


def responses(session: Session) -> Form:
    """A field for each test user. Nothing typed here is saved anywhere."""
    session.enter("08")
    fields = [Field(user, f"Response of {user}", "lines", (), help=HELP) for user in session.tenant.test_sign_ons]
    form = Form("08 · Test sign-on: responses pasted by hand", fields, badge=session.badge)
    session.memory(Pasted).form = form
    return form


def pasted(session: Session, user: str) -> SeenSignOn | None:
    """What was pasted for this user; None when nothing was."""
    form = session.memory(Pasted).form
    lines = form.edited().get(user) if form else None
    if not lines:
        return None
    return SeenSignOn(user=user, signed_in=True, said="response pasted by hand", response="\n".join(lines))
