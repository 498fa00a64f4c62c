"""Batches over the real SDK: twenty a request, each entry judged and, where it may be, sent again by itself."""

import json
from typing import Any

import httpx
import pytest
from graph_bench import Bench, no, ok

from flexsso_helpers.errors import NotPermitted, OutcomeUnknown, Refused, Throttled, Unreachable
from flexsso_helpers.graph import Request

POST = [Request(method="POST", path=f"/groups/{n}", body={"n": n}, why="Making one") for n in range(2)]
PATHS = [f"/users/{n}" for n in range(2)]


def answers(*entries: tuple[int, int] | tuple[int, int, dict[str, str]]) -> httpx.Response:
    """An outer answer; entries are (id, status[, headers]), in any order."""
    listed = []
    for number, status, *more in entries:
        error = {"error": {"code": "Made_Up", "message": "By a test."}}
        body: dict[str, Any] = {"id": f"made-{number}"} if status < 400 else error
        listed.append({"id": str(number), "status": status, "headers": more[0] if more else {}, "body": body})
    return ok({"responses": listed})


def sent(bench: Bench) -> list[list[str]]:
    """The ids of the entries of each batch."""
    return [[each["id"] for each in json.loads(request.content)["requests"]] for request in bench.wire.asked]


def write(bench: Bench, requests: list[Request]) -> Any:
    return bench.run(lambda graph: graph.write_many(requests))


def read(bench: Bench, paths: list[str]) -> Any:
    return bench.run(lambda graph: graph.read_many(paths))


def test_answers_come_back_in_the_order_that_was_asked() -> None:
    bench = Bench(answers((1, 200), (0, 200)))
    assert [each["id"] for each in read(bench, PATHS)] == ["made-0", "made-1"]
    assert str(bench.wire.asked[0].url) == "https://graph.microsoft.com/v1.0/$batch"


def test_forty_one_take_three_requests_and_it_is_told_how_far_it_is() -> None:
    told: list[int] = []
    bench = Bench(answers(*((n, 200) for n in range(20))))
    bench.run(lambda graph: graph.read_many([f"/users/{n}" for n in range(41)], told.append))
    assert sorted(len(ids) for ids in sent(bench)) == [1, 20, 20]
    assert told[-1] == 41


def test_a_missing_object_is_empty_and_another_refusal_is_raised() -> None:
    assert read(Bench(answers((0, 200), (1, 404))), PATHS) == [{"id": "made-0"}, {}]
    with pytest.raises(Refused, match=r"Reading /users/1"):
        read(Bench(answers((0, 200), (1, 400))), PATHS)
    with pytest.raises(NotPermitted):
        read(Bench(answers((0, 200), (1, 403))), PATHS)


@pytest.mark.parametrize("status", [409, 424, 429])
def test_an_entry_that_was_not_done_is_sent_again_alone_after_its_own_pause(status: int) -> None:
    bench = Bench(answers((0, 201), (1, status, {"Retry-After": "17"})), answers((1, 201)))
    assert [each["id"] for each in write(bench, POST)] == ["made-0", "made-1"]
    assert sent(bench) == [["0", "1"], ["1"]]
    assert bench.slept == [17]


def test_an_entry_is_not_tried_for_ever() -> None:
    bench = Bench(answers((0, 429), (1, 429)))
    outcomes = write(bench, POST)
    assert [type(each) for each in outcomes] == [Throttled, Throttled]
    assert len(bench.wire.asked) == 8


LOST = {
    "503 inside": answers((0, 503), (1, 404)),
    "500 inside": answers((0, 500), (1, 404)),
    "left out": answers(),
    "500 of all": no(500, "InternalServerError"),
    "503 of all": no(503, "ServiceUnavailable"),
    "connection ends": httpx.ReadError("gone"),
    "not Graph's": httpx.Response(200, text="<html>"),
}


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST.keys())
def test_a_post_whose_answer_does_not_tell_is_never_sent_again(answer: httpx.Response | Exception) -> None:
    bench = Bench(answer)
    assert [type(each) for each in write(bench, POST)] == [OutcomeUnknown, OutcomeUnknown]
    assert len(bench.wire.asked) == 1
    assert bench.notes.lines[:2] == [("intent", "POST", "/groups/0"), ("intent", "POST", "/groups/1")]
    assert [line[:2] + line[2:3] for line in bench.notes.lines[2:]] == [("answer", 1, 0), ("answer", 2, 0)]


@pytest.mark.parametrize("answer", [each for name, each in LOST.items() if not name.endswith("inside")])
def test_reads_whose_answer_was_lost_are_repeated(answer: httpx.Response | Exception) -> None:
    assert len(read(Bench(answer, answers((0, 200), (1, 200))), PATHS)) == 2


def test_every_intent_is_noted_before_the_batch_is_sent_and_every_answer_after() -> None:
    bench = Bench(answers((0, 201), (1, 400)))
    write(bench, POST)
    assert [line[0] for line in bench.notes.lines] == ["intent", "intent", "answer", "answer"]
    assert bench.notes.lines[2:] == [("answer", 1, 200, "made-0"), ("answer", 2, 400, "Made_Up")]


def test_what_is_gone_counts_as_removed() -> None:
    gone = [Request(method="DELETE", path="/groups/1", why="Removing one", before={})]
    assert write(Bench(answers((0, 404))), gone) == [{"error": {"code": "Made_Up", "message": "By a test."}}]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(httpx.ConnectError("no way"), Unreachable), (answers(*((n, 403) for n in range(20))), NotPermitted)],
    ids=["no-connection", "no-right"],
)
def test_what_would_befall_all_ends_it(answer: httpx.Response | Exception, kind: type[Exception]) -> None:
    many = [Request(method="POST", path=f"/groups/{n}", body={}, why="Making one") for n in range(60)]
    bench = Bench(answer)
    with pytest.raises(kind):
        write(bench, many)
    assert len(bench.wire.asked) == 1
    assert sum(line[0] == "answer" for line in bench.notes.lines) == 20


def test_after_a_batch_that_was_refused_the_others_are_not_sent() -> None:
    bench = Bench(answers(*((n, 403) for n in range(20))))
    with pytest.raises(NotPermitted):
        read(bench, [f"/users/{n}" for n in range(400)])
    assert len(bench.wire.asked) <= 4  # as many as were under way side by side


def test_an_entry_waits_exactly_as_long_as_it_asks_and_never_for_hours() -> None:
    bench = Bench(answers((0, 201), (1, 429, {"Retry-After": "300"})), answers((1, 201)))
    assert len(write(bench, POST)) == 2
    assert bench.slept == [300]
    bench = Bench(answers((0, 201), (1, 429, {"Retry-After": "86400"})))
    assert isinstance(write(bench, POST)[1], Throttled)
    assert bench.slept == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_only_a_post_is_not_repeated_after_a_fault_of_the_service(status: int) -> None:
    patch = [Request(method="PATCH", path="/groups/1", body={}, why="Changing one")]
    bench = Bench(answers((0, status)), answers((0, 200)))
    assert write(bench, patch) == [{"id": "made-0"}]
    assert len(bench.wire.asked) == 2
    assert isinstance(write(Bench(answers((0, status))), POST[:1])[0], OutcomeUnknown)
