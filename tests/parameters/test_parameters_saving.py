"""Saving changes the values that are meant, and not one character more."""

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import editing, load, loading, save, saving
from flexsso_helpers.parameters.yaml_text import parse

Write = Callable[[str | bytes], Path]
SHIPPED = Path(__file__).parents[2] / "parameters"
JQ = "JQf1e55000000000000000000000000001"
ACS = f"https://login.flex.us1.twilio.com/login/callback?connection={JQ}"


@pytest.fixture
def rehearsal(tmp_path: Path) -> Path:
    path = tmp_path / "rehearsal.yaml"
    path.write_bytes((SHIPPED / "rehearsal.yaml").read_bytes())
    return path


def moved(path: Path, before: str) -> list[str]:
    """The lines that differ, with - and +."""
    after = path.read_bytes().decode().splitlines()
    return [line for line in difflib.ndiff(before.splitlines(), after) if line[:2] in ("- ", "+ ")]


CHANGES: dict[str, tuple[dict[Any, Any], list[str]]] = {
    "a number": ({("signing", "valid_days"): 30}, ["-     valid_days: 1095", "+     valid_days: 30"]),
    "quotes stay": ({("title",): "Contoso AG"}, ['-   title: "Contoso"', '+   title: "Contoso AG"']),
    "comment behind stays": (
        {("sign_in", "user"): "bo.agent@contoso.com"},
        [
            "-     user: ada.admin@contoso.com    # may administer applications",
            "+     user: bo.agent@contoso.com    # may administer applications",
        ],
    ),
    "quotes come where needed": (
        {("test_sign_ons", 1): "pat_x.com#EXT#@contoso.com"},
        ["-     - sol.supervisor@contoso.com", '+     - "pat_x.com#EXT#@contoso.com"'],
    ),
    "a list in a line": (
        {("roles",): ["agent", "supervisor", "admin"]},
        ["-   roles: [admin, supervisor, agent]", "+   roles: [agent, supervisor, admin]"],
    ),
    "a new block before comments": (
        {("flex", "connection"): {"reply_url": ACS, "identifier": f"urn:flex:{JQ}"}},
        ["+     connection:", f"+       reply_url: {ACS}", f"+       identifier: urn:flex:{JQ}"],
    ),
    "a new block in two steps": (
        {("flex", "connection", "reply_url"): ACS, ("flex", "connection", "identifier"): f"urn:flex:{JQ}"},
        ["+     connection:", f"+       reply_url: {ACS}", f"+       identifier: urn:flex:{JQ}"],
    ),
    "a new block at the end": (
        {("attested", "sign_on"): {"at": "2026-11-02T08:00:00Z", "by": "Ada Admin", "users": ["bo.agent@contoso.com"]}},
        [
            "+   attested:",
            "+     sign_on:",
            '+       at: "2026-11-02T08:00:00Z"',
            '+       by: "Ada Admin"',
            "+       users:",
            "+         - bo.agent@contoso.com",
        ],
    ),
    "one entry more": (
        {("assignments", "groups", 2): {"group": "Flex Leads", "role": "admin"}},
        ['+       - group: "Flex Leads"', "+         role: admin"],
    ),
    "one entry less": (
        {("assignments", "groups", 0): None},
        ['-       - group: "Flex Agents"', "-         role: agent"],
    ),
    "an entry's role": (
        {("assignments", "users", 2, "role"): "supervisor"},
        ["-         role: agent", "+         role: supervisor"],
    ),
    "a line less": ({("practice",): None}, ["-   practice: simulated"]),
    "the last entry": (
        {("signing", "notification_addresses", 0): None},
        [
            "-     notification_addresses:",
            "-       - sso-owners@contoso.com",
            "+     notification_addresses: []",
        ],
    ),
    "nothing": ({("title",): "Contoso", ("roles",): ("admin", "supervisor", "agent"), ("attested",): None}, []),
}


