"""Each way by which a tenant's text reaches somebody, made of one text in all its places; and who writes at all."""

import ast
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import telling
from rich.console import Console
from stage import REHEARSAL

import flexsso_helpers
from flexsso_helpers.calendar_entry import calendar_entry
from flexsso_helpers.commands import doctor
from flexsso_helpers.commands.command_line import tell
from flexsso_helpers.commands.judge.given_metadata import unknown
from flexsso_helpers.commands.judge.verdict import Verdict as Judged
from flexsso_helpers.commands.summary import print_fleet, print_with_checks
from flexsso_helpers.errors import FlexSSOError, ParametersError
from flexsso_helpers.first_contact import page as contact
from flexsso_helpers.first_contact.besides import Fact
from flexsso_helpers.first_contact.observations import Observations
from flexsso_helpers.first_contact.questions import questions
from flexsso_helpers.first_contact.verdicts.all_of_them import Verdict
from flexsso_helpers.fleet import cards
from flexsso_helpers.fleet.metrics import write_metrics
from flexsso_helpers.fleet.overview import Overview, Seen
from flexsso_helpers.fleet.page import fleet_page
from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.fleet.standing import Standing
from flexsso_helpers.handover.gathering import gathered
from flexsso_helpers.handover.invitation import Invitation, invitation
from flexsso_helpers.handover.page import page as handover_page
from flexsso_helpers.history import History, history_of
from flexsso_helpers.notify import message
from flexsso_helpers.output import json_text
from flexsso_helpers.parameters import load, save_people
from flexsso_helpers.person.live import PersonAtTheConsole
from flexsso_helpers.plan import Change, Evidence, Finding, Plan, Target
from flexsso_helpers.plan.cards import of_plan
from flexsso_helpers.plan.progress import Point, of_progress
from flexsso_helpers.plan.ticket import ticket
from flexsso_helpers.saml.diagnosis import Judgement
from flexsso_helpers.views import (
    ApprovalBox,
    Cell,
    CopyField,
    CopyFields,
    Field,
    Form,
    Progress,
    Row,
    Shown,
)
from flexsso_helpers.views.search_table import SearchTable

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TENANT = load(REHEARSAL)


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
        write_metrics(Path(folder) / "flexsso.prom", fleet(text), Path(folder) / "runs")
        return (Path(folder) / "flexsso.prom").read_text("utf-8")


def sent(text: str) -> str:
    tenant = TENANT.model_copy(update={"title": text, "notify": TENANT.notify.model_copy(update={"names": True})})
    return "\n".join(message(tenant, "drift", result(text), None))


def both(thing: Any) -> str:
    """The two faces of what a notebook shows."""
    bundle = thing._repr_mimebundle_()
    return str(bundle["text/html"]) + str(bundle["text/plain"])


def asked(text: str) -> str:
    box = ApprovalBox(text, text, [(text, text)])
    return both(box) + "".join(str(tick.description) for tick in (box.tick, *box.name_ticks.values()))


def waited(text: str) -> str:
    shown = Progress(text)
    shown.say(text)
    return both(shown) + str(shown._live.value)


def searched(text: str) -> str:
    table = SearchTable(text, (text,), [Row((Cell(text, sub=text),))], noun=text)
    return both(table) + "".join(row["html"] for row in table.rows)


def edited(text: str) -> str:
    form = Form(text, [Field("one", text, "text", text, help=text)])
    return both(form) + "".join(str(note.value) for note in form._notes.values())


def left(text: str) -> History:
    """What the runs of a tenant left in which everything is called so."""
    with TemporaryDirectory() as folder:
        ledger = telling.ledger(Path(folder) / "one", by=text)
        telling.apply(ledger, "03", telling.change(text, text, [text], reason=text, undo=text))
        for each in telling.whole(replace(telling.LIVE, title=text, application=text)):
            facts = {name: value if name in telling.CERTIFICATE else text for name, value in each.facts.items()}
            told = [replace(one, title=text, configured=text, received=text, fix=text) for one in each.findings]
            ledger.proved(replace(each, facts=facts, findings=tuple(told)))
        ledger.note(text, by=text, owner=text, due="", done=False)
        return history_of(Path(folder))


def handed_over(text: str) -> str:
    return handover_page(gathered(left(text), ()))


def told(text: str) -> str:
    found = left(text)
    return of_progress(found.progress(), folded=False).text


