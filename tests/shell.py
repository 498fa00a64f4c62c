"""A terminal of its own for tests of the command: another working folder, its own runs, every result judged."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

PROJECT = Path(__file__).resolve().parent.parent
REHEARSAL = PROJECT / "parameters" / "rehearsal.yaml"
PUBLISHED = PROJECT / "docs" / "result.schema.json"


@cache
def _judge() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text("utf-8")))


def conforms(result: Any) -> Any:
    """The result itself, once the published schema has nothing to object to."""
    _judge().validate(result)
    return result


class Shell:
    """A terminal. `home` is the project that the commands work on."""

    def __init__(self, folder: Path, *, home: Path = PROJECT) -> None:
        self.folder, self.home = folder, home
        self.runs = folder / "runs"
        self.said = ""
        """What the last command said beside its result."""
        (folder / "elsewhere").mkdir()

    @property
    def environment(self) -> dict[str, str]:
        """Of every command."""
        return {**os.environ, "FLEXSSO_RUNS": str(self.runs), "FLEXSSO_HOME": str(self.home)}

    def __call__(self, *command: str, expect: int = 0, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder / "elsewhere",
            env=self.environment | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
        )
        self.said = done.stderr
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout

    def flexsso(self, *words: str, expect: int = 0, **environment: str) -> str:
        """What the command prints."""
        return self("flexsso_helpers.commands.main", *words, expect=expect, **environment)

    def results(self, *words: str, expect: int = 0) -> list[dict[str, Any]]:
        """The results of `run … --json`, and those that it left, all of them judged by the schema."""
        results = conforms(json.loads(self.flexsso("run", *words, "--json", expect=expect)))
        for result in results:
            if result.get("folder"):
                left = Path(result["folder"], "result.json")
                assert conforms(json.loads(left.read_text("utf-8"))) == result
        return list(results)

    def writes(self) -> dict[str, int]:
        """How often something was written to the rehearsal."""
        return dict(json.loads(self.flexsso("rehearsal", "status", "--json"))["writes"])
