"""A place in the guide's memory for what its notebooks share, where the system has no keychain: never on disk.

The process of `flexsso guide` listens on a socket in a private folder (a named pipe on Windows). It and a kernel prove
to each other, by challenge and answer, that they know the key in the kernel's environment (multiprocessing.connection).
"""

import json
import os
import secrets
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from types import TracebackType

VARIABLE = "FLEXSSO_LENT_MEMORY"
"""Of a kernel's environment: where the guide listens, and the key."""
_FAMILY = "AF_PIPE" if os.name == "nt" else "AF_UNIX"
_LARGEST = 5_000_000


class LentMemory:
    """The guide's side: it keeps texts by name while it runs, and forgets them when it ends."""

    def __init__(self) -> None:
        """Nothing is kept yet, and nobody is listened to."""
        self._key, self._texts = secrets.token_bytes(32), dict[str, str]()

    def __enter__(self) -> "LentMemory":
        """Listen from now on, in a thread of its own."""
        self._listener = Listener(family=_FAMILY, authkey=self._key)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Listen no more, and forget everything."""
        self._listener.close()
        self._texts.clear()

    @property
    def environment(self) -> dict[str, str]:
        """What a kernel has to know."""
        return {VARIABLE: json.dumps([self._listener.address, self._key.hex()])}

    def _serve(self) -> None:
        while True:
            try:
                with self._listener.accept() as connection:
                    name, text = json.loads(connection.recv_bytes(_LARGEST))
                    if text is not None:
                        self._texts[str(name)] = str(text)
                    connection.send_bytes(self._texts.get(str(name), "").encode())
            except (AuthenticationError, EOFError, ValueError, TypeError):
                continue  # a stranger, or one that went away
            except OSError:
                return  # closed


def lent() -> bool:
    """Whether a guide lends this kernel its memory."""
    return VARIABLE in os.environ


def recall(name: str) -> str:
    """The text that was remembered by this name; empty when there is none, or the guide has ended."""
    return _ask(name, None)


def remember(name: str, text: str) -> None:
    """Keep a text in the guide's memory; an empty one forgets."""
    _ask(name, text)


def _ask(name: str, text: str | None) -> str:
    with suppress(OSError, EOFError, ValueError, TypeError, KeyError, AuthenticationError):
        address, key = json.loads(os.environ[VARIABLE])
        with Client(address, family=_FAMILY, authkey=bytes.fromhex(key)) as connection:
            connection.send_bytes(json.dumps([name, text]).encode())
            return connection.recv_bytes(_LARGEST).decode()
    return ""