def judged(text: str) -> str:
    known = unknown(at=NOON, profile="flex", requires="both")
    attributes = {text: (text,)}
    judgement = Judgement(findings=findings(text).findings, accepted=False, name_id=text, attributes=attributes)
    worker = {"friendly_name": text, "attributes": {text: text}, "channels": {text: {text: text}}}
    verdict = Judged(expected=known, judgement=judgement, word="rejected", chosen=text, flex=worker)
    return verdict.page(names=True) + both(verdict)


def contacted(text: str) -> Observations:
    """A first contact in which each answer differs, and everything that somebody said or a server answered is so."""
    answers = {name: each.choices[-1] for name, each in questions().items()}
    verdicts = [Verdict(quirk=name, alternative=answer, evidence=text) for name, answer in answers.items()]
    verdicts[0] = Verdict(quirk=verdicts[0].quirk, why=f"{text} {contact.UNFORESEEN}")
    return Observations(
        cloud="global",
        verdicts=tuple(verdicts),
        steps=((text, text, text),),
        besides=(Fact(name=text, told=text),),
        left=(text,),
    )


def conclusions(text: str) -> str:
    shown = contact.steps(contacted(text), "LIVE"), contact.conclusions(contacted(text), "LIVE")
    return "".join(each.html + each.text for each in shown)


def overview(text: str) -> str:
    (standing,) = fleet(text).tenants
    point = Point(section="", check="", title=text, to_do=text, owner=text, since="", due=text)
    seen = Seen(
        standing=replace(standing, not_after=text, days_left=1), notebooks=result(text)["notebooks"], notes=(point,)
    )
    whole = Overview(tenants=(seen,), names=True)
    drawn = (cards.tenants, cards.moved, cards.certificates, cards.whom_to_write_to)
    return "".join(each(whole).html + each(whole).text for each in drawn)


def invited(text: str) -> Invitation:
    signing = TENANT.signing.model_copy(update={"notification_addresses": (text,)})
    application = TENANT.application.model_copy(update={"name": text})
    changes = {"title": text, "test_sign_ons": (text,), "signing": signing, "application": application}
    return invitation(TENANT.model_copy(update=changes), language="en", at=NOON, now=NOON)


def drafted(text: str) -> str:
    draft = message_from_bytes(invited(text).eml, policy=policy.default)
    parts = [part.get_content() for part in draft.walk() if part.get_content_maintype() == "text"]
    return str(draft["Subject"]) + "".join(each.decode() if isinstance(each, bytes) else each for each in parts)


def people(text: str) -> str:
    """The list of people, which takes nobody whose name holds what is not seen."""
    with TemporaryDirectory() as folder:
        path, listed = Path(folder) / "rehearsal.yaml", Path(folder) / "people.csv"
        path.write_text(
            REHEARSAL.read_text("utf-8").replace("  assignments:\n", "  assignments:\n    csv: people.csv\n", 1)
        )
        listed.write_text("user,role\nzoe@contoso.com,agent\n", "utf-8")
        try:
            users = [{"user": each.user, "role": each.role} for each in load(REHEARSAL).assignments.users]
            save_people(path, [*users, {"user": f"{text}@contoso.com", "role": "agent"}])
        except ParametersError as refused:
            return str(refused)
        return listed.read_text("utf-8-sig")


def said_at_the_terminal(text: str) -> str:
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        tell(text)
        PersonAtTheConsole(text).enter_code(text, text)
    return said.getvalue()


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
    "notebook, approval": asked,
    "notebook, waiting": waited,
    "notebook, people to search": searched,
    "notebook, form": edited,
    "notebook, fleet": overview,
    "notebook, first contact": conclusions,
    "handover": handed_over,
    "judged response": judged,
    "first contact, page": lambda text: contact.page(contacted(text)),
    "first contact, issue": lambda text: contact.issue(contacted(text)),
    "first contact, observations": lambda text: contacted(text).yaml(),
    "mail before the session": drafted,
    "mail before the session, page and text": lambda text: invited(text).html + invited(text).text,
    "mail before the session, calendar": lambda text: invited(text).calendar.decode(),
    "people as CSV": people,
    "terminal, status": told,
    "terminal, doctor": lambda text: doctor.text([doctor.Line(text, "bad", text, text)]),
    "terminal, beside a result": said_at_the_terminal,
}

