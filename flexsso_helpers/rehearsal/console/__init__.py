"""Twilio Console, as a person sees it in a browser."""
