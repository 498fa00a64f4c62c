"""Legacy single sign-on: its two addresses follow from the account SID, and its login start tells whether it answers.

Twilio ends it. It is a target only for accounts that still run on it, and where a migration begins.
"""

from dataclasses import dataclass

import requests

from flexsso_helpers.clouds import FLEX_LEGACY
from flexsso_helpers.flex.probe import Probe, read_request
from flexsso_helpers.flex.refusals import garbled

LEGACY_HOST = FLEX_LEGACY.removeprefix("https://")


@dataclass(frozen=True, kw_only=True)
class LegacyConnection:
    """What an account on Legacy presents to an identity provider (D04, D06)."""

    account_sid: str

    @property
    def name(self) -> str:
        """How it is called where an Enhanced connection has its JQ."""
        return f"Legacy of {self.account_sid}"

    @property
    def reply_url(self) -> str:
        """The ACS URL of the account."""
        return f"{FLEX_LEGACY}/v1/Accounts/{self.account_sid}/saml2"

    @property
    def identifier(self) -> str:
        """The entity ID of the account."""
        return f"{self.reply_url}/metadata"

    @property
    def values(self) -> tuple[str, str]:
        """Both addresses."""
        return self.reply_url, self.identifier


def start_address(account_sid: str) -> str:
    """Where a Legacy login is asked for (F115)."""
    return f"{FLEX_LEGACY}/v1/Accounts/{account_sid}/authenticate"


def read_start(answer: requests.Response) -> Probe:
    """Where a Legacy login would lead; `sso_url` is empty where Twilio says that Legacy is over (F116, F120)."""
    try:
        body = answer.json()
    except ValueError as error:
        raise garbled("Starting a Legacy login.") from error
    body = body if isinstance(body, dict) else {}
    location = str(body.get("location") or "")
    if answer.status_code == 200 and location:
        return read_request(location, (LEGACY_HOST,))
    said = " ".join(str(body[key]) for key in ("code", "message") if body.get(key))
    told = said or f"Twilio answered {answer.status_code}"
    return Probe(sso_url="", said=told, refused="code" in body, hops=(LEGACY_HOST,))
