"""What people see: cards, copy fields, forms, approvals, progress, pictures. Drawing only, nothing is decided here."""

from flexsso_helpers.views.approval import ApprovalBox
from flexsso_helpers.views.copy_field import CopyField, CopyFields
from flexsso_helpers.views.document import document
from flexsso_helpers.views.fields import Field
from flexsso_helpers.views.forms import Form
from flexsso_helpers.views.progress import Progress, in_progress
from flexsso_helpers.views.shown import Shown, show
from flexsso_helpers.views.table import Cell, Row, card

__all__ = [
    "ApprovalBox",
    "Cell",
    "CopyField",
    "CopyFields",
    "Field",
    "Form",
    "Progress",
    "Row",
    "Shown",
    "card",
    "document",
    "in_progress",
    "show",
]
