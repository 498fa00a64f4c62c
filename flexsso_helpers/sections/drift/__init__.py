"""20 · What has moved since: every section's plan, certificates, people, and what others changed. Only reads."""

from flexsso_helpers.sections.drift.step import STEP, expiry, history, plan, verify

__all__ = ["STEP", "expiry", "history", "plan", "verify"]
