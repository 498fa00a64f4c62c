"""What concerns the machine: Python, packages, the widgets' front end, the kernel, the keychain, the folders."""

import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import keyring
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from flexsso_helpers import places
from flexsso_helpers.commands.doctor.lines import Line
from flexsso_helpers.graph.kept_sign_in import KEPT, NOT_KEPT, KeptSignIn

PACKAGE = "flexsso"
FRONT_ENDS = {"@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets", "anywidget": "anywidget"}
"""The parts of the widgets that JupyterLab loads, and which package brings each."""
SECURE = 1.0
"""What a keyring backend calls itself when it is fit for use; plain files and no backend at all are below."""


def machine_lines() -> list[Line]:
    """All checks that need no tenant."""
    return [*packages(), *widgets(), kernel(), *keychain(), *folders(), output(), time_zone()]


def packages() -> Iterator[Line]:
    """Python, and every package, against what pyproject.toml asks."""
    wanted_python, wanted = _asked()
    here = ".".join(map(str, sys.version_info[:3]))
    if SpecifierSet(wanted_python).contains(here):
        yield Line("Python", "good", f"{here} at {sys.executable}")
    else:
        fix = "Install Python 3.12, remove .venv, then: make demo PYTHON=/path/to/python3.12"
        yield Line("Python", "bad", f"{here}, and {wanted_python} is asked for", fix)
    wrong = [problem for each in wanted if (problem := _misfit(each))]
    yield from (Line("Packages", "bad", problem, _reinstall()) for problem in wrong)
    if not wrong:
        yield Line("Packages", "good", f"{len(wanted)}, all as asked for")


def _asked() -> tuple[str, list[Requirement]]:
    """What the project asks for; where its file is not at hand, what it asked for when it was installed."""
    try:
        project = tomllib.loads((places.project() / "pyproject.toml").read_text("utf-8"))["project"]
        if project["name"] == PACKAGE:
            return str(project["requires-python"]), [Requirement(line) for line in project["dependencies"]]
    except (OSError, ValueError, KeyError, InvalidRequirement):
        pass
    installed = metadata.metadata(PACKAGE)
    return installed["Requires-Python"] or "", _required(PACKAGE)


def _required(package: str) -> list[Requirement]:
    """What an installed package requires here, without its extras."""
    found = [Requirement(line) for line in metadata.requires(package) or ()]
    return [each for each in found if each.marker is None or each.marker.evaluate({"extra": ""})]


def _reinstall() -> str:
    lock = places.project() / "requirements.lock"
    what = f"--require-hashes -r {lock}" if lock.exists() else f"--force-reinstall {PACKAGE}"
    return f"{sys.executable} -m pip install {what}"


def _misfit(wanted: Requirement) -> str:
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return f"{wanted.name} is missing"
    fits = wanted.specifier.contains(version, prereleases=True)
    return "" if fits else f"{wanted.name} is {version}, and {wanted.specifier} is asked for"


def widgets() -> Iterator[Line]:
    """Whether JupyterLab finds the widgets' front end, switched on and of the version that the kernel speaks to."""
    off = _switched_off()
    for name, package in FRONT_ENDS.items():
        if not (Path(sys.prefix) / "share" / "jupyter" / "labextensions" / name / "package.json").is_file():
            yield Line(
                "Widgets", "bad", f"JupyterLab has no {name}: forms would stay text", f"{_reinstall()} ({package})"
            )
        elif name in off:
            fix = f"{sys.executable} -m jupyter labextension enable {name}"
            yield Line("Widgets", "bad", f"{name} is switched off in {off[name]}", fix)
        else:
            yield Line("Widgets", "good", f"{name} is there")
    for each in _required("ipywidgets"):
        if each.name == "jupyterlab_widgets" and (problem := _misfit(each)):
            yield Line("Widgets", "bad", f"{problem} by ipywidgets", _reinstall())


def _switched_off() -> dict[str, Path]:
    """Front ends that a configuration disables, and where it does."""
    own = os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter"
    found: dict[str, Path] = {}
    for folder in (Path(sys.prefix) / "etc" / "jupyter", Path(own)):
        path = folder / "labconfig" / "page_config.json"
        disabled = _mapping(path).get("disabledExtensions", {})
        if isinstance(disabled, Mapping):
            found |= {name: path for name, on in disabled.items() if on}
    return found


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def kernel() -> Line:
    """Whether the kernel that the notebooks name is this Python; another one would not find the package."""
    fix = f"{sys.executable} -m ipykernel install --sys-prefix"
    manager = KernelSpecManager()
    manager.kernel_dirs = [str(Path(sys.prefix) / "share" / "jupyter" / "kernels"), *manager.kernel_dirs]
    try:
        program = manager.get_kernel_spec("python3").argv[0]
    except (NoSuchKernel, IndexError):
        return Line("Kernel", "bad", "there is no kernel python3", fix)
    bare = Path(program).name == program  # the launcher puts this Python in its place
    if bare or Path(program).resolve() == Path(sys.executable).resolve():
        return Line("Kernel", "good", "python3 is this Python")
    return Line("Kernel", "bad", f"python3 is another Python: {program}", fix)


def keychain() -> Iterator[Line]:
    """Whether the system keeps secrets for us, and sign-ins, each encrypted."""
    backend = keyring.get_keyring()
    if float(backend.priority) >= SECURE:
        yield Line("Keychain", "good", f"secrets: {backend.name}")
    else:
        fix = "Keep secrets as env:NAME, or install a keychain (on Linux: gnome-keyring)."
        yield Line("Keychain", "look", "secrets: none that encrypts, so keyring: references find nothing", fix)
    if KeptSignIn(places.runs(), tenant_id="", client_id="", user=None).kept:
        yield Line("Keychain", "good", f"sign-in: {KEPT}")
    else:
        fix = "Nothing is wrong by that. On Linux: gnome-keyring, and the packages libsecret and PyGObject, keep it."
        yield Line("Keychain", "look", f"sign-in: {NOT_KEPT}", fix)


def folders() -> Iterator[Line]:
    """Whether what runs leave, and the tenants' files, can be written."""
    for folder, what in ((places.runs(), "what runs leave"), (places.parameters(), "the tenants' files")):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            fix = f"Make it writable for this account, or name another {_variable(folder)}."
            yield Line("Folders", "bad", f"{folder} cannot be written ({what}): {error.strerror}", fix)
        else:
            yield Line("Folders", "good", f"{folder} ({what})")


def output() -> Line:
    """In which encoding this machine takes our output: another one than UTF-8 gets plain signs."""
    encoding = getattr(sys.stdout, "encoding", None) or "none, it is closed"
    if encoding.lower().replace("-", "").replace("_", "") == "utf8":
        return Line("Output", "good", encoding)
    fix = "Nothing is wrong by that: ✓ is written as ok. For the signs set PYTHONUTF8=1, on Windows also: chcp 65001"
    return Line("Output", "look", f"{encoding}: what it has not is written in plain signs", fix)


def time_zone() -> Line:
    """What this machine takes the time to be; Entra and every response tell it in UTC."""
    here = datetime.now().astimezone()
    return Line(
        "Time", "good", f"{here:%Y-%m-%d %H:%M} {here.tzname()} (UTC{here:%z}), {here.astimezone(UTC):%H:%M} UTC"
    )


def _variable(folder: Path) -> str:
    return "folder in FLEXSSO_RUNS" if folder == places.runs() else "project in FLEXSSO_HOME"
