"""00 · Rights, policies, licences and leftovers, looked at before anything is written."""

from flexsso_helpers.sections.preflight.consents import consent, grants
from flexsso_helpers.sections.preflight.step import STEP, verify

__all__ = ["STEP", "consent", "grants", "verify"]
