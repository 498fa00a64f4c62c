"""The only room that speaks to Microsoft Entra: Graph through the SDK's adapter, and the sign-in service."""

from flexsso_helpers.graph.gateway import Graph, Journal, literal
from flexsso_helpers.graph.sign_in import ROLE_TITLES, SCOPES, Principal, SignIn

__all__ = ["ROLE_TITLES", "SCOPES", "Graph", "Journal", "Principal", "SignIn", "literal"]
