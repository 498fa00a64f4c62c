"""The way out: which hosts may be reached, through which proxy and authority, and the redirect of a rehearsal."""

from flexsso_helpers.wire.answers import AnsweredByAnother, refuse_others, unanswered
from flexsso_helpers.wire.browser_redirect import redirect_browsers
from flexsso_helpers.wire.clock import Clock, RehearsalClock, WallClock
from flexsso_helpers.wire.proxies import proxy_for, without_password
from flexsso_helpers.wire.rehearsal_client import RehearsalClient, open_rehearsal
from flexsso_helpers.wire.transports import Wire, machine_transport, way_to

__all__ = [
    "AnsweredByAnother",
    "Clock",
    "RehearsalClient",
    "RehearsalClock",
    "WallClock",
    "Wire",
    "machine_transport",
    "open_rehearsal",
    "proxy_for",
    "redirect_browsers",
    "refuse_others",
    "unanswered",
    "way_to",
    "without_password",
]
