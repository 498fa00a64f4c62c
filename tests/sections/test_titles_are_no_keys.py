"""What a setting is called is for people: under any other name the same is planned, written and proved."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from onboarding import BY_HAND, DOCUMENTED, STEPS, change_principal, made_by_hand
from stage import Stage

from flexsso_helpers.plan import Approval, Change, Evidence, Plan
from flexsso_helpers.sections.basic_saml.step import BREAKS
from flexsso_helpers.sections.basic_saml.writing import ASSIGNMENT

CALLED_OTHERWISE = "Otherwise: "
WRITING = tuple(number for number in DOCUMENTED if number <= "07")
Told = tuple[list[Any], list[Any]]
"""What was sent to change something, and what plans and proofs said beside their titles."""


@contextmanager
def called_otherwise(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every setting has another name, from the moment at which its change is made."""
    made = Change.__init__

    def renamed(self: Change, *, setting: str, **values: Any) -> None:
        made(self, setting=CALLED_OTHERWISE + setting.removeprefix(CALLED_OTHERWISE), **values)

    with patch.context() as changed:
        changed.setattr(Change, "__init__", renamed)
        yield


class Heard:
    """The application; every request that is to change something at Graph or Twilio is kept as it arrives."""

    def __init__(self, app: Any) -> None:
        self.app, self.sent = app, list[Any]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] == "GET" or "/oauth2/" in scope["path"]:
            await self.app(scope, receive, send)
            return
        parts = list[bytes]()

        async def listening() -> Any:
            message = await receive()
            if message["type"] == "http.request":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    self._keep(scope["method"], scope["path"], b"".join(parts))
            return message

        await self.app(scope, listening, send)

    def _keep(self, method: str, path: str, body: bytes) -> None:
        content = json.loads(body) if body.startswith((b"{", b"[")) else body.decode()
        if path.endswith("/$batch"):
            content = [each for each in content["requests"] if each["method"] != "GET"]
        if content or method == "DELETE":
            self.sent.append([method, path, content])


def said(plan: Plan, evidence: Evidence) -> list[Any]:
    """All of a plan's lines and of a proof but the titles, which may go into an order of their own."""
    lines = [{name: value for name, value in asdict(each).items() if name not in ("setting", "key")}
             for each in plan.changes]  # fmt: skip
    return [lines, [asdict(finding) for finding in evidence.findings]]


def set_up(stage: Stage) -> Told:
    """01 to 07, everything approved that is asked for by name."""
    app, told = Heard(stage.app), list[Any]()

    async def go() -> None:
        session = await stage.open(app=app)
        for number in WRITING:
            step = STEPS[number]
            plan = await step.plan(session)
            names = frozenset(change.key for change in plan.open if change.by_name)
            applied = await step.apply(session, plan, Approval(digest=plan.digest, given=True, names=names))
            assert applied.left == ()
            told.append(said(plan, await step.verify(session)))

    asyncio.run(go())
    return app.sent, told


def nothing_there(folder: Path) -> Stage:
    return Stage(folder)


def made_otherwise(folder: Path) -> Stage:
    """An application that is in use, with other values, and a file that asks for exactly its own."""
    stage = Stage(folder, changes={"assignments": {"exact": True}})
    others = {"requestSignatureVerification": {"isSignedRequestRequired": True}, "groupMembershipClaims": "All"}
    app_id = made_by_hand(stage.world, identifier="https://elsewhere.example/saml", **others)
    change_principal(stage.world, BY_HAND, appRoleAssignmentRequired=False, loginUrl="https://elsewhere.example/")
    stage.changes["application"] = {"app_id": app_id, "service_management_reference": "CMDB-7"}
    return stage


@pytest.mark.parametrize("begun", [nothing_there, made_otherwise])
def test_the_same_is_written_whatever_settings_are_called(
    begun: Callable[[Path], Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, told = set_up(begun(tmp_path / "usual"))
    with called_otherwise(monkeypatch):
        others_sent, others_told = set_up(begun(tmp_path / "otherwise"))
    assert len(sent) > 10
    assert begun is nothing_there or BREAKS[ASSIGNMENT] in json.dumps(told)
    assert others_sent == sent
    assert others_told == told
