"""Results for the terminal: that of a run, and what a tenant's file comes to."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.output import clean
from flexsso_helpers.parameters import Explained
from flexsso_helpers.plan import count

PLANNED = "Changes are planned; --apply makes them, and with --allow-removals also those that take something away."
OUTCOMES = {0: "✓ proved", 1: "✗ failed", 2: "~ changes", 3: "… waiting", None: "– not run"}


def print_result(console: Console, result: dict[str, Any]) -> None:
    """Print one tenant's result: each notebook's outcome, what failed and why, the sign-ons, and where things lie."""
    if "skipped" in result:
        _say(console, f"\n{result['file']}\nSkipped: {result['skipped']}")
        return
    marker = " · REHEARSAL" if result["rehearsal"] else ""
    _say(console, f"\n{result['tenant']}{marker}", style="bold")
    if result.get("error"):
        _say(console, result["error"])
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("Notebook", "Outcome", ""):
        table.add_column(column)
    for record in result["notebooks"]:
        verdict = f"{record['verdict']}, by one look" if record.get("as_good_as") else record["verdict"]
        table.add_row(*map(_cell, (record["notebook"], OUTCOMES[record["outcome"]], verdict)))
    console.print(table)
    for record in result["notebooks"]:
        if record.get("error"):
            _say(console, f"\n{record['notebook']}\n{record['error']}")
    if result["certificate"]:
        days, until = result["certificate"]["days_left"], result["certificate"]["not_after"]
        left = f"valid to {until}, {days:,} more days" if days >= 0 else f"over since {until}"
        _say(console, f"\nSigning certificate: {left}")
    if result["sign_ons"]:
        console.print("\nSign-ons proved")
    for who, words in result["sign_ons"].items():
        _say(console, f"  {who} · {words}")
    _say(console, f"\n{_summary(result)}\nExecuted notebooks: {result['folder']}")
    if result.get("handover"):
        _say(console, f"Handover page: {result['handover']}")


def print_fleet(console: Console, fleet: Fleet, page: str | None, *, whole: bool) -> None:
    """What many tenants came to: `whole` for a line each, whoever is not proved first; the totals, and the page."""
    console.print()
    if whole:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("Tenant", "Outcome", "What is open", "Whose it is"):
            table.add_column(column, overflow="fold")
        for each in fleet.tenants:
            table.add_row(*map(_cell, (each.tenant, each.words, each.why, each.owner)))
        console.print(table)
    looks = sum(each.by_look for each in fleet.tenants)
    by_look = f"; {count(looks, 'step')} by one look" if looks else ""
    _say(console, f"{len(fleet.tenants):,} tenants: {fleet.totals}{by_look}")
    if page:
        _say(console, f"Fleet page: {page}")


def print_with_checks(console: Console, result: dict[str, Any]) -> None:
    """The result, and below it each check that does not hold or waits: for notebooks that stand beside the steps."""
    print_result(console, result)
    for record in result.get("notebooks", ()):
        for check in record["checks"]:
            if check["state"] in ("wrong", "waiting") and check["level"] != "info":
                _say(console, f"  {check['title']} ({check['check']}): {check['reason']}")


def _say(console: Console, text: str, *, style: str = "") -> None:
    """A line; what stands in it of a tenant is data."""
    console.print(_cell(text), soft_wrap=True, style=style)


def _cell(text: str) -> Text:
    return Text(clean(text))


def _summary(result: dict[str, Any]) -> str:
    planned = any("planned" in record["verdict"] for record in result["notebooks"])
    if result["outcome"] == 2 and any(record["notebook"].startswith("20") for record in result["notebooks"]):
        return "Something moved; each line below names the notebook that puts it back."
    return {
        0: "Proved, and there was nothing to do.",
        1: "Something failed; see above which notebook mends it.",
        2: PLANNED if planned else "Proved, and changed on the way.",
        3: "Nothing failed; a person's step is waiting.",
    }[result["outcome"]]


def print_settings(console: Console, explained: Explained) -> None:
    """Print each setting of a tenant with the file and line it stands in, and the notes on them."""
    tenant = explained.tenant
    _say(console, f"{tenant.title}{' · REHEARSAL' if tenant.rehearsal else ''}\n", style="bold")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("Key", "Value", "From"):
        table.add_column(column, overflow="fold", no_wrap=column == "Key")
    for setting in explained.table():
        table.add_row(*map(_cell, (setting.key, setting.words, setting.where)))
    console.print(table)
    for note in explained.notes():
        _say(console, f"\n{note}")
