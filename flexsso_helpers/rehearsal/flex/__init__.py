"""Twilio and Flex: its APIs, its logins, its workers."""
