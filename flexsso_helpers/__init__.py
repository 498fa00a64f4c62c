"""Flex SSO runbooks: connect a Microsoft Entra ID tenant to Twilio Flex by SAML, prove it, keep it working."""
