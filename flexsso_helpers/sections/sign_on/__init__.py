"""08 · Sign-ons, and their traces at Flex."""

from flexsso_helpers.sections.sign_on.pasted import responses
from flexsso_helpers.sections.sign_on.results import pictures
from flexsso_helpers.sections.sign_on.step import STEP, apply, plan, verify

__all__ = ["STEP", "apply", "pictures", "plan", "responses", "verify"]
