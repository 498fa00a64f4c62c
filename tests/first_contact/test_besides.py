"""What a recording tells that is no open question, and what it does not tell."""

from typing import Any

import pytest

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.besides import RIGHT, RIGHT_AND_PROVED, WRONG, Fact, facts
from flexsso_helpers.traffic import Exchange

SP = "graph.microsoft.com/v1.0/servicePrincipals/id-1"


def note(trial: str, **told: Any) -> Exchange:
    return Exchange(trial=trial, at=0.0, method="NOTE", place="", status=0, answer=told)


def read(trial: str, at: float, answer: Any, status: int = 200, method: str = "GET") -> Exchange:
    return Exchange(trial=trial, at=at, method=method, place=SP, status=status, answer=answer)


def told(name: str, *exchanges: Exchange) -> str:
    return next((each.told for each in facts(exchanges, {}) if each.name == name), "")


def test_nothing_is_told_of_nothing() -> None:
    assert facts([], {}) == ()


def test_what_a_person_said_of_the_portal_is_a_fact_that_is_said() -> None:
    assert facts([], {"portal_claims_blade": "locked"}) == (
        Fact(name="portal_claims_blade", told="locked", attested=True),
    )


def shown(*looks: tuple[float, bool, bool]) -> str:
    """Of each look: when, whether the list has it, whether the metadata has it."""
    made = read(trials.FIRST_CERTIFICATE, 100.0, {"thumbprint": "bytes-1"}, 201, "POST")
    seen = []
    for at, listed, published in looks:
        seen.append(read(trials.WATCHED, at, {"keyCredentials": [{"usage": "Verify"}] if listed else []}))
        document = {"xml": "EntityDescriptor", "thumbprints": ["bytes-1" if published else "x"]}
        seen.append(read(trials.WATCHED, at, document))
    return told("certificate_shown", made, *seen)


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        (((103.0, True, False), (141.0, True, True), (1900.0, True, True)),
         "in the list after 3 s, in the metadata after 41 s, looked at for 30 minutes"),
        (((103.0, True, True), (160.0, False, True), (220.0, True, True)),
         "in the list after 3 s, and gone again 1 times, in the metadata after 3 s, looked at for 2 minutes"),
        (((103.0, True, False), (700.0, True, False)),
         "in the list after 3 s, not seen in the metadata, looked at for 10 minutes"),
    ],
)  # fmt: skip
def test_list_and_metadata_are_timed(looks: Any, words: str) -> None:
    assert shown(*looks) == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (["User.Read"], ["User.Read"], "for everybody User.Read; the same at the end"),
        ([], ["User.Read"], "nothing; at the end for everybody User.Read"),
        (["User.Read"], None, "for everybody User.Read"),
    ],
)
def test_grants_are_told_before_and_after(before: list[str], after: list[str] | None, words: str) -> None:
    seen = [note(trials.GRANTS, AllPrincipals=before, Principal=[])]
    seen += [note(trials.GRANTS_AFTERWARDS, AllPrincipals=after, Principal=[])] if after is not None else []
    assert told("grants", *seen) == words


def test_grants_that_may_not_be_read_are_said_to_be_so() -> None:
    assert told("grants", read(trials.GRANTS, 1.0, {"error": {}}, 403)) == "could not be read (403)"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ([(trials.RIGHT_PASTE, "saved")], RIGHT),
        ([(trials.RIGHT_PASTE, "saved"), (trials.NO_SLASH, "saved")], WRONG),
        ([(trials.RIGHT_PASTE, "saved"), (trials.NO_SLASH, "asked")], WRONG),
        ([(trials.RIGHT_PASTE, "saved"), (trials.NO_SLASH, "refused"), (trials.PUT_BACK, "nobody")], WRONG),
        ([(trials.RIGHT_PASTE, "saved"), (trials.NO_SLASH, "saved"), (trials.PUT_BACK, "saved")], RIGHT),
    ],
)
def test_what_console_holds_is_never_taken_to_be_right_unseen(asked: list[tuple[str, str]], words: str) -> None:
    assert told("flex_console", *(note(trial, console=said) for trial, said in asked)) == words


def test_a_sign_on_that_left_a_trace_proves_the_right_values() -> None:
    again = [note(trials.RIGHT_PASTE, console="saved"), note(trials.SECOND_AT_FLEX, said="opened", trace=True)]
    assert told("flex_console", *again) == RIGHT_AND_PROVED
    assert told("flex_console", again[0], note(trials.SECOND_AT_FLEX, said="opened", trace=False)) == RIGHT
