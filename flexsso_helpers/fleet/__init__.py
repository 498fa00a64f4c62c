"""Many tenants seen together: what a run of all of them came to, as a record, a page, and metrics; and what all runs
left, as notebook 30 shows it.
"""

from flexsso_helpers.fleet.cards import certificates, moved, tenants, whom_to_write_to
from flexsso_helpers.fleet.overview import overview
from flexsso_helpers.fleet.page import fleet_page
from flexsso_helpers.fleet.record import Fleet, in_order, last_proved, leave, read
from flexsso_helpers.fleet.standing import Standing, is_proved, standing

__all__ = [
    "Fleet",
    "Standing",
    "certificates",
    "fleet_page",
    "in_order",
    "is_proved",
    "last_proved",
    "leave",
    "moved",
    "overview",
    "read",
    "standing",
    "tenants",
    "whom_to_write_to",
]
