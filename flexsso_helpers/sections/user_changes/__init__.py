"""22 · Who joins, who leaves, whose role changes, and what of them stays at Twilio."""

from flexsso_helpers.sections.user_changes.step import STEP, apply, form, plan, verify

__all__ = ["STEP", "apply", "form", "plan", "verify"]
