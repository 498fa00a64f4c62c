"""Going back place by place: what was ours is undone, what others wrote is theirs, what was undone is settled."""

from typing import Any

import pytest

from flexsso_helpers.ledger import Write
from flexsso_helpers.sections.undo.shapes import elements, put, same
from flexsso_helpers.sections.undo.trail import Place, Verdict, Wrote, judge, trail

APP = "/applications/f1e55000-0000-4000-8000-000000000001"
SP = "/servicePrincipals/f1e55000-0000-4000-8000-000000000002"
POLICY = "f1e55000-0000-4000-8000-000000000003"
ME = "this session"


def wrote(before: Any, after: Any, *, sure: bool = True, undone: bool = False, writer: str = "an earlier one") -> Wrote:
    return Wrote(before, after, sure, undone, writer)


UNDO = {"undone": True}


@pytest.mark.parametrize(
    ("now", "chain", "expected"),
    [
        ("x", [wrote(None, "x")], Verdict(None, open=True)),
        ("y", [wrote(None, "x"), wrote("x", "y")], Verdict(None, open=True)),
        ("z", [wrote(None, "x")], Verdict(others=True)),
        (None, [wrote(None, "x")], Verdict()),
        ("y", [wrote(None, "x"), wrote("theirs", "y")], Verdict("theirs", open=True)),
        ("x", [wrote(None, "x"), wrote("x", "y", sure=False)], Verdict(None, open=True)),
        (None, [wrote(None, "x", sure=False)], Verdict()),
        ("x", [wrote(None, "x", sure=False)], Verdict(None, open=True)),
        (None, [wrote(None, "x"), wrote("x", None, **UNDO)], Verdict()),  # type: ignore[arg-type]
        ("x", [wrote(None, "x"), wrote("x", None, **UNDO)], Verdict(others=True)),  # type: ignore[arg-type]
        ("x", [wrote(None, "x"), wrote("x", None, sure=False, **UNDO)], Verdict(None, open=True)),  # type: ignore[arg-type]
        ("x", [wrote(None, "x"), wrote("x", None, writer=ME, **UNDO)], Verdict(None, open=True)),  # type: ignore[arg-type]
        ("half", [wrote(None, "x"), wrote("x", "half", **UNDO)], Verdict(None, open=True)),  # type: ignore[arg-type]
        ("y", [wrote(None, "x"), wrote("x", None, **UNDO), wrote(None, "y")], Verdict(None, open=True)),  # type: ignore[arg-type]
        (True, [wrote(False, True)], Verdict(back=False, open=True)),
    ],
    ids=[
        "ours", "ours twice", "theirs", "taken away already", "theirs in between", "one that never arrived",
        "never arrived", "arrived without an answer", "undone", "undone, and set anew by somebody",
        "undone without an answer", "not read back yet", "stopped half way", "set up again", "a switch",
    ],
)  # fmt: skip
def test_a_place(now: Any, chain: list[Wrote], expected: Verdict) -> None:
    assert judge(now, chain, ME) == expected


def write(method: str, path: str, body: Any = None, before: Any = None, **answer: Any) -> Write:
    intent = {"service": "graph", "method": method, "path": path, "body": body, "before": before, "writer": "w"}
    return Write(intent, {"status": 200, "note": "", **answer} if answer.get("status", 200) else None)


def test_each_element_of_a_list_is_a_place_of_its_own() -> None:
    body = {"identifierUris": ["theirs", "ours"], "notes": "Ask Olga.\nOur mark"}
    found = trail([write("PATCH", APP, body, {"identifierUris": ["theirs", "old"], "notes": "Ask Olga."})])
    assert {(place.name, place.element): (each[0].before, each[0].after) for place, each in found.places.items()} == {
        ("identifierUris", "ours"): (None, True),
        ("identifierUris", "old"): (True, None),
        ("notes", "Our mark"): (None, True),
    }


def test_what_was_refused_has_not_happened_and_what_lacks_an_answer_may_have() -> None:
    body = {"loginUrl": None}
    for status, sure in ((400, None), (403, None), (200, True), (0, False), (503, False)):
        found = trail([write("PATCH", SP, body, {"loginUrl": "https://x.example.com"}, status=status)])
        assert [each[0].sure for each in found.places.values()] == ([] if sure is None else [sure]), status


def test_what_was_made_is_known_by_its_id_or_looked_for_by_its_name() -> None:
    path = "/policies/claimsMappingPolicies"
    found = trail(
        [write("POST", path, {"displayName": "ours"}, note=POLICY), write("POST", path, {"displayName": "b"}, status=0)]
    )
    assert (found.made, found.lost) == ({f"{path}/{POLICY}": "ours"}, [(path, "b")])


def test_links_and_assignments_are_places_too() -> None:
    entry = {"id": "1", "principalId": "p", "resourceId": "r", "appRoleId": "role"}
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/{POLICY}"}
    found = trail(
        [
            write("POST", f"{SP}/claimsMappingPolicies/$ref", reference),
            write("DELETE", f"{SP}/claimsMappingPolicies/{POLICY}/$ref", before={"policy": POLICY}, status=404),
            write("DELETE", f"{SP}/appRoleAssignedTo/1", before=entry),
        ]
    )
    link, assigned = found.places.items()
    assert link[0] == Place(SP, "claimsMappingPolicies", POLICY)
    assert [(each.before, each.after) for each in link[1]] == [(None, True), (True, None)]
    assert (assigned[0].element, assigned[1][0].after) == ("p/role", None)


CLAIMS = '{"SamlClaimType":"a","ID":"x"},{"SamlClaimType":"b","ID":"y"}'
DEFINITION = f'{{"ClaimsMappingPolicy":{{"Version":1,"ClaimsSchema":[{CLAIMS}]}}}}'


@pytest.mark.parametrize(
    ("name", "value", "changes", "expected"),
    [
        ("identifierUris", ["a", "b"], {"a": None, "c": True}, ["b", "c"]),
        ("notes", "one\ntwo", {"one": None}, "two"),
        ("notes", "one", {"one": None}, None),
        ("appRoles", [{"id": "1", "origin": "Application"}], {}, [{"id": "1"}]),
        ("loginUrl", "x", {"": None}, None),
        (
            "definition",
            [DEFINITION],
            {"ClaimsMappingPolicy\tClaimsSchema\ta": None},
            ['{"ClaimsMappingPolicy":{"Version":1,"ClaimsSchema":[{"SamlClaimType":"b","ID":"y"}]}}'],
        ),
    ],
)
def test_a_value_is_put_together_again_without_what_was_ours(
    name: str, value: Any, changes: dict[str, Any], expected: Any
) -> None:
    assert put(name, value, changes) == expected
    assert same(put(name, value, {}), value)


def test_a_claim_that_comes_twice_is_two_places() -> None:
    assert len(elements("definition", [DEFINITION.replace('"b"', '"a"')])) == 3
