"""SimpleSAMLphp as a service provider through a whole sign-on: its own page shows who came, and it refuses what was
changed on the way."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from outside_provider import Provider, free_port, running, tenant

pytestmark = [pytest.mark.interop, pytest.mark.full]

PAGES = Path("/usr/share/simplesamlphp/www")
CONFIGURATION = """<?php
$config = [
    'baseurlpath' => '{home}/',
    'certdir' => '{folder}',
    'loggingdir' => '{folder}',
    'datadir' => '{folder}',
    'tempdir' => '{folder}',
    'metadatadir' => '{folder}',
    'secretsalt' => 'of a rehearsal',
    'logging.handler' => 'errorlog',
    'showerrors' => true,
    'errorreporting' => false,
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.savepath' => '{folder}',
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
    'metadata.sources' => [['type' => 'xml', 'file' => '{folder}/metadata.xml']],
    'store.type' => 'phpsession',
];
"""
SOURCES = """<?php
$config = ['flex' => [
    'saml:SP',
    'entityID' => '{identifier}',
    'idp' => '{issuer}',
    'WantAssertionsSigned' => true,
]];
"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    php = shutil.which("php")
    if php is None or not PAGES.exists():
        pytest.skip("simplesamlphp with php-cli is not installed")
    folder = tmp_path_factory.mktemp("simplesamlphp")
    port = free_port()
    home, identifier = f"http://localhost:{port}", "urn:contoso:simplesamlphp"
    saml = f"{home}/module.php/saml/sp"
    entra = tenant(
        identifier,
        f"{saml}/saml2-acs.php/flex",
        folder / "metadata.xml",
        logout_url=f"{saml}/saml2-logout.php/flex",
    )
    issuer = html.etree.parse(folder / "metadata.xml").getroot().get("entityID")
    (folder / "config.php").write_text(CONFIGURATION.format(home=home, folder=folder), "utf-8")
    (folder / "authsources.php").write_text(SOURCES.format(identifier=identifier, issuer=issuer), "utf-8")
    command = [php, "-S", f"localhost:{port}", "-t", str(PAGES)]
    environment = {**os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(folder)}
    page = f"{home}/module.php/core/authenticate.php?as=flex"
    with running(entra, page, command, folder / "errors", environment) as found:
        yield found


def shown(provider: Provider, *, alter: bool = False) -> str:
    """The text of the page on which Bo's sign-on ends; this one says 200 with its errors too."""
    return " ".join(html.fromstring(provider.sign_on("bo.agent@contoso.com", alter=alter).text).itertext())


def test_it_lets_in_whom_the_rehearsal_signs_on(provider: Provider) -> None:
    words = " ".join(shown(provider).split())
    assert "this is the status page of SimpleSAMLphp" in words
    assert "NameId bo.agent@contoso.com" in words
    assert "roles agent" in words


def test_it_refuses_what_was_changed_on_the_way(provider: Provider) -> None:
    words = shown(provider, alter=True)
    assert "Reference validation failed" in words
    assert "status page" not in words


def test_a_sign_out_that_it_asks_for_ends_with_it(provider: Provider) -> None:
    ended, afterwards = provider.sign_out("bo.agent@contoso.com", f"{provider.page}&logout")
    assert "You have been logged out" in html.fromstring(ended.text).text_content()
    assert afterwards.headers["location"].startswith("https://login.microsoftonline.com/")


def test_whoever_is_not_assigned_is_stopped_before_it(provider: Provider) -> None:
    assert "AADSTS50105" in provider.sign_on("rhea.reader@contoso.com").text
