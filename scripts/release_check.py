"""Build the package and work with it as somebody who installs it would: `make release-check`.

The wheel goes into an environment of its own; what it needs comes from the packages of this one, so that nothing is
downloaded. There `flexsso init` makes a folder, and the rehearsal is run from it.
"""

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DIST = PROJECT / "dist"
CHANGES = 2
"""How `flexsso run --apply` ends when it has set the rehearsal up."""


def version() -> str:
    """The version of the project. Raises ValueError where the changelog does not have it."""
    wanted = str(tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    newest = re.search(r"^## (\S+?),? ", (PROJECT / "CHANGELOG.md").read_text("utf-8") + " ", re.MULTILINE)
    if newest is None or newest[1] != wanted:
        raise ValueError(f"CHANGELOG.md begins with {newest[1] if newest else 'nothing'}, and the version is {wanted}.")
    return wanted


def build(wanted: str) -> Path:
    """The wheel, in dist/, beside the source distribution."""
    run(sys.executable, "-m", "hatchling", "build", "--directory", str(DIST), folder=PROJECT)
    assert (DIST / f"flexsso-{wanted}.tar.gz").is_file()
    return DIST / f"flexsso-{wanted}-py3-none-any.whl"


def install(wheel: Path, folder: Path) -> Path:
    """The `flexsso` of an environment that has the wheel, and this environment's packages below it."""
    venv.create(folder, with_pip=True)
    bin_ = folder / ("Scripts" if os.name == "nt" else "bin")
    site = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    run(str(bin_ / "python"), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel))
    # Packages only: the editable install that lies beside them would be followed by `addsitedir`, and not by a path.
    Path(site, "packages.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    (folder / "share").mkdir(exist_ok=True)
    (folder / "share" / "jupyter").symlink_to(Path(sys.prefix, "share", "jupyter"))
    return bin_ / "flexsso"


def run(*command: str, folder: Path | None = None, ends: int = 0) -> None:
    """Run, as somebody without settings of this project. Raises ValueError where it ends otherwise."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLEXSSO_")}
    print("$", *command, flush=True)
    code = subprocess.run(command, cwd=folder, env=environment, check=False).returncode  # noqa: S603 - written here
    if code != ends:
        raise ValueError(f"{' '.join(command)} ended with {code}, not with {ends}.")


def main() -> int:
    """Check; 1 with the reason where something is amiss."""
    try:
        wheel = build(version())
        with tempfile.TemporaryDirectory(prefix="flexsso-release-", ignore_cleanup_errors=True) as temporary:
            place = Path(temporary).resolve()
            flexsso = str(install(wheel, place / "environment"))
            work = place / "work"
            run(flexsso, "init", str(work))
            run(flexsso, "doctor", folder=work)
            try:
                run(flexsso, "run", "rehearsal", "--apply", folder=work, ends=CHANGES)
            finally:
                run(flexsso, "rehearsal", "stop", folder=work)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{wheel.relative_to(PROJECT)} can be released.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
