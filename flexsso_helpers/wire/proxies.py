"""The proxy on the way out: one place decides for all clients, the variables first, then the system's own settings.

Python's `urllib.request` knows where both stand (environment, Windows' registry, macOS' System Settings, NO_PROXY and
the system's exceptions). A script that the system names (PAC) is read by nobody here: HTTPS_PROXY names its proxy then.
"""

import re
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from flexsso_helpers.errors import Unreachable

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def proxy_for(host: str) -> str | None:
    """The proxy's URL for a request by https to this host, None for the direct way.

    `host:port` without a scheme is taken as http://, as curl takes it. Raises Unreachable for one that cannot be used.
    """
    named = getproxies()
    given = (named.get("https") or named.get("all") or "").strip()
    if not given or proxy_bypass(host):
        return None
    url = given if _SCHEME.match(given) else f"http://{given}"
    scheme = url.partition("://")[0].lower()
    if scheme.startswith("socks"):
        raise _unusable(given, f"It is a SOCKS proxy ({scheme}), and only HTTP proxies are used here.")
    try:
        parts = urlsplit(url)
        usable = scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise _unusable(given, "It is not of the form http://host:port.")
    return url


def without_password(proxy: str) -> str:
    """A proxy's address as it may be shown: host and port."""
    return proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/") or "that is set"


def _unusable(given: str, why: str) -> Unreachable:
    return Unreachable(
        f"The proxy {without_password(given)} cannot be used.",
        why=why,
        fix="Set HTTPS_PROXY=http://host:port, or let NO_PROXY name the hosts that are reached without one.",
        notebook="00",
    )
