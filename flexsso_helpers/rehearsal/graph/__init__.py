"""Microsoft Graph: its addresses, its rights, its writes."""
