"""The browser that these tests drive: Debian's own Chromium, told to ask nobody outside."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium")
in_jupyterlab = [pytest.mark.browser, pytest.mark.kernel, pytest.mark.full, needs_chromium]
"""The marks of a module whose tests go through a real JupyterLab."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
