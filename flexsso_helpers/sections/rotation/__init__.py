"""21 · Another signing certificate: staged, activated, gone back from, and the old one removed; a phase at a time."""

from flexsso_helpers.sections.rotation.showing import orders, values
from flexsso_helpers.sections.rotation.step import STEP, console, phase
from flexsso_helpers.sections.signing.step import timeline

__all__ = ["STEP", "console", "orders", "phase", "timeline", "values"]
