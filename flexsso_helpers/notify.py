"""Telling somebody: a message when the outcome of a command changes, through Apprise, to whom the tenant's file says.

Apprise speaks to mail, Teams, Slack, webhooks and many others; each address is one URL, which holds its secrets, so the
file names only where that URL lies. Apprise opens its own connections: `wire` is for Microsoft and Twilio. A message
names nobody unless the file asks for it, and one that could not be sent stops nothing: the next run tries again.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.output import clean
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.secret import reveal

KEPT = ".told.json"
"""Beside a tenant's runs: what each command came to when somebody was told last."""
OUTCOMES = {
    0: "as it was left",
    1: "something failed",
    2: "changes are planned or were made",
    3: "a person is awaited",
}
MARKS = (0, 7, 30, 60, 90)
"""Days before the end of the certificate at which a message is due, whatever the outcome."""
Result = Mapping[str, Any]


def notify(tenant: Tenant, command: str, result: Result, runs: Path) -> list[str]:
    """Tell those of the tenant's file, if this command came to something else than last time; what was done, in lines.

    Keeps the outcome when everybody was told. Never raises for what a reference, an address or the network can do.
    """
    kept, now = _kept(runs), _state(result)
    before = kept.get(command)
    if before == now:
        return []
    if not tenant.notify.to or (before is None and now == {"outcome": 0, "mark": None}):
        _keep(runs, kept | {command: now})
        return []
    if tenant.rehearsal:
        _keep(runs, kept | {command: now})
        return [f"a rehearsal tells nobody; live a message would go to {_places(tenant)}"]
    title, body = message(tenant, command, result, before)
    failed = [line for to in tenant.notify.to if (line := _send(to, title, body))]
    if not failed:
        _keep(runs, kept | {command: now})
    return failed or [f"told {_places(tenant)}: {title}"]


def message(tenant: Tenant, command: str, result: Result, before: Mapping[str, Any] | None) -> tuple[str, str]:
    """Title and text. Checks go by their numbers, since titles may name people, unless the file asks for names."""
    outcome = result["outcome"]
    was = f"before: {OUTCOMES[before['outcome']]}" if before else "told for the first time"
    lines = [f"flexsso {command}: {OUTCOMES[outcome]} (exit code {outcome}); {was}."]
    if certificate := result.get("certificate"):
        days, until = certificate["days_left"], certificate["not_after"]
        lines.append(
            f"Signing certificate: {days:,} more days, to {until}." if days >= 0 else f"It is over since {until}."
        )
    checks = [check for notebook in result.get("notebooks", ()) for check in notebook["checks"]]
    for state, words in (("wrong", "Does not hold"), ("waiting", "Waits for a person")):
        found = [check for check in checks if check["state"] == state and check["level"] != "info"]
        if found and tenant.notify.names:
            lines += [f"{words}: {check['title']} ({check['check']}): {check['reason']}" for check in found]
        elif found:
            lines.append(f"{words}: {', '.join(dict.fromkeys(check['check'] for check in found))}.")
    if folder := result.get("folder"):
        lines.append(f"The run: {Path(folder).name}, in the folder of {tenant.name} where runs are kept.")
    return clean(f"{tenant.title} · Flex single sign-on: {OUTCOMES[outcome]}"), clean("\n".join(lines))


def _send(reference: str, title: str, body: str) -> str:
    """Send it to the address behind a reference; why that did not work, and empty where it did."""
    import apprise  # takes a moment to load, and most runs tell nobody

    try:
        address = reveal(reference)
    except FlexSSOError as error:
        return f"nobody was told at {reference}: {error.what}"
    asset = apprise.AppriseAsset(app_id="Flex SSO runbooks", app_desc="Flex SSO runbooks", app_url="", async_mode=False)
    sender = apprise.Apprise(asset=asset)
    try:
        if not sender.add(address):
            return f"nobody was told at {reference}: what lies there is no address that Apprise knows"
        sent = sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:  # noqa: BLE001 - a hundred services' code; a message must not cost a run its outcome
        return f"nobody was told at {reference}: {type(error).__name__}; the next run tries again"
    return "" if sent else f"nobody was told at {reference}: the message was not taken; the next run tries again"


def _places(tenant: Tenant) -> str:
    return ", ".join(tenant.notify.to)


def _state(result: Result) -> dict[str, Any]:
    certificate = result.get("certificate")
    return {"outcome": result["outcome"], "mark": _mark(certificate["days_left"] if certificate else None)}


def _mark(days: int | None) -> int | None:
    reached: Iterable[int] = () if days is None else (mark for mark in MARKS if days <= mark)
    return next(iter(reached), None)


def _kept(runs: Path) -> dict[str, Any]:
    try:
        found = json.loads((runs / KEPT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(runs: Path, values: Mapping[str, Any]) -> None:
    write_whole(runs / KEPT, json.dumps(values))
