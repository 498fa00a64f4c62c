"""What both halves stand on: versions, time, names, switches and keys."""

import contextlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from flexsso_helpers.rehearsal.directory.people import people, teams
from flexsso_helpers.rehearsal.world import clock, keys, quirks, rules
from flexsso_helpers.rehearsal.world.store import Store
from flexsso_helpers.rehearsal.world.world import World


def _store() -> Store:
    store = Store()
    store.put("thing", "b", {"n": 1}, at=10)
    store.put("thing", "a", {"n": 2}, at=11)
    store.put("thing", "b", {"n": 3}, at=20)
    return store


@pytest.mark.parametrize(
    ("as_of", "created_by", "seen"),
    [
        pytest.param(None, None, {"n": 3}, id="newest"),
        pytest.param(15, None, {"n": 1}, id="earlier"),
        pytest.param(9, None, None, id="before it was made"),
        pytest.param(9, 10, {"n": 1}, id="made, but its changes lag"),
        pytest.param(30, 9, None, id="changed, but its making lags"),
    ],
)
def test_a_read_sees_a_version(as_of: float | None, created_by: float | None, seen: object) -> None:
    assert _store().get("thing", "b", as_of=as_of, created_by=created_by) == seen


def test_lists_are_in_order_of_creation() -> None:
    store = _store()
    assert store.all("thing") == [{"n": 3}, {"n": 2}]
    assert store.all("thing", as_of=10) == [{"n": 1}]


def test_what_is_removed_was_there_before() -> None:
    store = _store()
    store.remove("thing", "b", at=30)
    assert (store.get("thing", "b"), store.get("thing", "b", as_of=25)) == (None, {"n": 3})
    assert store.all("thing") == [{"n": 2}]


def test_a_copy_lives_its_own_life() -> None:
    store = _store()
    twin = store.copy()
    twin.put("thing", "b", {"n": 4}, at=30)
    assert (store.get("thing", "b"), twin.get("thing", "b")) == ({"n": 3}, {"n": 4})


def test_a_transaction_is_whole_or_nothing() -> None:
    store = _store()
    with contextlib.suppress(KeyError), store.transaction():
        store.put("thing", "b", {"n": 5}, at=30)
        raise KeyError("stop")
    assert store.get("thing", "b") == {"n": 3}


def test_names_depend_on_seed_kind_and_count() -> None:
    first, second, other = World(seed=1), World(seed=1), World(seed=2)
    made = [first.new_id("user"), first.new_id("user"), first.new_id("group")]
    assert len(set(made)) == 3
    assert made == [second.new_id("user"), second.new_id("user"), second.new_id("group")]
    assert other.new_id("user") != made[0]
    assert len(first.new_sid("WK")) == 34


def test_a_world_takes_up_where_it_stood() -> None:
    world = World()
    world.begin(7)
    world.advance(3)
    world.count("console")
    again = World(world.store)
    assert (again.seed, again.clock.now, again.writes()["console"]) == (7, clock.START + 3, 1)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="moves on"):
        World().advance(-1)


@given(st.floats(min_value=0, max_value=4e9))
def test_times_are_read_as_they_are_written(moment: float) -> None:
    assert clock.parse(clock.iso(moment)) == int(moment)
    assert clock.iso_ticks(int(moment)).endswith(".0000000Z")


def test_a_time_needs_its_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.parse("2026-11-02T08:00:00")


def test_unknown_switches_are_refused() -> None:
    with pytest.raises(KeyError, match="No rule G999"):
        World(off=["G999"])
    with pytest.raises(KeyError, match="No rule G999"):
        World().rules.on("G999")
    with pytest.raises(KeyError, match="No quirk colour"):
        World(quirks={"colour": "green"})
    with pytest.raises(ValueError, match="ordinary, none, long"):
        World(quirks={"lag": "endless"})


def test_a_number_means_one_thing() -> None:
    rules.declare({"G02": rules.TITLES["G02"]})
    with pytest.raises(ValueError, match="G02"):
        rules.declare({"G02": "something else"})
    with pytest.raises(ValueError, match="lag"):
        quirks.declare({"lag": ("a", "b")})


def test_a_label_makes_one_good_key() -> None:
    key = keys.rsa_key("1/test")
    assert key.key_size == 2048
    assert keys.rsa_key("1/test").private_numbers() == key.private_numbers()
    key.public_key().verify(
        key.sign(b"x", padding.PKCS1v15(), hashes.SHA256()), b"x", padding.PKCS1v15(), hashes.SHA256()
    )


def test_a_key_is_kept_in_the_private_folder(tmp_path: Path) -> None:
    key = keys.rsa_key("1/test", tmp_path)
    (kept,) = (tmp_path / "keys").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert keys.rsa_key("1/test", tmp_path).private_numbers() == key.private_numbers()


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_the_company_is_what_the_notebooks_count_on(seed: int) -> None:
    everybody = people(seed)
    names = [person.upn for person in everybody]
    assert len(set(names)) == len(names) == 40
    assert sum(person.mail is None for person in everybody) == 3
    assert sum(person.guest for person in everybody) == 2
    assert sum(not person.enabled for person in everybody) == 1
    moved = [p for p in everybody if p.mail not in (None, p.upn) and not p.guest]
    assert len(moved) == 2
    sizes = {team.name: len(team.members) for team in teams(people(seed))}
    assert (sizes["Flex Agents"], sizes["Flex Supervisors"]) == (12, 4)


def test_another_seed_is_another_company() -> None:
    assert people(1) != people(2)
    assert people(1) == people(1)
