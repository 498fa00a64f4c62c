"""Every read of 00 is advisory: whatever a service answers, 00 ends as it would without that read, and says so."""

import asyncio
import functools
import tempfile
from pathlib import Path
from typing import Any

import pytest
from onboarding import proof
from stage import Stage
from starlette.responses import JSONResponse, PlainTextResponse, Response

from flexsso_helpers.plan import Evidence

CONNECTION = {
    "reply_url": "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000001",
    "identifier": "urn:flex:JQf1e55000000000000000000000000001",
}
KNOWN = {"flex": {"connection": CONNECTION}}
ENTRIES = [{"connection_name": f"JQf1e5500000000000000000000000000{n}", "active": True} for n in (1, 2)]
READS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    # read: (method, path, changes to the file, title of its line)
    "licences": ("GET", "/v1.0/subscribedSkus", {}, "Groups can be assigned"),
    "management policy": ("GET", "/v1.0/policies/defaultAppManagementPolicy", {}, "Identifier policy of the tenant"),
    "deleted applications": (
        "GET", "/v1.0/directory/deletedItems/microsoft.graph.application", KNOWN, "Deleted application",
    ),
    "applications": ("GET", "/v1.0/applications", {}, "Which application is meant"),
    "people": ("POST", "/v1.0/$batch", {}, "People and groups of the tenant's file"),
    "groups": ("GET", "/v1.0/groups", {}, "People and groups of the tenant's file"),
    "connections": ("GET", "/v1/Flex/Authentication/Config", {}, "Reply URL and identifier"),
    "configuration": ("GET", "/v1/Configuration", {}, "Flex is set up"),
    "legacy": ("POST", "/v1/Accounts/ACf1e55000000000000000000000000001/authenticate", {}, "Legacy single sign-on"),
}  # fmt: skip


def refusal(status: int) -> Response:
    return JSONResponse({"error": {"code": "Odd", "message": "no"}, "code": 20003, "message": "no"}, status)


ANSWERS = {
    "400": refusal(400), "403": refusal(403), "404": refusal(404), "500": refusal(500),
    "html": PlainTextResponse("<html><body>hotspot</body></html>", 200, {"content-type": "text/html"}),
    "empty": PlainTextResponse("", 200),
    "two entries": JSONResponse({"value": [{}, {}], "config_list": ENTRIES, "responses": [{}, {}]}),
}  # fmt: skip
ANSWERED = {
    **{("connections", answer): "Console shows the same values" for answer in ("403", "500", "html", "empty")},
    # what is no failure but an answer, whose meaning is documented
    ("connections", "400"): "no connection is there yet (F10)", ("connections", "404"): "the same (F10)",
    ("legacy", "400"): "Legacy is not in force (F116)",
    ("legacy", "403"): "the same (F116)", ("legacy", "404"): "the same (F116)", ("legacy", "html"): "the same (F116)",
    ("legacy", "empty"): "the same (F116)", ("legacy", "two entries"): "the same (F116)",
}  # fmt: skip


def looked(folder: Path, read: str = "", answer: str = "") -> Evidence:
    method, path, changes, _ = READS[read] if read else ("", "", {}, "")

    def instead(app: Any) -> Any:
        async def answered(scope: Any, receive: Any, send: Any) -> None:
            hit = scope["method"] == method and scope["path"] == path
            await (ANSWERS.get(answer, app) if hit else app)(scope, receive, send)

        return answered

    async def go() -> Evidence:
        stage = Stage(folder, changes=changes)
        return await proof(await stage.open(apply=False, app=instead(stage.app)), "00")

    return asyncio.run(go())


@functools.cache
def plain_outcome(connection_known: bool) -> int:
    """What 00 comes to when every read answers."""
    with tempfile.TemporaryDirectory() as folder:
        return looked(Path(folder), "deleted applications" if connection_known else "", "none").outcome


@pytest.mark.thinned(6)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("read", READS)
def test_00_ends_as_it_would_without_it(read: str, answer: str, tmp_path: Path) -> None:
    evidence = looked(tmp_path / "odd", read, answer)
    assert not [each.title for each in evidence.findings if each.state == "wrong" and each.level == "error"]
    if (read, answer) in ANSWERED:
        return
    assert evidence.outcome == plain_outcome(bool(READS[read][2]))
    line = next(each for each in evidence.findings if each.title.startswith(READS[read][3]))
    assert (line.state, line.fails) == ("unknown", False)
    assert line.received.startswith("could not look: ")
