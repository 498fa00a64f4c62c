"""The gateway to Graph over the real SDK: what is sent to the letter, what is repeated, how refusals read."""

import ast
import json
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from graph_bench import Answer, Bench, Token, no, ok
from hypothesis import given
from hypothesis import strategies as st
from stage import PROJECT

from flexsso_helpers.clouds import CHINA, GLOBAL, Cloud
from flexsso_helpers.errors import (
    FlexSSOError,
    NotPermitted,
    OutcomeUnknown,
    Refused,
    SignInError,
    Throttled,
    Unreachable,
)
from flexsso_helpers.graph import Graph, literal


def test_what_is_written_arrives_to_the_letter_nulls_and_ticks_included() -> None:
    body = {"tokenEncryptionKeyId": None, "endDateTime": "2029-10-02T08:00:00.1234567Z", "displayName": "Ünïcode “x”"}
    bench = Bench(httpx.Response(204))
    bench.run(lambda graph: graph.patch("/applications/1", body, why="Writing", before={}))
    sent = bench.wire.asked[0]
    assert json.loads(sent.content) == body
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == "Bearer the-token"
    assert sent.url == "https://graph.microsoft.com/v1.0/applications/1"
    assert bench.notes.lines == [("intent", "PATCH", "/applications/1"), ("answer", 1, 200, "")]


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc"))))
def test_any_name_can_be_filtered_by(name: str) -> None:
    quoted = literal(name)
    assert quoted[0] == quoted[-1] == "'"
    assert quoted[1:-1].replace("''", "'") == name


@pytest.mark.parametrize("name", ["O'Brien & Sons", "100 % #1?", "Größe/Übergröße+", "a b", "'; drop"])
def test_a_filter_reaches_graph_as_it_was_meant(name: str) -> None:
    bench = Bench(ok())
    bench.run(lambda graph: graph.list("/applications", {"$filter": f"displayName eq {literal(name)}", "$top": "5"}))
    query = bench.wire.asked[0].url.params
    assert (query["$filter"], query["$top"]) == (f"displayName eq {literal(name)}", "5")


