"""How JupyterLab looks and what its kernels know in a guided session: buttons, a customer's view, errors in words."""

import json
import shutil
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_dir

PANEL = "@jupyterlab/notebook-extension:panel"
SHORTCUTS = "@jupyterlab/shortcuts-extension:shortcuts"
VIEWERS = "@jupyterlab/docmanager-extension:plugin"
CODE_KEY = "F2"
"""Shows the code of the open notebook, where it is folded; with Shift it is folded again."""
_BUTTONS = [
    {
        "name": "flexsso-run-all",
        "command": "notebook:run-all-cells",
        "label": "Run all",
        "caption": "Run every cell. Nothing is written that is not ticked",
        "rank": 28,
    },
    {
        "name": "flexsso-run-from-here",
        # By itself the command is looked at only when one turns to a notebook: where its last cell was selected then,
        # as *Run all* leaves it, the button would stay grey whatever is selected afterwards.
        "command": "apputils:run-first-enabled",
        "args": {"commands": ["notebook:run-all-below"]},
        "label": "Run from here",
        "caption": "Run the selected cell and all below it",
        "rank": 29,
    },
]
_LARGER = {"content-font-size1": "18px", "code-font-size": "16px", "ui-font-size1": "15px"}
_THEMES = Path("@jupyterlab", "apputils-extension", "themes.jupyterlab-settings")
_STARTUP = """from flexsso_helpers.views.errors_html import draw_errors

draw_errors()
"""


def overrides(*, present: bool) -> dict[str, Any]:
    """What differs from JupyterLab's own settings; a person's own come after it. `present`: for a customer to see."""
    found: dict[str, Any] = {
        PANEL: {"toolbar": _BUTTONS},
        VIEWERS: {"defaultViewers": {"markdown": "Markdown Preview"}},  # a page that a number leads to is read
    }
    if present:
        found[SHORTCUTS] = {
            "shortcuts": [
                {"command": f"notebook:{what}-all-cell-code", "keys": [keys], "selector": ".jp-Notebook"}
                for what, keys in (("show", CODE_KEY), ("hide", f"Shift {CODE_KEY}"))
            ]
        }
    return found


def write(private: Path, *, present: bool) -> dict[str, str]:
    """Write the settings below the session's private folder; the environment in which JupyterLab finds them.

    The kernels' start names the cell that has to run first, from the first cell on.
    """
    page = private / "config" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.with_name("default_setting_overrides.json").write_text(json.dumps(overrides(present=present)), "utf-8")
    startup = private / "ipython" / "profile_default" / "startup" / "00-errors.py"
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(_STARTUP, "utf-8")
    return {"JUPYTERLAB_SETTINGS_DIR": str(_larger(private / "presenting"))} if present else {}


def _larger(settings: Path) -> Path:
    """The person's own settings with larger type, in this folder: JupyterLab takes sizes from nowhere else."""
    shutil.rmtree(settings, ignore_errors=True)
    own = Path(jupyter_config_dir(), "lab", "user-settings")
    if own.is_dir():
        shutil.copytree(own, settings)
    (settings / _THEMES).parent.mkdir(parents=True, exist_ok=True)
    (settings / _THEMES).write_text(json.dumps({"theme": "JupyterLab Light", "overrides": _LARGER}), "utf-8")
    return settings
