"""The sections of the documented procedure as they are run one after another: 00 looks, 01 to 08 plan and prove."""

from typing import Any

from flexsso_helpers.sections.app_roles import step as app_roles
from flexsso_helpers.sections.assignments import step as assignments
from flexsso_helpers.sections.basic_saml import step as basic_saml
from flexsso_helpers.sections.claims import step as claims
from flexsso_helpers.sections.enterprise_application import step as enterprise_application
from flexsso_helpers.sections.flex_console import step as flex_console
from flexsso_helpers.sections.preflight import step as preflight
from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.sections.signing import step as signing
from flexsso_helpers.sections.step import Step

PLANNING: tuple[Step[Any], ...] = (
    enterprise_application.STEP,
    basic_saml.STEP,
    signing.STEP,
    claims.STEP,
    app_roles.STEP,
    flex_console.STEP,
    assignments.STEP,
    sign_on.STEP,
)
"""All that plan something, in their order."""
ALL: tuple[Step[Any], ...] = (preflight.STEP, *PLANNING)
