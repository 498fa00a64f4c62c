"""What passed over the wire, kept without anything that names a tenant, a person or a secret."""

from flexsso_helpers.traffic.exchange import Exchange
from flexsso_helpers.traffic.recorder import FILE, Recorder, read_traffic

__all__ = ["FILE", "Exchange", "Recorder", "read_traffic"]
