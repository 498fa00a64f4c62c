"""Between two notebooks in one kernel process: each finds everything as in a process that has just begun.

Runs inside the kernel. `begin` is asked for before each notebook and `swallowed` after each cell, by
`commands.kernel_engine`. Python keeps no list of what code can change; what our notebooks can is put back here:
names, widgets, tasks, log handlers, warnings, the environment, folder and paths, IPython's history, counter, hooks and
formatters, and what modules of ours keep. Threads can't be ended: one that fails is told by `swallowed`.
"""

import asyncio
import gc
import importlib
import logging
import os
import pkgutil
import sys
import threading
import warnings
import weakref
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import ipywidgets
from IPython.core.getipython import get_ipython

import flexsso_helpers

NO_NOTEBOOK_S = ("flexsso_helpers.rehearsal", "flexsso_helpers.commands", "flexsso_helpers.coverage")
"""Rooms that no notebook loads."""
LOADED_LATE = ("anyio._backends._asyncio", "h2.connection", "httpcore", "sqlite3")
"""What libraries load at their first use."""
READINGS = "flexsso_helpers.parameters"
"""The room that keeps what a text says, which is true for each notebook, and slow to find out."""
KERNEL_S = ("ipykernel", "IPython", "tornado", "zmq", "jupyter_client")
"""Whose tasks are the kernel's own."""
Error = tuple[str, str]


@cache
def load() -> None:
    """Load whatever notebooks load: once a process, and before a process that others are forked from forks."""
    for module in pkgutil.walk_packages(flexsso_helpers.__path__, "flexsso_helpers."):
        if not module.name.startswith(NO_NOTEBOOK_S):
            importlib.import_module(module.name)
    for name in LOADED_LATE:
        importlib.import_module(name)


@dataclass
class _Watch:
    """What nobody would hear of: errors of tasks that nobody awaited, of callbacks, and of threads."""

    errors: list[Error] = field(default_factory=list)
    tasks: "weakref.WeakSet[asyncio.Task[Any]]" = field(default_factory=weakref.WeakSet)

    def of_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._add(context.get("exception") or RuntimeError(context["message"]))
        loop.default_exception_handler(context)

    def of_thread(self, args: Any) -> None:
        if args.exc_type is not SystemExit:
            self._add(args.exc_value or args.exc_type())
        threading.__excepthook__(args)

    def task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> "asyncio.Task[Any]":
        task = asyncio.Task(coroutine, loop=loop, **more)
        self.tasks.add(task)
        return task

    def taken(self) -> list[Error]:
        """The errors since it was last asked."""
        for task in [each for each in self.tasks if each.done() and not each.cancelled()]:
            if task._log_traceback and (error := task.exception()):
                self._add(error)
        taken, self.errors = self.errors, []
        return taken

    def _add(self, error: BaseException) -> None:
        self.errors.append((type(error).__name__, str(error)))


_watch = _Watch()
_put_back: list[Callable[[], None]] = []
"""Empty until the first notebook begins."""


def begin(notebook: str, *, alone: bool = False) -> None:
    """Have everything as it was before the first notebook of this process; `notebook` is the file name of the next.

    `alone` says that no other one follows: nothing has to be loaded beforehand, or kept.
    """
    if not _put_back:
        _listen()
        if not alone:
            load()
            _keep()
    else:
        _end_what_goes_on()
        for put_back in _put_back:
            put_back()
        gc.collect()
    os.environ["JPY_SESSION_NAME"] = notebook


def swallowed() -> list[Error]:
    """The errors that nobody heard of since this was last asked, each by its kind and words."""
    return _watch.taken()


def _listen() -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_watch.of_loop)
    loop.set_task_factory(_watch.task)
    threading.excepthook = _watch.of_thread


def _keep() -> None:
    loop, shell = asyncio.get_running_loop(), cast(Any, get_ipython())
    gc.collect()
    gc.freeze()  # what is there now stays, and need not be looked through between notebooks
    ours = [module for name, module in sys.modules.items() if name.split(".")[0] == "flexsso_helpers"]
    formatters = shell.display_formatter.formatters.values()
    of = {
        loop: ("_exception_handler", "_task_factory"),
        threading: ("excepthook",),
        sys: ("path", "argv", "meta_path", "path_hooks", "stdout", "stderr", "displayhook", "excepthook"),
        warnings: ("filters", "showwarning", "formatwarning"),
        webbrowser: ("_browsers", "_tryorder"),
        shell.kernel.comm_manager: ("targets",),
        shell: ("custom_exceptions", "CustomTB", "ast_transformers", "input_transformers_post"),
        shell.events: ("callbacks",),
        **dict.fromkeys(formatters, ("enabled", "singleton_printers", "type_printers", "deferred_printers")),
        **{module: tuple(name for name in vars(module) if not name.startswith("__")) for module in ours},
    }
    _put_back.append(_names(shell))
    _put_back.extend(_attributes(holder, names) for holder, names in of.items() if holder is not sys.modules[__name__])
    _put_back.extend(_new_names(module) for module in ours if module is not sys.modules[__name__])
    _put_back.extend((_caches(ours), _logging(), _environment(), _folder(), _warned))


