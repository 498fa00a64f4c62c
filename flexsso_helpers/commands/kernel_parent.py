"""The process that kernels are forked from: it has loaded what notebooks load, has one thread, and knows no secret.

It is started before a run knows anything of a tenant, with an environment of a few names; a kernel's own environment,
secrets among it, comes by the socket and goes to that kernel alone. Linux only: elsewhere libraries don't outlive a
fork. Ends with the process that holds the other end; its kernels end with it.
"""

import array
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

LARGEST = 4_000_000


def serve(asked: socket.socket) -> None:
    """Fork a kernel for each message until nobody can ask any more; answer with its process id and a handle of it.

    Where the system refuses one, the answer says why, without a handle: those that run already are left alone.
    """
    while True:
        readable, _, _ = select.select([asked], [], [], 1.0)
        _bury()
        if not readable:
            continue
        message = asked.recv(LARGEST)
        if not message:
            return
        until, _, given = message.partition(b"\n")
        if time.monotonic() > float(until):  # who asked may have given up, and started another one in its place
            asked.send(b"it was asked for too long ago")
            continue
        try:
            pid = os.fork()
            handle = _handle(pid) if pid else -1
        except OSError as error:  # a container's limit of processes, no memory, too many open files
            asked.send(str(error.strerror).encode())
            continue
        if pid == 0:
            _become(asked, json.loads(given))
        asked.sendmsg([str(pid).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [handle]))])
        os.close(handle)


def threads() -> int:
    """How many threads this process has."""
    return len(os.listdir("/proc/self/task"))


def _handle(pid: int) -> int:
    """A handle of a process that was forked just now. Raises OSError, and then the process has ended."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def _bury() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(asked: socket.socket, given: dict[str, Any]) -> None:
    """Be a kernel from now on."""
    from ipykernel.kernelapp import launch_new_instance

    code = 1
    try:
        asked.close()
        os.setsid()
        os.environ.clear()
        os.environ.update(given["environment"])
        os.chdir(given["folder"])
        sys.argv = ["ipykernel_launcher", *given["arguments"]]
        launch_new_instance(argv=[*sys.argv[1:], f"--IPKernelApp.parent_handle={os.getppid()}"])
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Load, say so, and serve; the socket is standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import ipykernel.debugger
    import ipykernel.ipkernel
    import ipykernel.kernelapp  # noqa: F401 - for those that are forked, each of which makes itself a debugger too
    import pandas  # noqa: F401
    import twilio.rest  # noqa: F401

    from flexsso_helpers.commands.kernel_between import load

    load()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as asked:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.close(nothing)
        if threads() > 1:
            sys.exit("a library began a thread while it was loaded")
        os.dup2(1, 2)  # until here, standard error says why it could not load
        asked.send(b"ready")
        serve(asked)


if __name__ == "__main__":
    main()
