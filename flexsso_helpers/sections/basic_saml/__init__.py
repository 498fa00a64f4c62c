"""02 · Identifier, reply URL and sign-on URL."""

from flexsso_helpers.sections.basic_saml.step import STEP, apply, form, plan, verify

__all__ = ["STEP", "apply", "form", "plan", "verify"]
