"""The notebooks: a row each, in their order. Whatever lists them takes them from here.

Numbers below 10 are the documented steps, which a run executes; others are begun by whoever needs them.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Notebook:
    """One notebook of `notebooks/`."""

    number: str
    title: str
    """As findings and plans name it."""
    file: str


NOTEBOOKS = (
    Notebook("00", "Start here", "00_start_here.ipynb"),
    Notebook("01", "Enterprise application", "01_create_enterprise_application.ipynb"),
    Notebook("02", "Basic SAML configuration", "02_basic_saml_configuration.ipynb"),
    Notebook("03", "Signing certificate", "03_signing_certificate.ipynb"),
    Notebook("04", "Attributes and claims", "04_attributes_and_claims.ipynb"),
    Notebook("05", "App roles", "05_app_roles.ipynb"),
    Notebook("06", "Flex Console", "06_flex_console.ipynb"),
    Notebook("07", "Assign users", "07_assign_users.ipynb"),
    Notebook("08", "Test the sign-on", "08_test_sign_on.ipynb"),
    Notebook("20", "Check drift", "20_check_drift.ipynb"),
    Notebook("21", "Rotate certificate", "21_rotate_certificate.ipynb"),
    Notebook("22", "Change users", "22_change_users.ipynb"),
    Notebook("29", "Undo", "29_undo.ipynb"),
    Notebook("30", "Fleet overview", "30_fleet_overview.ipynb"),
    Notebook("90", "First contact", "90_first_contact.ipynb"),
)
STEPS = tuple(each for each in NOTEBOOKS if each.number < "10")
"""The documented steps."""
TITLES = {each.number: each.title for each in NOTEBOOKS}


def in_folder(folder: Path, which: Sequence[Notebook] = NOTEBOOKS) -> dict[str, Path]:
    """Those that lie in a folder, by number, in their order."""
    return {each.number: path for each in which if (path := folder / each.file).is_file()}


def fix_in(number: str, what: str) -> str:
    """One sentence that names the notebook, so that no fix leads nowhere: `02 · Basic SAML configuration: set …`.

    Raises KeyError for a number that no notebook has.
    """
    return f"{number} · {TITLES[number]}: {what}"


def open_notebook() -> str:
    """The number of the notebook that this kernel was started for, as Jupyter tells it; empty where nobody does."""
    number = Path(os.environ.get("JPY_SESSION_NAME", "")).name[:2]
    return number if number in TITLES else ""
