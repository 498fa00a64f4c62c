"""The only room that speaks to Microsoft Entra: Graph through the SDK's adapter, and the sign-in service."""

from flexsso_helpers.graph.batch import Journal, Outcome, Request, Say
from flexsso_helpers.graph.credentials import SCOPES, SignIn, consent_link, credential_for, scopes_for
from flexsso_helpers.graph.gateway import Graph, literal
from flexsso_helpers.graph.kept_sign_in import KeptSignIn
from flexsso_helpers.graph.sign_in import ROLE_TITLES, Principal, sign_in_now

__all__ = [
    "ROLE_TITLES",
    "SCOPES",
    "Graph",
    "Journal",
    "KeptSignIn",
    "Outcome",
    "Principal",
    "Request",
    "Say",
    "SignIn",
    "consent_link",
    "credential_for",
    "literal",
    "scopes_for",
    "sign_in_now",
]
