"""Many tenants seen together: what a run of all of them came to, as a record, a page, and metrics."""

from flexsso_helpers.fleet.page import fleet_page
from flexsso_helpers.fleet.record import Fleet, in_order, last_proved, leave, newest, read
from flexsso_helpers.fleet.standing import Standing, is_proved, standing

__all__ = [
    "Fleet",
    "Standing",
    "fleet_page",
    "in_order",
    "is_proved",
    "last_proved",
    "leave",
    "newest",
    "read",
    "standing",
]
