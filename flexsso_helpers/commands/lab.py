"""JupyterLab for one folder: on the loopback, behind its token, with cross-site checks, and asking nobody outside.

The token stands in a private file and in no command line, log or kernel's environment. Whatever the machine's own
configuration says of addresses and tokens does not count here; the person's theme and shortcuts do.
"""

import contextlib
import hmac
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import requests

from flexsso_helpers.commands import lab_proof, lab_settings
from flexsso_helpers.errors import Unreachable

PRIVATE = ".jupyter"
NEWS = "@jupyterlab/apputils-extension:announcements"
"""Asks whether it may ask outside for news, whatever the server says of them."""
START_SECONDS = 90.0
STOP_SECONDS = 20.0
TICK_SECONDS = 60.0


@dataclass(frozen=True)
class Address:
    """Where a running JupyterLab answers, such as `http://127.0.0.1:8888/`, and the folder that it is open on."""

    url: str
    token: str = field(repr=False)
    folder: str
    opener: Path | None = None
    """The private page by which JupyterLab has a browser opened."""

    def page(self, name: str, *, present: bool = False) -> str:
        """The address that opens a notebook, with the token; to `present` without the bars at its sides."""
        return f"{self.url}{'doc' if present else 'lab'}/tree/{self.folder}/{name}?token={self.token}"

    def call(self, method: str, path: str) -> bool:
        """Whether the server answered this request. Whoever does not prove first that it knows the token is not sent
        it.
        """
        with requests.Session() as session:
            session.trust_env = False  # no proxy stands before the loopback
            challenge = secrets.token_hex(16)
            try:
                shown = session.get(self.url + lab_proof.PATH, params={"challenge": challenge}, timeout=10)
                if not hmac.compare_digest(shown.text, json.dumps({"proof": lab_proof.keyed(self.token, challenge)})):
                    return False
                answer = session.request(
                    method, self.url + path, headers={"Authorization": f"token {self.token}"}, timeout=10
                )
            except (requests.RequestException, TypeError):  # a TypeError: what was answered is not plain ASCII
                return False
        return answer.ok

    def open_in_browser(self) -> None:
        """Open its first page by the file that JupyterLab keeps for this: a browser's command line, which others on the
        machine may read, has no token in it.
        """
        if self.opener is not None:
            webbrowser.open(self.opener.as_uri())


def find(folder: Path) -> Address | None:
    """The JupyterLab that is open on this folder now, or None."""
    for known in sorted((folder / PRIVATE).glob("jpserver-*.json")):
        try:
            content = json.loads(known.read_text("utf-8"))
            opener = known.with_name(f"{known.stem}-open.html")
            address = Address(
                str(content["url"]), str(content["token"]), folder.name, opener if opener.is_file() else None
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if address.call("GET", "api/status"):
            return address
    return None


@contextlib.contextmanager
def open_lab(
    folder: Path, notebook: str, *, browser: bool, environment: Mapping[str, str], present: bool = False
) -> Iterator["Lab"]:
    """JupyterLab on `folder`, opened on `notebook`; its kernels get `environment`. Ended when the block ends.

    `present`: one document at a time and larger type, for a customer to see.

    Raises Unreachable when it does not come up.
    """
    private = folder / PRIVATE
    private.mkdir(mode=0o700, exist_ok=True)
    page = private / "config" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps({"disabledExtensions": {NEWS: True}}), "utf-8")
    found = lab_settings.write(private, present=present)
    for left in private.glob("jpserver-*"):
        left.unlink()
    settings = private / "settings.json"
    _write_private(settings, json.dumps(_settings(folder, notebook, browser, present)))
    log = private / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-m", "jupyterlab", f"--config={settings}"],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=folder,
            env=_environment(private, {**found, **environment}),
            start_new_session=os.name != "nt",  # Ctrl-C is for us: asked by itself, it would want a confirmation
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    lab = Lab(process)
    try:
        lab.address = _address(folder, process, log)
        yield lab
    finally:
        lab.stop()
        settings.unlink(missing_ok=True)


class Lab:
    """A running JupyterLab."""

    address: Address

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """`process` is its server."""
        self._process = process

    def wait(self, tick: Callable[[], object]) -> None:
        """Until it is shut down from within, or a signal ends us; `tick` is called every minute."""
        with _signals_end(), contextlib.suppress(KeyboardInterrupt):
            while True:
                try:
                    self._process.wait(TICK_SECONDS)
                except subprocess.TimeoutExpired:
                    tick()
                else:
                    return

    def stop(self) -> None:
        """End the server and its kernels."""
        if self._process.poll() is None and hasattr(self, "address"):
            self.address.call("POST", "api/shutdown")
            if self._ended():
                return
        self._process.terminate()
        if not self._ended():
            self._process.kill()

    def _ended(self) -> bool:
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True


def _settings(folder: Path, notebook: str, browser: bool, present: bool) -> dict[str, Any]:
    server = {
        "ip": "127.0.0.1",
        "allow_remote_access": False,
        "allow_origin": "",
        "allow_root": hasattr(os, "geteuid") and os.geteuid() == 0,  # whoever starts it as root has chosen so
        "disable_check_xsrf": False,
        "open_browser": browser,
        "jpserver_extensions": {lab_proof.MODULE: True},
        "root_dir": str(folder.parent),  # the pages that numbers lead to lie beside the folder
    }
    page = {
        "default_url": f"/{'doc' if present else 'lab'}/tree/{folder.name}/{notebook}",
        "news_url": None,
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "extension_manager": "readonly",
    }
    return {
        "ServerApp": server,
        "LabApp": page,
        "IdentityProvider": {"token": secrets.token_urlsafe(32)},
        "KernelManager": {"transport_encryption": "auto"},  # what is said to a kernel is not for others on the machine
    }


def _environment(private: Path, environment: Mapping[str, str]) -> dict[str, str]:
    own = {
        "JUPYTER_RUNTIME_DIR": str(private),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",  # a kernel of the same name in the home folder is another Python
        "IPYTHONDIR": str(private / "ipython"),  # nor is what somebody's own profile starts a part of it
        "PYTHONSTARTUP": "",
    }
    config = os.pathsep.join(filter(None, (str(private / "config"), os.environ.get("JUPYTER_CONFIG_PATH"))))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER_TOKEN")}
    return {**kept, **own, "JUPYTER_CONFIG_PATH": config, **environment}


def _address(folder: Path, process: "subprocess.Popen[bytes]", log: Path) -> Address:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        if address := find(folder):
            return address
        time.sleep(0.1)
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    raise Unreachable(
        "JupyterLab could not be started.",
        why=lines[-1] if lines else "It said nothing.",
        fix=f"`flexsso doctor` looks at what it needs; all that it said is in {log}",
    )


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as sink:
        sink.write(text)


@contextlib.contextmanager
def _signals_end() -> Iterator[None]:
    """A closed terminal and a polite kill end the session as Ctrl-C does: nothing may stay behind unwatched."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
