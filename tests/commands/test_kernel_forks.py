"""The process that kernels are forked from may refuse one, be late, or not load: runs go on, and it is told once."""

import array
import gc
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest
from shell import PROJECT

from flexsso_helpers.commands import kernel_forks
from flexsso_helpers.commands.kernel_forks import Forks, can_fork
from flexsso_helpers.commands.kernels import TenantKernel
from flexsso_helpers.commands.run import run_tenant

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not can_fork(), reason="processes don't outlive a fork here"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
REFUSED = """
import errno, os
real, asked = os.{name}, []
def refused(*given):
    asked.append(given)
    if len(asked) == 2:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return real(*given)
os.{name} = refused
"""
LIBRARY = "import os\nraise ImportError('libnumbers.so.3 is not in ' + os.environ['LD_LIBRARY_PATH'])"
THREAD = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Nothing that was left open is blamed on a later test."""
    yield
    gc.collect()


@contextmanager
def parent_with(folder: Path, file: str, source: str) -> Iterator[Forks]:
    """A parent of kernels that finds this file before all others as it loads; the kernels beside it don't."""
    (folder / "first").mkdir()
    (folder / "first" / file).write_text(source, "utf-8")
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", f"{folder / 'first'}{os.pathsep}{PROJECT}")
            patch.setenv("LD_LIBRARY_PATH", "/opt/numbers")
            forks = stack.enter_context(Forks())
        yield forks


def says(kernel: TenantKernel, cell: str) -> list[str]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, kernel.folder / "cell.ipynb")
    said: list[str] = []
    assert kernel.run(kernel.folder / "cell.ipynb", {}, said.append) == ""
    return said


def alive(parent: int) -> list[psutil.Process]:
    found = psutil.Process(parent).children()
    return [each for each in found if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.full
@pytest.mark.parametrize("name", ["fork", "pidfd_open"])
def test_a_kernel_that_the_system_refuses_is_started_otherwise_and_the_others_go_on(name: str, tmp_path: Path) -> None:
    """A container's limit of processes, or too many open files, is nothing that others should end of."""
    told: list[str] = []
    with parent_with(tmp_path, "sitecustomize.py", REFUSED.format(name=name)) as forks, ExitStack() as stack:
        forks.told = told.append
        parent, kernels = forks._process.pid, []
        for run in ("one", "refused", "another"):
            (tmp_path / run).mkdir()
            kernels.append(stack.enter_context(TenantKernel(tmp_path / run, forks=forks)))
        whose = [says(kernel, "import os; left = 1; print(os.getppid())") for kernel in kernels]
        assert whose == [[str(parent)], [str(os.getpid())], [str(parent)]]
        assert says(kernels[0], "print('goes on')") == ["goes on"]
        assert len(alive(parent)) == 2
    (line,) = told
    assert "Resource temporarily unavailable" in line


@pytest.mark.full
def test_a_parent_that_answers_late_is_asked_no_more_and_forks_nothing_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two kernels would wait at the same sockets."""
    with Forks() as forks, TenantKernel(tmp_path, forks=forks) as kernel:
        assert select.select([forks._asked], [], [], 60)[0]
        os.kill(forks._process.pid, signal.SIGSTOP)
        monkeypatch.setattr(kernel_forks, "SECONDS", 1.0)
        try:
            assert says(kernel, "import os; print(os.getppid())") == [str(os.getpid())]
        finally:
            os.kill(forks._process.pid, signal.SIGCONT)
        assert select.select([forks._asked], [], [], 60)[0]
        end = time.monotonic() + 10
        while alive(forks._process.pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert alive(forks._process.pid) == []
        assert says(kernel, "print('goes on')") == ["goes on"]


def test_a_late_answer_is_not_taken_for_that_to_the_next_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    forks = Forks()
    forks.told = told.append
    forks._asked, parent = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with forks._asked, parent:
        parent.send(b"ready")
        monkeypatch.setattr(kernel_forks, "SECONDS", 0.05)
        with pytest.raises(OSError, match="does not answer"):
            forks.fork([], {}, tmp_path)
        handle = os.pidfd_open(os.getpid())
        parent.sendmsg([b"1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [handle]))])
        os.close(handle)
        with pytest.raises(OSError, match="does not answer"):
            forks.fork([], {}, tmp_path)
    assert told == [
        "Kernels start by their own command, which takes longer: what they are forked from does not answer."
    ]


@pytest.mark.parametrize(
    ("file", "source", "words"),
    [
        ("pandas.py", LIBRARY, "could not load (exit code 1; ImportError: libnumbers.so.3 is not in /opt/numbers)"),
        pytest.param("sitecustomize.py", THREAD, "a library began a thread", marks=pytest.mark.full),
        ("pandas.py", "import os; os._exit(7)", "could not load (exit code 7; "),
    ],
    ids=["a library lacks", "a thread", "ends"],
)
def test_a_parent_that_cannot_load_is_told_once_in_a_run(file: str, source: str, words: str, tmp_path: Path) -> None:
    """A night that takes some times longer has a reason that somebody can mend."""
    told: list[str] = []
    with parent_with(tmp_path, file, source) as forks:
        run_tenant({"file": str(tmp_path / "nowhere.yaml")}, told.append, None, forks)
        for _ in range(2):
            with pytest.raises(OSError, match="could not load"):
                forks.fork([], {}, tmp_path)
    (line,) = told
    assert words in line


@pytest.mark.full
def test_a_parent_that_ends_amid_a_run_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    with Forks() as forks:
        forks.told = told.append
        assert select.select([forks._asked], [], [], 60)[0]
        forks._process.kill()
        for _ in range(2):
            with pytest.raises(OSError, match="has ended"):
                forks.fork([], {}, tmp_path)
    (line,) = told
    assert "has ended (exit code -9)" in line
