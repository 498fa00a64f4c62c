"""One path, live and rehearsed: each line that asks whether this is a rehearsal, or who sits there, and why it may.

What may differ is the redirect (the wire, and where a browser finds pages), the clock and the badge; beside them that
reserved ids stay apart, where locks and processes lie, and that what is rehearsed is marked so wherever it is kept.
Everything else goes the live way: a new line that asks fails here until it is gone, or has a reason.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "flexsso_helpers"
ASKED = {"rehearsal", "practice", "human", "rehearsal_client"}
"""What is asked of a session, a tenant, a target or a person."""
CALLED = {"is_rehearsal_tenant"}
BADGE = "the badge"
MARK = "what is kept of a rehearsal is marked so"
HUMAN = "not of the rehearsal: a simulated person has no hand to tick with, so the start of the run is the tick"

MAY: dict[str, tuple[int, str]] = {
    # The redirect
    "session/opening.py": (
        15,
        "the redirect: client, cloud played, wire, browser, pages, secrets that reach no other server; the "
        "clock, which runs by itself for who practises; how often it was reset; "
        "the lock's place; practice: whose file is written to, and who sits there, or nobody; the kept sign-in is a "
        "human's",
    ),
    "person/pages.py": (3, "the redirect: where a browser finds a page; and the badge of what is shown of it"),
    "wire/browser_redirect.py": (1, "the redirect: of pages that a library opens in the machine's browser"),
    "session/tenant_values.py": (
        3,
        "where values are kept while a file is shared; under practice: live no rehearsal is handed over",
    ),
    "session/session.py": (
        3,
        "the badge; whether a human answers for an approval; and the rehearsal's journal learns which section writes",
    ),
    # The badge, and marks
    "plan/cards.py": (2, "the badge; and a link that would lead to the real services"),
    "resources/entra_pages.py": (1, "links that would lead to the real services"),
    "plan/changes.py": (1, "what the badge asks: the cloud's name"),
    "parameters/model.py": (1, "what the badge asks: the cloud's name"),
    "commands/judge/verdict.py": (1, BADGE),
    "commands/doctor/tenant.py": (2, "the badge; and from a rehearsal no byte leaves, so hosts are not looked for"),
    "commands/guide.py": (3, "the badge, and that the server stays while a person reads"),
    "commands/result.py": (1, MARK),
    "ledger.py": (1, MARK),
    "commands/summary.py": (2, BADGE),
    "commands/status.py": (1, BADGE),
    "fleet/page.py": (1, BADGE),
    "fleet/cards.py": (1, BADGE),
    "fleet/metrics.py": (1, MARK),
    "handover/gathering.py": (1, MARK),
    "handover/page.py": (3, BADGE),
    "handover/writing.py": (1, MARK),
    "handover/invitation.py": (3, BADGE),
    "plan/progress.py": (1, BADGE),
    "plan/ticket.py": (1, BADGE),
    "commands/run.py": (2, "a file for a person alone (practice: you) is not run without one"),
    "commands/selection.py": (2, "the same in a run of many; and reserved ids are shared by all files that rehearse"),
    "notify.py": (1, "from a rehearsal no byte leaves, so it tells nobody"),
    # Reserved ids
    "parameters/contradictions.py": (4, "reserved ids stay apart; what only a rehearsal's file may say; what none can"),
    "parameters/showing.py": (1, "a live file is not shown a key that it cannot have"),
    "saml/checks/structure.py": (1, "a reserved tenant is no tenant of Entra, whose documents have a known address"),
    "sections/sign_on/received.py": (1, "the responses are about nobody, and outside judges read them"),
    # Who sits there
    "sections/step.py": (1, HUMAN),
    "sections/flex_console/step.py": (1, HUMAN),
    "sections/sign_on/step.py": (1, "not of the rehearsal: links are shown to whoever opens them in a browser"),
}
"""By module: how many lines ask, and why they may."""
APART = ("rehearsal", "coverage", "commands/main.py", "commands/rehearsal.py", "wire/rehearsal_client.py")
"""The rehearsal itself, its client, and the commands that start and measure it."""


def asking(path: Path) -> list[int]:
    """The lines of a module that decide by whether this is a rehearsal, or by who sits there."""
    tree = ast.parse(path.read_text("utf-8"))
    return sorted({line for node in ast.walk(tree) for test in _tests(node) for line in _asks(test)})


def _tests(node: ast.AST) -> Iterator[ast.AST]:
    """What is decided by: conditions, and the truth of what is handed on."""
    if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
        yield node.test
    elif isinstance(node, ast.BoolOp | ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
        yield node
    elif isinstance(node, ast.keyword | ast.Assign | ast.Return) and isinstance(node.value, ast.Attribute):
        yield node.value
    elif isinstance(node, ast.Dict | ast.Call):
        yield from (
            each for each in getattr(node, "values", getattr(node, "args", ())) if isinstance(each, ast.Attribute)
        )


def _asks(test: ast.AST) -> Iterator[int]:
    for node in ast.walk(test):
        asked = (
            (isinstance(node, ast.Attribute) and node.attr.strip("_") in ASKED and not _leads_on(test, node))
            or (isinstance(node, ast.Name) and node.id in {"rehearsal_client", "rehearsal", *CALLED})
            or (isinstance(node, ast.Constant) and node.value in ("rehearsal", "practice"))
            or (isinstance(node, ast.Call) and _is_about_a_person(node))
        )
        if asked:
            yield node.lineno


def _leads_on(test: ast.AST, node: ast.Attribute) -> bool:
    """`places.rehearsal(…)` is a place, and `rehearsal_client.face(…)` leads on: neither is a question."""
    walked = list(ast.walk(test))
    called = any(isinstance(each, ast.Call) and each.func is node for each in walked)
    return called or any(isinstance(each, ast.Attribute) and each.value is node for each in walked)


def _is_about_a_person(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "isinstance" and "Person" in ast.unparse(node)


def modules() -> list[Path]:
    apart = [PACKAGE / each for each in APART]
    return [path for path in sorted(PACKAGE.rglob("*.py")) if not {path, *path.parents} & set(apart)]


def test_nothing_asks_but_for_the_redirect_the_clock_and_the_badge() -> None:
    found = {str(path.relative_to(PACKAGE)): lines for path in modules() if (lines := asking(path))}
    counted = {name: len(lines) for name, lines in found.items()}
    assert counted == {name: count for name, (count, _) in MAY.items()}, found


def test_a_new_line_that_asks_is_found(tmp_path: Path) -> None:
    module = tmp_path / "section.py"
    questions = (
        "if session.target.rehearsal: pass",
        "x = 1 if session.person.human else 2",
        "x = rehearsal_client is None",
        "if isinstance(person, PersonAtTheConsole): pass",
        'x = tenant.practice == "you"',
        "x = a and not session.rehearsal_client",
        "f(rehearsal=tenant.rehearsal)",
        'if tenant.cloud == "rehearsal": pass',
    )
    for question in questions:
        module.write_text(question, "utf-8")
        assert asking(module) == [1], question
    module.write_text("folder = places.rehearsal(name)\nlook(Pages(rehearsal_client))", "utf-8")
    assert asking(module) == []
