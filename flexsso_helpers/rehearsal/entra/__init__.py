"""Entra's sign-in: OAuth, SAML, consent, metadata."""
