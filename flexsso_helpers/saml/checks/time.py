"""S39–S46 and S81: validity, and to which sign-on the response answers."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Message, Statement
from flexsso_helpers.saml.values import moment

SKEW = timedelta(minutes=3)
"""What Flex's library tolerates between two clocks."""
_CAPTURE = fix_in("08", "sign on again and take the new response; one that is kept is always expired.")
_CLOCK = fix_in("08", "compare this computer's clock with the time in the response.")


def check(
    report: Report, message: Message, statement: Statement, expected: Expected, *, relay_state: str | None = None
) -> None:
    """Judge for the moment `expected.at`. `relay_state` is what came beside the response, None when not known."""
    _window(report, statement, expected.at)
    _confirmation(report, statement, expected)
    _authentication(report, statement)
    _lifetime(report, message, statement, expected.at)
    _session(report, statement)
    _request(report, message, statement, expected)
    if relay_state is not None:
        sent = expected.relay_state or ""
        report.say(
            "S45",
            relay_state == sent,
            "RelayState came back as it was sent",
            "RelayState is not what was sent: perhaps a fixed Relay State is set in Entra",
            level="warning",
            configured=sent,
            received=relay_state,
            fix=fix_in("02", "clear the Relay State."),
        )
    if expected.seen:
        report.say(
            "S46",
            message.id not in expected.seen and statement.id not in expected.seen,
            "This response was not seen before",
            "This is the same response as before: a replay proves nothing",
            received=message.id,
            fix=fix_in("08", "sign on again."),
        )


def _window(report: Report, statement: Statement, at: datetime) -> None:
    """Every Conditions binds, though one is usual. Differences are compared: .NET's first and last moment have no
    room for the skew.
    """
    first = _binding((start for start, _ in statement.windows), max)
    last = _binding((end for _, end in statement.windows), min)
    start, end = moment(first), moment(last)
    near = end is not None and at - end < timedelta(days=1)
    report.say(
        "S39",
        first is None or (start is not None and start - at <= SKEW),
        "The response is already valid",
        f"The response is valid only in {_apart(start, at)}: this computer's clock is behind, or Entra's ahead"
        if start
        else "NotBefore is not a time",
        configured=_shown(at),
        received=first,
        fix=_CLOCK,
    )
    report.say(
        "S40",
        end is not None and at - end < SKEW,
        "The response has not expired",
        f"The response expired {_apart(at, end)} ago" + ("; if it came just now, this computer's clock is ahead" * near)
        if end
        else "The response does not say until when it is valid",
        configured=_shown(at),
        received=last,
        fix=_CAPTURE,
    )


def _binding(texts: Iterable[str | None], strictest: Callable[..., datetime]) -> str | None:
    """Of those that are said, the text that decides: one that is no time, else the strictest."""
    times = {moment(text): text for text in texts if text is not None}
    return times[None] if None in times else times[strictest(times)] if times else None


def _confirmation(report: Report, statement: Statement, expected: Expected) -> None:
    said = statement.confirmations[0] if statement.confirmations else None
    until, since = (said.not_on_or_after, said.not_before) if said else (None, None)
    end, start = moment(until), moment(since)
    early = since is not None and (start is None or start - expected.at > SKEW)
    wrong = f"The confirmation of the subject expired {_apart(expected.at, end)} ago"
    if end is None:
        wrong = "The confirmation has no end"
    elif early:
        wrong = f"The confirmation of the subject is valid only in {_apart(start, expected.at)}"
    report.say(
        "S41",
        not early and end is not None and expected.at - end < SKEW,
        "The confirmation of the subject has not expired",
        wrong,
        level="warning" if expected.profile == "flex" else "error",
        configured=_shown(expected.at),
        received=since if early else until,
        fix=_CLOCK if early else _CAPTURE,
    )


def _authentication(report: Report, statement: Statement) -> None:
    """The profile of browser single sign-on asks for one (SAML profiles 4.1.4.2); readers seldom look."""
    report.say(
        "S81",
        statement.authn_statements > 0,
        "The response says when and how the person signed in",
        "The response does not say when and how the person signed in: AuthnStatement is missing",
        level="warning",
        configured="an AuthnStatement",
        received=statement.authn_statements,
        fix=_CAPTURE,
    )


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _lifetime(report: Report, message: Message, statement: Statement, at: datetime) -> None:
    until = _binding((end for _, end in statement.windows), min)
    issued, end = moment(message.issue_instant), moment(until)
    if issued is None or end is None:
        wrong = "The time of issue or the end of validity cannot be read"
        received = [message.issue_instant or "(missing)", until or "(missing)"]
        report.say("S42", False, "", wrong, level="warning", received=received, fix=_CAPTURE)
        return
    lifetime = end - issued
    fresh = abs(at - issued) <= timedelta(minutes=5)
    usual = timedelta(minutes=1) <= lifetime <= timedelta(hours=24)
    wrong = f"The response was issued {_apart(at, issued)} before the time it is judged for"
    if issued > at:
        wrong = f"The response was issued {_apart(at, issued)} from now: this computer's clock is behind"
    report.say(
        "S42",
        fresh and usual,
        "The response was issued just now, with a usual lifetime",
        wrong if usual else f"The lifetime of {_apart(end, issued)} is unusual",
        level="warning",
        configured="issued within 5 minutes, lifetime between 1 minute and 24 hours",
        received=message.issue_instant,
        fix=_CLOCK if usual else fix_in("03", "look at the token lifetime policy."),
    )


def _session(report: Report, statement: Statement) -> None:
    text = statement.session_not_on_or_after
    end, start = moment(text), moment(statement.authn_instant)
    ok = text is None or (end is not None and start is not None and end - start > timedelta(hours=1))
    report.say(
        "S43",
        ok,
        "No short session is forced on the agents",
        f"Agents will be signed out after {_apart(end, start)}"
        if end and start
        else "The end of the session cannot be read",
        level="warning",
        configured="absent, or more than an hour",
        received=text,
        fix=fix_in("03", "take the session lifetime out, or make it 8–10 hours."),
    )


def _request(report: Report, message: Message, statement: Statement, expected: Expected) -> None:
    """In a sign-on that we started, the answer must be to our request: another one proves another sign-on."""
    answered = {message.in_response_to or "", *((each.in_response_to or "") for each in statement.confirmations[:1])}
    if len(answered) > 1:
        wrong, ok = "Response and assertion answer different requests", False
    elif expected.request_id is None:
        flex = expected.profile == "flex"
        started = "was started from Flex" if flex else "was started by the application"
        if answered == {""}:
            started = "was started from My Apps" + (" and needs a Default Redirect URL" if flex else "")
        report.tell("S44", f"The sign-on {started}", received=sorted(answered))
        return
    else:
        wrong, ok = "The response answers another request", answered == {expected.request_id}
    report.say(
        "S44",
        ok,
        "The response answers the request that was sent",
        wrong,
        configured=expected.request_id,
        received=sorted(answered),
        fix=fix_in("08", "sign on again from the Flex login link."),
    )


def _apart(one: datetime | None, other: datetime | None) -> str:
    seconds = int(abs((one - other).total_seconds())) if one and other else 0
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{seconds} seconds"
