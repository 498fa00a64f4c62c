"""The open tenant: who is signed in, where, with what rights, and how to wait, note and approve."""

from flexsso_helpers.session.approval import ApprovalCell
from flexsso_helpers.session.opening import open_session
from flexsso_helpers.session.session import Session
from flexsso_helpers.session.settling import seen_since
from flexsso_helpers.session.speaking import speaks

__all__ = ["ApprovalCell", "Session", "open_session", "seen_since", "speaks"]
