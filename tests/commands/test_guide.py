"""The guided session: whose copy it is, what stands in it, who gets in, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
import requests
from sockets import Loopback, listening

from flexsso_helpers import places
from flexsso_helpers.commands import guide as guided
from flexsso_helpers.commands import lab
from flexsso_helpers.errors import ParametersError, Unreachable
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.plan import Evidence, Target

PROJECT = Path(__file__).resolve().parents[2]
OPEN_DOORS = {
    "ServerApp": {"token": "", "ip": "0.0.0.0", "disable_check_xsrf": True, "allow_origin": "*"},
    "IdentityProvider": {"token": ""},
    "LabApp": {"news_url": "https://example.com/feed"},
}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder."""
    monkeypatch.setenv("FLEXSSO_HOME", str(PROJECT))
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("FLEXSSO_RUN", raising=False)
    return tmp_path / "runs"


def test_the_numbers_of_a_copy_lead_to_pages_beside_it(runs: Path) -> None:
    folder = guided.new_copy("contoso")
    text = "".join(cell.source for path in folder.glob("*.ipynb") for cell in cells(path))
    targets = set(re.findall(r"\]\((\.\./docs/[^)#]+)", text))
    assert len(targets) > 2
    assert [target for target in targets if not (folder / target).resolve().is_relative_to(runs / "contoso")] == []
    assert [target for target in targets if not (folder / target).is_file()] == []
    assert "../docs/saml_response.svg" in targets


def cells(path: Path) -> list[nbformat.NotebookNode]:
    return list(nbformat.read(path, as_version=4).cells)


def test_the_copy_differs_by_the_name_and_by_the_missing_outputs_only(runs: Path) -> None:
    folder = guided.new_copy("contoso")
    names = [path.name for path in sorted((PROJECT / "notebooks").glob("*.ipynb"))]
    assert sorted(path.name for path in folder.glob("*.ipynb")) == names
    for name in names:
        ours, theirs = cells(folder / name), cells(PROJECT / "notebooks" / name)
        changed = [
            (theirs_.source, ours_.source)
            for ours_, theirs_ in zip(ours, theirs, strict=True)
            if ours_.source != theirs_.source
        ]
        for before, after in changed:
            assert after == re.sub('^tenant = "rehearsal".*', 'tenant = "contoso"', before)
        assert name[:1] != "0" or len(changed) == 1
        assert all(cell.outputs == [] and cell.execution_count is None for cell in ours if cell.cell_type == "code")


def test_the_copy_is_for_its_owner_only(runs: Path) -> None:
    folder = guided.new_copy("contoso")
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_the_newest_copy_goes_on_and_runs_without_a_person_are_none(runs: Path) -> None:
    assert guided.last_copy("contoso") is None
    first = guided.new_copy("contoso")
    worked = first / "03_signing_certificate.ipynb"
    worked.write_text("what a person did", "utf-8")
    second = guided.new_copy("contoso")
    places.new_run_folder("contoso")
    guided.new_copy("fabrikam")
    os.utime(first / guided.MARK, ns=(0, 0))
    assert guided.last_copy("contoso") == second
    assert worked.read_text("utf-8") == "what a person did"


def prove(folder: Path, section: str, *, made: int = 0, planned: int = 0) -> None:
    target = Target(tenant="x", title="X", cloud="rehearsal", tenant_id="", account_sid="", application="")
    evidence = Evidence(section=section, title="", target=target, findings=(), planned=planned, made=made)
    Ledger(folder, rehearsal=True, now=lambda: datetime.now(UTC)).proved(evidence)


def test_what_is_not_proved_yet_waits_for_a_person(runs: Path) -> None:
    folder = guided.new_copy("contoso")
    assert guided.outcome(folder) == 3
    steps = [path.name[:2] for path in sorted(folder.glob("0[0-9]_*.ipynb"))]
    for step in steps[:-1]:
        prove(folder, step)
    assert guided.outcome(folder) == 3
    prove(folder, steps[-1])
    assert guided.outcome(folder) == 0
    prove(folder, steps[2], made=1)
    assert guided.outcome(folder) == 2


