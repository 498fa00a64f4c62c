"""Whatever the output is written to, the command's work, its result and its exit code are not lost to it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shell import PROJECT

from flexsso_helpers.output import PLAIN, Lenient

COMMAND = [sys.executable, "-m", "flexsso_helpers.commands.main"]
SHOW = [*COMMAND, "show", "rehearsal"]
SKIPPED = [*COMMAND, "run", "practice"]  # ends with 3, and says so with signs


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONUTF8", "PYTHONIOENCODING")}
    return kept | {"FLEXSSO_HOME": str(PROJECT), "FLEXSSO_RUNS": str(tmp_path / "runs")} | more


@pytest.mark.full
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "latin-1", "utf-8"])
def test_an_encoding_without_our_signs_gets_plain_ones(tmp_path: Path, encoding: str) -> None:
    done = subprocess.run(
        [*COMMAND, "judge", "-"], input=b"no response at all", env=environment(tmp_path, PYTHONIOENCODING=encoding),
        capture_output=True, timeout=120,
    )  # fmt: skip
    said = done.stdout.decode(encoding)
    assert done.returncode == 3, done.stderr
    assert b"Traceback" not in done.stderr
    assert said.strip()
    assert "?" not in said.replace("…", "")


def test_a_settled_stream_still_says_its_encoding() -> None:
    assert Lenient(io.TextIOWrapper(io.BytesIO(), encoding="cp437")).encoding == "cp437"


def test_every_sign_that_we_print_has_a_plain_one() -> None:
    """The next sign is found here: what stands in our sentences is written in ASCII without a question mark."""
    from flexsso_helpers.output import _sign

    texts = "".join(path.read_text("utf-8") for path in (PROJECT / "flexsso_helpers").rglob("*.py"))
    signs = {character for character in texts if ord(character) > 127}
    assert signs > set("✓✗…·")
    assert not [sign for sign in signs if sign not in PLAIN and _sign(sign) == "?"]


@pytest.mark.full
@pytest.mark.parametrize("shape", ["{} >&-", "{} 2>&-", "{} >&- 2>&-", "{} | true"])
def test_a_stream_that_is_closed_changes_no_exit_code(tmp_path: Path, shape: str) -> None:
    line = shape.format(" ".join(SKIPPED)) + '; exit "${PIPESTATUS[0]}"'
    done = subprocess.run(["bash", "-c", line], env=environment(tmp_path), capture_output=True, text=True, timeout=120)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.full
def test_a_full_disk_is_said_and_changes_no_exit_code(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            SKIPPED, env=environment(tmp_path), stdout=full, stderr=subprocess.PIPE, text=True, timeout=120
        )
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("The output could not be written")
    assert "Traceback" not in done.stderr


@pytest.mark.full
def test_a_reader_that_stops_early_gets_what_it_wanted(tmp_path: Path) -> None:
    line = " ".join(SHOW) + ' | head -n 1; exit "${PIPESTATUS[0]}"'
    done = subprocess.run(["bash", "-c", line], env=environment(tmp_path), capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Contoso")
