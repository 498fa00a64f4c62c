"""The application's federation metadata, as it lies on the public address of the sign-in service, without credentials.

What answers there is not always the sign-in service: a proxy, a hotspot's page or a filter may. These are told apart
by shape: the service answers with the document, or with an error that carries an AADSTS number.
"""

import requests

from flexsso_helpers.errors import FlexSSOError, Refused, Throttled, Unreachable
from flexsso_helpers.wire import Wire, unanswered
from flexsso_helpers.wire.patience import LONGEST_WAIT, seconds, too_long

PASSING = (407, 429, 500, 502, 503, 504)
"""What may pass by itself within a short wait; a proxy's 407 among them, since some ask only now and then."""
WHAT = "Reading the federation metadata of the application."


def fetch(wire: Wire, url: str) -> bytes:
    """The bytes of the document. Blocking.

    Raises Refused or Throttled for what the service answers, Unreachable for everything else on the way.
    """
    with wire.session() as session:
        try:
            answer = session.get(url, timeout=60)
        except requests.RequestException as error:
            raise unanswered(WHAT, error) from error
    if answer.status_code == 200 and b"Descriptor" in answer.content:
        return answer.content
    if answer.status_code in PASSING:
        raise _passing(answer)
    if "AADSTS" in answer.text or (answer.status_code in (400, 404) and not _is_page(answer)):
        raise Refused(
            WHAT,
            status=answer.status_code,
            message=answer.text[:200],
            why="The sign-in service does not know this application yet, or not in this tenant.",
            fix="Wait some minutes and run the cell again.",
            notebook="03",
        )
    raise Unreachable(
        WHAT,
        why=f"Something else answered in the sign-in service's place ({answer.status_code}), such as a proxy or the "
        "sign-in page of a network.",
        fix="Open a page in a browser of this machine, see what stands in the way, and run the cell again.",
        notebook="00",
    )


def _passing(answer: requests.Response) -> FlexSSOError:
    asked = seconds(answer.headers)
    kind = Throttled if answer.status_code == 429 else Refused
    proxy = answer.status_code == 407
    return kind(
        WHAT,
        status=answer.status_code,
        message="" if _is_page(answer) else answer.text[:200],
        why="The proxy wants to know who asks." if proxy else "The sign-in service is busy or has a fault of its own.",
        fix="Give HTTPS_PROXY the name and password that the proxy wants."
        if proxy
        else too_long(asked) or "Wait some minutes and run the cell again.",
        notebook="00" if proxy else "03",
        retry_after=asked,
    )


def _is_page(answer: requests.Response) -> bool:
    """Whether it is a page for people."""
    return "html" in answer.headers.get("Content-Type", "").lower() or answer.text.lstrip()[:9].lower() in (
        "<!doctype",
        "<html",
    )


def worth_repeating(error: BaseException) -> bool:
    """Whether it may pass within a short wait; nothing is written here."""
    if isinstance(error, Refused):
        return error.status in PASSING and (error.retry_after or 0) <= LONGEST_WAIT
    return isinstance(error, Unreachable) and error.passes
