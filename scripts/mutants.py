"""Change a room's code in small ways and see whether its tests notice: `make mutants ROOM=plan`.

A room is a folder or a module below flexsso_helpers (`plan`, `ledger`, `wire/patience`); its tests lie where it lies.
mutmut works in a copy that is gone afterwards. What is printed last are the changes that no test noticed.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

PROJECT = Path(__file__).resolve().parent.parent
HOUSE = "flexsso_helpers"
COPIED = (HOUSE, "tests", "scripts", "docs", "notebooks", "parameters", "README.md", "Makefile", "pyproject.toml")
NOTICED = ("killed", "timeout", "segfault")


def code_of(room: str) -> str:
    """The pattern of the room's files. Raises ValueError where there is no such room."""
    if (PROJECT / HOUSE / room).is_dir():
        return f"{HOUSE}/{room}/*"
    if (PROJECT / HOUSE / f"{room}.py").is_file():
        return f"{HOUSE}/{room}.py"
    raise ValueError(f"{HOUSE} has no room {room}.")


def own_tests(room: str) -> list[str]:
    """The room's own tests: its folder, else the files named after it. Raises ValueError where it has none."""
    own = PROJECT / "tests" / room
    found = [own] if own.is_dir() else sorted(own.parent.glob(f"test_{own.name}*.py"))
    if not found:
        raise ValueError(f"{room} has no tests of its own in {own.parent.relative_to(PROJECT)}.")
    return [str(each.relative_to(PROJECT)) for each in found]


def settings(room: str) -> str:
    """What mutmut is told in the copy's pyproject.toml. Tests of minutes, in a browser or by a process are left out."""
    table = {
        "source_paths": [HOUSE],
        "only_mutate": [code_of(room)],
        "also_copy": list(COPIED),
        "pytest_add_cli_args": ["-m", "not full and not kernel and not browser and not interop and not long"],
        "pytest_add_cli_args_test_selection": own_tests(room),
    }
    return "\n[tool.mutmut]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())


def tell(room: str, folder: Path) -> int:
    """Each change that no test noticed, as a difference; and the counts. Works in the current folder."""
    states: dict[str, str] = {}
    for path in sorted((folder / "mutants" / HOUSE).rglob("*.py.meta")):
        source = path.relative_to(folder / "mutants").with_suffix("")
        for name, code in json.loads(path.read_text("utf-8"))["exit_code_by_key"].items():
            states[name] = status_by_exit_code[code]
            if states[name] not in NOTICED:
                print(f"{name}: {states[name]}", get_diff_for_mutant(name, path=source), sep="\n")
    counts = ", ".join(f"{number} {state}" for state, number in Counter(states.values()).most_common())
    print(f"{room}: {len(states)} mutants: {counts}")
    return 0


def main(room: str = "plan") -> int:
    """Print what survived, and how many there were. 1 where the tests do not pass unchanged."""
    table = settings(room)
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
            copy(PROJECT / name, Path(folder, name))
        with Path(folder, "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(table)
        with contextlib.chdir(folder):
            code = subprocess.run([sys.executable, "-m", "mutmut", "run"], check=False).returncode
            return code or tell(room, Path(folder))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
