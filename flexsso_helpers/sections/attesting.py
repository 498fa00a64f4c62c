"""The moments in what people attest: how the tenant's file writes them, and whether what was seen then still counts."""

from datetime import datetime


def moment(at: datetime) -> str:
    """A moment in UTC as the tenant's file writes it, to the second; such texts sort by time."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def still_counts(seen_at: str, certificate_start: str) -> bool:
    """Whether something was seen, and there is an active certificate which is not newer."""
    return bool(seen_at and certificate_start and seen_at >= certificate_start)
