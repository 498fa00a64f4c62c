"""What comes of a tenant's text in each outlet: it is data there, and whatever is not seen is made to be seen."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from stage import REHEARSAL

from flexsso_helpers.calendar_entry import calendar_entry
from flexsso_helpers.commands.command_line import tell
from flexsso_helpers.commands.summary import print_fleet, print_with_checks
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.fleet.metrics import write_metrics
from flexsso_helpers.fleet.page import fleet_page
from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.fleet.standing import Standing
from flexsso_helpers.notify import message
from flexsso_helpers.output import clean, json_text
from flexsso_helpers.parameters import load
from flexsso_helpers.plan import Change, Evidence, Finding, Plan, Target
from flexsso_helpers.plan.cards import of_plan
from flexsso_helpers.plan.ticket import ticket
from flexsso_helpers.views import CopyField, CopyFields, Shown

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TENANT = load(REHEARSAL)
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters and marks by their category, and nothing to see."""
SEEN_ALTHOUGH_FORMAT = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Signs of Arabic, Syriac and Kaithi that enclose the digits behind them."""
JOINERS = frozenset("\u200c\u200d")


def unseen(text: str) -> list[str]:
    """What of it nobody sees, or drives a terminal. A joiner between letters of other scripts does something."""
    found = []
    for at, sign in enumerate(text):
        beside = text[at - 1 : at] > "\u02ff" and text[at + 1 : at + 2] > "\u02ff"
        hidden = unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") or sign in FILLERS
        if hidden and sign not in "\n\t" and sign not in SEEN_ALTHOUGH_FORMAT and not (sign in JOINERS and beside):
            found.append(f"U+{ord(sign):04X}")
    return found


def findings(text: str) -> Evidence:
    target = Target(tenant="contoso", title=text, cloud="global", tenant_id="t", account_sid="AC", application=text)
    wrong = Finding(
        check="D16", title=text, level="error", state="wrong", configured=text, received=text, fix=text, said=""
    )
    return Evidence(section="03", title="Signing certificate", target=target, findings=(wrong,), facts={text: text})


def result(text: str) -> dict[str, Any]:
    check = {"section": "03", "check": "D16", "title": text, "level": "error", "state": "wrong", "reason": text}
    record = {"notebook": "03_signing_certificate", "verdict": text, "outcome": 1, "error": text, "checks": [check]}
    return {
        "tenant": text, "rehearsal": False, "outcome": 1, "notebooks": [record], "folder": text, "certificate": None,
        "sign_ons": {text: text}, "handover": text, "file": text,
    }  # fmt: skip


def fleet(text: str) -> Fleet:
    one = Standing(tenant=text, words="failed", outcome=1, why=text, owner=text, started=NOON.isoformat())
    return Fleet(started=NOON.isoformat(), ended=NOON.isoformat(), tenants=(one,))


def printed(what: Callable[[Console], None]) -> str:
    out = StringIO()
    what(Console(file=out, width=200))
    return out.getvalue()


def planned(text: str) -> Shown:
    change = Change(setting=text, now=text, should_be=[text], kind="~", reason=text)
    target = findings(text).target
    return of_plan(Plan(section="03", title=text, target=target, changes=(change,), read="", remarks=(text,)))


def error(text: str) -> str:
    said = FlexSSOError(text, why=text, fix=text)
    return str(said) + said._repr_html_()


def copied(text: str) -> str:
    bundle = CopyFields(text, [CopyField(text, text, text)])._repr_mimebundle_()
    return str(bundle["text/html"]) + str(bundle["text/plain"])


def metrics(text: str) -> str:
    with TemporaryDirectory() as folder:
        write_metrics(Path(folder) / "flexsso.prom", fleet(text))
        return (Path(folder) / "flexsso.prom").read_text("utf-8")


def sent(text: str) -> str:
    tenant = TENANT.model_copy(update={"title": text, "notify": TENANT.notify.model_copy(update={"names": True})})
    return "\n".join(message(tenant, "drift", result(text), None))


OUTLETS: dict[str, Callable[[str], str]] = {
    "terminal": lambda text: printed(lambda console: print_with_checks(console, result(text))),
    "terminal, many": lambda text: printed(lambda console: print_fleet(console, fleet(text), text, whole=True)),
    "terminal, JSON": lambda text: json_text(result(text)),
    "notebook, plan": lambda text: planned(text).html + planned(text).text,
    "notebook, error": error,
    "notebook, values to copy": copied,
    "page": lambda text: fleet_page(fleet(text), Path("runs")),
    "ticket": lambda text: ticket(findings(text), names=True),
    "mail": sent,
    "calendar": lambda text: calendar_entry(text, date(2026, 11, 2), stamp=NOON, description=text).decode(),
    "metrics": metrics,
}


@pytest.mark.parametrize("outlet", OUTLETS)
@settings(max_examples=15, deadline=None)
@given(
    st.text(
        st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Lu"]) | st.sampled_from(FILLERS + "\u200cا\u200d"),
        max_size=12,
    )
)
@example("pay\u200e\u200f\u061cpal\u200b\u2060\ufeff\u00ad\u202egnp\x1b[2J\x9b31m\U000e0041")
@example("[bold]x[/bold]")
def test_whatever_is_not_seen_is_in_no_outlet(outlet: str, text: str) -> None:
    assert unseen(OUTLETS[outlet](f"a{text}b").replace("\r\n", "\n")) == []


def test_progress_beside_a_result_is_no_command_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell("contoso · \x1b[2J\u200e")
    assert capsys.readouterr().err == "contoso · \ufffd[2J\ufffd\n"


def test_markup_of_a_tenant_is_text() -> None:
    assert "[red]x[/red]" in OUTLETS["terminal"]("[red]x[/red]")
    assert "<b>x</b>" not in OUTLETS["page"]("<b>x</b>") + planned("<b>x</b>").html


@pytest.mark.parametrize("name", ["José Müller", "می‌خواهم", "क्‍ष", "❤️‍🔥", "👨‍👩‍👧", "Ελένη", "山田 太郎", "a\tb\nc"])
def test_a_name_of_any_script_stays_as_it_is(name: str) -> None:
    assert clean(name) == name


@given(st.text())
@example("\u2028\u2029")
@settings(max_examples=50, deadline=None)
def test_json_that_is_printed_says_the_same(text: str) -> None:
    import json

    assert json.loads(json_text({text: text})) == {text: text}
    assert unseen(json_text(text)) == []
