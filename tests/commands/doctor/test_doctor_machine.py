"""What the doctor says of a machine: each line, as it should be and as it should not."""

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keyring
import keyring.backends.fail
import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from keyring.backend import KeyringBackend

from flexsso_helpers.commands import doctor
from flexsso_helpers.commands.doctor import Line
from flexsso_helpers.commands.doctor import machine as looked_at

MANAGER, ANYWIDGET = looked_at.FRONT_ENDS


def states(lines: list[Line]) -> list[str]:
    return [line.state for line in lines]


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment in which JupyterLab has everything."""
    folder = tmp_path / "environment"
    for name in looked_at.FRONT_ENDS:
        package = folder / "share" / "jupyter" / "labextensions" / name / "package.json"
        package.parent.mkdir(parents=True)
        package.write_text("{}", "utf-8")
    monkeypatch.setattr(sys, "prefix", str(folder))
    return folder


def test_this_machine_as_it_is_installed_lacks_nothing() -> None:
    lines = looked_at.machine_lines()
    assert not doctor.failed(lines), doctor.text(lines)
    assert [line.part for line in lines][:2] == ["Python", "Packages"]


def test_another_python_and_other_packages_than_asked_for_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_HOME", str(tmp_path))
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "flexsso"\nrequires-python = ">=3.99"\n'
        'dependencies = ["ipywidgets>=99", "no-such-package>=1", "requests>=2"]\n',
        "utf-8",
    )
    lines = list(looked_at.packages())
    assert states(lines) == ["bad"] * 3
    assert lines[0].said.endswith("and >=3.99 is asked for")
    assert lines[1].said.startswith("ipywidgets is ")
    assert lines[1].said.endswith("and >=99 is asked for")
    assert lines[2].said == "no-such-package is missing"
    assert all("--force-reinstall flexsso" in line.fix for line in lines[1:])
    (tmp_path / "requirements.lock").touch()  # as in a clone
    assert all("requirements.lock" in line.fix for line in list(looked_at.packages())[1:])


@pytest.mark.parametrize("content", [None, "not toml [", '[project]\nname = "another"\n'], ids=["none", "cut", "other"])
def test_without_the_projects_file_what_was_installed_counts(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_HOME", str(tmp_path))
    if content is not None:
        (tmp_path / "pyproject.toml").write_text(content, "utf-8")

    class Installed(dict[str, str]):
        def __missing__(self, _key: str) -> str:
            return ">=3.11"

    monkeypatch.setattr(looked_at.metadata, "metadata", lambda _name: Installed())
    monkeypatch.setattr(looked_at.metadata, "requires", lambda _name: ["requests>=2", 'nothing>=1; extra == "dev"'])
    assert [line.said for line in looked_at.packages()][1] == "1, all as asked for"


def test_a_front_end_that_is_missing_is_named_with_what_brings_it(prefix: Path) -> None:
    (prefix / "share" / "jupyter" / "labextensions" / ANYWIDGET / "package.json").unlink()
    lines = list(looked_at.widgets())
    assert states(lines) == ["good", "bad"]
    assert "JupyterLab has no anywidget" in lines[1].said
    assert lines[1].fix.endswith("(anywidget)")


@pytest.mark.parametrize("whose", ["the person's", "the environment's"])
def test_a_front_end_that_is_switched_off_is_named_with_the_place(whose: str, prefix: Path, tmp_path: Path) -> None:
    folder = tmp_path / "jupyter" if whose == "the person's" else prefix / "etc" / "jupyter"
    page = folder / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({"disabledExtensions": {MANAGER: True, ANYWIDGET: False}}), "utf-8")
    lines = list(looked_at.widgets())
    assert states(lines) == ["bad", "good"]
    assert str(page) in lines[0].said
    assert f"labextension enable {MANAGER}" in lines[0].fix


def test_a_front_end_of_another_version_than_the_kernels_is_named(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = looked_at.metadata.version
    monkeypatch.setattr(
        looked_at.metadata, "version", lambda name: "1.0.0" if name == "jupyterlab_widgets" else true(name)
    )
    lines = list(looked_at.widgets())
    assert states(lines) == ["good", "good", "bad"]
    assert lines[2].said.startswith("jupyterlab_widgets is 1.0.0")


def spec(prefix: Path, program: str) -> None:
    place = prefix / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    place.parent.mkdir(parents=True)
    content = {"argv": [program, "-m", "ipykernel_launcher"], "display_name": "P", "language": "python"}
    place.write_text(json.dumps(content), "utf-8")


@pytest.mark.parametrize(
    ("program", "state"),
    [("python", "good"), (sys.executable, "good"), ("/opt/another/python3", "bad")],
    ids=["by-name", "this-one", "another"],
)
def test_the_kernel_is_this_python(program: str, state: str, prefix: Path) -> None:
    spec(prefix, program)
    line = looked_at.kernel()
    assert line.state == state
    assert state == "good" or ("/opt/another/python3" in line.said and "--sys-prefix" in line.fix)


def test_no_kernel_at_all(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_self: KernelSpecManager, name: str) -> None:
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", nothing)
    assert looked_at.kernel().said == "there is no kernel python3"


class Chain(KeyringBackend):
    """A keychain as a desktop has one."""

    priority = 5.0  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep nothing."""


