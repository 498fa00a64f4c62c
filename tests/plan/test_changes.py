"""Plans and approvals as plain data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexsso_helpers.plan import (
    Approval,
    Change,
    Kind,
    Pending,
    Plan,
    Target,
    Value,
    compare,
    count,
    digest_of,
    in_words,
)
from flexsso_helpers.views.shown import text_of

TARGET = Target(
    tenant="contoso", title="Contoso", cloud="global", tenant_id="t", account_sid="AC", application="Twilio Flex"
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.tuples(st.text()), st.builds(Pending, st.text())
)


def plan(*changes: Change) -> Plan:
    return Plan(section="02", title="Basic SAML configuration", target=TARGET, changes=changes, read="r")


def change(setting: str = "Relay state", kind: Kind = "~", *, named: bool = False) -> Change:
    return Change(setting=setting, now="x", should_be="", kind=kind, named=named)


@pytest.mark.parametrize(
    ("now", "should_be", "kind"),
    [
        ("a", "a", "="),
        ((), (), "="),
        ("", "", "="),
        (None, "a", "+"),
        ("", "a", "+"),
        ((), ("a",), "+"),
        (False, True, "+"),
        (Pending("01"), "a", "+"),
        ("a", "b", "~"),
        (True, False, "~"),
        ("a", Pending("03"), "~"),
        (("a",), ("a", "b"), "~"),
        (Pending("01"), Pending("01"), "="),
    ],
)
def test_the_kind_follows_from_both_values(now: Value, should_be: Value, kind: Kind) -> None:
    assert compare("Setting", now, should_be).kind == kind


@given(VALUES, VALUES)
def test_a_change_is_open_exactly_when_the_values_differ(now: Value, should_be: Value) -> None:
    made = compare("Setting", now, should_be)
    assert made.open == (now != should_be)
    assert made.pending == any(isinstance(value, Pending) for value in (now, should_be))
    assert not made.by_name


@pytest.mark.parametrize(
    ("change", "by_name"),
    [
        (change(kind="~"), False),
        (change(kind="+"), False),
        (change(kind="-"), True),
        (change(kind="~", named=True), True),
        (change(kind="=", named=True), False),
    ],
    ids=["change", "new", "removal", "named", "named-but-right"],
)
def test_removals_and_what_is_marked_so_need_their_name(change: Change, by_name: bool) -> None:
    assert change.by_name is by_name
    made = plan(change)
    blanket = Approval(digest=made.digest, given=True)
    assert blanket.covers(made, change) is not by_name
    assert replace(blanket, names=frozenset({change.key})).covers(made, change)


def test_by_which_key_code_knows_a_setting_is_in_no_digest_and_no_ledger() -> None:
    keyed = replace(change(kind="-"), key="relay_state")
    assert (change().key, keyed.key, replace(keyed, setting="Relay").key) == (
        "Relay state",
        "relay_state",
        "relay_state",
    )
    assert keyed.as_kept() == change(kind="-").as_kept()
    assert "key" not in keyed.as_kept()
    assert plan(keyed).digest == plan(change(kind="-")).digest
    approval = Approval(digest=plan(keyed).digest, given=True, names=frozenset({"relay_state"}))
    assert approval.covers(plan(keyed), replace(keyed, setting="Relay"))
    assert not approval.covers(plan(keyed), change(kind="-"))


def test_a_name_alone_is_no_approval() -> None:
    made = plan(change(kind="-"))
    assert not Approval(digest=made.digest, given=False, names=frozenset({"Relay state"})).covers(made, made.changes[0])


@pytest.mark.parametrize(
    "other",
    [
        replace(plan(change()), section="03"),
        replace(plan(change()), read="other"),
        plan(change(), change("Sign-on URL")),
        plan(replace(change(), should_be="y")),
        plan(replace(change(), now="y")),
        plan(replace(change(), kind="-")),
        plan(replace(change(), undo="cannot be put back")),
        *(
            replace(plan(change()), target=replace(TARGET, **{name: "other"}))
            for name in ("tenant", "cloud", "tenant_id", "account_sid", "application")
        ),
    ],
)
def test_whatever_a_plan_says_is_in_its_digest(other: Plan) -> None:
    first = plan(change())
    assert other.digest != first.digest
    assert not Approval(digest=first.digest, given=True).covers(other, other.changes[0])


def test_the_digest_is_the_same_in_every_run() -> None:
    assert plan(change()).digest == plan(change()).digest
    assert digest_of({"b": 1, "a": [Pending("01")]}) == digest_of({"a": [Pending("01")], "b": 1})
    assert digest_of({"a": "ä"}) != digest_of({"a": "a"})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "yes"), (False, "no"), (None, "none"), ((), "none"), ("", "empty"), ("x", "x"), (("x", "y"), "x, y"),
        (Pending("03"), "known after 03"), (7, "7"),
    ],
)  # fmt: skip
def test_values_in_words(value: Value, said: str) -> None:
    assert in_words(value) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 changes"), (1, "1 change"), (2, "2 changes")])
def test_counting(number: int, said: str) -> None:
    assert count(number, "change") == said


def test_what_is_right_already_comes_last_and_what_cannot_be_undone_is_said() -> None:
    made = plan(
        change("Already right", "="),
        replace(change("Sign-on URL"), undo="nobody remembers it"),
        replace(change("Relay state"), undo="nobody remembers it"),
    )
    text = text_of(replace(made, unseen=("what Flex Console holds",)))
    assert text.splitlines()[0].endswith("2 changes · 1 already right  [LIVE]")
    assert text.index("Sign-on URL") < text.index("Already right")
    said = " ".join(text.split())
    assert "Cannot be undone exactly: nobody remembers it (2 changes)." in said
    assert "Could not be previewed: what Flex Console holds." in said


def test_a_plan_without_changes_says_so() -> None:
    assert "Nothing to do: everything is as it should be." in text_of(plan(change(kind="=")))
