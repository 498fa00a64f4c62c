"""The client of a rehearsal: find the server that belongs to a folder, or start it, and make sure that it is ours.

The rehearsal is another process; nothing of it is imported here. It writes `server.json` (port, nonce, pid) into its
private folder. The nonce never travels: whoever listens at the port first proves by a keyed hash over our fresh value
that it knows the nonce, and only then is it sent a request, with a keyed hash over its own fresh value.
"""

import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from flexsso_helpers.errors import Unreachable
from flexsso_helpers.places import kept_in, private

START_SECONDS = 60.0


@dataclass(frozen=True)
class RehearsalClient:
    """A running rehearsal. `origin` is its loopback address, such as `http://127.0.0.1:41234`."""

    folder: Path
    port: int
    nonce: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Where the SDKs are redirected to."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def home(self) -> str:
        """The origin of the browser's pages."""
        return f"http://localhost:{self.port}"

    def face(self, url: str) -> str:
        """The browser's address of an authentic https URL."""
        return f"{self.home}/{url.removeprefix('https://')}"

    def face_apart(self, url: str) -> str:
        """The same page on another site than localhost, so that a browser's rules between sites apply."""
        return f"{self.origin}/{url.removeprefix('https://')}"

    def browser(self) -> requests.Session:
        """A session for the loopback: with cookies, without a proxy."""
        session = requests.Session()
        session.trust_env = False
        return session

    def now(self) -> str:
        """The rehearsal's time, ISO 8601 in UTC."""
        return str(self._call("GET", "/-/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move the rehearsal's clock on by so many seconds."""
        self._call("POST", "/-/clock", {"seconds": seconds})

    def status(self) -> dict[str, Any]:
        """Requests and writes counted by the server since it was last reset."""
        return self._call("GET", "/-/status")

    def reset(self, before: str | None = None, *, quirks: dict[str, str] | None = None, legacy: bool = False) -> None:
        """Put the tenant back to its beginning, or to how it stands before the notebook with that number.

        `quirks`, name to alternative, are chosen in place of those before; None keeps them. `legacy` puts the account
        on Legacy single sign-on.
        """
        body = {"before": before, "legacy": legacy} | ({} if quirks is None else {"quirks": quirks})
        self._call("POST", "/-/reset", body)

    def mark(self, step: str) -> None:
        """Note in the rehearsal's journal which notebook the following writes belong to."""
        self._call("POST", "/-/mark", {"step": step})

    def tenant_values(self) -> dict[str, Any]:
        """What the rehearsal keeps in place of a tenant's file: copied and attested values."""
        return self._call("GET", "/-/tenant-values")

    def keep_tenant_values(self, values: dict[str, Any]) -> None:
        """Keep these values in place of those before."""
        self._call("POST", "/-/tenant-values", values)

    def journal(self) -> list[dict[str, Any]]:
        """What was asked of the rehearsal and changed something, in order, for a recording."""
        return list(self._call("GET", "/-/journal")["entries"])

    def client_certificate(self) -> bytes:
        """Certificate and private key, as PEM, by which the invented tenant's own program may sign in."""
        return str(self._call("GET", "/-/client-certificate")["pem"]).encode()

    def job_token(self) -> str:
        """A token of the invented company's pipeline, by which its program may sign in."""
        return str(self._call("GET", "/-/job-token")["token"])

    def stop(self) -> None:
        """End the server; its state stays in the folder."""
        self._call("POST", "/-/stop")

    def proves_itself(self) -> bool:
        """Whether the server at the port knows the nonce of the folder."""
        try:
            with self.browser() as session:
                return bool(self._proven(session))
        except (requests.RequestException, Unreachable):
            return False

    def _proven(self, session: requests.Session) -> str:
        """The server's fresh value, for one request on this connection. Raises Unreachable for another program."""
        challenge = secrets.token_hex(16)
        answer = session.get(f"{self.origin}/-/proof", params={"challenge": challenge}, timeout=60)
        shown = _content(answer) if answer.status_code == 200 else {}
        proof, fresh = shown.get("proof"), shown.get("fresh")
        if not (isinstance(proof, str) and isinstance(fresh, str) and fresh):
            raise _another_program()
        if not hmac.compare_digest(proof.encode(), self._keyed("server", challenge).encode()):
            raise _another_program()
        return fresh

    def _keyed(self, *parts: str) -> str:
        """What only those can say who know the nonce."""
        return hmac.new(self.nonce.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        sent = b"" if body is None else json.dumps(body).encode()
        with self.browser() as session:
            try:
                fresh = self._proven(session)
                said = self._keyed("client", fresh, method, path, hashlib.sha256(sent).hexdigest())
                headers = {"X-Rehearsal-Fresh": fresh, "X-Rehearsal-Proof": said, "Content-Type": "application/json"}
                answer = session.request(method, self.origin + path, data=sent, headers=headers, timeout=60)
            except requests.RequestException as error:
                raise Unreachable(
                    "The rehearsal does not answer.",
                    why="Its server ends by itself after a while without requests.",
                    fix="Run the cell that opens the session again: it starts the rehearsal where it stood.",
                    notebook="00",
                ) from error
        if answer.status_code != 200:
            raise Unreachable(
                f"The rehearsal refused: {answer.text.strip()[:300]}",
                why="What was asked of it does not go with how it stands.",
                fix="`flexsso rehearsal reset` puts it back to its beginning.",
                notebook="00",
            )
        return _content(answer)


def _content(answer: requests.Response) -> dict[str, Any]:
    """The object that was answered. Raises Unreachable where it is none of the rehearsal's."""
    try:
        content = answer.json()
    except ValueError as error:
        raise _another_program() from error
    return content if isinstance(content, dict) else {}


def _another_program() -> Unreachable:
    return Unreachable(
        "Another program answers where the rehearsal was.",
        why="It does not know what only the rehearsal and this machine's own account know, so it was told nothing.",
        fix="Run the cell that opens the session again: it starts the rehearsal where it stood.",
        notebook="00",
    )


def find_rehearsal(folder: Path) -> RehearsalClient | None:
    """The server that serves this folder now, or None."""
    try:
        known = json.loads((folder / "server.json").read_text("utf-8"))
        rehearsal_client = RehearsalClient(folder=folder, port=int(known["port"]), nonce=str(known["nonce"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return rehearsal_client if rehearsal_client.proves_itself() else None


def open_rehearsal(folder: Path, *, by_itself: bool = False) -> RehearsalClient:
    """The server of this folder; started when it is not there. Raises Unreachable when it does not come up.

    `by_itself`: time passes there as it does outside, for a person who is told to wait some minutes and does.
    """
    rehearsal_client = find_rehearsal(folder)
    if rehearsal_client:
        return rehearsal_client
    log = private(folder) / "server.log"
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "rehearsal", "serve"]
    command += ["--clock", "wall" if by_itself else "virtual", "--folder", str(folder)]
    with kept_in(log), log.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=folder,
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        rehearsal_client = find_rehearsal(folder)
        if rehearsal_client:
            threading.Thread(target=process.wait, daemon=True).start()  # whoever started it also buries it
            return rehearsal_client
        if process.poll() not in (None, 0):
            break  # another start may have won the race; then find_rehearsal would have answered
        time.sleep(0.05)
    raise Unreachable(
        "The rehearsal could not be started.",
        why=_last_words(log),
        fix="Run `flexsso rehearsal serve` in a terminal to see what it says.",
        notebook="00",
    )


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "It ended without a word."
