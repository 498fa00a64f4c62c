"""One truth, pyproject.toml; the lock, the environment file, the Makefile and the pages say the same."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from flexsso_helpers.commands.main import app

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
USERS, DEVELOPERS = "requirements.lock", "requirements-dev.lock"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
CLONE, DEVELOPMENT, VAULT, CLUSTER = (
    [Requirement(line) for line in PROJECT["optional-dependencies"][each]]
    for each in ("clone", "dev", "keyvault", "dask")
)
ASKED = {USERS: RUNTIME + CLONE, DEVELOPERS: RUNTIME + CLONE + DEVELOPMENT}
BY_HAND = [
    f"docs/{name}.md"
    for name in ("customer", "unattended", "practice", "installing", "proved", "record", "first_contact")
]
PAGES = ["README.md", "CONTRIBUTING.md", *BY_HAND]

NOT_IMPORTED_BY_US = {"ipykernel", "jupyterlab", "sniffio"}
PART_OF = {"pydantic-core": "pydantic", "dask": "distributed"}

ADDRESS = r"\w+://|\w+ @ |--(?:extra-)?index|--find-links|--trusted-host|\bfile:|\S+\.(?:org|com|net|io)\b"

PYTHONS = ["3.11.0", "3.11.14", "3.12.1", "3.13.5"]
SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macos": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}


def locked(lock: str) -> Iterator[tuple[Requirement, int]]:
    """Each entry of a lock, and how many hashes it has."""
    for entry in (ROOT / lock).read_text("utf-8").replace("\\\n", " ").splitlines():
        if entry and not entry.lstrip().startswith("#"):
            requirement, *hashes = re.split(r"\s--hash=sha256:[0-9a-f]{64}", entry)
            yield Requirement(requirement), len(hashes)


def environment(python: str, system: str) -> dict[str, str]:
    return SYSTEMS[system] | {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


@pytest.mark.parametrize("lock", ASKED)
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_lock_holds_every_dependency_once_in_a_fitting_version(python: str, system: str, lock: str) -> None:
    here = environment(python, system)
    found: dict[str, list[Version]] = {}
    for entry, _ in locked(lock):
        if entry.marker is None or entry.marker.evaluate(here):
            version = Version(str(entry.specifier).removeprefix("=="))
            found.setdefault(canonicalize_name(entry.name), []).append(version)
    assert [name for name, versions in found.items() if len(versions) > 1] == []
    unfit = [
        str(wanted)
        for wanted in ASKED[lock]
        if not any(version in wanted.specifier for version in found.get(canonicalize_name(wanted.name), []))
    ]
    assert unfit == [], "make lock"


def test_developers_have_the_versions_that_users_have_and_users_no_tools() -> None:
    users, developers = (
        {(entry.name, str(entry.specifier)) for entry, _ in locked(lock)} for lock in (USERS, DEVELOPERS)
    )
    assert users < developers
    assert not {name for name, _ in users} & {"pytest", "mypy", "ruff", "sphinx", "playwright", "pysaml2"}


@pytest.mark.parametrize("lock", ASKED)
def test_lock_has_exact_versions_with_hashes(lock: str) -> None:
    loose = [
        entry.name
        for entry, hashes in locked(lock)
        if not hashes or not re.fullmatch(r"==[^,*]+", str(entry.specifier))
    ]
    assert loose == []


@pytest.mark.parametrize("file", [USERS, DEVELOPERS, "environment.yml", "pyproject.toml"])
def test_no_address_decides_where_packages_come_from(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert re.findall(ADDRESS, text) == []


def test_environment_file_leads_to_the_lock() -> None:
    file = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, installed = file["dependencies"]
    assert file["name"] == PROJECT["name"]
    assert file["channels"] == ["conda-forge", "nodefaults"]
    assert python.startswith("python=")
    assert python.removeprefix("python=") in SpecifierSet(PROJECT["requires-python"])
    assert pip == "pip"
    assert installed == {"pip": ["-r requirements-dev.lock"]}


def test_makefile_asks_for_the_same_pythons() -> None:
    limits = re.search(r"\((\d+), (\d+)\) <= sys.version_info < \((\d+), (\d+)\)", MAKEFILE)
    assert limits is not None
    low_major, low_minor, high_major, high_minor = limits.groups()
    assert PROJECT["requires-python"] == f">={low_major}.{low_minor},<{high_major}.{high_minor}"


def imported(*folders: str) -> set[str]:
    """The distributions that the Python files of these folders import, the project's own left out."""
    owners = packages_distributions()
    names = {name for folder in folders for path in (ROOT / folder).rglob("*.py") for name in modules(path)}
    found = {owner(name, owners) for name in names} - {"", PROJECT["name"]}
    return {PART_OF.get(name, name) for name in found}


def modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def owner(module: str, owners: Mapping[str, list[str]]) -> str:
    """The distribution; empty for the standard library. Where several share a name (`azure`), the next one decides."""
    first, second = (*module.split("."), "")[:2]
    candidates: list[str] = [canonicalize_name(name) for name in owners.get(first, [])]
    return f"{first}-{second}" if f"{first}-{second}" in candidates else (candidates or [""])[0]


@pytest.mark.full
def test_what_is_imported_is_declared() -> None:
    runtime = {canonicalize_name(each.name) for each in RUNTIME + VAULT + CLUSTER}
    everything = runtime | {canonicalize_name(each.name) for each in CLONE + DEVELOPMENT}
    assert imported("flexsso_helpers") - runtime == set()
    assert imported("tests", "scripts") - everything == set()


@pytest.mark.full
def test_what_is_declared_is_used() -> None:
    runtime = {canonicalize_name(each.name) for each in RUNTIME}
    assert runtime - imported("flexsso_helpers", "scripts") - NOT_IMPORTED_BY_US == set()


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_only_targets_and_files_that_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert named or page in BY_HAND
    assert named <= targets
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_readme_names_only_commands_and_options_that_exist() -> None:
    text = "\n".join((ROOT / page).read_text("utf-8") for page in PAGES)
    command: Any = typer.main.get_command(app)
    options = {option for each in walk(command) for parameter in each.params for option in parameter.opts}
    lines = [line.partition("#")[0] for line in re.findall(r"(?:^|/|`)(flexsso [^`\n]+)", text, re.MULTILINE)]
    assert lines
    for line in lines:
        assert line.split()[1] in command.commands, line
        assert set(re.findall(r"(?<=[ \[])--[a-z-]+", line)) <= options, line


def walk(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from walk(each)