def test_a_list_follows_its_next_links() -> None:
    more = {"value": [{"id": 1}], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x"}
    bench = Bench(ok(more), ok({"value": [{"id": 2}]}))
    assert bench.run(lambda graph: graph.list("/users")) == [{"id": 1}, {"id": 2}]
    assert str(bench.wire.asked[1].url) == more["@odata.nextLink"]


def test_a_next_link_that_leads_elsewhere_gets_neither_a_request_nor_the_token() -> None:
    bench = Bench(ok({"value": [], "@odata.nextLink": "https://evil.example/v1.0/users"}))
    with pytest.raises(Unreachable, match=r"evil\.example"):
        bench.run(lambda graph: graph.list("/users"))
    assert len(bench.wire.asked) == 1
    assert bench.slept == []


def _together(*bodies: dict[str, Any]) -> httpx.Response:
    return ok({"responses": [{"id": str(n), "status": 200, "body": body} for n, body in enumerate(bodies)]})


def test_many_lists_come_in_one_request_and_each_whole() -> None:
    more = {"value": [{"id": 1}], "@odata.nextLink": "https://graph.microsoft.com/v1.0/groups?$skiptoken=x"}
    bench = Bench(_together(more, {"value": []}), ok({"value": [{"id": 2}]}))
    asked: list[Any] = [("/groups", {"$filter": "displayName eq 'A'"}), ("/groups", {})]
    assert bench.run(lambda graph: graph.list_many(asked)) == [[{"id": 1}, {"id": 2}], []]
    assert len(bench.wire.asked) == 2


def test_of_many_lists_one_that_is_not_there_is_no_empty_one() -> None:
    gone = no(404, "Request_ResourceNotFound", "gone")
    missing = ok({"responses": [{"id": "0", "status": 404, "body": gone.json()}]})

    async def look(graph: Graph, name: str) -> None:
        with graph.snapshot.looking(name) if name else nullcontext():
            await graph.list_many([("/groups/1/members", {})])

    for name in ("", "07"):
        with pytest.raises(Refused) as caught:
            Bench(missing, gone).run(lambda graph, name=name: look(graph, name))
        assert caught.value.status == 404
    with pytest.raises(Unreachable):
        Bench(_together({"id": "no list"})).run(lambda graph: graph.list_many([("/groups", {})]))


def test_a_missing_object_may_be_missing() -> None:
    bench = Bench(no(404, "Request_ResourceNotFound", "gone"))
    assert bench.run(lambda graph: graph.get("/users/x", missing_ok=True)) == {}
    with pytest.raises(Refused) as caught:
        bench.run(lambda graph: graph.get("/users/x"))
    assert caught.value.status == 404


@pytest.mark.parametrize("answer", [{}, {"@odata.context": "…"}, {"value": []}])
def test_an_answer_that_shows_nothing_of_what_was_selected_is_no_object_without_it(answer: dict[str, Any]) -> None:
    """Else a list that is read and written back whole loses all that it held."""
    bench = Bench(*[ok(answer)] * 9)
    with pytest.raises(Unreachable, match="Reading /servicePrincipals/1"):
        bench.run(lambda graph: graph.get("/servicePrincipals/1", select="keyCredentials,passwordCredentials"))


def test_neither_alone_nor_in_a_batch_an_empty_answer_is_an_object() -> None:
    alone, together = Bench(*[ok({})] * 9), Bench(*[ok({"responses": [{"id": "0", "status": 200, "body": {}}]})] * 9)
    with pytest.raises(Unreachable):
        alone.run(lambda graph: graph.get("/applications/1", missing_ok=True))
    with pytest.raises(Unreachable):
        together.run(lambda graph: graph.read_many(["/users/x"]))


def test_removing_what_is_gone_is_done() -> None:
    bench = Bench(no(404, "Request_ResourceNotFound", "gone"))
    bench.run(lambda graph: graph.delete("/applications/1", why="Withdrawing", before={}))
    assert bench.notes.lines[-1] == ("answer", 1, 404, "Request_ResourceNotFound")


@pytest.mark.parametrize("status", [409, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_what_passes_by_itself_is_sent_again_except_a_create(method: str, status: int) -> None:
    calls: dict[str, Callable[[Graph], Any]] = {
        "get": lambda graph: graph.get("/x"),
        "patch": lambda graph: graph.patch("/x", {}, why="w", before={}),
        "delete": lambda graph: graph.delete("/x", why="w", before={}),
    }
    bench = Bench(no(status), no(status), ok({"id": "x"}))
    bench.run(calls[method])
    assert (len(bench.wire.asked), bench.slept) == (3, [1.0, 2.0])


@pytest.mark.parametrize(
    ("answer", "error", "sent"),
    [
        (no(404), OutcomeUnknown, 1),
        (no(409), Refused, 1),
        (no(500), OutcomeUnknown, 1),
        (no(502), OutcomeUnknown, 1),
        (no(503), OutcomeUnknown, 1),
        (no(504), OutcomeUnknown, 1),
        (no(400), Refused, 1),
        (no(403), NotPermitted, 1),
        (no(429), Throttled, 5),
        (httpx.ReadTimeout("t"), OutcomeUnknown, 1),
        (httpx.ReadError("t"), OutcomeUnknown, 1),
        (httpx.RemoteProtocolError("t"), OutcomeUnknown, 1),
        (httpx.WriteError("t"), OutcomeUnknown, 1),
        (httpx.Response(200, text="<html>Please sign in to this network</html>"), OutcomeUnknown, 1),
        (httpx.ConnectError("t"), Unreachable, 1),
        (httpx.ConnectTimeout("t"), Unreachable, 1),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_create_is_sent_once_whatever_comes_of_it(answer: Answer, error: type[FlexSSOError], sent: int) -> None:
    bench = Bench(answer)
    with pytest.raises(error):
        bench.run(lambda graph: graph.post("/x", {}, why="Creating"))
    assert len(bench.wire.asked) == sent
    assert bench.notes.lines[0] == ("intent", "POST", "/x")
    assert bench.notes.lines[1][:2] == ("answer", 1)


def test_a_missing_permission_is_never_tried_again() -> None:
    bench = Bench(no(403, "Authorization_RequestDenied", "Insufficient privileges."))
    with pytest.raises(NotPermitted) as caught:
        bench.run(lambda graph: graph.get("/x"))
    assert len(bench.wire.asked) == 1
    assert "Authorization_RequestDenied: Insufficient privileges." in caught.value.why


@pytest.mark.parametrize(
    ("header", "slept"),
    [("17", 17.0), ("0", 0.0), ("300", 300.0), ("900", 900.0), ("Mon, 02 Nov 2026 08:00:10 GMT", 1.0), ("soon", 1.0)],
    ids=["seconds", "at-once", "five-minutes", "the-longest", "a-date", "nonsense"],
)
def test_the_service_says_how_long_to_wait(header: str, slept: float) -> None:
    bench = Bench(no(429, Retry_After=header), ok({"id": "x"}))
    bench.run(lambda graph: graph.get("/x"))
    assert bench.slept == [slept]


def test_where_more_is_asked_than_is_waited_it_is_said_when_to_come_again() -> None:
    bench = Bench(no(429, Retry_After="7200"), ok({}))
    with pytest.raises(Throttled) as caught:
        bench.run(lambda graph: graph.get("/x"))
    assert (bench.slept, len(bench.wire.asked)) == ([], 1)
    assert "wait for 2 hours" in caught.value.fix


def test_a_token_is_renewed_off_the_event_loop() -> None:
    class Slow(Token):
        def get_token(self, *scopes: str, **options: Any) -> Any:
            assert threading.current_thread() is not threading.main_thread()
            return super().get_token(*scopes, **options)

    assert Bench(ok({"id": 1}), token=Slow()).run(lambda graph: graph.get("/x")) == {"id": 1}


def test_a_gateway_that_is_closed_has_given_its_connections_back() -> None:
    async def closed(graph: Graph) -> bool:
        await graph.close()
        return graph.sending.client.is_closed

    assert Bench(ok()).run(closed)


READINGS = [
    ("Request_BadRequest", "HostNameNotOnVerifiedDomain: …", "01"),
    ("InvalidUniqueTenantIdentifierAsPerAppPolicy", "Failed to add identifier URI", "02"),
    ("Request_BadRequest", "Another object with the same value for property identifierUris already exists.", "00"),
    ("CannotDeleteOrUpdateEnabledEntitlement", "Property value cannot be deleted unless it is disabled.", "05"),
    ("CredentialInvalidLifetimeAsPerAppPolicy", "Credential lifetime exceeds the max value allowed", "03"),
    ("CredentialTypeNotAllowedAsPerAppPolicy", "Credential type not allowed as per assigned policy", "03"),
    ("ServiceTreeValueMissing", "ServiceManagementReference field is required for Create, but is missing", "01"),
    ("ServiceTreeValueMissing", "ServiceManagementReference field is required for Update, but is missing", "01"),
    ("Directory_QuotaExceeded", "The directory object quota limit has been exceeded.", "00"),
    ("Request_ResourceNotFound", "Resource 'x' does not exist.", ""),
    ("SomethingNew", "Nobody has seen this.", "00"),
]


@pytest.mark.parametrize(("code", "message", "notebook"), READINGS, ids=lambda text: text[-25:])
def test_a_refusal_keeps_graphs_words_and_names_the_notebook(code: str, message: str, notebook: str) -> None:
    with pytest.raises(Refused) as caught:
        Bench(no(400, code, message)).run(lambda graph: graph.get("/x"))
    error = caught.value
    assert (error.code, error.message, error.request_id, error.notebook) == (code, message, "r-1", notebook)
    assert (bool(error.why), bool(error.fix)) == (True, True)
    lines = str(error).splitlines()
    assert f"Answer:   HTTP 400 · {code} · {message}" in lines[-2]
    assert lines[-1].endswith("r-1")


def test_the_details_of_a_refusal_are_read_too() -> None:
    body = {
        "error": {
            "code": "Request_BadRequest", "message": "Invalid.",
            "details": [{"code": "HostNameNotOnVerifiedDomain", "message": "…", "target": "identifierUris"}],
        }
    }  # fmt: skip
    with pytest.raises(Refused) as caught:
        Bench(httpx.Response(400, json=body)).run(lambda graph: graph.get("/x"))
    assert caught.value.notebook == "01"
    assert caught.value.details == (("HostNameNotOnVerifiedDomain", "…"),)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(502, text="<html>Bad gateway</html>"), Refused),
        (httpx.Response(403, text="Blocked by the firewall"), NotPermitted),
        (httpx.Response(407, text=""), Refused),
        (httpx.Response(200, text="<html>Please accept the terms of this hotspot</html>"), Unreachable),
        (httpx.Response(200, json=["a", "list"]), Unreachable),
    ],
    ids=["proxy-502", "firewall-403", "proxy-407", "hotspot-200", "not-an-object"],
)
def test_what_something_on_the_way_answers_is_no_bare_traceback(
    answer: httpx.Response, error: type[FlexSSOError]
) -> None:
    with pytest.raises(error) as caught:
        Bench(answer).run(lambda graph: graph.get("/x"))
    assert len(str(caught.value).splitlines()) <= 12


def test_a_token_that_cannot_be_renewed_is_said_and_nothing_is_sent() -> None:
    refused = ClientAuthenticationError("AADSTS700016: not found")
    bench = Bench(ok(), token=Token(refused))
    with pytest.raises(SignInError, match="AADSTS700016"):
        bench.run(lambda graph: graph.post("/x", {}, why="Creating"))
    assert bench.wire.asked == []
    assert bench.notes.lines[-1][:3] == ("answer", 1, 0)


def test_a_token_that_cannot_be_renewed_without_a_network_is_no_refusal() -> None:
    away = ClientAuthenticationError("Authentication failed: no route")
    away.__cause__ = ServiceRequestError("no route")
    with pytest.raises(Unreachable, match="Signing in to tenant t"):
        Bench(ok(), token=Token(away)).run(lambda graph: graph.get("/x"))


@pytest.mark.parametrize("cloud", [GLOBAL, CHINA], ids=lambda cloud: cloud.name)
def test_every_cloud_has_its_own_addresses(cloud: Cloud) -> None:
    bench = Bench(ok({"id": "x"}), cloud=cloud)
    bench.run(lambda graph: graph.get("/organization"))
    assert str(bench.wire.asked[0].url) == f"{cloud.graph}/v1.0/organization"

    async def reference(graph: Graph) -> Any:
        return graph.reference("/policies/claimsMappingPolicies/1")

    assert bench.run(reference) == {"@odata.id": f"{cloud.graph}/v1.0/policies/claimsMappingPolicies/1"}


@pytest.mark.parametrize("answer", [{}, {"id": ""}, {"id": None}, {"value": []}])
def test_a_create_that_does_not_say_what_it_made_is_looked_up(answer: dict[str, Any]) -> None:
    bench = Bench(ok(answer))
    with pytest.raises(OutcomeUnknown, match="does not say what was made"):
        bench.run(lambda graph: graph.post("/applications", {}, why="Creating", gives="id"))


def test_whoever_reads_the_answer_to_a_create_says_what_it_must_hold() -> None:
    """Otherwise a proxy's `{}` is a bare KeyError. Found in all code, so that the next create is found too."""
    found, loose = 0, []
    for path in (PROJECT / "flexsso_helpers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Await):
                call = node.value.value
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("graph.post"):
                    found += 1
                    loose += [] if any(each.arg == "gives" for each in call.keywords) else [f"{path}:{node.lineno}"]
    assert found >= 3
    assert loose == []


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "7", "status": 200, "body": {"id": "1"}},
        {"id": "0", "status": 400, "body": {"error": "denied"}},
        {"id": "0", "status": 400, "body": {"error": {"innerError": "x", "details": ["y"]}}},
        {"id": "0", "status": "all right", "body": {"id": "1"}},
    ],
)
def test_of_an_odd_answer_to_what_was_expected_a_request_of_its_own_decides(odd: dict[str, Any]) -> None:
    bench = Bench(ok({"responses": [odd]}), ok({"id": "me"}))

    async def look(graph: Graph) -> Any:
        with graph.snapshot.looking("open"):
            graph.expect([("/me", {}), ("/organization", {})])
            return await graph.get("/me")

    assert bench.run(look) == {"id": "me"}
