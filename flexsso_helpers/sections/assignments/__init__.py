"""07 · Who may sign on, and as what."""

from flexsso_helpers.sections.assignments.step import STEP, apply, everybody, form, plan, verify

__all__ = ["STEP", "apply", "everybody", "form", "plan", "verify"]
