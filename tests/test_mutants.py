"""What `make mutants` changes and which tests it runs, room by room; mutmut itself is not run here."""

import tomllib

import pytest

from scripts import load

MUTANTS = load("mutants")


@pytest.mark.parametrize(
    ("room", "code", "tests"),
    [
        ("plan", "flexsso_helpers/plan/*", ["tests/plan"]),
        ("sections/claims", "flexsso_helpers/sections/claims/*", ["tests/sections/claims"]),
        ("ledger", "flexsso_helpers/ledger.py", ["tests/test_ledger.py"]),
        ("secret", "flexsso_helpers/secret.py", ["tests/test_secret_in_a_vault.py"]),
    ],
)
def test_a_room_is_tried_by_the_tests_that_lie_where_it_lies(room: str, code: str, tests: list[str]) -> None:
    asked = tomllib.loads(MUTANTS.settings(room))["tool"]["mutmut"]
    assert (asked["only_mutate"], asked["pytest_add_cli_args_test_selection"]) == ([code], tests)
    missing = [name for name in asked["also_copy"] if not (MUTANTS.PROJECT / name).exists()]
    assert missing == []


@pytest.mark.parametrize(("room", "says"), [("cellar", "no room cellar"), ("clouds", "clouds has no tests of its own")])
def test_what_is_no_room_or_has_no_tests_is_said(room: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        MUTANTS.settings(room)