def _end_what_goes_on() -> None:
    """Widgets and tasks of the notebook before; what its sessions hold is given back as they go."""
    ipywidgets.Widget.close_all()
    cast(Any, get_ipython()).kernel.comm_manager.comms.clear()
    for task in asyncio.all_tasks():
        code = getattr(task.get_coro(), "cr_code", None)
        home = Path(code.co_filename).parts if code else ()
        if task is not asyncio.current_task() and not any(name in home for name in KERNEL_S):
            task.cancel()
    _watch.taken()


def _names(shell: Any) -> Callable[[], None]:
    def put_back() -> None:
        shell.reset(new_session=True)

    return put_back


def _attributes(holder: Any, names: tuple[str, ...]) -> Callable[[], None]:
    kept = {name: _copy(getattr(holder, name)) for name in names if hasattr(holder, name)}

    def put_back() -> None:
        for name, value in kept.items():
            if getattr(holder, name, None) is not (value := _as_it_was(value)):
                setattr(holder, name, value)

    return put_back


def _new_names(module: Any) -> Callable[[], None]:
    known = set(vars(module))

    def put_back() -> None:
        for name in set(vars(module)) - known:
            if not isinstance(getattr(module, name), ModuleType):  # a module below it, loaded meanwhile
                delattr(module, name)

    return put_back


@dataclass(frozen=True)
class _Container:
    """A list, dict or set that may be changed in place, and what it held."""

    itself: Any
    held: Any


def _copy(value: Any, depth: int = 2) -> Any:
    if depth and type(value) is dict:
        return _Container(value, {key: _copy(each, depth - 1) for key, each in value.items()})
    if depth and type(value) in (list, set):
        return _Container(value, [_copy(each, depth - 1) for each in value])
    return value


def _as_it_was(value: Any) -> Any:
    if not isinstance(value, _Container):
        return value
    if isinstance(value.itself, dict):
        held: Any = {key: _as_it_was(each) for key, each in value.held.items()}
    else:
        held = type(value.itself)(map(_as_it_was, value.held))
    if value.itself != held:
        value.itself.clear()
        (value.itself.extend if isinstance(held, list) else value.itself.update)(held)
    return value.itself


def _caches(modules: list[Any]) -> Callable[[], None]:
    kept = [module for module in modules if not module.__name__.startswith(READINGS)]
    cached = [each for module in kept for each in vars(module).values() if hasattr(each, "cache_clear")]

    def put_back() -> None:
        for each in cached:
            each.cache_clear()

    return put_back


def _logging() -> Callable[[], None]:
    root = logging.getLogger()
    parts = ("level", "handlers", "filters", "propagate", "disabled")

    def loggers() -> dict[str, logging.Logger]:
        named = logging.Logger.manager.loggerDict
        return {"": root} | {name: each for name, each in named.items() if isinstance(each, logging.Logger)}

    def state(logger: logging.Logger) -> dict[str, Any]:
        return {part: list(value) if isinstance(value := getattr(logger, part), list) else value for part in parts}

    kept, disabled = {name: state(each) for name, each in loggers().items()}, root.manager.disable
    new = state(logging.Logger("new"))

    def put_back() -> None:
        root.manager.disable = disabled
        for name, logger in loggers().items():
            for part, value in kept.get(name, new).items():
                setattr(logger, part, list(value) if isinstance(value, list) else value)
        root.manager._clear_cache()  # type: ignore[attr-defined]

    return put_back


def _environment() -> Callable[[], None]:
    kept = dict(os.environ)

    def put_back() -> None:
        for name in set(os.environ) - set(kept):
            del os.environ[name]
        os.environ.update(kept)

    return put_back


def _folder() -> Callable[[], None]:
    here = Path.cwd()

    def put_back() -> None:
        os.chdir(here)

    return put_back


def _warned() -> None:
    """A warning that is shown once is shown to the next notebook too."""
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType):  # some libraries put other things there
            vars(module).pop("__warningregistry__", None)
    warnings._filters_mutated()  # type: ignore[attr-defined]
