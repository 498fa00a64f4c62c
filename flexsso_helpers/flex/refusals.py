"""What Twilio's refusals mean for the person who reads them, and which of them may pass by themselves."""

import json

import requests

from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused, Throttled, Unreachable
from flexsso_helpers.wire.patience import LONGEST_WAIT, bearable

_CODES = {
    20003: "The API key or its secret is not right, belongs to another account, or was made in another Twilio region.",
    20404: "The account, workspace or worker does not exist, or belongs to another account.",
    20429: "Other programs use the same account, or many tenants are read at once.",
    45101: "This Twilio account has no Flex configuration.",
    45103: "This Flex account has no TaskRouter workspace yet.",
    70051: "The key is restricted or the account is suspended.",
}
_STATUSES = {401: 20003, 404: 20404, 429: 20429}
"""The code that a status stands for where the answer tells none."""
_CHECK_FILE = "Check tenant.flex (account_sid, api_key, api_secret) in the tenant's file."
ONLY_READS = "it only reads"
_LATER = f"Wait some minutes and run the cell again: {ONLY_READS}."


def _later(asked: float | None) -> str:
    if asked is None or asked <= LONGEST_WAIT:
        return _LATER
    return f"Twilio asks to wait for {asked / 60:.0f} minutes: run the cell again then; {ONLY_READS}."


class _Garbled(Unreachable):
    """An answer came, but not Twilio's."""


def refused(
    what: str, status: int, message: str, code: int | None = None, *, retry_after: float | None = None
) -> FlexSSOError:
    """The exception for an error answer: `message` may be the JSON body (F103) or plain text."""
    try:
        body = json.loads(message)
        code, message = code or body.get("code"), str(body.get("message", message))
    except (ValueError, AttributeError):
        message = " ".join(message.split())[:200]
    known = _STATUSES.get(status, 0) if code in (None, 0, status) else code
    why = _CODES.get(known, "")
    if status == 403:
        return NotPermitted(
            what,
            why=why or f"Twilio answered 403: {message}",
            fix="Use an API key of this account that may read Flex and TaskRouter.",
            notebook="00",
        )
    passes = status == 429 or status >= 500
    kind = Throttled if status == 429 else Refused
    return kind(
        what,
        status=status,
        code="" if code in (None, 0, status) else str(code),
        message=message,
        why=why or ("Twilio has a disturbance; https://status.twilio.com tells." if passes else ""),
        fix=_later(retry_after) if passes else _CHECK_FILE,
        notebook="00",
        retry_after=retry_after,
    )


def garbled(what: str) -> Unreachable:
    """The exception for an answer that is cut off, or comes from somebody else on the way."""
    return _Garbled(
        what,
        why="The answer is not what Twilio sends: it was cut off, or a proxy or a sign-in page of the network gave it.",
        fix=f"{_LATER} If it stays, try from another network.",
        notebook="00",
    )


def worth_repeating(error: BaseException) -> bool:
    """Whether it may pass within a short wait. Reads, and ends of users, do no harm twice: all of it is repeated."""
    if isinstance(error, Refused):
        passes = error.status in (429, 500, 502, 503, 504)
        return passes and bearable(error)
    if isinstance(error, _Garbled):
        return True
    cause = error.__cause__ if isinstance(error, Unreachable) else None
    lasting = isinstance(cause, requests.exceptions.SSLError | requests.exceptions.ProxyError)
    return isinstance(cause, requests.ConnectionError | requests.Timeout) and not lasting
