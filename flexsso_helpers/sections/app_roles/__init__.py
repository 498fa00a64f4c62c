"""05 · The app roles that Flex knows."""

from flexsso_helpers.sections.app_roles.step import STEP, apply, form, plan, verify

__all__ = ["STEP", "apply", "form", "plan", "verify"]
