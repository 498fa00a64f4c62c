"""The archive for a network without a way out: installed and rehearsed where there is no route to anywhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import load

CHANGES = 2
"""How `flexsso run --apply` ends when it has set the rehearsal up."""
LOOPBACK = (
    "import fcntl,socket,struct; s=socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack('16sH14s', b'lo', 1, b''))"
)
"""In a new network namespace even the loopback interface is down."""


ALONE = ("unshare", "--map-root-user", "--net")


@pytest.mark.full
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare, for a network of its own")
def test_what_install_md_says_works_without_a_network(tmp_path: Path) -> None:
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a network of one's own is not allowed on this machine")
    archive = load("make_bundle").bundle(tmp_path)
    shutil.unpack_archive(archive, tmp_path)
    folder = tmp_path / archive.name.removesuffix(".tar.gz")
    assert (folder / "book" / "index.html").is_file()
    said = re.search(r"```\n(.+?)```", (folder / "INSTALL.md").read_text("utf-8"), re.DOTALL)
    assert said is not None
    python = Path(sys.base_prefix, "bin")
    script = f"""set -e
export PATH={python}:$PATH
{sys.executable} -c "{LOOPBACK}"
! {sys.executable} -c "import socket; socket.create_connection(('192.0.2.1', 443), 5)" 2>/dev/null
{said[1]}"""
    done = subprocess.run(
        [*ALONE, "bash", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == CHANGES, done.stdout[-3000:] + done.stderr[-3000:]
    assert "proved" in done.stdout
