"""Names are compared in one way, in one place."""

import re

from flexsso_helpers.identities import identity, same
from flexsso_helpers.places import project

PACKAGE = project() / "flexsso_helpers"


def test_letter_case_makes_nobody_another_person() -> None:
    assert same("Ada.Admin@Contoso.com", "ada.admin@contoso.com")
    assert identity("JÖRG@contoso.com") == identity("jörg@contoso.com")
    assert not same("ada.admin@contoso.com", "bo.agent@contoso.com")
    assert not same("", "")


def test_no_other_module_compares_names_by_a_way_of_its_own() -> None:
    """The rehearsal has its own: it must not share a mistake with the rest."""
    own_way = re.compile(
        r"casefold|(?:mail|user|upn|user_?name|friendly_name|display_?name|principal_?name|name_id)\"?\]?\)?\.(?:lower|upper)\(\)",
        re.IGNORECASE,
    )
    others = {
        f"{path.relative_to(PACKAGE)}: {found[0]}"
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in ("rehearsal", "identities.py")
        for found in own_way.finditer(path.read_text("utf-8"))
    }
    assert others == set()
