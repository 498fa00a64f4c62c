"""Nothing of a tenant is in a file of a first contact: every value that it holds is a canary."""

from redacting import CANARIES, OF_EVERYBODY
from watching import Watched

from flexsso_helpers.first_contact.files import keep
from flexsso_helpers.first_contact.observations import FILE
from flexsso_helpers.first_contact.page import ISSUE, PAGE
from flexsso_helpers.rehearsal.flex import seed
from flexsso_helpers.rehearsal.world.world import TENANT_ID
from flexsso_helpers.traffic import FILE as TRAFFIC


def test_no_value_of_the_tenant_is_in_any_file_that_is_sent(watched: Watched) -> None:
    done = watched.done
    keep(done.found, done.folder)
    secrets = {TENANT_ID, seed.ACCOUNT_SID, seed.API_KEY, seed.SECRET, "contoso", "fabrikam", "zyxwv"}
    held = watched.held | {*CANARIES.values()} | secrets
    files = {name: (done.folder / name).read_text("utf-8").lower() for name in (FILE, PAGE, ISSUE, TRAFFIC)}
    assert len(held) > 300
    found = {
        (name, text)
        for name, content in files.items()
        for text in held - OF_EVERYBODY
        if text.lower() in content and not text.startswith(("https://graph", "https://login.microsoft"))
    }
    assert found == set()
    assert len(files[TRAFFIC]) > 10_000
