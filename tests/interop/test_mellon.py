"""mod_auth_mellon, Apache's service provider, through a whole sign-on: it takes what the rehearsal issues, by the wall
clock, and refuses what somebody changed on the way."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from outside_provider import Provider, free_port, running, tenant

from flexsso_helpers.rehearsal.world.keys import pem, rsa_key

pytestmark = [pytest.mark.interop, pytest.mark.full]

MODULES = Path("/usr/lib/apache2/modules")
NEEDED = ("mpm_event", "authz_core", "authn_core", "authz_user", "alias", "dir", "headers", "auth_mellon")
CONFIGURATION = """
ServerRoot {folder}
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/pid
Mutex file:{folder}
Listen 127.0.0.1:{port}
ErrorLog {folder}/errors
User www-data
Group www-data
{modules}
DocumentRoot {folder}/pages
<Location />
  Require all granted
  MellonEnable info
  MellonEndpointPath /mellon
  MellonIdPMetadataFile {folder}/metadata.xml
  MellonSPPrivateKeyFile {folder}/key.pem
  MellonSecureCookie Off
</Location>
<Location /kept>
  AuthType Mellon
  MellonEnable auth
  Require valid-user
  Header set X-Name-Id "%{{MELLON_NAME_ID}}e"
  Header set X-Roles "%{{MELLON_roles}}e"
</Location>
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that Apache's own user may read; pytest's are for the tester alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def provider(folder: Path) -> Iterator[Provider]:
    apache = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if apache is None or not (MODULES / "mod_auth_mellon.so").exists():
        pytest.skip("apache2 with libapache2-mod-auth-mellon is not installed")
    port = free_port()
    home = f"http://localhost:{port}"
    entra = tenant(f"{home}/mellon/metadata", f"{home}/mellon/postResponse", folder / "metadata.xml")
    (folder / "key.pem").write_bytes(pem(rsa_key("mellon", None)))
    (folder / "pages" / "kept").mkdir(parents=True)
    (folder / "pages" / "kept" / "index.html").write_text("You are in.", "utf-8")
    modules = "\n".join(
        f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in NEEDED if (MODULES / f"mod_{name}.so").exists()
    )
    configuration = folder / "apache.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, modules=modules), "utf-8")
    command = [apache, "-f", str(configuration), "-DFOREGROUND"]
    with running(entra, f"{home}/kept/", command, folder / "errors") as found:
        yield found


def test_it_lets_in_whom_the_rehearsal_signs_on(provider: Provider) -> None:
    page = provider.sign_on("bo.agent@contoso.com")
    assert page.text == "You are in."
    assert (page.headers["x-name-id"], page.headers["x-roles"]) == ("bo.agent@contoso.com", "agent")


def test_it_refuses_what_was_changed_on_the_way(provider: Provider) -> None:
    page = provider.sign_on("bo.agent@contoso.com", alter=True)
    assert page.status_code >= 400
    assert "You are in." not in page.text


def test_whoever_is_not_assigned_is_stopped_before_it(provider: Provider) -> None:
    assert "AADSTS50105" in provider.sign_on("rhea.reader@contoso.com").text
