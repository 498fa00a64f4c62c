"""Names of the facts in evidence that are carried on, into results and the handover."""

VALID_FROM, VALID_TO, DAYS_LEFT = "Active certificate valid from", "Active certificate valid to", "Days left"
LOGIN_LINK = "Login link"