class PlainFile(Chain):
    priority = 0.5  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("make", "state"),
    [(Chain, "good"), (PlainFile, "look"), (keyring.backends.fail.Keyring, "look")],
    ids=["keychain", "plain-file", "none"],
)
def test_a_keychain_that_does_not_encrypt_is_none(
    make: Callable[[], KeyringBackend], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    secrets, _ = looked_at.keychain()
    assert secrets.state == state
    assert state == "good" or ("keyring: references find nothing" in secrets.said and "env:NAME" in secrets.fix)


@pytest.mark.parametrize(("works", "state"), [(True, "good"), (False, "look")], ids=["kept", "asked-again"])
def test_whether_a_sign_in_is_kept_is_said(works: bool, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked_at.KeptSignIn, "_can_be_kept", lambda _self: works)
    _, sign_in = looked_at.keychain()
    assert sign_in.state == state
    assert works or "each notebook asks again" in sign_in.said


@pytest.mark.parametrize(("variable", "index"), [("FLEXSSO_RUNS", 0), ("FLEXSSO_HOME", 1)])
def test_a_folder_that_cannot_be_written_is_named_with_its_variable(
    variable: str, index: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file", "utf-8")
    monkeypatch.setenv(variable, str(blocked))
    lines = list(looked_at.folders())
    assert states(lines)[index] == "bad"
    assert str(blocked) in lines[index].said
    assert variable in lines[index].fix


def test_the_text_names_each_part_once_and_the_fix_below_its_line() -> None:
    lines = [
        Line("Python", "good", "3.12"),
        Line("Widgets", "bad", "missing", "install them"),
        Line("Widgets", "good", "there"),
        Line("Keychain", "look", "none"),
    ]
    assert doctor.text(lines).splitlines() == [
        "✓ Python    3.12",
        "✗ Widgets   missing",
        "            → install them",
        "✓           there",
        "! Keychain  none",
        "",
        "✗ 1 to mend. 1 worth knowing.",
    ]
    assert doctor.text([lines[0]]).endswith("✓ Ready.")


@pytest.mark.parametrize(
    ("encoding", "state"), [("utf-8", "good"), ("UTF8", "good"), ("cp1252", "look"), (None, "look")]
)
def test_it_says_in_which_encoding_output_goes(
    monkeypatch: pytest.MonkeyPatch, encoding: str | None, state: str
) -> None:
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(encoding=encoding))
    line = looked_at.output()
    assert (line.part, line.state, bool(line.fix)) == ("Output", state, state == "look")
    assert (encoding or "closed") in line.said


def test_it_says_what_time_this_machine_takes_it_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d IST \(UTC\+0530\), \d\d:\d\d UTC", looked_at.time_zone().said)
    finally:
        monkeypatch.undo()
        time.tzset()
