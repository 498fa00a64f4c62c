"""`flexsso run --record` with real kernels, and what its recording tells to `flexsso observe`."""

from pathlib import Path

import pytest
from shell import Shell

from flexsso_helpers.first_contact.observations import FILE, read_observations
from flexsso_helpers.first_contact.page import ISSUE, PAGE
from flexsso_helpers.traffic import FILE as TRAFFIC

OF_EACH_ROOM = {
    "admin_consent", "template_tags", "time_digits", "metadata_prefixes", "authn_nameid_policy", "roles_shape",
}  # fmt: skip
"""What the notebooks 00, 01, 03, 06 and 08 pass by."""
OF_THE_TENANT = ("contoso", "ACf1e55", "JQf1e55", "-----BEGIN")


@pytest.mark.kernel
@pytest.mark.full
def test_a_recorded_run_is_read_by_the_page_of_a_first_contact(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    try:
        [result] = shell.results("rehearsal", "--apply", "--record", expect=2)
    finally:
        shell.flexsso("rehearsal", "stop")
    folder = Path(result["folder"])
    page = shell.flexsso("observe", "--recording", str(folder))
    assert page.startswith("# First contact\n\nNothing differs from what these runbooks go by.")
    assert set(read_observations(folder / FILE)[0]) >= OF_EACH_ROOM
    kept = {name: (folder / name).read_text("utf-8") for name in (FILE, PAGE, ISSUE, TRAFFIC)}
    found = {name: [text for text in OF_THE_TENANT if text in whole] for name, whole in kept.items()}
    assert found == {name: [] for name in kept}
    assert (folder / TRAFFIC).stat().st_mode & 0o077 == 0