@pytest.mark.parametrize(("changes", "lines"), CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_only_the_meant_lines_move(rehearsal: Path, newline: str, changes: dict[Any, Any], lines: list[str]) -> None:
    before = rehearsal.read_text().replace("\n", newline)
    rehearsal.write_bytes(before.encode())
    tenant = save(rehearsal, changes)
    assert sorted(moved(rehearsal, before)) == sorted(lines)
    assert load(rehearsal) == tenant
    assert rehearsal.read_bytes().count(b"\r\n") in (0, rehearsal.read_bytes().count(b"\n"))


def test_nothing_changed_means_nothing_written(rehearsal: Path) -> None:
    os.utime(rehearsal, ns=(1, 1))
    save(rehearsal, {("title",): "Contoso"})
    assert rehearsal.stat().st_mtime_ns == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({("signing", "valid_days"): 5000}, "signing.valid_days is 5000"),
        ({("signing", "valid_dais"): 5}, "did you mean valid_days"),
        ({("flex", "api_secret"): "hunter2hunter2"}, "flex.api_secret must be a reference"),
        ({("name",): "other"}, "name is other, but the file is rehearsal.yaml"),
        ({("tenant_id",): None}, "tenant_id is missing"),
        ({("assignments", "users", 7): {"user": "a@b.com", "role": "agent"}}, "cannot be set from here"),
        ({("title", "deeper"): "x"}, "title.deeper cannot be set from here"),
        ({("roles", "first"): "agent"}, "roles is a block of keys; it is a list"),
        ({("title",): {1, 2}}, "title is neither text nor a number"),
    ],
    ids=[
        "value",
        "key",
        "secret",
        "name",
        "needed",
        "no such entry",
        "below a text",
        "key of a list",
        "no plain value",
    ],
)
def test_what_would_not_load_is_not_saved(rehearsal: Path, changes: dict[Any, Any], words: str) -> None:
    before = rehearsal.read_bytes()
    with pytest.raises(ParametersError) as caught:
        save(rehearsal, {("title",): "Other", **changes})
    assert words in caught.value.what
    assert "hunter2" not in str(caught.value)
    assert rehearsal.read_bytes() == before
    assert [each.name for each in rehearsal.parent.iterdir()] == ["rehearsal.yaml"]


def test_a_file_with_a_mistake_can_be_mended(rehearsal: Path) -> None:
    rehearsal.write_text(rehearsal.read_text().replace("valid_days: 1095", "valid_days: 5000"))
    assert save(rehearsal, {("signing", "valid_days"): 90}).signing.valid_days == 90


def test_rights_and_links_stay(rehearsal: Path) -> None:
    rehearsal.chmod(0o640)
    link = rehearsal.parent / "links" / "rehearsal.yaml"
    link.parent.mkdir()
    link.symlink_to(rehearsal)
    save(link, {("title",): "Through a link"})
    assert link.is_symlink()
    assert load(rehearsal).title == "Through a link"
    assert rehearsal.stat().st_mode & 0o777 == 0o640


def test_a_failed_write_leaves_the_old_file(rehearsal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rehearsal.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ParametersError, match="No space left on device"):
        save(rehearsal, {("title",): "Other"})
    assert rehearsal.read_bytes() == before
    assert [each.name for each in rehearsal.parent.iterdir()] == ["rehearsal.yaml"]


def test_a_change_by_someone_else_meanwhile_is_not_overwritten(
    rehearsal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = rehearsal.read_text().replace("1095", "30")

    def slowly(path: Path, text: str) -> Any:
        rehearsal.write_text(theirs)
        return loading.judge(path, text)

    monkeypatch.setattr(saving, "judge", slowly)
    with pytest.raises(ParametersError, match="was changed by someone else meanwhile"):
        save(rehearsal, {("title",): "Other"})
    assert rehearsal.read_text() == theirs


SCALARS = (
    st.booleans() | st.integers(-9, 2000) | st.text(max_size=12) | st.sampled_from(["no", "12:30", "a: b", "x #y"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abn o:#-1", max_size=3), inner, max_size=3),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [
        ("tenant", "title"),
        ("tenant", "new"),
        ("tenant", "flex"),
        ("tenant", "flex", "new", "deep"),
        ("tenant", "application", "name"),
        ("tenant", "application", "new"),
        ("tenant", "assignments", "users"),
        ("tenant", "assignments", "users", 0),
        ("tenant", "assignments", "users", 1, "role"),
        ("tenant", "assignments", "users", 2),
        ("tenant", "signing", "notification_addresses"),
        ("tenant", "roles", 0),
        ("tenant", "roles", 2),
        ("tenant", "empty", "filled"),
        ("tenant", "block"),
    ]
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(path=PATHS, value=st.none() | VALUES)
def test_an_edit_of_the_text_is_the_same_edit_of_the_data(path: tuple[str | int, ...], value: Any) -> None:
    text = EDITED
    expected = editing.put(parse(text).root.plain, path, value)
    after = editing.edit(text, path, value)
    assert parse(after).root.plain == expected
    assert not parse(after).problems
    assert yaml.safe_load(after) == expected
    assert after.count("# kept") >= text.count("# kept") - (value is None)


EDITED = """\
# kept
tenant:  # kept
  title: 'It''s'  # kept
  empty:
  flex:  # the comment of a block that is replaced may go
    account_sid: AC1
  application: {name: "Twilio Flex"}  # kept
  # kept
  signing:
    # kept
    notification_addresses:
    - a@contoso.com
  roles: [admin,
          agent]  # kept
  assignments:
    users:
      - user: ada
        role: admin
      - {user: bo, role: agent}
  block: |
    two
    lines
  # kept
"""
