"""The redirect for pages that a library opens in this machine's browser: azure-identity's sign-in page.

`webbrowser` is the one way by which libraries open pages, and takes further browsers by name. Ours is asked first and
opens nothing itself: a page of the reserved tenant, which no other server has, is opened at its place in the rehearsal.
"""

import webbrowser
from functools import cache
from urllib.parse import urlsplit

from flexsso_helpers.clouds import is_rehearsal_tenant
from flexsso_helpers.wire.rehearsal_client import RehearsalClient

NAME = "flexsso-rehearsal"


class RehearsalBrowser(webbrowser.BaseBrowser):
    """Passes a page of the rehearsal's tenant on to the machine's own browser, at its place on the rehearsal's port."""

    rehearsal_client: RehearsalClient | None = None
    """That of the rehearsal opened last in this process."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        """Whether a browser opened it; False, without opening anything, for every other page."""
        parts = urlsplit(url)
        tenant = parts.path.strip("/").split("/")[0]
        if self.rehearsal_client is None or parts.scheme != "https" or not is_rehearsal_tenant(tenant):
            return False
        return webbrowser.open(self.rehearsal_client.face(url), new, autoraise)


def redirect_browsers(rehearsal_client: RehearsalClient) -> None:
    """Have the pages of the reserved tenant opened at this rehearsal from now on, in this process."""
    _registered().rehearsal_client = rehearsal_client


@cache
def _registered() -> RehearsalBrowser:
    """Once a process, since each registration stays."""
    browser = RehearsalBrowser(NAME)
    webbrowser.register(NAME, None, browser, preferred=True)
    return browser
