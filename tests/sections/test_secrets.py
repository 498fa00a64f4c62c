"""A whole run with a secret that can be told from everything else: it turns up nowhere."""

import asyncio
import base64
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faults import Fault, Faulty, host_of
from IPython.core.ultratb import FormattedTB
from ipywidgets import Widget
from onboarding import DOCUMENTED, STEPS, proof
from stage import Stage, through
from starlette.types import Receive, Scope, Send

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.handover import write_handover
from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.rehearsal.flex import seed as flex_seed
from flexsso_helpers.rehearsal.server import seed
from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.session import secrets
from flexsso_helpers.views import errors_html
from flexsso_helpers.views import shown as shown_module
from flexsso_helpers.views.shown import text_of

TESTED = ("ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com")
MARKER = "MARKER-8d1f-secret"
CLIENT = {
    "sign_in": {
        "method": "client_secret", "client_id": seed.AUTOMATION_CLIENT, "secret": "env:NOT_READ_IN_A_REHEARSAL",
        "user": None,
    }
}  # fmt: skip


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both secrets, that of the Twilio key and that of the client, are the marker."""
    for place, name in ((secrets, "REHEARSED_SECRET"), (flex_seed, "SECRET"), (seed, "AUTOMATION_SECRET")):
        monkeypatch.setattr(place, name, MARKER)


class Tokens:
    """Notes every bearer token that goes by."""

    def __init__(self, app: Any) -> None:
        self.app, self.seen = app, set[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if host_of(scope) == "graph.microsoft.com":
            headers = dict(scope["headers"])
            self.seen.add(headers[b"authorization"].decode().removeprefix("Bearer "))
        await self.app(scope, receive, send)


def left_behind(folder: Path) -> str:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


@pytest.mark.thinned(2)
@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("changes", [{}, CLIENT], ids=["device-code", "client-secret"])
def test_no_secret_and_no_token_is_shown_or_kept(
    changes: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    stage, shown = Stage(tmp_path, changes=changes), list[str]()
    tokens = Tokens(stage.app)
    caplog.set_level(logging.DEBUG)

    async def everything() -> None:
        session = await stage.open(app=tokens)
        shown.extend([repr(session), text_of(session)])
        for number in DOCUMENTED:
            for thing in await through(session, STEPS[number]):
                shown.extend([text_of(thing), repr(thing), thing._repr_mimebundle_()["text/html"]])
        write_handover(session.folder)

    asyncio.run(everything())
    assert len(tokens.seen) == 1
    printed = capfd.readouterr()
    widgets = str(Widget.get_manager_state(drop_defaults=False))  # which JupyterLab may save into the notebook
    everything_said = "\n".join([*shown, widgets, left_behind(tmp_path), printed.out, printed.err, caplog.text])
    assert len(everything_said) > 100_000
    for secret in (MARKER, *tokens.seen):
        assert secret not in everything_said


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("wrong", ["twilio", "client"])
def test_a_secret_that_is_refused_is_not_in_the_error(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    place, name = (flex_seed, "SECRET") if wrong == "twilio" else (seed, "AUTOMATION_SECRET")
    monkeypatch.setattr(place, name, "another")
    stage = Stage(tmp_path, changes={} if wrong == "twilio" else CLIENT)

    async def start() -> None:
        session = await stage.open()
        await session.flex.configuration()  # which 00 can do without, and 08 cannot

    with pytest.raises(FlexSSOError) as caught:
        asyncio.run(start())
    printed = capfd.readouterr()
    said = [str(caught.value), caught.value._repr_html_(), repr(caught.value), printed.out, printed.err]
    assert MARKER not in "\n".join(said)
    assert caught.value.notebook == "00"
    expected = "API key or its secret is not right" if wrong == "twilio" else "The client secret is not right."
    assert expected in caught.value.why


@pytest.mark.usefixtures("marked")
def test_a_run_that_fails_half_way_leaves_no_secret_either(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    fault = Fault(method="POST", path=".*/addTokenSigningCertificate", effect=False, status=500)

    async def run() -> None:
        session = await stage.open(app=Faulty(stage.app, fault))
        for number in DOCUMENTED:
            await through(session, STEPS[number])

    with pytest.raises(FlexSSOError) as caught:
        asyncio.run(run())
    assert MARKER not in str(caught.value) + left_behind(tmp_path)


@pytest.mark.full
def test_a_crash_in_the_middle_of_a_request_shows_and_leaves_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours or of a library, deep below a cell, in a kernel that was told to show values of variables."""
    stage, caught = Stage(tmp_path), FormattedTB(mode="Verbose")
    tokens = Tokens(stage.app)
    shell = SimpleNamespace(kernel=object(), InteractiveTB=caught, set_custom_exc=lambda *_: None)
    for place in (errors_html, shown_module):
        monkeypatch.setattr(place, "get_ipython", lambda: shell)
    caplog.set_level(logging.DEBUG)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await tokens(scope, receive, send)
        if scope["method"] == "POST" and host_of(scope) == "graph.microsoft.com":
            raise KeyError("a mistake")

    async def cell() -> None:
        session = await stage.open(app=broken)
        await through(session, STEPS["01"])

    with pytest.raises(KeyError) as crash:
        asyncio.run(cell())
    information = (crash.type, crash.value, crash.tb)
    (token,) = tokens.seen
    assert token in caught.text(*information)
    errors_html.draw_errors()
    traceback = caught.text(*information)
    assert "a mistake" in traceback
    assert token not in traceback + left_behind(tmp_path) + caplog.text


def test_the_nonce_of_the_rehearsal_is_not_in_what_a_session_shows_of_itself(empty: Stage) -> None:
    async def shown() -> str:
        session = await empty.open()
        return repr(session.rehearsal_client) + text_of(session)

    assert "nonce=" not in asyncio.run(shown())


CANARY = "CANARY-5c1e"


def test_what_a_live_person_pastes_is_in_no_byte_that_is_left_nor_in_a_widget(
    before: Callable[[str], Stage], tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A response for another application, an error page, and a response that is none: all hold what is nobody's."""
    stage, shown = before("08"), list[str]()
    caplog.set_level(logging.DEBUG)
    form = base64.b64encode(f'<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="{CANARY}"/>'.encode())
    given = dict(zip(TESTED, (form.decode(), f"<html>Sorry, {CANARY}</html>", f"SAMLResponse={CANARY}"), strict=True))

    async def everything() -> None:
        session = await stage.open(apply=False)
        session.person = PersonAtTheConsole("Ada")
        fields = sign_on.responses(session)
        for user, text in given.items():
            fields.inputs[user].value = text
        plan = await sign_on.STEP.plan(session)
        shown.extend([text_of(plan), str(Widget.get_manager_state(drop_defaults=False))])
        cell = session.approval(plan)
        cell._box.tick.value = True
        applied = await sign_on.STEP.apply(session, plan, cell)
        evidence = await proof(session, "08")
        shown.extend([text_of(thing) for thing in (applied, evidence)])
        shown.append(str(Widget.get_manager_state(drop_defaults=False)))
        write_handover(session.folder)
        shutil.rmtree(session.folder / "responses")  # which a rehearsal alone keeps: its people are invented

    asyncio.run(everything())
    printed = capfd.readouterr()
    everything_said = "\n".join([*shown, left_behind(tmp_path), printed.out, printed.err, caplog.text])
    for secret in (CANARY, form.decode(), base64.b64encode(CANARY.encode()).decode().rstrip("=")):
        assert secret not in everything_said
