"""03 · The signing certificate, what is signed, and who is told before it ends."""

from flexsso_helpers.sections.signing.step import STEP, apply, form, plan, timeline, verify

__all__ = ["STEP", "apply", "form", "plan", "timeline", "verify"]
