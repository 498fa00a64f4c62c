"""The three files of a first contact, beside its recording."""

from pathlib import Path

from flexsso_helpers.first_contact.observations import FILE, Observations
from flexsso_helpers.first_contact.page import ISSUE, PAGE, issue, page
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.places import kept_in


def keep(found: Observations, folder: Path) -> list[Path]:
    """Write observations, page and issue form into the run's folder; their paths. Raises NotKept."""
    texts = {FILE: found.yaml(), PAGE: page(found), ISSUE: issue(found)}
    for name, text in texts.items():
        with kept_in(folder / name):
            write_whole(folder / name, text)
    return [folder / name for name in texts]
