"""What Twilio's refusals mean for the person who reads them (flex.md 7)."""

import json

from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused, Throttled, Unreachable

_CODES = {
    20003: "The API key or its secret is not right, or does not belong to this account.",
    20404: "The account, workspace or worker does not exist, or belongs to another account.",
    45101: "This Twilio account has no Flex configuration.",
    45103: "This Flex account has no TaskRouter workspace yet.",
    70051: "The key is restricted or the account is suspended.",
}


def refused(what: str, status: int, message: str, code: int | None = None) -> FlexSSOError:
    """The exception for an error answer: `message` may be the JSON body (F103) or plain text."""
    try:
        body = json.loads(message)
        code, message = code or body.get("code"), str(body.get("message", message))
    except (ValueError, AttributeError):
        message = " ".join(message.split())[:200]
    why = _CODES.get(code or 0, "")
    if status == 403:
        return NotPermitted(
            what,
            why=why or f"Twilio answered 403: {message}",
            fix="Use an API key of this account that may read Flex and TaskRouter.",
            notebook="00",
        )
    kind = Throttled if status == 429 else Refused
    return kind(
        what,
        status=status,
        code=str(code or ""),
        message=message,
        why=why,
        fix="Check tenant.flex (account_sid, api_key, api_secret) in the tenant's file.",
        notebook="00",
    )


def unreachable(what: str, error: Exception) -> Unreachable:
    """The exception for no answer at all."""
    return Unreachable(
        what,
        why=f"{type(error).__name__}: no answer from the network.",
        fix="Check the connection, the proxy (HTTPS_PROXY) and the company's certificates (REQUESTS_CA_BUNDLE).",
        notebook="00",
    )