WRITERS: dict[str, tuple[str, ...]] = {
    "commands/board.py": ("terminal, beside a result",),
    "commands/command_line.py": ("terminal, beside a result",),
    "commands/handover.py": ("handover",),
    "commands/judge/command.py": ("judged response",),
    "commands/judge/verdict.py": ("judged response",),
    "commands/main.py": ("terminal, JSON", "terminal, doctor", "judged response", "notebook, error"),
    "commands/observe.py": ("first contact, page", "terminal, JSON"),
    "commands/prepare.py": (
        "mail before the session", "mail before the session, page and text", "mail before the session, calendar",
    ),
    "commands/running.py": ("terminal, JSON",),
    "commands/status.py": ("terminal, status",),
    "commands/summary.py": ("terminal", "terminal, many"),
    "errors.py": ("notebook, error",),
    "first_contact/files.py": ("first contact, page", "first contact, issue", "first contact, observations"),
    "first_contact/observations.py": ("first contact, observations",),
    "fleet/metrics.py": ("metrics",),
    "fleet/page.py": ("page", "notebook, fleet"),
    "fleet/record.py": ("page",),
    "handover/invitation.py": ("mail before the session", "mail before the session, calendar"),
    "handover/page.py": ("handover",),
    "handover/writing.py": ("handover", "calendar"),
    "notify.py": ("mail",),
    "parameters/saving_people.py": ("people as CSV",),
    "person/live.py": ("terminal, beside a result",),
    "plan/drawing.py": ("ticket", "notebook, plan"),
    "session/approval.py": ("notebook, approval",),
    "session/session.py": ("notebook, plan",),
    "views/approval.py": ("notebook, approval",),
    "views/copy_field.py": ("notebook, values to copy",),
    "views/forms.py": ("notebook, form",),
    "views/progress.py": ("notebook, waiting",),
    "views/search_table.py": ("notebook, people to search",),
    "views/shown.py": ("notebook, plan", "notebook, first contact"),
    "views/text_face.py": ("notebook, plan",),
}  # fmt: skip
"""Each module that writes or shows what people read, and by which outlets."""
NO_OUTLET = {
    "commands/guide.py": "a mark by which a guided session is known again",
    "commands/init.py": "the project's own files",
    "commands/lab.py": "settings and log of JupyterLab",
    "commands/lab_settings.py": "settings of JupyterLab",
    "commands/rehearsal.py": "what the rehearsal's own code declares",
    "commands/result.py": "data for programs, whose values stay as they are",
    "commands/run.py": "data for programs, whose values stay as they are",
    "commands/runs.py": "names of folders, which are those of files and moments",
    "commands/travelling.py": "files on their way from a cluster, as they were written there",
    "coverage/__main__.py": "the project about itself",
    "coverage/live.py": "the project about itself",
    "graph/kept_sign_in.py": "data for the next sign-in",
    "graph/snapshot.py": "data for the next notebook",
    "ledger.py": "data for undo and the handover, whose values stay as they are",
    "output.py": "the system's own words for a stream that broke",
    "parameters/saving.py": "the tenant's own file, whose values stay as they are",
    "sections/sign_on/received.py": "a rehearsal's response, byte by byte",
    "session/writing_lock.py": "data for another run",
    "traffic/recorder.py": "data for programs, in ASCII",
    "views/file_drop.py": "a place for a file, with a constant label",
    "wire/rehearsal_client.py": "the log of the rehearsal's server",
}
"""The others, and why nothing of them is an outlet."""
_WRITES = {
    "EmailMessage", "calendar_entry", "document", "dump", "echo", "print", "write_bytes", "write_text",
    "write_to_textfile", "write_whole", "writer",
}  # fmt: skip
_FACES = {"_repr_html_", "_repr_mimebundle_"}


def writers() -> set[str]:
    """The modules that write a file, print, make a page or a mail, or have a face in a notebook."""
    root = Path(flexsso_helpers.__file__).parent
    paths = [path for path in root.rglob("*.py") if not path.is_relative_to(root / "rehearsal")]
    return {str(path.relative_to(root)) for path in paths if any(_writing(ast.parse(path.read_text("utf-8"))))}


def _writing(tree: ast.AST) -> Iterator[bool]:
    pages = {each.asname or each.name for each in _imported(tree, "flexsso_helpers.views.document")}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name in _FACES
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            yield name in _WRITES | pages or (name in ("open", "fdopen") and any(map(_mode, _given(node))))


def _imported(tree: ast.AST, module: str) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            yield from node.names


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(each.value for each in call.keywords)]


def _mode(value: ast.expr) -> bool:
    """Whether it is the mode in which a file is opened to be written."""
    return isinstance(value, ast.Constant) and str(value.value) in ("w", "wb", "a", "ab", "x", "xb")
