"""An account that still runs on Legacy single sign-on, and its two addresses."""

from pathlib import Path

from stage import Stage

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.rehearsal.flex import legacy_realm, seed

REPLY_URL = f"https://iam.twilio.com/v1/Accounts/{seed.ACCOUNT_SID}/saml2"
IDENTIFIER = f"{REPLY_URL}/metadata"
LEGACY = {"flex": {"mode": "legacy"}}


def on_legacy(folder: Path, *, quirk: str = "working") -> Stage:
    """An account that still runs on Legacy, whose page holds what was pasted years ago."""
    stage = Stage(folder, changes=LEGACY)
    stage.world.choose({"legacy": quirk})
    legacy_realm.plant(stage.world)
    return stage


def press(stage: Stage, *buttons: str) -> None:
    """What a person does on Flex Console's page."""
    browser = Browser(stage.rehearsal_client.home, stage.rehearsal_client.browser())
    browser.open(stage.rehearsal_client.face(CONSOLE_SSO_PAGE))
    for button in buttons:
        browser.press(button)
