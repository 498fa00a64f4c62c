"""A run on another machine, without one: what is sent holds no secret, what comes back lies as if it ran here."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from shell import REHEARSAL, conforms

from flexsso_helpers import places
from flexsso_helpers.commands import looking, run
from flexsso_helpers.commands.run import TenantKernel
from flexsso_helpers.commands.stopping import Stopping
from flexsso_helpers.commands.travelling import _below, done, forget, sent, taken_back
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.notebooks import STEPS
from flexsso_helpers.plan import Evidence, Finding, Target

TARGET = Target(tenant="x", title="x", cloud="rehearsal", tenant_id="t", account_sid="a", application="Twilio Flex")
SECRET = "never-leaves-this-machine"


class TwoMachines:
    """One that sends, and one that runs: each with its own folder of runs. Notebooks only say that they are proved."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here, self.there, self._monkeypatch = folder / "here", folder / "there", monkeypatch
        self.own = folder / "customers" / "east.yaml"
        self.own.parent.mkdir()
        base = REHEARSAL.read_text("utf-8").replace("name: rehearsal ", "name: base ")
        (self.own.parent / "base.yaml").write_text(base, "utf-8")
        self.own.write_text("extends: base.yaml\ntenant:\n  name: east\n  assignments: {csv: east.people.csv}\n")
        (folder / "customers" / "east.people.csv").write_text("user,role\nnia.new@contoso.com,agent\n", "utf-8")
        self.told: list[str] = []
        self.executed: list[str] = []
        self.writes_into_the_file = ""

    def executing(self, kernel: TenantKernel, notebook: Path, parameters: dict[str, Any], _printed: Any) -> str:
        ledger = Ledger(kernel.folder, rehearsal=True, now=lambda: datetime(2026, 11, 2, tzinfo=UTC))
        found = [each.number for each in STEPS] if notebook.name == looking.FILE else [notebook.name[:2]]
        self.executed += [notebook.name[:2]] * (notebook.name != looking.FILE)
        for number in found:
            ledger.section = number
            held = Finding(check="D16", title="x", level="error", state="holds")
            ledger.proved(Evidence(section=number, title="", target=TARGET, findings=(held,), planned=0))
        if self.writes_into_the_file:
            with Path(str(parameters["tenant"])).open("a") as file:
                file.write(self.writes_into_the_file)
        return ""

    def at(self, runs: Path) -> None:
        self._monkeypatch.setenv("FLEXSSO_RUNS", str(runs))

    def run(self, **payload: Any) -> dict[str, Any]:
        self.at(self.here)
        given = sent(self.own, {"apply": False, **payload})
        over_the_wire = json.dumps(given)
        assert SECRET not in over_the_wire
        self.at(self.there)
        os.umask(0o022)  # a worker's, as most machines have it
        answer, left = done(json.loads(over_the_wire), self.told.append, Stopping(), None)
        assert Path(answer["result"]["folder"]).is_dir(), "whoever sent it may be gone"
        self.at(self.here)
        os.umask(0o077)  # as the command sets it
        taken = taken_back(self.own, given, json.loads(json.dumps(answer)), left, self.told.append)
        self.at(self.there)
        forget(taken["folder"])
        assert Path(taken["folder"]).is_dir(), "the folder of another machine"
        forget(answer["result"]["folder"])
        self.at(self.here)
        return taken


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoMachines]:
    machines = TwoMachines(tmp_path, monkeypatch)
    monkeypatch.setenv("TWILIO_API_SECRET", SECRET)
    monkeypatch.setattr(TenantKernel, "run", lambda kernel, *given: machines.executing(kernel, *given))
    mask = os.umask(0o077)
    yield machines
    os.umask(mask)


