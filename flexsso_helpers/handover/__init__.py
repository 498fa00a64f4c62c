"""The handover: what was done and proved for one tenant, as a page to keep, as data, and as sums to check it by."""

from flexsso_helpers.handover.record import Record, handover_schema
from flexsso_helpers.handover.writing import FILE, write_handover

__all__ = ["FILE", "Record", "handover_schema", "write_handover"]
