"""Which of several files are run: examples and practice are skipped by name, the same tenant twice is refused."""

import shutil
from pathlib import Path

import pytest
from shell import PROJECT, REHEARSAL, Shell, conforms

from flexsso_helpers.commands import run
from flexsso_helpers.commands.result import Skipped
from flexsso_helpers.commands.selection import choose
from flexsso_helpers.errors import ParametersError

LIVE = """\
tenant:
  name: {name}
  title: Fabrikam
  cloud: global
  tenant_id: 11111111-2222-4333-8444-555555555555
  flex:
    account_sid: {account}
    api_key: SK0123456789abcdef0123456789abcdef
    api_secret: env:TWILIO_API_SECRET
"""
ACCOUNT = "AC0123456789abcdef0123456789abcdef"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as somebody has it: ours, and a tenant of their own."""
    home = tmp_path / "home"
    shutil.copytree(PROJECT / "parameters", home / "parameters")
    live(home, "fabrikam")
    monkeypatch.setenv("FLEXSSO_HOME", str(home))
    return home


def live(home: Path, name: str, account: str = ACCOUNT) -> Path:
    path = home / "parameters" / f"{name}.yaml"
    path.write_text(LIVE.format(name=name, account=account), "utf-8")
    return path


def glob(home: Path) -> list[str]:
    """What a shell makes of parameters/*.yaml."""
    return [str(path) for path in sorted((home / "parameters").glob("*.yaml"))]


def test_a_file_is_called_as_the_lines_of_its_run_call_it(home: Path) -> None:
    assert {each.called for each in choose(glob(home)) if each.path} == {"fabrikam", "rehearsal"}


def test_of_a_glob_examples_and_practice_are_skipped_and_it_is_said_why(home: Path) -> None:
    (home / "parameters" / "mine.yaml").write_text(
        (home / "parameters" / "practice.yaml").read_text("utf-8").replace("name: practice", "name: mine"), "utf-8"
    )
    chosen = {Path(each.name).name: each for each in choose(glob(home))}
    assert {name for name, each in chosen.items() if each.path} == {"fabrikam.yaml", "rehearsal.yaml"}
    assert "example" in chosen["contoso.example.yaml"].skipped
    assert "flexsso guide practice" in chosen["practice.yaml"].skipped
    assert "flexsso guide mine" in chosen["mine.yaml"].skipped
    for each in chosen.values():
        if each.skipped:
            conforms([Skipped(file=each.name, skipped=each.skipped).model_dump()])


def test_a_file_that_others_extend_is_skipped_where_a_pattern_finds_it(home: Path) -> None:
    whole = (home / "parameters" / "fabrikam.yaml").read_text("utf-8")
    base = whole.replace("  name: fabrikam\n", "")
    (home / "parameters" / "base.yaml").write_text(base, "utf-8")
    assert {Path(each.name).name for each in choose(glob(home)) if each.path} == {
        "base.yaml",
        "fabrikam.yaml",
        "rehearsal.yaml",
    }, "nobody extends it, so its run says what is missing"
    (home / "parameters" / "fabrikam.yaml").write_text("extends: base.yaml\ntenant:\n  name: fabrikam\n", "utf-8")
    chosen = {Path(each.name).name: each for each in choose(glob(home))}
    assert {name for name, each in chosen.items() if each.path} == {"fabrikam.yaml", "rehearsal.yaml"}
    assert "others extend it" in chosen["base.yaml"].skipped
    (alone,) = choose([str(home / "parameters" / "base.yaml")])
    assert alone.path


def test_a_tenant_that_others_extend_is_run_even_where_its_file_is_wrong(home: Path) -> None:
    path = home / "parameters" / "fabrikam.yaml"
    other = "extends: fabrikam.yaml\ntenant:\n  name: other\n  flex:\n    account_sid: " + ACCOUNT.replace("AC0", "ACf")
    (home / "parameters" / "other.yaml").write_text(other + "\n", "utf-8")
    assert {"fabrikam.yaml", "other.yaml"} < {Path(each.name).name for each in choose(glob(home)) if each.path}
    path.write_text(path.read_text("utf-8").replace("cloud: global", "cloud: nowhere"), "utf-8")
    assert {"fabrikam.yaml", "other.yaml"} < {Path(each.name).name for each in choose(glob(home)) if each.path}


def test_an_example_beside_its_tenant_is_no_second_tenant(home: Path) -> None:
    text = (home / "parameters" / "contoso.example.yaml").read_text("utf-8")
    (home / "parameters" / "contoso.yaml").write_text(text, "utf-8")
    assert next(Path(each.name).name for each in choose(glob(home)) if each.path) == "contoso.yaml"


@pytest.mark.parametrize("name", ["practice", "contoso.example"])
def test_a_file_alone_is_run_and_explains_itself(home: Path, name: str) -> None:
    (alone,) = choose([str(home / "parameters" / f"{name}.yaml")])
    assert alone.path is not None


def test_two_files_of_one_tenant_are_refused_and_both_are_named(home: Path) -> None:
    live(home, "other", ACCOUNT)
    with pytest.raises(ParametersError, match=r"fabrikam.* and .*other.* are the same tenant"):
        choose(glob(home))


def test_two_tenants_of_one_name_are_refused_since_their_runs_would_lie_together(home: Path, tmp_path: Path) -> None:
    other = live(home, "other", ACCOUNT.replace("AC0", "ACf"))
    text = other.read_text("utf-8").replace("name: other", "name: fabrikam")
    (tmp_path / "fabrikam.yaml").write_text(text.replace("11111111", "22222222"), "utf-8")
    with pytest.raises(ParametersError, match=r"fabrikam\.yaml are two tenants of one name, fabrikam"):
        choose([str(home / "parameters" / "fabrikam.yaml"), str(tmp_path / "fabrikam.yaml")])


def test_two_accounts_of_one_entra_tenant_are_two_tenants(home: Path) -> None:
    live(home, "other", ACCOUNT.replace("AC0", "ACf"))
    assert sum(each.path is not None for each in choose(glob(home))) == 3


@pytest.mark.parametrize("spelled", ["same", "other way", "link"])
def test_one_file_twice_is_refused_however_it_is_spelled(home: Path, spelled: str, tmp_path: Path) -> None:
    path = home / "parameters" / "fabrikam.yaml"
    again = {"same": path, "other way": path.parent / ".." / "parameters" / path.name, "link": tmp_path / "link.yaml"}
    (tmp_path / "link.yaml").symlink_to(path)
    with pytest.raises(ParametersError, match="are the same tenant"):
        choose([str(path), str(again[spelled])])


def test_rehearsals_of_different_names_share_their_ids_and_are_several(home: Path, tmp_path: Path) -> None:
    text = REHEARSAL.read_text("utf-8")
    for name in ("north", "south"):
        (tmp_path / f"{name}.yaml").write_text(text.replace("name: rehearsal ", f"name: {name} "), "utf-8")
    assert all(each.path for each in choose([str(tmp_path / "north.yaml"), str(tmp_path / "south.yaml")]))


@pytest.mark.full
def test_the_command_refuses_before_anything_runs(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.flexsso("run", "rehearsal", str(REHEARSAL), "--apply", expect=64)
    assert "the same tenant" in " ".join(shell.said.split())
    shell.flexsso("run", "practice", "contoso.example", "--apply", expect=64)
    assert "None of these is run" in shell.said
    shell.flexsso("run", str(tmp_path), expect=64)
    assert "is a folder" in shell.said
    assert not shell.runs.exists()


@pytest.mark.full
def test_whatever_cannot_be_read_is_one_tenants_outcome(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "noise.yaml").write_bytes(b"\x00\xff\xfe\x80")
    (tmp_path / "list.yaml").write_text("- 1\n", "utf-8")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    names = [str(tmp_path / name) for name in ("folder.yaml", "noise.yaml", "list.yaml", "loop.yaml", "gone.yaml")]
    shell = Shell(tmp_path)
    results = shell.results(*names, "practice", expect=1)
    assert [result.get("outcome") for result in results] == [1, 1, 1, 1, 1, None]
    assert "is a folder" in results[0]["error"]
    assert all(Path(name).name in result["error"] for name, result in zip(names, results, strict=False))
    assert "flexsso guide" in results[-1]["skipped"]
    assert "practice · skipped: practice: you" in shell.said


@pytest.fixture
def northwind(home: Path) -> Path:
    """The file of another tenant, whose secret another variable keeps."""
    other = live(home, "northwind", ACCOUNT.replace("0", "9"))
    other.write_text(other.read_text("utf-8").replace("env:TWILIO_API_SECRET", "env:NORTHWIND_SECRET"), "utf-8")
    return other


def withheld_from(monkeypatch: pytest.MonkeyPatch, *names: str) -> dict[str, list[str]]:
    """Run these; which variables each is not given."""
    withheld: dict[str, list[str]] = {}
    monkeypatch.setattr(
        run, "run_tenant", lambda payload, *_: withheld.update({Path(payload["file"]).stem: payload["withheld"]})
    )
    run.run_tenants(choose(names), {}, lambda _line: None)
    return withheld


@pytest.mark.full
@pytest.mark.usefixtures("northwind")
def test_a_tenant_is_not_given_the_variables_that_keep_secrets_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert withheld_from(monkeypatch, "fabrikam", "northwind") == {
        "fabrikam": ["NORTHWIND_SECRET"],
        "northwind": ["TWILIO_API_SECRET"],
    }


def test_a_file_that_cannot_be_read_keeps_no_variable_from_others_and_one_name_alone_neither(
    northwind: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SECURITY.md says of what is not separated."""
    assert withheld_from(monkeypatch, "fabrikam") == {"fabrikam": []}
    northwind.write_text(northwind.read_text("utf-8") + "unknown_key: 1\n", "utf-8")
    assert withheld_from(monkeypatch, "fabrikam", "northwind") == {
        "fabrikam": [],
        "northwind": ["TWILIO_API_SECRET"],
    }
