"""06 · The three values in Flex Console, which only a person can enter."""

from flexsso_helpers.sections.flex_console.console_checklist import checklist
from flexsso_helpers.sections.flex_console.step import STEP, apply, plan, values, verify

__all__ = ["STEP", "apply", "checklist", "plan", "values", "verify"]
