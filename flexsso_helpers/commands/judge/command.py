"""What the command asks for, checked and answered: which file, held against what, judged for which moment."""

import asyncio
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flexsso_helpers.commands.judge.given_metadata import given_metadata, time_of, unknown
from flexsso_helpers.commands.judge.verdict import Verdict, judge_given
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.saml.expected import Signed
from flexsso_helpers.saml.metadata import BadMetadata
from flexsso_helpers.saml.reading import MAX_CAPTURE

STANDARD_INPUT = "-"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of `flexsso judge`; empty or None is what was not given."""

    file: str
    tenant: str = ""
    metadata: str = ""
    identifier: str | None = None
    reply_url: str | None = None
    require: Signed = "both"
    at: str = ""
    user: str = ""
    page: str = ""
    names: bool = False


def answer(asked: Asked) -> Verdict:
    """Read the file and judge it. Raises ParametersError for a wrong use; nothing was contacted then.

    A tenant is opened only for what is a response at all. What signing in has to say goes to standard error, so that
    standard output holds the verdict alone.
    """
    _refuse_mixture(asked)
    at = time_of(asked.at) if asked.at else None
    known = unknown(at=at or datetime.now(UTC), profile="flex" if asked.tenant else "saml", requires=asked.require)
    if asked.metadata:
        try:
            known = given_metadata(
                _content(asked.metadata), known, identifier=asked.identifier, reply_url=asked.reply_url
            )
        except BadMetadata as error:
            raise ParametersError(f"{asked.metadata}: {error.what}", why=error.why, fix=error.fix) from error
    data = _content(asked.file)
    verdict = judge_given(data, known)
    if not asked.tenant or verdict.word == "unreadable":
        return verdict
    from flexsso_helpers.commands.judge.live_tenant import judge_in_tenant  # the SDKs take a second to load

    with redirect_stdout(sys.stderr):
        return asyncio.run(judge_in_tenant(asked.tenant, data, user=asked.user, at=at, requires=asked.require))


def keep(asked: Asked, verdict: Verdict) -> None:
    """Write the page that was asked for. Raises ParametersError where that cannot be."""
    if not asked.page:
        return
    try:
        Path(asked.page).write_text(verdict.page(names=asked.names), "utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the name is not possible"
        raise ParametersError(f"{asked.page} cannot be written: {why}.", fix="Name another file.") from error


def _refuse_mixture(asked: Asked) -> None:
    if asked.names and not asked.page:
        raise ParametersError("--names needs --html beside it.", fix="Name the page: --html FILE.")
    addresses = asked.identifier is not None or asked.reply_url is not None
    if asked.tenant and (asked.metadata or addresses):
        raise ParametersError(
            "--tenant reads everything from the tenant.", fix="Leave --metadata, --identifier and --reply-url out."
        )
    if addresses and not asked.metadata:
        raise ParametersError("--identifier and --reply-url need --metadata beside them.", fix=_METADATA)
    if asked.user and not asked.tenant:
        raise ParametersError("--user needs --tenant beside it.", fix="Name the tenant that the person belongs to.")
    if asked.file == asked.metadata == STANDARD_INPUT:
        raise ParametersError(
            "Standard input cannot be both, response and metadata.", fix="Save one of them to a file."
        )


_METADATA = "Save the application's federation metadata and name the file: --metadata FILE."


def _content(name: str) -> bytes:
    """A file's bytes, or those of standard input; never more than a judge would read."""
    try:
        if name == STANDARD_INPUT:
            return sys.stdin.buffer.read(MAX_CAPTURE + 1)
        with Path(name).open("rb") as opened:
            return opened.read(MAX_CAPTURE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the name is not possible"
        raise ParametersError(f"{name} cannot be read: {why}.", fix="Check the path and its rights.") from error
