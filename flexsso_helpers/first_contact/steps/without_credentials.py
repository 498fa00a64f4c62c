"""0: what anybody may ask of Flex. Nobody signs in, and the identity provider is not contacted."""

from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit

from flexsso_helpers.clouds import FLEX_SERVICES, FLEX_UI
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand
from flexsso_helpers.flex.probe import login_start

NOBODYS = "AC" + "0" * 31 + "1"
ILL_FORMED = "AC-of-the-wrong-form"
FOREIGN = "https://first-contact.example.com/"
NEEDED = ("state", "nonce", "codeChallenge")


async def step(hand: Hand) -> None:
    """Ask for the account's single sign-on, start logins in three ways, and a Legacy login."""
    flex = hand.session.flex
    _, found = await hand.tries(trials.CONFIG, flex.listed_connections)
    await hand.did(trials.UNKNOWN_ACCOUNT, partial(flex.anybody, _config(NOBODYS)))
    await hand.did(trials.ILL_FORMED, partial(flex.anybody, _config(ILL_FORMED)))
    await hand.did(trials.LEGACY, partial(flex.legacy_probe, FLEX_UI))
    for connection in sorted(found or (), key=lambda each: not each.active)[:1]:
        start = login_start(connection.name)
        _, came = await hand.tries(trials.CHAIN, partial(flex.probe, connection.name, stop_at=hand.session.cloud.login))
        if not came or not came.sso_url:
            return  # nobody saved it yet
        await hand.did(trials.NO_PKCE, partial(flex.anybody, _changed(start, dict.fromkeys(NEEDED, ""))))
        await hand.did(trials.UNTRUSTED, partial(flex.anybody, _changed(start, {"redirectUrl": FOREIGN})))


def _config(account_sid: str) -> str:
    return f"{FLEX_SERVICES}/v1/Flex/Authentication/Config?{urlencode({'AccountSid': account_sid})}"


def _changed(url: str, changes: dict[str, str]) -> str:
    """The address with other values; an empty one is left out."""
    parts = urlsplit(url)
    query = {name: value for name, value in (dict(parse_qsl(parts.query)) | changes).items() if value}
    return parts._replace(query=urlencode(query)).geturl()
