"""What a fleet came to, for Prometheus' textfile collector: https://github.com/prometheus/node_exporter."""

import errno
import os
import tempfile
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from flexsso_helpers.fleet.overview import gathered
from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.output import clean

NAMES = ("tenant", "rehearsal")


def refuse_unwritable(path: Path) -> None:
    """Raises OSError when metrics could not be written there: better before a run of hours than after it."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with tempfile.TemporaryFile(dir=path.absolute().parent):
        pass  # the file is replaced whole, so what counts is the folder


def write_metrics(path: Path, fleet: Fleet, runs: Path) -> None:
    """Write outcome, time of the last proof, days to the certificate's end and drift of each tenant, whole or not at
    all. What is not known has no line. A tenant that this run skipped, did not begin or was not given stands as all
    its runs in `runs` left it, so that no alert ends because of what was run last. Raises OSError.
    """
    registry = CollectorRegistry()

    def gauge(name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"flexsso_{name}", words, labels, registry=registry)

    outcome = gauge("outcome", "0 proved, 2 changed or changes planned, 3 a person is awaited, 1 failed", *NAMES)
    proved = gauge("proved_timestamp_seconds", "When all that was asked for was proved last", *NAMES)
    days = gauge("certificate_days_left", "Whole days until the active token-signing certificate ends", *NAMES)
    moved = gauge("checks_wrong", "Checks that were seen and don't hold", *NAMES)
    now = datetime.fromisoformat(fleet.ended)
    tenants = {each.standing.tenant: each.standing for each in gathered(runs, now).tenants}
    tenants |= {each.tenant: each for each in fleet.tenants if each.outcome is not None}
    for each in tenants.values():
        labels = (clean(each.tenant), str(each.rehearsal).lower())
        outcome.labels(*labels).set(each.outcome or 0)
        moved.labels(*labels).set(each.moved)
        if each.proved_at:
            proved.labels(*labels).set(datetime.fromisoformat(each.proved_at).timestamp())
        if each.days_left is not None:
            days.labels(*labels).set(each.days_left)
    gauge("run_timestamp_seconds", "When the run of all tenants ended").set(now.timestamp())
    write_to_textfile(str(path), registry)
    path.chmod(0o644)  # Prometheus reads it as another user; it names tenants, and nobody in them