def test_a_file_from_elsewhere_is_refused_because_the_notebooks_would_not_find_it(runs: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "fabrikam.yaml"
    text = (PROJECT / "parameters" / "rehearsal.yaml").read_text("utf-8")
    elsewhere.write_text(text.replace("name: rehearsal ", "name: fabrikam "), "utf-8")
    with pytest.raises(ParametersError, match="does not lie in the folder") as caught:
        guided.guide(str(elsewhere))
    assert "parameters/fabrikam.yaml" in caught.value.fix
    assert not (runs / "fabrikam").exists()


def test_revised_notebooks_are_said(runs: Path) -> None:
    folder = guided.new_copy("contoso")
    assert not guided._changed_since(folder)
    (folder / guided.MARK).write_text('{"tenant": "contoso", "notebooks": "others"}', "utf-8")
    assert guided._changed_since(folder)


def test_a_jupyterlab_that_does_not_start_is_explained(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = runs / "python"
    folder = guided.new_copy("contoso")
    broken.write_text("#!/bin/sh\necho No module named jupyterlab >&2\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with (
        pytest.raises(Unreachable, match="JupyterLab could not be started") as caught,
        lab.open_lab(folder, guided.FIRST, browser=False, environment={}),
    ):
        pass
    assert caught.value.why == "No module named jupyterlab"
    assert "flexsso doctor" in caught.value.fix


class Reading:
    """A server whose person reads for two minutes and then shuts it down."""

    def __init__(self) -> None:
        self.minutes = 0

    def wait(self, seconds: float) -> int:
        self.minutes += 1
        if self.minutes <= 2:
            raise subprocess.TimeoutExpired("jupyterlab", seconds)
        return 0


def test_while_a_person_reads_the_rehearsal_is_kept_awake_and_a_live_tenant_is_left_alone(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(guided, "find_rehearsal", asked.append)
    lab.Lab(Reading()).wait(tick=lambda: guided._keep_awake("practice", True))  # type: ignore[arg-type]
    assert asked == [runs / ".rehearsal" / "practice"] * 2
    guided._keep_awake("contoso", False)
    assert len(asked) == 2


def _as_anywhere() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests in the background ignore Ctrl-C
    os.umask(0)  # a machine on which new files are everybody's


class Session:
    """`flexsso guide --no-browser`, on a machine whose own Jupyter configuration leaves every door open."""

    def __init__(self, runs: Path, home: Path) -> None:
        (home / ".jupyter").mkdir(parents=True)
        for name in ("jupyter_config", "jupyter_server_config", "jupyter_lab_config"):
            (home / ".jupyter" / f"{name}.json").write_text(json.dumps(OPEN_DOORS), "utf-8")
        self._environment = {
            **os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / ".jupyter"), "JUPYTER_TOKEN": "guessed"
        }  # fmt: skip
        self.process = self._start()
        self.lines = self._read()

    def _start(self, *more: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "flexsso_helpers.commands.main", "guide", "--no-browser", *more]
        return subprocess.Popen(
            command,
            env=self._environment,
            cwd=PROJECT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=_as_anywhere,
        )

    def _read(self) -> list[str]:
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                break
        return lines

    @property
    def url(self) -> str:
        return next(line for line in self.lines if line.startswith("http://127.0.0.1:"))

    def again(self) -> tuple[str, int]:
        """The same command, while this one is still open."""
        second = self._start()
        said, _ = second.communicate(timeout=60)
        return said, second.returncode

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def session(runs: Path, tmp_path: Path) -> Iterator[Session]:
    session = Session(runs, tmp_path / "home")
    watch = threading.Timer(120, session.process.kill)
    watch.start()
    yield session
    watch.cancel()
    if session.process.poll() is None:
        session.end()


@pytest.mark.kernel
@pytest.mark.full
def test_jupyterlab_is_open_for_the_holder_of_the_token_and_asks_nobody_outside(session: Session, runs: Path) -> None:
    address = re.fullmatch(r"(http://127\.0\.0\.1:\d+/)lab/tree/[^/]+/00_start_here\.ipynb\?token=(\S+)", session.url)
    assert address is not None
    home, token = address.groups()
    assert len(token) > 30
    with requests.Session() as stranger, requests.Session() as person:
        stranger.trust_env = person.trust_env = False
        assert stranger.get(f"{home}api/contents", timeout=20).status_code == 403
        assert stranger.get(f"{home}api/contents?token=guessed", timeout=20).status_code == 403
        page = person.get(session.url, timeout=20)
        assert '"news": {"disabled": true}' in page.text
        assert '"can_install": false' in page.text
        cross_site = person.post(f"{home}api/kernels", timeout=20)
        assert cross_site.status_code == 403
        assert "_xsrf" in cross_site.text
    folder = next((runs / "practice").glob("20*"))
    assert token not in (folder / ".jupyter" / "server.log").read_text("utf-8")
    if (command := Path(f"/proc/{lab_pid(folder)}/cmdline")).exists():
        assert token not in command.read_text()
    found = lab.find(folder)
    assert found is not None
    assert found.opener is not None
    assert "/lab/tree/" in found.opener.read_text("utf-8")
    said, code = session.again()
    assert session.url in said
    assert code == 3
    prove(folder, "00")
    assert session.end() == 3
    result = json.loads((folder / "result.json").read_text("utf-8"))
    assert (result["tenant"], result["rehearsal"], result["outcome"]) == ("practice", True, 3)
    assert [record["outcome"] for record in result["notebooks"]] == [0, *[None] * 8]
    assert Path(result["handover"]).is_file()
    assert lab.find(folder) is None
    assert [path for path in (runs / "practice", *folder.rglob("*")) if path.lstat().st_mode & 0o077] == []
    assert not (folder / ".jupyter" / "settings.json").exists()
    assert len(list((runs / "practice").glob("20*"))) == 1


def lab_pid(folder: Path) -> int:
    known = next((folder / ".jupyter").glob("jpserver-*.json"))
    return int(json.loads(known.read_text("utf-8"))["pid"])


def test_what_somebody_s_own_profile_starts_is_no_part_of_a_guided_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "mine"))
    monkeypatch.setenv("PYTHONSTARTUP", "mine.py")
    given = lab._environment(tmp_path / "private", {})
    assert (given["IPYTHONDIR"], given["PYTHONSTARTUP"]) == (str(tmp_path / "private" / "ipython"), "")


