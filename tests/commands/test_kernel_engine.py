"""Notebooks of one tenant in one kernel process: each is executed as by stock papermill, and nothing is swallowed."""

import gc
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from jupyter_client.channels import AsyncZMQSocketChannel
from shell import PROJECT, Shell

from flexsso_helpers.commands import kernel_engine
from flexsso_helpers.commands.kernel_forks import Forks, can_fork
from flexsso_helpers.commands.kernels import TenantKernel

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
Execute = Callable[..., tuple[str, list[str]]]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenantKernel]:
    with TenantKernel(tmp_path_factory.mktemp("run")) as kernel:
        yield kernel
    gc.collect()


def of_cells(path: Path, *sources: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def execute(kernel: TenantKernel, tmp_path: Path) -> Execute:
    """Execute cells in the kernel; what stopped them, and the printed lines."""

    def one(*cells: str) -> tuple[str, list[str]]:
        said: list[str] = []
        return kernel.run(of_cells(tmp_path / "one.ipynb", *cells), {}, said.append), said

    return one


LEAVES = {  # what a notebook does, and how another one would see it
    "a name": ("left = 1", "'left' in globals()"),
    "the counter": ("", "get_ipython().execution_count"),
    "its own history": ("'a line of mine'", "len(list(get_ipython().history_manager.get_range()))"),
    "outputs kept": ("5", "sorted(Out)"),
    "a widget": ("import ipywidgets; w = ipywidgets.Text()", "len(__import__('ipywidgets').Widget.widgets)"),
    "a comm": ("import ipywidgets; ipywidgets.Text()", "len(__import__('comm').get_comm_manager().comms)"),
    "a log handler": (
        "import logging; logging.basicConfig(level=0); logging.getLogger('new').setLevel(10)",
        "(lambda root: (len(root.handlers), root.level, root.getChild('new').level))("
        "__import__('logging').getLogger())",
    ),
    "logging off": ("import logging; logging.disable()", "__import__('logging').getLogger().manager.disable"),
    "another folder": ("import os; os.chdir('/')", "__import__('os').getcwd() != '/'"),
    "the environment": (
        "import os; os.environ['LEFT'] = 'x'; del os.environ['FLEXSSO_RUN']",
        "[each in __import__('os').environ for each in ('LEFT', 'FLEXSSO_RUN')]",
    ),
    "a path": (
        "import sys; sys.path.insert(0, '/left'); sys.argv[:] = ['left']",
        "[each for each in (*__import__('sys').path, *__import__('sys').argv) if 'left' in each]",
    ),
    "a filter of warnings": (
        "import warnings; warnings.simplefilter('ignore')",
        "__import__('warnings').filters[0][0]",
    ),
    "what was warned of": (
        "import json, warnings; warnings.warn_explicit('left', UserWarning, 'f', 1, registry=vars(json)"
        ".setdefault('__warningregistry__', {}))",
        "'__warningregistry__' in vars(__import__('json'))",
    ),
    "another traceback": (
        "get_ipython().set_custom_exc((ValueError,), lambda *_: None)",
        "get_ipython().custom_exceptions",
    ),
    "a hook of cells": (
        "get_ipython().events.register('pre_run_cell', lambda *_: print('left'))",
        "sum(map(len, get_ipython().events.callbacks.values()))",
    ),
    "another face": (
        "get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda *_: 'left')",
        "'lambda' in repr(get_ipython().display_formatter.formatters['text/plain'].type_printers[int])",
    ),
    "a task": (
        "import asyncio\nasync def on():\n    while True: await asyncio.sleep(0.01)\nt = asyncio.create_task(on()); t",
        "[each for each in __import__('asyncio').all_tasks() if 'on()' in repr(each)]",
    ),
    "state of ours": (
        "from flexsso_helpers import notebooks as n; n.TITLES['99'] = 'left'; n.LEFT = 1; n.STEPS = ()",
        "(lambda n: ('99' in n.TITLES, hasattr(n, 'LEFT'), len(n.STEPS)))"
        "(__import__('flexsso_helpers.notebooks').notebooks)",
    ),
    "what ours remembers": (
        "from flexsso_helpers.wire import browser_redirect; browser_redirect._registered()",
        "__import__('flexsso_helpers.wire.browser_redirect').wire.browser_redirect._registered.cache_info().currsize",
    ),
    "a browser": (
        "import webbrowser; webbrowser.register('left', None)",
        "'left' in __import__('webbrowser')._browsers",
    ),
}  # fmt: skip


@pytest.mark.full
def test_what_a_notebook_leaves_the_next_one_does_not_find(execute: Execute) -> None:
    """All at once, and looked at with the same eyes before and after."""
    looks = [f"print({name!r}, {look})" for name, (_, look) in LEAVES.items()]
    assert execute("pass") == ("", [])
    error, before = execute(*looks)
    assert (error, len(before)) == ("", len(LEAVES))
    assert execute(*(leave for leave, _ in LEAVES.values()))[0] == ""
    assert execute(*looks) == ("", before)


@pytest.mark.full
@pytest.mark.parametrize(
    "source",
    [
        "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    raise ValueError('lost')",
        "import ipywidgets\nb = ipywidgets.Button()\ndef f(_): raise ValueError('lost')\nb.on_click(f)\nb.click()",
        "import ipywidgets\ndef f(x): raise ValueError('lost')\nipywidgets.interact(f, x=1)",
        "import asyncio\nasync def f(): raise ValueError('lost')\nkept = asyncio.create_task(f())",
        "import asyncio\nasync def f(): raise ValueError('lost')\nasyncio.create_task(f()); None",
        "import asyncio\ndef f(): raise ValueError('lost')\nasyncio.get_running_loop().call_soon(f); None",
        "import threading\ndef f(): raise ValueError('lost')\nt = threading.Thread(target=f); t.start(); t.join()",
        "raise ValueError('lost')",
    ],
    ids=["Output", "on_click", "interact", "task", "task let go", "callback", "thread", "cell"],
)
def test_an_error_that_nobody_hears_ends_the_notebook_before_its_next_cell(source: str, execute: Execute) -> None:
    error, said = execute(source, "print('went on')")
    assert (error, said) == ("ValueError: lost", [])


@pytest.mark.full
def test_a_message_that_was_overlooked_is_seen_with_the_next_one(
    execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a run waits half an hour for a cell that its kernel has never seen."""
    sent, held = AsyncZMQSocketChannel.send, list[Any]()

    def send(channel: Any, message: Any) -> None:
        if not held and "overlooked" in message["content"].get("code", ""):
            held.append(message)
            return
        if held and held[0] is not None:
            sent(channel, held[0])
            held[0] = None
        sent(channel, message)

    assert execute("pass") == ("", [])
    monkeypatch.setattr(AsyncZMQSocketChannel, "send", send)
    monkeypatch.setattr(kernel_engine, "NUDGED_EVERY", 0.1)
    monkeypatch.setattr("flexsso_helpers.commands.kernels.CELL_SECONDS", 20)
    assert execute("print('overlooked')") == ("", ["overlooked"])
    assert held == [None]


@pytest.mark.full
def test_after_a_kernel_that_died_the_next_notebook_has_a_new_one(execute: Execute, kernel: TenantKernel) -> None:
    assert "ended by itself" in execute("import os; os._exit(1)")[0]
    assert execute("print('new')") == ("", ["new"])


@pytest.mark.full
def test_a_kernel_for_one_notebook_is_not_shared_and_swallows_nothing_either(tmp_path: Path) -> None:
    said: list[str] = []
    task = "import asyncio\nasync def f(): raise ValueError('lost')\nkept = asyncio.create_task(f())\nleft = 1"
    with TenantKernel(tmp_path, alone=True) as kernel:
        assert kernel.run(of_cells(tmp_path / "one.ipynb", task, "print(1)"), {}, said.append) == "ValueError: lost"
        first = kernel._kernel
        assert kernel.run(of_cells(tmp_path / "two.ipynb", "print('left' in globals())"), {}, said.append) == ""
        assert kernel._kernel is not first
    assert said == ["False"]


@pytest.mark.full
def test_a_task_that_was_awaited_or_cancelled_is_no_error(execute: Execute) -> None:
    source = (
        "import asyncio, contextlib\nasync def f(): raise ValueError('heard')\n"
        "with contextlib.suppress(ValueError): await asyncio.create_task(f())\n"
        "asyncio.create_task(asyncio.sleep(9)).cancel(); None"
    )
    assert execute(source, "print('went on')") == ("", ["went on"])


def test_a_variable_that_is_withheld_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEX_SECRET_OF_OTHERS", "x")
    made = TenantKernel(tmp_path, withheld={"FLEX_SECRET_OF_OTHERS"})
    with made:
        environment = made._made(Path("a.ipynb")).environment
    assert "FLEX_SECRET_OF_OTHERS" not in environment
    assert environment["FLEXSSO_RUN"] == str(tmp_path)


def comparable(path: Path) -> str:
    """All of a notebook but what no two executions share: when it was, and the ids of its widgets."""
    notebook = json.loads(path.read_text("utf-8"))
    notebook["metadata"].pop("papermill")
    for cell in notebook["cells"]:
        cell["metadata"].pop("papermill")
        cell["metadata"].pop("execution", None)
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            cell.pop("id")
        for output in cell.get("outputs", ()):
            output.get("data", {}).get("application/vnd.jupyter.widget-view+json", {}).pop("model_id", None)
    return json.dumps(notebook, indent=1).replace(path.parent.name, "RUN")


def forks_of(way: str) -> AbstractContextManager[Forks | None]:
    return Forks() if way == "forked" else nullcontext()


@pytest.mark.full
@pytest.mark.skipif(not can_fork(), reason="processes don't outlive a fork here")
def test_outputs_are_those_of_stock_papermill_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell(tmp_path)
    for name, value in {"FLEXSSO_RUNS": str(shell.runs), "FLEXSSO_HOME": str(PROJECT)}.items():
        monkeypatch.setenv(name, value)
    steps, parameters = sorted((PROJECT / "notebooks").glob("0*.ipynb")), {"tenant": "rehearsal", "apply": True}
    stock = tmp_path / "run-by-stock"
    stock.mkdir()
    shell.flexsso("rehearsal", "reset")
    monkeypatch.setenv("FLEXSSO_RUN", str(stock))
    for path in steps:
        monkeypatch.setenv("JPY_SESSION_NAME", path.name)
        papermill.execute_notebook(
            str(path), str(stock / path.name), parameters, progress_bar=False, store_widget_state=False
        )
    expected = {path.name: comparable(stock / path.name) for path in steps}
    for way in ("forked", "spawned"):
        ours = tmp_path / f"run-by-{way}"
        ours.mkdir()
        shell.flexsso("rehearsal", "reset")
        with forks_of(way) as forks, TenantKernel(ours, forks=forks) as kernel:
            for path in steps:
                assert kernel.run(path, parameters, lambda _line: None) == ""
        assert {path.name: comparable(ours / path.name) for path in steps} == expected, way
    shell.flexsso("rehearsal", "stop")


@pytest.mark.skipif(os.name != "posix", reason="sockets are no files here")
def test_a_kernel_of_a_run_waits_at_no_port_that_another_program_could_take(execute: Execute) -> None:
    """One that was free when it was chosen may be taken when the kernel begins, which then does not start."""
    asks = "import ipykernel, json\nprint(json.loads(ipykernel.get_connection_info())['transport'])"
    assert execute(asks) == ("", ["ipc"])


def test_where_a_folder_s_name_is_too_long_for_a_socket_it_has_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 25)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with TenantKernel(tmp_path) as kernel:
        assert kernel.run(of_cells(tmp_path / "one.ipynb", "1"), {}, lambda _line: None) == ""
        assert kernel._kernel is not None
        assert kernel._kernel.transport == "tcp"


@pytest.mark.full
def test_kinds_of_widgets_are_plain_data_until_a_notebook_makes_them(execute: Execute) -> None:
    """A widget that is made as a module loads would belong to the process that kernels are forked from."""
    source = "from flexsso_helpers.commands.kernel_between import load\nload()\nimport ipywidgets"
    assert execute(source, "print(len(ipywidgets.Widget.widgets))") == ("", ["0"])
