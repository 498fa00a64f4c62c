"""`make audit`: are there known weaknesses in the packages of the two locks? Asks the public advisories by pip-audit.

It is fetched by uv for the moment and is no part of the locks. Where it, or the advisories, cannot be reached, that is
said: nothing known is not nothing found. Exit code 0 none known, 1 some known, 3 nobody could be asked.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
LOCKS = {"requirements.lock": "users", "requirements-dev.lock": "developers"}
AUDITOR = "pip-audit==2.10.1"
SECONDS = 600
KNOWN, NOT_ASKED = 1, 3


def asked(lock: str) -> tuple[dict[str, Any] | None, str]:
    """What pip-audit answers about a lock, or None and why it could not."""
    command = [Path(sys.executable).with_name("uv"), "tool", "run", AUDITOR, "--format", "json", "--disable-pip"]
    command += ["--require-hashes", "--progress-spinner", "off", "--requirement", PROJECT / lock]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    try:
        return json.loads(done.stdout), ""
    except ValueError:
        lines = done.stderr.strip().splitlines()
        return None, lines[-1] if lines else f"it ended with {done.returncode}"


def told(answer: dict[str, Any]) -> list[str]:
    """A line for each known weakness: package, version, advisory, and the version that mends it."""
    return [
        f"{package['name']} {package['version']}: {each['id']}"
        + (f", mended in {', '.join(each['fix_versions'])}" if each.get("fix_versions") else ", not mended yet")
        for package in answer.get("dependencies", [])
        for each in package.get("vulns", [])
    ]


def main() -> int:
    """Ask about both locks and print what came of it."""
    code = 0
    for lock, whose in LOCKS.items():
        answer, why = asked(lock)
        if answer is None:
            print(f"{lock} ({whose}): nobody could be asked, so nothing is known: {why}")
            code = max(code, NOT_ASKED)
            continue
        found = told(answer)
        print(f"{lock} ({whose}): {len(answer.get('dependencies', []))} packages, {len(found)} known weaknesses")
        print("".join(f"  {line}\n" for line in found), end="")
        code = KNOWN if found else code
    return code


if __name__ == "__main__":
    sys.exit(main())