def test_a_copy_is_opened_without_views_of_widgets_that_are_gone_and_folded_for_a_customer(runs: Path) -> None:
    folder = guided.new_copy("contoso")
    path = folder / guided.FIRST
    notebook = nbformat.read(path, as_version=4)
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    both = {"text/html": "<b>form</b>", guided.WIDGET_VIEW: {"model_id": "x"}}
    code.outputs = [
        nbformat.v4.new_output("display_data", data=both),
        nbformat.v4.new_output("display_data", data={guided.WIDGET_VIEW: {"model_id": "y"}}),
    ]
    nbformat.write(notebook, path)

    guided.make_ready(folder, fold=True)

    code, *_ = (cell for cell in cells(path) if cell.cell_type == "code")
    assert [sorted(output.data) for output in code.outputs] == [["text/html"], [guided.WIDGET_VIEW]]
    assert all(cell.metadata.jupyter.source_hidden for cell in cells(path) if cell.cell_type == "code")
    seen = [cell.source for cell in cells(path) if "jupyter" not in cell.metadata]
    seen += [cell.source.splitlines()[0] for cell in cells(path) if "jupyter" in cell.metadata]
    operators = ("apply = None", "No account is needed", "papermill", "without a person")
    assert [each for each in operators if each in "\n".join(seen)] == []
    guided.make_ready(folder, fold=False)
    assert [cell.metadata for cell in cells(path) if "jupyter" in cell.metadata] == []
    assert runs.is_dir()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with listening() as server:
        yield server


def test_whoever_listens_at_the_port_of_an_ended_jupyterlab_is_not_sent_its_token(
    tmp_path: Path, loopback: Loopback
) -> None:
    private = tmp_path / lab.PRIVATE
    private.mkdir()
    note = {"url": f"{loopback.origin}/", "token": "the-token-of-a-session"}
    (private / "jpserver-1.json").write_text(json.dumps(note), "utf-8")
    for proof in ('{"proof": "deadbeef"}', '{"proof": null}', "ja, ñ", ""):
        loopback.answer = (200, {}, proof.encode())
        assert lab.find(tmp_path) is None
        assert lab.Address(note["url"], note["token"], "x").call("POST", "api/shutdown") is False
    assert {path.partition("=")[0] for _, _, path, _ in loopback.asked} == {"/flexsso/proof?challenge"}
    assert note["token"] not in str((loopback.asked, loopback.heard))


def test_no_token_stands_in_a_browser_s_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[str]()
    monkeypatch.setattr("webbrowser.open", opened.append)
    page = tmp_path / "jpserver-1-open.html"
    page.touch()
    lab.Address("http://127.0.0.1:9/", "the-token", "x", page).open_in_browser()
    lab.Address("http://127.0.0.1:9/", "the-token", "x").open_in_browser()
    assert opened == [page.as_uri()]
