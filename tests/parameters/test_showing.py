"""`flexsso show`: what a tenant's file comes to, and where each value stands."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flexsso_helpers.commands import main
from flexsso_helpers.parameters import explain

Show = Callable[..., tuple[int, str, str]]

BASE = """\
tenant:
  name_id: userprincipalname
  sign_in: {user: ada@contoso.com}
  signing: {valid_days: 365, notification_addresses: [sso@contoso.com, it@contoso.com]}
"""
OWN = """\
extends: shared/base.yaml
tenant:
  name: emea
  title: "Contoso [red]EMEA"
  cloud: global
  tenant_id: 1b4e28ba-2fa1-41d2-883f-0016d3cca427
  sign_in: {user: null}
  signing: {valid_days: 90}
  flex:
    account_sid: AC5ef8732a3c49700934481addd5ce1659
    api_key: SK2a0747eba6abf96b7e3c3ff0b4530f6e
    api_secret: "env:FLEX_SECRET"
  assignments:
    csv: people.csv
    users: [{user: ada@contoso.com, role: admin}]
"""
PEOPLE = "sep=;\nuser;role\nada@contoso.com;admin\nbo@contoso.com;agent\nbjörn@contoso.com;agent\n"

ADA = {"user": "ada@contoso.com", "role": "admin", "insights": []}
BJÖRN = {"user": "björn@contoso.com", "role": "agent", "insights": []}


@pytest.fixture
def emea(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a tenant that extends another file and has people in a CSV file."""
    folder = tmp_path / "parameters"
    (folder / "shared").mkdir(parents=True)
    (folder / "shared" / "base.yaml").write_text(BASE)
    (folder / "people.csv").write_bytes(PEOPLE.encode("cp1252"))
    (folder / "emea.yaml").write_text(OWN)
    monkeypatch.setenv("FLEXSSO_HOME", str(tmp_path))
    monkeypatch.setenv("FLEX_SECRET", "the secret itself")
    return folder / "emea.yaml"


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    """Type the command: exit code, standard output, standard error."""

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["flexsso", "show", *words])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return typed


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("title", "Contoso [red]EMEA", "parameters/emea.yaml:4"),
        ("name_id", "userprincipalname", "shared/base.yaml:2"),
        ("signing.valid_days", 90, "parameters/emea.yaml:8"),
        ("signing.notification_addresses", ["sso@contoso.com", "it@contoso.com"], "shared/base.yaml:4"),
        ("sign_in.user", None, "parameters/emea.yaml:7 (null)"),
        ("sign_in.method", "browser", "default"),
        ("flex.api_secret", "env:FLEX_SECRET", "parameters/emea.yaml:12"),
        ("flex.connection", None, "default"),
        ("assignments.users[1]", ADA, "parameters/emea.yaml:15"),
        ("assignments.users[3]", BJÖRN, "parameters/people.csv:5"),
        ("attested", None, "default"),
    ],
)
def test_each_value_is_shown_with_its_place(emea: Path, key: str, value: object, where: str) -> None:
    (found,) = [each for each in explain(emea).settings if each.key == key]
    assert (found.value, found.where) == (value, where)


def test_a_block_that_null_took_away_says_so(emea: Path) -> None:
    emea.write_text(OWN.replace("signing: {valid_days: 90}", "signing:"))
    places = {each.key: (each.value, each.where) for each in explain(emea).settings}
    assert places["signing.valid_days"] == (1095, "parameters/emea.yaml:8 (null)")


def test_people_read_a_table_in_which_those_of_the_csv_are_counted(emea: Path, show: Show) -> None:
    code, out, _ = show("emea")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert lines[0] == "Contoso [red]EMEA"
    assert "flex.api_secret env:FLEX_SECRET parameters/emea.yaml:12" in lines
    assert "signing.notification_addresses sso@contoso.com, it@contoso.com shared/base.yaml:4" in lines
    assert "assignments.users 2 more: 2 agent parameters/people.csv" in lines
    assert "test_sign_ons none default" in lines
    assert "parameters/emea.yaml extends shared/base.yaml." in lines
    assert any(
        "Windows-1252, separated by semicolons. Said twice, the same both times: line 3." in each for each in lines
    )
    assert "bo@contoso.com" not in out
    assert "the secret itself" not in out
    assert "practice" not in out


def test_programs_read_json_with_everyone_in_it(emea: Path, show: Show) -> None:
    code, out, _ = show(str(emea), "--json")
    told = json.loads(out)
    assert (code, told["tenant"]) == (0, "emea")
    listed = {each["key"]: each for each in told["settings"]}
    assert listed["assignments.users[2]"]["value"] == {"user": "bo@contoso.com", "role": "agent", "insights": []}
    assert listed["assignments.users[2]"]["from"] == "parameters/people.csv:4"
    assert len(told["notes"]) == 2


def test_a_file_alone_has_nothing_to_remark(emea: Path, show: Show) -> None:
    shipped = Path(__file__).parents[2] / "parameters" / "rehearsal.yaml"
    code, out, _ = show(str(shipped))
    assert code == 0
    assert out.startswith("Contoso · REHEARSAL\n")
    assert out.rstrip().splitlines()[-1].split() == ["attested", "not", "set", "default"]
    assert "practice" in out


def test_a_file_with_a_mistake_is_not_shown_and_no_name_is_wrong_use(emea: Path, show: Show) -> None:
    emea.write_text(OWN.replace("valid_days: 90", "valid_days: 9000"))
    code, out, err = show("emea")
    assert (code, out) == (1, "")
    assert "parameters/emea.yaml, line 8: signing.valid_days is 9000" in err
    code, out, err = show("emae")
    assert (code, out) == (64, "")
    assert "Did you mean emea?" in err
