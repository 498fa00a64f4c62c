"""What a guided session's JupyterLab answers before anybody sends it its token: a proof that it knows the token.

A note of an ended JupyterLab names a port, and whoever listens there now must not be given the token. JupyterLab loads
this module as a server extension.
"""

import hashlib
import hmac
from typing import Any

from tornado.web import RequestHandler

MODULE = __name__
PATH = "flexsso/proof"


def keyed(token: str, challenge: str) -> str:
    """What only those can say who know the token, over a fresh value of whoever asks."""
    return hmac.new(token.encode(), f"JupyterLab\n{challenge}".encode(), hashlib.sha256).hexdigest()


class Proof(RequestHandler):
    """Asked without a token, since it is asked before the token is sent."""

    def initialize(self, token: str) -> None:
        """Keep what is proved."""
        self._token = token

    def get(self) -> None:
        """The proof over `challenge`."""
        self.write({"proof": keyed(self._token, self.get_argument("challenge", ""))})


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """By this name JupyterLab finds what it loads."""
    return [{"module": MODULE}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Called by JupyterLab when it starts."""
    place = f"{server.web_app.settings['base_url']}{PATH}"
    server.web_app.add_handlers(".*$", [(place, Proof, {"token": server.identity_provider.token})])
