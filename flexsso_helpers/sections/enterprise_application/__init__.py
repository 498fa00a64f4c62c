"""01 · The application and its service principal, with SAML as its sign-on method."""

from flexsso_helpers.sections.enterprise_application.step import STEP, apply, form, plan, verify

__all__ = ["STEP", "apply", "form", "plan", "verify"]
