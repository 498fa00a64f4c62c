"""One archive for a network without a way out: packages, the notebooks' own package, lock, book, and how to install.

Its wheels are those of this machine's system and Python; the archive's name says which. Run by `make bundle`, on a
machine that reaches a package index.
"""

import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

import make_book
from release_check import DIST, PROJECT, build, version

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
INSTALL = f"""# Flex SSO runbooks, without a network

For Python {PYTHON} on {sysconfig.get_platform()}, in this folder:

```
python{PYTHON} -m venv .venv
.venv/bin/pip install --no-index --find-links wheels --require-hashes -r requirements.lock
.venv/bin/pip install --no-index --no-deps wheels/flexsso-*.whl
.venv/bin/flexsso init runbooks
cd runbooks
../.venv/bin/flexsso run rehearsal --apply
```

The last line rehearses the whole procedure on this machine. `../.venv/bin/flexsso guide` opens the notebooks, and
book/index.html is the book. To work with a tenant this machine has to reach Microsoft and Twilio: `flexsso doctor NAME`
says which hosts.
"""


def download(lock: Path, folder: Path) -> None:
    """The wheel of each package of the lock, its hash compared. Raises CalledProcessError where one cannot be had."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--require-hashes", "-r", str(lock), "-d", str(folder)], check=True)  # noqa: S603


def bundle(target: Path) -> Path:
    """The archive, in this folder."""
    wanted = version()
    name = f"flexsso-{wanted}-py{PYTHON.replace('.', '')}-{sysconfig.get_platform()}"
    with tempfile.TemporaryDirectory(prefix="flexsso-bundle-") as temporary:
        place = Path(temporary) / name
        wheels = place / "wheels"
        wheels.mkdir(parents=True)
        lock = PROJECT / "requirements.lock"
        (place / lock.name).write_bytes(lock.read_bytes())
        (place / "INSTALL.md").write_text(INSTALL, "utf-8")
        download(lock, wheels)
        built = build(wanted)
        (wheels / built.name).write_bytes(built.read_bytes())
        make_book.draw(place / "book")
        if lost := make_book.lead(place / "book"):
            raise ValueError("Links of the book lead nowhere: " + ", ".join(lost))
        target.mkdir(parents=True, exist_ok=True)
        archive = target / f"{name}.tar.gz"
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(place, name)
    return archive


def main() -> int:
    """Make it; 1 with what is amiss."""
    try:
        archive = bundle(DIST)
    except (ValueError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{archive.relative_to(PROJECT)}: {archive.stat().st_size / 1e6:.0f} MB. Its INSTALL.md says how to go on.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
