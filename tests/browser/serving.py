"""A rehearsal at a port, from a store that was made in process."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.world.store import Store
from flexsso_helpers.wire import RehearsalClient

TRY_SECONDS = 60.0


@contextmanager
def serving(store: Store, folder: Path) -> Iterator[dict[str, Any]]:
    """Serve a copy of this store from this folder: `port` and `nonce`. The server is ended at the end."""
    store.copy(folder / "tenant.db").close()
    thread = threading.Thread(target=server.serve, args=(folder,), daemon=True)
    thread.start()
    until = time.monotonic() + TRY_SECONDS
    while not (known := folder / "server.json").exists():
        assert time.monotonic() < until, "the server did not come up"
        time.sleep(0.02)
    found: dict[str, Any] = json.loads(known.read_text())
    yield found
    now: dict[str, Any] = json.loads(known.read_text())  # it may have ended and begun again, and proves itself anew
    RehearsalClient(folder=folder, port=now["port"], nonce=now["nonce"]).stop()
    thread.join(TRY_SECONDS)
    assert not thread.is_alive()