def test_what_was_run_there_lies_here_as_if_it_were_run_here(machines: TwoMachines) -> None:
    result = conforms(machines.run())
    assert result["outcome"] == 0
    assert result["file"] == str(machines.own)
    folder = Path(result["folder"])
    assert folder.parent == machines.here / "east"
    assert json.loads((folder / "result.json").read_text("utf-8")) == result
    assert Path(result["handover"]).parent == folder
    assert len(list(folder.glob("evidence/*"))) == 9
    assert not list((machines.there / "east").glob("20*")), "what was brought here is gone there"
    kinds = {(path.is_dir(), path.stat().st_mode & 0o777) for path in folder.rglob("*")}
    kinds |= {(path.is_dir(), path.stat().st_mode & 0o777) for path in (machines.there, *machines.there.rglob("*"))}
    assert os.name == "nt" or kinds == {(True, 0o700), (False, 0o600)}


def test_a_machine_that_has_never_seen_the_tenant_only_looks_where_all_was_proved(machines: TwoMachines) -> None:
    first = machines.run()
    machines.executed.clear()
    again = machines.run()
    assert machines.executed == []
    assert {each["as_good_as"] for each in again["notebooks"]} == {first["folder"]}
    assert again["handover"] == first["handover"]
    assert not (Path(again["folder"]) / "handover.html").exists()
    machines.run(full=True)
    assert machines.executed == [each.number for each in STEPS]


def test_the_page_has_the_language_of_the_file_and_is_made_anew_when_that_becomes_another(
    machines: TwoMachines,
) -> None:
    def language(page: str) -> str:
        return html.fromstring(Path(page).read_text("utf-8")).get("lang", "")

    english = machines.run()
    machines.own.write_text(machines.own.read_text("utf-8") + "  handover: {language: de}\n", "utf-8")
    german, again = machines.run(), machines.run()
    assert [language(each["handover"]) for each in (english, german)] == ["en", "de"]
    assert again["handover"] == german["handover"], "it says the same still"


def test_what_notebooks_note_in_the_file_comes_back(machines: TwoMachines) -> None:
    before = machines.own.read_text("utf-8")
    machines.writes_into_the_file = "# pasted\n"
    machines.run(only=["06"])
    assert machines.own.read_text("utf-8") == f"{before}# pasted\n"


def test_an_edit_that_was_made_meanwhile_is_not_written_over(
    machines: TwoMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def executing(*given: Any) -> str:
        machines.own.write_text(machines.own.read_text("utf-8") + "# edited\n", "utf-8")
        return machines.executing(*given)

    machines.writes_into_the_file = "# pasted\n"
    monkeypatch.setattr(TenantKernel, "run", lambda kernel, *given: executing(kernel, *given))
    result = machines.run(only=["06"])
    assert machines.own.read_text("utf-8").endswith("# edited\n")
    assert (Path(result["folder"]) / "east.yaml").read_text("utf-8").endswith("# pasted\n")
    assert any("edited meanwhile" in line for line in machines.told)


def test_who_was_told_travels_with_it_so_that_nobody_is_told_twice(
    machines: TwoMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        run, "notify", lambda _tenant, _command, _result, kept: asked.append((kept / ".told.json").read_text()) or []
    )
    machines.run(only=["00"])
    (machines.here / "east" / ".told.json").write_text('{"run": {"outcome": 1}}')
    machines.run(only=["00"])
    assert asked == ["{}", '{"run": {"outcome": 1}}']


def test_another_version_of_the_program_is_told_and_runs_nothing(machines: TwoMachines) -> None:
    machines.at(machines.here)
    payload = {**sent(machines.own, {}), "version": "0.0.1"}
    answer, left = done(payload, machines.told.append, Stopping(), None)
    assert (machines.executed, left) == ([], {})
    result = taken_back(machines.own, payload, answer, left, machines.told.append)
    assert "0.0.1" in result["error"]
    assert result["outcome"] == 1
    assert not list(places.runs().glob("east/2*"))


def test_a_file_that_is_wrong_is_refused_before_it_is_sent(machines: TwoMachines) -> None:
    machines.own.write_text("tenant: {}\n", "utf-8")
    with pytest.raises(ParametersError):
        sent(machines.own, {})


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "..\\x", "C:/x"])
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        _below(tmp_path, name)
