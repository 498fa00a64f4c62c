"""A whole onboarding conforms to the vendors' descriptions, and whatever would not is told."""

import contextlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from exchange import Exchange
from graph_judge import KNOWN_ERRORS, V1, Unjudged, located, permitted
from typed import DESCRIPTIONS
from verdicts import Verdicts, judged, whole_onboarding

from flexsso_helpers.graph import SCOPES

GRAPH, TASKROUTER = "graph.microsoft.com", "taskrouter.twilio.com"
SPARE = {
    "AppRoleAssignment.ReadWrite.All": "Application.ReadWrite.All alone may do: a quirk (assignment_permission)",
    "Policy.Read.All": "by the data the writing one reads policies too; older pages ask for this one",
    "Organization.Read.All": "by the data others read the organisation and its licences; its page asks for this one",
}
"""Permissions that the data would let us do without, and why the runbook asks for them."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    with Verdicts().listening() as found:
        whole_onboarding(tmp_path_factory.mktemp("conformance"))
    return found


def one(verdicts: Verdicts, method: str, address: str, host: str = GRAPH) -> Exchange:
    """An exchange of this kind that was done."""
    return next(
        each
        for each in verdicts.exchanges
        if (each.method, each.host) == (method, host) and each.done and re.search(address, each.path)
    )


def test_a_whole_onboarding_conforms(verdicts: Verdicts) -> None:
    assert not verdicts.deviating, str(verdicts)
    assert verdicts.conforming > 280
    assert str(verdicts).startswith(
        f"exchanges {len(verdicts.exchanges)}, conforming {verdicts.conforming}, deviating 0"
    )


PATCH = ("PATCH", r"/applications/[^/]+$")
WRONG: dict[str, tuple[tuple[str, ...], Callable[[Exchange], dict[str, Any]], str]] = {
    "an undocumented property": (PATCH, lambda e: {"sent": {**e.sent, "shiny": 1}}, "shiny is no property"),
    "one inside another": (PATCH, lambda _: {"sent": {"web": {"shiny": 1}}}, "web.shiny is no property"),
    "a property that is read-only": (PATCH, lambda _: {"sent": {"appId": "x"}}, "read-only"),
    "a value of another type": (PATCH, lambda _: {"sent": {"identifierUris": "x"}}, "no list"),
    "no identifier of a role": (PATCH, lambda _: {"sent": {"appRoles": [{"id": "1"}]}}, "no Edm.Guid"),
    "an unknown option": (("GET", "/applications$"), lambda _: {"query": {"$shiny": "1"}}, "no option"),
    "an unknown column": (("GET", "/applications$"), lambda _: {"query": {"$select": "shiny"}}, "has no shiny"),
    "a filter that there is not": (
        ("GET", "/applications$"), lambda _: {"query": {"$filter": "shiny eq 'x'"}}, "no shiny to filter",
    ),
    "an undocumented answer": (
        ("GET", r"/servicePrincipals\(appId"), lambda e: {"answer": {**e.answer, "endpoints": []}}, "endpoints is no",
    ),
    "an address that there is not": (PATCH, lambda e: {"path": f"{e.path}/shiny"}, "has no shiny"),
    "no permission": (PATCH, lambda e: {"principal": {**e.principal, "scopes": ["User.Read"]}}, "not permitted"),
    "an unknown parameter of an action": (
        ("POST", "addTokenSigningCertificate$"), lambda e: {"sent": {**e.sent, "shiny": 1}}, "no parameter shiny",
    ),
    "a worker with more": (
        ("GET", r"/Workers/", TASKROUTER), lambda e: {"answer": {**e.answer, "shiny": 1}}, "shiny",
    ),
    "a filter that Twilio lacks": (("GET", r"/Workers", TASKROUTER), lambda _: {"query": {"Shiny": "1"}}, "no option"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_described_is_told(verdicts: Verdicts, what: str) -> None:
    wanted, change, said = WRONG[what]
    try:
        exchange = one(verdicts, *wanted)
    except StopIteration:  # the run lists workers and fetches none: a worker of the list will do
        listed = one(verdicts, "GET", "/Workers", TASKROUTER)
        worker = listed.answer["workers"][0]
        exchange = replace(listed, path=f"{listed.path}/{worker['sid']}", query={}, answer=worker)
    assert judged(exchange) == []
    assert said in " ".join(judged(replace(exchange, **change(exchange))))


def test_a_refused_request_may_be_wrong(verdicts: Verdicts) -> None:
    exchange = replace(one(verdicts, *PATCH), sent={"shiny": 1}, status=400, answer={"error": {}})
    assert judged(exchange) == []


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_no_permission_is_asked_for_that_nothing_needs(verdicts: Verdicts, scope: str) -> None:
    """Without it something that the run did would not be permitted."""
    asked = set(SCOPES) - {scope}
    ways = [permitted(located(V1, each.path), each) for each in verdicts.exchanges if _described(each)]
    needed = any(found and not any(way <= asked for way in found) for found in ways)
    assert needed is not (scope in SPARE)


def _described(exchange: Exchange) -> bool:
    if exchange.host != GRAPH or not exchange.done or "/beta/" in exchange.path:
        return False
    try:
        return judged(exchange) == []
    except Exception:  # noqa: BLE001 - not described
        return False


PLACE = re.compile(r"(graph/(api|api/resources)/[\w-]+|[\w-]+/[\w-]+[# ,].+)", re.ASCII)


@pytest.mark.parametrize("error", KNOWN_ERRORS)
def test_each_known_error_of_the_descriptions_says_where_the_better_word_stands(error: str) -> None:
    why, source = KNOWN_ERRORS[error]
    assert why
    assert all(PLACE.fullmatch(each) for each in source.split("; ")), source


def test_a_known_error_excuses_nothing_else(verdicts: Verdicts) -> None:
    """Each stands for one thing that is said of one type, not for whatever comes from there."""
    assert any("createdDateTime" in each for each in unexcused(verdicts))
    exchange = one(verdicts, "GET", r"/servicePrincipals\(appId='[^']+'\)$")
    spoiled = {**exchange.answer, "roleTemplateId": "x", "groupFilter": None, "value": []}
    assert len(judged(replace(exchange, answer=spoiled))) == 3


def unexcused(verdicts: Verdicts) -> list[str]:
    """What would deviate if the descriptions were right throughout."""
    known, found = dict(KNOWN_ERRORS), []
    KNOWN_ERRORS.clear()
    try:
        for each in verdicts.exchanges:
            with contextlib.suppress(Unjudged):
                found += judged(each)
    finally:
        KNOWN_ERRORS.update(known)
    return found


def test_the_descriptions_say_where_they_are_from() -> None:
    said = (DESCRIPTIONS / "README.md").read_text("utf-8")
    for name in DESCRIPTIONS.glob("*.json"):
        assert re.search(rf"\| {re.escape(name.name)} \|.*\| MIT \|", said), name
