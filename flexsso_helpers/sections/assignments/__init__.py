"""07 · Who may sign on, and as what."""

from flexsso_helpers.sections.assignments.step import STEP, apply, assigned_people, form, plan, verify

__all__ = ["STEP", "apply", "assigned_people", "form", "plan", "verify"]
