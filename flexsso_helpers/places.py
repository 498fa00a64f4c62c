"""Where things lie: the project, the tenants' files, and what runs leave behind. Notebooks name no path."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flexsso_helpers.errors import NotKept

MARK = Path("parameters", "schema.json")
_FULL = {errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors that only writing meets: a full disk, one that is read only, a quota."""
GUIDED = "FLEXSSO_GUIDED"
"""Of a kernel's environment: a person sits in front of it, in a guided session."""


def project() -> Path:
    """The project's folder: FLEXSSO_HOME, else the nearest one above here that has parameters/schema.json, else that
    of this package (an editable install), else the working folder.
    """
    named = os.environ.get("FLEXSSO_HOME")
    if named:
        return Path(named).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parent.parent):
        if (folder / MARK).exists():
            return folder
    return here


def guided() -> bool:
    """Whether this kernel is one of a guided session, whose outputs a person sees at once and nobody commits."""
    return GUIDED in os.environ


def parameters() -> Path:
    """The folder of the tenants' files."""
    return project() / "parameters"


def notebooks() -> Path:
    """The folder of the notebooks."""
    return project() / "notebooks"


def runs() -> Path:
    """The folder that keeps what runs leave: FLEXSSO_RUNS, else `runs/` in the project. Never under version control."""
    named = os.environ.get("FLEXSSO_RUNS")
    return Path(named).resolve() if named else project() / "runs"


def rehearsal(tenant: str) -> Path:
    """The private folder of the rehearsal of this tenant's file."""
    return runs() / ".rehearsal" / tenant


def run_folder(tenant: str) -> Path:
    """Where this run writes: the folder that the runner named (FLEXSSO_RUN), else a new one by UTC time."""
    named = os.environ.get("FLEXSSO_RUN")
    if named:
        return Path(named)
    return new_run_folder(tenant)


def new_run_folder(tenant: str) -> Path:
    """A folder that does not exist yet: `runs/<tenant>/<UTC time>`, numbered when two runs start in one second."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    for number in range(1, 1000):
        folder = runs() / tenant / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise not_kept(folder, error) from error
        return folder
    raise FileExistsError(f"{runs() / tenant / stamp}: too many runs in one second")


def private(folder: Path) -> Path:
    """Make this folder where there is none, its owner's alone, and return it. Raises NotKept where it cannot be."""
    with kept_in(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def kept_in(path: Path) -> Iterator[None]:
    """Raise NotKept where the system does not let it be written."""
    try:
        yield
    except OSError as error:
        raise not_kept(path, error) from error


def not_kept(path: Path, error: OSError) -> NotKept:
    """That this path cannot be written, in our words."""
    return NotKept(
        f"{path.parent.name}/{path.name} cannot be written: {error.strerror or error}.",
        why="Nothing is sent to a service that is not noted first, so this goes no further.",
        fix="Make room on the disk, or make the folder writable for this account (FLEXSSO_RUNS names another one). "
        "Then run it again: what is there already is found, and nothing is made twice.",
        notebook="00",
    )


def of_writing(error: BaseException) -> NotKept | None:
    """The same for an error that nobody foresaw; None for one that reading, the network or a program may meet too."""
    if isinstance(error, OSError) and error.filename and error.errno in _FULL:
        return not_kept(Path(error.filename), error)
    return None


def keep_pages(run: Path) -> None:
    """Lay a copy of the pages of reference beside a run's folder: `../docs/` then leads to them from its notebooks as
    from the project's, also where the tenant's folder is sent to somebody else.
    """
    copy = private(run.parent / "docs")
    for page in (project() / "docs").glob("*"):
        if page.suffix in (".md", ".svg") and not _kept_already(page, copy / page.name):
            with kept_in(copy / page.name):
                shutil.copyfile(page, copy / page.name)


def _kept_already(page: Path, copy: Path) -> bool:
    """Whether the copy is younger than the page, and as long."""
    try:
        there, here = copy.stat(), page.stat()
    except FileNotFoundError:
        return False
    return there.st_size == here.st_size and there.st_mtime > here.st_mtime
