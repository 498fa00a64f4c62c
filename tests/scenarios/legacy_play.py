"""An account that still runs on Legacy single sign-on, and its two addresses."""

from pathlib import Path

from stage import Stage

from flexsso_helpers.rehearsal import flex_seed, legacy_realm

REPLY_URL = f"https://iam.twilio.com/v1/Accounts/{flex_seed.ACCOUNT_SID}/saml2"
IDENTIFIER = f"{REPLY_URL}/metadata"
LEGACY = {"flex": {"mode": "legacy"}}


def on_legacy(folder: Path, *, quirk: str = "working") -> Stage:
    """An account that still runs on Legacy, whose page holds what was pasted years ago."""
    stage = Stage(folder, changes=LEGACY)
    stage.world.choose({"legacy": quirk})
    legacy_realm.plant(stage.world)
    return stage
