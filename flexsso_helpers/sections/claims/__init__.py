"""04 · The NameID and the claims, as a policy or as the admin center keeps them."""

from flexsso_helpers.sections.claims.preview_of_people import preview
from flexsso_helpers.sections.claims.sign_on_forecast import forecast
from flexsso_helpers.sections.claims.step import STEP, apply, form, plan, verify

__all__ = ["STEP", "apply", "forecast", "form", "plan", "preview", "verify"]
