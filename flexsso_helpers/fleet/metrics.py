"""What a fleet came to, for Prometheus' textfile collector: https://github.com/prometheus/node_exporter."""

from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.output import clean

NAMES = ("tenant", "rehearsal")


def write_metrics(path: Path, fleet: Fleet) -> None:
    """Write outcome, time of the last proof, days to the certificate's end and drift of each tenant, whole or not at
    all. What is not known has no line. Raises OSError.
    """
    registry = CollectorRegistry()

    def gauge(name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"flexsso_{name}", words, labels, registry=registry)

    outcome = gauge("outcome", "0 proved, 2 changed or changes planned, 3 a person is awaited, 1 failed", *NAMES)
    proved = gauge("proved_timestamp_seconds", "When all that was asked for was proved last", *NAMES)
    days = gauge("certificate_days_left", "Whole days until the active token-signing certificate ends", *NAMES)
    moved = gauge("checks_wrong", "Checks that were seen and don't hold", *NAMES)
    for each in fleet.tenants:
        if each.outcome is None:
            continue
        labels = (clean(each.tenant), str(each.rehearsal).lower())
        outcome.labels(*labels).set(each.outcome)
        moved.labels(*labels).set(each.moved)
        if each.proved_at:
            proved.labels(*labels).set(datetime.fromisoformat(each.proved_at).timestamp())
        if each.days_left is not None:
            days.labels(*labels).set(each.days_left)
    gauge("run_timestamp_seconds", "When the run of all tenants ended").set(
        datetime.fromisoformat(fleet.ended).timestamp()
    )
    write_to_textfile(str(path), registry)
    path.chmod(0o644)  # Prometheus reads it as another user; it names tenants, and nobody in them
