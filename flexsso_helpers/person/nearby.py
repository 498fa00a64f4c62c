"""Whether the person's browser is on the machine of the kernel, as far as the environment tells."""

import os
import platform

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
