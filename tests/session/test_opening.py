"""Opening a tenant: by what, for whom, with which rights, and where values are kept."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from stage import REHEARSAL, Stage

from flexsso_helpers import places
from flexsso_helpers.clouds import GOV_L4
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import from_mapping, load
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.session import Session, open_session, opening
from flexsso_helpers.session.opening import _started
from flexsso_helpers.session.tenant_values import TenantValues

LIVE = """\
tenant:
  name: contoso          # kept as it is
  title: Contoso
  cloud: global
  tenant_id: 11111111-2222-4333-8444-555555555555
  flex:
    account_sid: AC0123456789abcdef0123456789abcdef
    api_key: SK0123456789abcdef0123456789abcdef
    api_secret: env:TWILIO_API_SECRET
"""


@pytest.mark.parametrize("apply", ["yes", 1, "True", 0])
def test_apply_is_true_false_or_none(apply: Any) -> None:
    with pytest.raises(ParametersError) as caught:
        asyncio.run(open_session("rehearsal", apply=apply))
    assert caught.value.what == f"apply is {apply!r}."
    assert caught.value.fix == "Write apply = True, apply = False, or apply = None to follow the file."
    assert caught.value.notebook == "00"


def test_a_name_that_no_file_has_is_said_before_anything_is_contacted() -> None:
    with pytest.raises(ParametersError, match="fabrikam"):
        asyncio.run(open_session("fabrikam"))


@pytest.mark.parametrize(
    "tenant", ["fabrikam", {"name": "contoso"}, {"extends": "base.yaml"}, 7], ids=["name", "keys", "extends", "number"]
)
def test_what_cannot_be_opened_is_told_with_the_notebook_where_a_tenant_is_set_up(tenant: Any) -> None:
    with pytest.raises(ParametersError) as caught:
        asyncio.run(open_session(tenant))
    assert caught.value.notebook == "00"


@pytest.mark.parametrize(
    ("apply", "may"), [(None, True), (True, True), (False, False)], ids=["the-file-says", "apply", "without"]
)
def test_the_start_of_the_run_or_the_rehearsals_file_approves(apply: bool | None, may: bool, tmp_path: Path) -> None:
    session: Session = asyncio.run(Stage(tmp_path).open(apply=apply))
    assert session.may_apply is may
    assert session.may_remove is False


def test_a_rehearsal_is_opened_in_the_cloud_that_it_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal_client = Stage(tmp_path, world=World(cloud="gov_l4")).rehearsal_client
    opened: dict[str, Any] = {}

    async def assemble(_given: Any, _path: Any, **how: Any) -> None:
        opened.update(how)

    monkeypatch.setattr(opening, "open_rehearsal", lambda _folder, **_how: rehearsal_client)
    monkeypatch.setattr(opening, "assemble", assemble)
    asyncio.run(open_session("rehearsal"))
    assert opened["cloud"] == GOV_L4
    assert "graph.microsoft.us" in opened["wire"].hosts


@pytest.mark.parametrize(("practice", "by_itself"), [("simulated", False), ("you", True), ("live", True)])
def test_time_passes_by_itself_where_a_person_is_told_to_wait_some_minutes(
    practice: str, by_itself: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def found(_folder: Path, *, by_itself: bool) -> Any:
        asked.append(by_itself)
        raise ParametersError("enough")

    values = load(REHEARSAL).model_dump(mode="json", exclude_none=True)
    monkeypatch.setattr(opening, "open_rehearsal", found)
    with pytest.raises(ParametersError, match="enough"):
        asyncio.run(open_session(values | {"practice": practice, "apply": False}))
    assert asked == [by_itself]


@pytest.mark.parametrize(
    ("content", "allowed"),
    [
        ('{"allow_removals": true}', True),
        ('{"allow_removals": false}', False),
        ("{}", False),
        ("{", False),
        (None, False),
    ],
    ids=["yes", "no", "not-said", "cut", "no-file"],
)
def test_removals_are_allowed_only_by_the_start_of_the_run(content: str | None, allowed: bool, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content, "utf-8")
    assert bool(_started(tmp_path).get("allow_removals")) is allowed


def test_what_a_rehearsal_records_lies_on_its_desk_and_the_next_session_finds_it(tmp_path: Path) -> None:
    async def record() -> None:
        stage = Stage(tmp_path)
        session = await stage.open()
        session.record({("signing", "valid_days"): 365})
        assert session.tenant.signing.valid_days == 365
        assert (await stage.open()).tenant.signing.valid_days == 365

    before = REHEARSAL.read_bytes()
    asyncio.run(record())
    assert REHEARSAL.read_bytes() == before
    assert load(REHEARSAL).signing.valid_days == 1095


def test_what_does_not_fit_is_not_recorded(tmp_path: Path) -> None:
    async def record() -> None:
        session = await Stage(tmp_path).open()
        with pytest.raises(ParametersError):
            session.record({("signing", "valid_days"): 9999})
        assert session.tenant.signing.valid_days == 1095

    asyncio.run(record())


def test_live_a_value_is_recorded_in_the_file_with_its_comments_kept(tmp_path: Path) -> None:
    path = tmp_path / "contoso.yaml"
    path.write_text(LIVE, "utf-8")
    attested = {"at": "2026-11-02T08:00:00Z", "by": "ada.admin@contoso.com", "users": ["bo.agent@contoso.com"]}
    tenant = TenantValues(load(path), path, None).record({("attested", "sign_on"): attested})
    assert tenant.attested is not None
    assert tenant.attested.sign_on is not None
    assert tenant.attested.sign_on.users == ("bo.agent@contoso.com",)
    assert load(path) == tenant
    assert "name: contoso          # kept as it is" in path.read_text("utf-8")


def test_values_that_came_without_a_file_cannot_be_recorded(tmp_path: Path) -> None:
    path = tmp_path / "contoso.yaml"
    path.write_text(LIVE, "utf-8")
    injected = from_mapping(load(path).model_dump(mode="json", exclude_unset=True))
    with pytest.raises(ParametersError) as caught:
        TenantValues(injected, None, None).record({("signing", "valid_days"): 365})
    assert str(caught.value) == (
        "The parameters need a correction\n"
        "  What:     This session was opened from injected values, so nothing can be noted in a file.\n"
        "  Why:      `papermill -f` passes the values of the file, not the file.\n"
        "  To do:    Use the name instead: `flexsso run NAME`, or `papermill … -r tenant NAME`.\n"
        "  Notebook: 00"
    )


def test_the_session_writes_into_the_folder_that_the_runner_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_RUN", str(tmp_path / "run"))
    assert places.run_folder("rehearsal") == tmp_path / "run"
    monkeypatch.delenv("FLEXSSO_RUN")
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path))
    first, second = places.run_folder("rehearsal"), places.run_folder("rehearsal")
    assert first != second
    assert first.parent == second.parent == tmp_path / "rehearsal"


def test_what_a_run_leaves_is_private(tmp_path: Path) -> None:
    session = asyncio.run(Stage(tmp_path).open())
    assert session.folder.stat().st_mode & 0o077 == 0
    assert json.dumps(str(session.folder))


def test_a_session_opened_again_shares_no_result_with_the_first(tmp_path: Path) -> None:
    class Kept(list):  # type: ignore[type-arg]
        """Something that a section keeps."""

    async def two() -> None:
        stage = Stage(tmp_path)
        first, second = await stage.open(), await stage.open()
        first.memory(Kept).append(1)
        assert first.memory(Kept) == [1]
        assert second.memory(Kept) == []

    asyncio.run(two())
