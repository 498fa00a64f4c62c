"""A tenant: its file, its secrets, the way to its clouds, who signs in, and what that account may do."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from flexsso_helpers import places
from flexsso_helpers.clouds import LIVE_CLOUDS
from flexsso_helpers.commands.doctor.lines import Line
from flexsso_helpers.commands.doctor.reach import reach
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.parameters import Tenant, find, load
from flexsso_helpers.secret import reveal, reveal_certificate
from flexsso_helpers.session import Session, open_session


async def tenant_lines(name: str) -> list[Line]:
    """Everything up to notebook 00, in its order; what cannot be looked at because of an earlier line is left out."""
    try:
        path = find(name, folder=places.parameters())
        tenant = load(path)
    except FlexSSOError as error:
        return [_mishap("File", error)]
    lines = [Line("File", "good", f"{path.name} · {tenant.title}{' · REHEARSAL' if tenant.rehearsal else ''}")]
    if not tenant.rehearsal:
        lines += [*_secrets(tenant), *await reach(LIVE_CLOUDS[tenant.cloud])]
    if any(line.state == "bad" for line in lines):
        return lines
    with tempfile.TemporaryDirectory(prefix="flexsso-doctor-") as folder:
        try:
            session = await open_session(str(path), apply=False, folder=Path(folder))
        except FlexSSOError as error:
            return [*lines, _mishap("Sign-in", error)]
        return [*lines, *_rights(session), await _flex(session)]


def _secrets(tenant: Tenant) -> Iterator[Line]:
    """Whether each secret is where the file says; its value is looked at by nobody."""
    given = tenant.sign_in
    named: tuple[tuple[str, str | None, Callable[[str], object]], ...] = (
        ("flex.api_secret", tenant.flex.api_secret, reveal),
        ("sign_in.secret", given.secret, reveal),
        ("sign_in.certificate", given.certificate, reveal_certificate),
        ("sign_in.certificate_password", given.certificate_password, reveal),
    )
    for key, reference, look_up in named:
        if reference is None:
            continue
        try:
            look_up(reference)
        except FlexSSOError as error:
            yield _mishap("Secrets", error)
        else:
            yield Line("Secrets", "good", f"{key}: there is one at {reference}")


def _rights(session: Session) -> Iterator[Line]:
    who = session.principal
    yield Line("Sign-in", "good", f"{who.shown_name} in {session.organization}")
    for right in session.rights:
        verdict = right.verdict(who)
        why = f"{right.words}: {', '.join(verdict.why)}"
        if verdict.state == "no":
            fix = "Ask for it, then sign in again: a right that was given a moment ago counts only from then on."
            yield Line("Rights", "bad", f"{why} is missing; used by {right.notebooks}", fix)
        elif verdict.state == "not known":
            yield Line("Rights", "look", f"{why}; used by {right.notebooks}")
        else:
            yield Line("Rights", "good", right.words)


async def _flex(session: Session) -> Line:
    try:
        found = await session.flex.configuration()
    except FlexSSOError as error:
        return _mishap("Flex", error)
    if found.status != "ok":
        fix = "Finish the set-up of Flex in Twilio Console."
        return Line("Flex", "bad", f"{session.tenant.flex.account_sid} is {found.status or 'not set up'}", fix)
    return Line("Flex", "good", f"{session.tenant.flex.account_sid} · Flex UI {found.ui_version}")


def _mishap(part: str, error: FlexSSOError) -> Line:
    said = f"{error.title}: {error.what}" if part != "Secrets" else error.what
    return Line(part, "bad", " ".join(f"{said} {error.why}".split()), error.fix)
