"""What a guided JupyterLab has besides: two buttons, larger type for a customer, kernels that name a missing cell."""

import json
from pathlib import Path
from typing import Any

import pytest

from flexsso_helpers.commands import lab, lab_settings

SIZES = Path("@jupyterlab", "apputils-extension", "themes.jupyterlab-settings")


def written(private: Path) -> Any:
    page = private / "config" / "labconfig" / "default_setting_overrides.json"
    return json.loads(page.read_text("utf-8"))


def test_two_buttons_run_all_and_what_follows(tmp_path: Path) -> None:
    lab_settings.write(tmp_path, present=False)
    buttons = written(tmp_path)[lab_settings.PANEL]["toolbar"]
    assert {each["label"]: each.get("args", {}).get("commands", [each["command"]]) for each in buttons} == {
        "Run all": ["notebook:run-all-cells"],
        "Run from here": ["notebook:run-all-below"],
    }
    assert lab_settings.SHORTCUTS not in written(tmp_path)


def test_a_customer_sees_larger_type_and_the_persons_own_settings_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "config" / "lab" / "user-settings"
    (own / "@jupyterlab" / "notebook-extension").mkdir(parents=True)
    (own / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings").write_text("{}", "utf-8")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    for _ in range(2):
        environment = lab_settings.write(tmp_path / "private", present=True)
    settings = Path(environment["JUPYTERLAB_SETTINGS_DIR"])
    assert json.loads((settings / SIZES).read_text("utf-8"))["overrides"]["content-font-size1"] == "18px"
    assert (settings / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings").is_file()
    assert not (own / SIZES).exists()
    keys = {
        each["command"]: each["keys"] for each in written(tmp_path / "private")[lab_settings.SHORTCUTS]["shortcuts"]
    }
    assert keys == {"notebook:show-all-cell-code": ["F2"], "notebook:hide-all-cell-code": ["Shift F2"]}


def test_kernels_draw_errors_from_their_first_cell_on(tmp_path: Path) -> None:
    lab_settings.write(tmp_path, present=False)
    profile = Path(lab._environment(tmp_path, {})["IPYTHONDIR"], "profile_default")
    [start] = (profile / "startup").iterdir()
    compile(start.read_text("utf-8"), start.name, "exec")
    assert "draw_errors()" in start.read_text("utf-8")
