"""The only room that speaks to Microsoft Entra: Graph through the SDK's adapter, and the sign-in service."""

from flexsso_helpers.graph.batch import Journal, Outcome, Request, Say, silent
from flexsso_helpers.graph.credentials import ASSIGNING, SCOPES, SignIn, consent_link, credential_for, scopes_for
from flexsso_helpers.graph.gateway import Graph, literal
from flexsso_helpers.graph.kept_sign_in import KeptSignIn
from flexsso_helpers.graph.principal import ROLE_TITLES, HeldRole, Hint, Principal
from flexsso_helpers.graph.refusals import garbled
from flexsso_helpers.graph.sign_in import sign_in_now
from flexsso_helpers.graph.sign_in_errors import WHO_CONSENTS, WHO_CONSENTS_TO_AN_APPLICATION
from flexsso_helpers.graph.snapshot import Snapshot
from flexsso_helpers.graph.who import asked_about, check_expected, read_organization, read_who, wrong_tenant

__all__ = [
    "ASSIGNING",
    "ROLE_TITLES",
    "SCOPES",
    "WHO_CONSENTS",
    "WHO_CONSENTS_TO_AN_APPLICATION",
    "Graph",
    "HeldRole",
    "Hint",
    "Journal",
    "KeptSignIn",
    "Outcome",
    "Principal",
    "Request",
    "Say",
    "SignIn",
    "Snapshot",
    "asked_about",
    "check_expected",
    "consent_link",
    "credential_for",
    "garbled",
    "literal",
    "read_organization",
    "read_who",
    "scopes_for",
    "sign_in_now",
    "silent",
    "wrong_tenant",
]
