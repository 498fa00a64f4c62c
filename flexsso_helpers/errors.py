"""Errors for people: what happened, why, what to do, and which notebook mends it.

FlexSSOError
├── ParametersError    the tenant's file says something we cannot use
├── SignInError        nobody is signed in, or as somebody else than wanted
├── NotPermitted       signed in, but without the right that this step needs
├── Ambiguous          several things answer the description, and we do not guess
├── InUse              another run of this machine is writing to this tenant
├── NotKept            a file of the run cannot be written: a full disk, a folder that may not be written
├── NobodyThere        a person has to do this, and a program executes the notebook
├── StalePlan          what was read has moved since the plan was approved
├── NotProven          everything was set, and yet a check does not hold
├── Refused            Graph or Twilio refused a request
│   └── Throttled      … because there were too many of them, even after waiting
├── OutcomeUnknown     a request was sent and its answer was lost: look before sending it again
├── WaitedTooLong      a change was accepted but never became visible
├── Stopped            whoever started the run stopped it
└── Unreachable        the network, a proxy or the rehearsal did not answer
    └── NotContacted   a request to a host that is none of ours was stopped before it left
"""

import html
from typing import Any, Self

from flexsso_helpers.output import clean


class FlexSSOError(Exception):
    """The root of all errors that a consultant may meet.

    `what` happened, `why` (as far as known), the `fix`, and the two-digit number of the `notebook` that mends it.
    The two faces, text and HTML, say the same; neither shows a local variable.
    """

    title = "This did not work"

    def __init__(self, what: str, *, why: str = "", fix: str = "", notebook: str = "") -> None:
        """Keep the four parts; all are plain sentences without secrets."""
        super().__init__(what)
        self.what, self.why, self.fix, self.notebook = what, why, fix, notebook

    def __copy__(self) -> Self:
        """Another one that says the same, to be raised a second time."""
        twin = type(self).__new__(type(self), *self.args)
        twin.__dict__ |= self.__dict__
        return twin

    @property
    def parts(self) -> dict[str, str]:
        """The named sentences, without the empty ones, in reading order."""
        named = {"What": self.what, "Why": self.why, "To do": self.fix, "Notebook": self.notebook}
        return {name: text for name, text in named.items() if text}

    def __str__(self) -> str:
        """The text face: title, then one indented paragraph a part."""
        lines = [self.title]
        for name, text in self.parts.items():
            first, *rest = clean(text).split("\n")
            lines.append(f"  {name + ':':<10}{first}")
            lines += [f"  {'':<10}{line}" for line in rest]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        told = {name: html.escape(clean(text)).replace("\n", "<br>") for name, text in self.parts.items()}
        rows = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in told.items())
        return f'<div class="fx-error" role="alert"><b>{html.escape(self.title)}</b><dl>{rows}</dl></div>'

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return str(self).splitlines()


class ParametersError(FlexSSOError):
    """The tenant's file (or the injected mapping) is not usable. Raised before anything is contacted."""

    title = "The parameters need a correction"


class SignInError(FlexSSOError):
    """Microsoft's sign-in service refused, or the wrong account or tenant answered.

    `support` are the ids and the time by which Microsoft's support and the tenant's sign-in log find the refusal.
    """

    title = "Signing in did not work"

    def __init__(self, what: str, *, support: str = "", **parts: Any) -> None:
        """Keep the ids beside the four parts."""
        super().__init__(what, **parts)
        self.support = support

    @property
    def parts(self) -> dict[str, str]:
        """The named sentences, and what support asks for."""
        return {**super().parts, **({"Support": self.support} if self.support else {})}


class NotPermitted(FlexSSOError):
    """Graph or Twilio answered 403: a scope, a directory role or a key permission is missing (G02). Never retried."""

    title = "The signed-in account may not do this"


class Ambiguous(FlexSSOError):
    """More than one object fits, or one merely looks like ours. Nothing was changed."""

    title = "It is not clear which one is meant"


class InUse(FlexSSOError):
    """Another run on this machine is writing to the same tenant. Nothing was written by this one."""

    title = "Another run is at work in this tenant"


class Stopped(FlexSSOError):
    """Whoever started the run stopped it; what was sent before was waited for."""

    title = "Stopped"


class NotKept(FlexSSOError):
    """What a run has to keep cannot be written, so it goes no further."""

    title = "A file cannot be written"


class NobodyThere(FlexSSOError):
    """The file is for a person who signs in and pastes, and the notebook is executed by a program."""

    title = "This is waiting for a person"


class StalePlan(FlexSSOError):
    """The plan made anew before writing differs from the one that was approved."""

    title = "The tenant has changed since this plan was made"


class NotProven(FlexSSOError):
    """A check is wrong although the section has no open change."""

    title = "This is not proved"


class Refused(FlexSSOError):
    """A refusal by Graph or Twilio.

    `status` is the HTTP status, `code` and `message` are the service's own words, `request_id` is what its support
    asks for.
    """

    title = "The service refused the request"

    def __init__(
        self,
        what: str,
        *,
        status: int,
        code: str = "",
        message: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        details: tuple[tuple[str, str], ...] = (),
        **parts: Any,
    ) -> None:
        """Keep the service's words beside ours; `details` are (code, message) pairs; `retry_after` in seconds."""
        super().__init__(what, **parts)
        self.status, self.code, self.message, self.request_id = status, code, message, request_id
        self.retry_after, self.details = retry_after, details

    @property
    def parts(self) -> dict[str, str]:
        """The named sentences, the service's own answer included."""
        said = " · ".join(part for part in (f"HTTP {self.status}", self.code, self.message) if part)
        return {**super().parts, "Answer": said, **({"Request": self.request_id} if self.request_id else {})}


class Throttled(Refused):
    """429 even after waiting as long as the service asked for (G84)."""

    title = "Too many requests"


class OutcomeUnknown(FlexSSOError):
    """A POST whose answer was lost (timeout, dropped connection, 5xx): perhaps it took effect (G10, G87)."""

    title = "The answer to a request was lost"


class WaitedTooLong(FlexSSOError):
    """A change was accepted but did not become visible within the time we wait (G03, G86)."""

    title = "A change has not become visible"


class Unreachable(FlexSSOError):
    """No connection: network, proxy, certificate authority, or a rehearsal that ended."""

    title = "No connection"
    passes = True
    """Whether it may pass by itself, so that a read is worth repeating."""


class NotContacted(Unreachable):
    """A request to a host that is neither Microsoft's nor Twilio's; it was stopped before it left (wire)."""

    passes = False
