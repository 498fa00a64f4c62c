"""Whether somebody is there, and with a browser on the machine of the kernel, as far as one can tell."""

import os
import platform
import sys
from collections.abc import Sequence

from IPython import get_ipython

_ELSEWHERE = {
    "JUPYTERHUB_USER": "JupyterHub",
    "CODESPACES": "a codespace",
    "SSH_CONNECTION": "a machine reached by SSH",
    "COLAB_RELEASE_TAG": "Colab",
    "KUBERNETES_SERVICE_HOST": "a cluster",
}


def kernel_elsewhere() -> str:
    """Where the kernel runs, when that is plainly not the machine of the browser; empty when nothing says so."""
    return next((words for name, words in _ELSEWHERE.items() if os.environ.get(name)), "")


def can_open_a_browser() -> bool:
    """Whether somebody sits at this machine, with a screen."""
    if kernel_elsewhere():
        return False
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return platform.system() != "Linux" or any(os.environ.get(name) for name in screens)


def nobody_at_the_notebook() -> bool:
    """Whether a program executes the cells (papermill, nbconvert): then the kernel is told that nobody can type.

    JupyterLab and editors say with each cell that it may ask (`allow_stdin`, Jupyter's messaging protocol).
    """
    kernel = getattr(get_ipython(), "kernel", None)
    content = (kernel.get_parent() or {}).get("content", {}) if kernel else {}
    return content.get("allow_stdin") is False


def somebody_can_type() -> bool:
    """Whether somebody can be asked here and now: below the cell in JupyterLab, or at the terminal."""
    in_kernel = hasattr(get_ipython(), "kernel")
    return not nobody_at_the_notebook() if in_kernel else sys.stdin.isatty()


def told_by_hand(choices: Sequence[str]) -> str:
    """What the person at the notebook or the terminal types, one of these; empty for *stop*. The kernel waits."""
    while True:
        try:
            typed = input(f"What did you see? {' · '.join(choices)} · stop: ").strip().lower()
        except (EOFError, KeyboardInterrupt):  # whoever interrupts here stops, and is still asked to put things right
            typed = "stop"
        if typed == "stop" or typed in choices:
            return typed.removesuffix("stop")
