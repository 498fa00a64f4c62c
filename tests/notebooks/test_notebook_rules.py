"""What holds for every notebook as it lies there; and each rule, shown to bite on a notebook that breaks it."""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from stage import REHEARSAL

from flexsso_helpers.handover.invitation import duration
from flexsso_helpers.notebooks import NOTEBOOKS as TITLED
from flexsso_helpers.parameters import load as load_tenant

Notebook = dict[str, Any]
Cell = dict[str, Any]

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
HEADINGS = (
    "Why", "Where to click", "What it needs and what it changes", "Parameters", "Open the tenant", "Values", "Look",
    "Change", "Prove", "Next",
)  # fmt: skip
WITHOUT = {
    "00": {"Values", "Look", "Change"},
    "20": {"Values", "Change"},
    "29": {"Values"},
    "30": {"Open the tenant", "Values", "Change", "Prove"},
    "90": {"Values"},
}
OWN = {"30": ["names"]}
"""Parameters of a notebook that opens no tenant."""
FURTHER = {"21": ["phase"], "22": ["people"], "90": ["test_tenant", "sign_ons", "billed_user"]}
"""Parameters that a notebook has beside the two."""
OWN_TITLE = {"01": "Create the enterprise application"}
"""Where a notebook says what it does, and findings name what it makes."""
MORE = {
    "00": {
        "The notebooks",
        "What is proved, and what is not",
        "How to practise",
        "One tenant after the other, or many at once",
    },
    "30": {"Whom to write to"},
}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
FORBIDDEN = {
    "a definition": r"^\s*(async\s+)?(def|class)\s",
    "a magic or a shell command": r"^\s*[%!]",
    "a path": r"[\"'](\.{0,2}/|[A-Za-z]:\\)|\bPath\(|\bopen\([\"']",
    "work inside a widget": r"\bOutput\(|\binteract|\.on_click\b|\.observe\b",
    "asyncio.run": r"asyncio\.run",
    "a secret": r"password|secret|token",
}
NOT_THE_SAME_TWICE = {
    "a port": r"(localhost|127\.0\.0\.1):\d+",
    "a path of a machine": r"(?<![\w.])/(home|Users|tmp|root|work|var)/|\b[A-Z]:\\",
    "a time of day": r"(?<!2026-11-02T)\b\d\d:\d\d:\d\d\b",
    "a version": r"\bPython 3\.\d+|(?<![\w.])v?(?!2\.9\.0\b)\d+\.\d+\.\d+(?![\w.])",
    "an address in memory": r"\b0x[0-9a-f]{6,}",
}


def code_cells(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def prose(notebook: Notebook) -> str:
    return "\n\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def shown(notebook: Notebook) -> Iterator[tuple[str, str]]:
    """Everything in outputs, as (cell id, text); base64 and style sheets are not for readers."""
    for cell in code_cells(notebook):
        for output in cell["outputs"]:
            for text in (*output.get("data", {}).values(), output.get("text", "")):
                yield cell["id"], re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def metadata_is_the_same_everywhere(notebook: Notebook, _name: str) -> Iterator[str]:
    metadata = notebook["metadata"]
    if metadata.get("kernelspec") != KERNEL:
        yield "the kernel is not python3"
    if extra := set(metadata) - {"kernelspec", "language_info"}:
        yield f"metadata holds {extra}"
    if "version" in metadata.get("language_info", {}):
        yield "the version of Python is kept"
    if (notebook["nbformat"], notebook["nbformat_minor"]) != (4, 5):
        yield "the format is not 4.5"


def cells_have_names(notebook: Notebook, _name: str) -> Iterator[str]:
    for cell in notebook["cells"]:
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", cell["id"]):
            yield f"{cell['id']} is no name for a cell"
        if set(cell["metadata"]) - {"tags"}:
            yield f"{cell['id']} carries {set(cell['metadata'])}"


def parameters_are_literals(notebook: Notebook, name: str) -> Iterator[str]:
    tagged = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", ())]
    if tagged != code_cells(notebook)[:1]:
        yield "not exactly one tagged cell, `parameters`, which is the first code cell"
        return
    body = ast.parse(tagged[0]["source"]).body
    names = [ast.unparse(line.targets[0]) for line in body if isinstance(line, ast.Assign)]
    if names != OWN.get(name[:2], ["tenant", "apply", *FURTHER.get(name[:2], ())]) or not all(
        isinstance(line.value, ast.Constant) for line in body
    ):
        yield "parameters are not the literals"


def cells_are_few_and_short(notebook: Notebook, _name: str) -> Iterator[str]:
    if len(code_cells(notebook)) > 12:
        yield "more than 12 code cells"
    yield from (f"{cell['id']} is too long" for cell in code_cells(notebook) if len(cell["source"].splitlines()) > 5)


def cells_only_call(notebook: Notebook, _name: str) -> Iterator[str]:
    for cell in code_cells(notebook):
        for what, pattern in FORBIDDEN.items():
            if re.search(pattern, cell["source"], re.MULTILINE):
                yield f"{cell['id']} has {what}"


def a_box_outlives_its_own_cell(notebook: Notebook, _name: str) -> Iterator[str]:
    """*Run from here* begins at the box that was ticked: a plan made anew there would take its tick away."""
    for cell in code_cells(notebook):
        shown = cell["source"].splitlines()[-1]
        if f"{shown} = session.approval(" in cell["source"] and ".plan(" in cell["source"]:
            yield f"{cell['id']} plans and asks"


def prose_comes_before_code(notebook: Notebook, _name: str) -> Iterator[str]:
    for before, cell in zip([None, *notebook["cells"]], notebook["cells"], strict=False):
        if cell["cell_type"] == "code" and (before is None or before["cell_type"] != "markdown"):
            yield f"nothing is said before {cell['id']}"


def headings_are_the_same_everywhere(notebook: Notebook, name: str) -> Iterator[str]:
    number = name[:2]
    if not re.match(rf"# {number} · \w", prose(notebook)):
        yield "the title does not begin with the number"
    found = re.findall(r"^## (.+)$", re.sub(r"```.*?```", "", prose(notebook), flags=re.DOTALL), re.MULTILINE)
    own = [heading for heading in found if heading not in MORE.get(number, ())]
    if own != [heading for heading in HEADINGS if heading not in WITHOUT.get(number, ())]:
        yield f"headings are {own}"


def links_lead_somewhere(notebook: Notebook, _name: str) -> Iterator[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(notebook))
    targets += [each for _, text in shown(notebook) for each in re.findall(r'href="(\.\./[^"]+)"', text)]
    for target in targets:
        page, _, anchor = target.partition("#")
        if target.startswith("https://"):
            continue
        if not (NOTEBOOKS / page).is_file():
            yield f"{target} does not exist"
        elif anchor and f'<a id="{anchor}"></a>' not in (NOTEBOOKS / page).read_text("utf-8"):
            yield f"{page} has no line {anchor}"


def a_notebook_is_named_by_its_title(notebook: Notebook, name: str) -> Iterator[str]:
    titles = {each.file: f"{each.number} · {OWN_TITLE.get(each.number, each.title)}" for each in TITLED}
    if not prose(notebook).startswith(f"# {titles[f'{name}.ipynb']}\n"):
        yield f"it is not called {titles[f'{name}.ipynb']}"
    for said, file in re.findall(r"\[(\d\d · [^\]]+)\]\(([^)#]+\.ipynb)\)", prose(notebook)):
        if said != titles[file]:
            yield f"{file} is called {said}"


def each_leads_to_the_next(notebook: Notebook, name: str) -> Iterator[str]:
    names = sorted(path.name for path in NOTEBOOKS.glob("0*.ipynb"))
    if f"{name}.ipynb" not in names:  # those beside the steps have no order
        return
    after = names[names.index(f"{name}.ipynb") + 1 :][:1]
    last = notebook["cells"][-1]["source"]
    if after and f"]({after[0]})" not in last:
        yield f"the last cell does not lead to {after[0]}"


def everything_was_executed_in_order(notebook: Notebook, _name: str) -> Iterator[str]:
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}"
    for cell in code_cells(notebook)[1:]:
        if not cell["outputs"]:
            yield f"{cell['id']} shows nothing"


def outputs_read_well_everywhere(notebook: Notebook, _name: str) -> Iterator[str]:
    for cell in code_cells(notebook):
        for output in cell["outputs"]:
            kind, data = output["output_type"], output.get("data", {})
            if kind not in ("execute_result", "display_data"):
                yield f"{cell['id']} has an output of the kind {kind}"
            elif set(data) != {"text/html", "text/plain"}:
                yield f"{cell['id']} shows {sorted(data)}"
            elif "<script" in data["text/html"] or re.search(r"<\w+[^>]*>|\w+\(children=", data["text/plain"]):
                yield f"{cell['id']} needs a browser with trust"


def outputs_are_the_same_twice(notebook: Notebook, _name: str) -> Iterator[str]:
    for cell, text in shown(notebook):
        for what, pattern in NOT_THE_SAME_TWICE.items():
            if found := re.search(pattern, text):
                yield f"{cell} shows {what}: {found[0]}"


def outputs_say_rehearsal(notebook: Notebook, _name: str) -> Iterator[str]:
    cells = {cell["id"]: cell for cell in code_cells(notebook)}
    for name in {"open", "values", "look", "prove"} & set(cells):
        if "REHEARSAL" not in cells[name]["outputs"][-1]["data"]["text/plain"]:
            yield f"{name} does not say that it is a rehearsal"


def operators_matter_is_marked(notebook: Notebook, _name: str) -> Iterator[str]:
    for cell in notebook["cells"]:
        tags = set(cell["metadata"].get("tags", ()))
        text = "".join(cell["source"])
        if tags - {"parameters", "operators"}:
            yield f"{cell['id']} bears {tags}"
        if re.search(r"papermill|^## Parameters|^## How to practise", text, re.MULTILINE) and "operators" not in tags:
            yield f"{cell['id']} tells a customer what only operators need"


Rule = Callable[[Notebook, str], Iterator[str]]
RULES: tuple[Rule, ...] = (
    metadata_is_the_same_everywhere,
    cells_have_names,
    parameters_are_literals,
    operators_matter_is_marked,
    cells_are_few_and_short,
    cells_only_call,
    a_box_outlives_its_own_cell,
    prose_comes_before_code,
    headings_are_the_same_everywhere,
    links_lead_somewhere,
    a_notebook_is_named_by_its_title,
    each_leads_to_the_next,
    everything_was_executed_in_order,
    outputs_read_well_everywhere,
    outputs_are_the_same_twice,
    outputs_say_rehearsal,
)


MOST_WORDS, MOST_WORDS_LATER = 7000, 3600
"""Of the documented steps together, whose reader has a customer beside them; and of the notebooks for later."""
PICTURES_IN_WORDS = (
    r"Monday|letter box|parcel|photograph|\bdesk\b|by another door|at the table|out loud|\bquiet hour|hears of it|"
    r"for everybody's eyes|\bmarry\b|a matter of minutes|newest word|throw-away|is walked|\bmends?\b"
)
"""Metaphors and asides that a reader of another first language has stumbled over."""
BEGINS = r"(?:^|[.:;?!] |\n)"
INVERSIONS = (
    rf"{BEGINS}(?:Should|Were|Had) (?:an?|the|it|you|they|somebody|nobody)\b(?![^.]*\?)|"
    rf"{BEGINS}(?:Never|Nowhere|Not until|Only then|Nor|Seldom|Rarely) (?:is|are|do|does|can|will|may|has|have)\b|"
    rf"{BEGINS}(?:At|Of|From|With|To|In) [^.,:;\n]{{2,40}} (?:nobody|somebody|\*\*[^*]+\*\* (?:is|are|counts?))\b|"
    r"\bin that order in which\b|\b(?:Before|After) it: nothing\b"
)
"""Orders of words that turn a sentence round, of the kinds that stood here."""


def words_of(text: str) -> int:
    """How many words a reader reads: an address behind a link is none."""
    return sum(bool(re.search(r"\w", word)) for word in re.sub(r"\]\([^)]*\)", "]", text).split())


def everything_said() -> dict[str, str]:
    texts = {path.stem: prose(load(path)) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    assert len(texts) == len(TITLED)
    return texts


def test_the_prose_is_short() -> None:
    words = {name: words_of(text) for name, text in everything_said().items()}
    assert sum(count for name, count in words.items() if name < "1") < MOST_WORDS
    assert sum(count for name, count in words.items() if name > "1") < MOST_WORDS_LATER


@pytest.mark.parametrize("stumbled_over", [PICTURES_IN_WORDS, INVERSIONS], ids=["metaphors", "inversions"])
def test_the_prose_is_plain(stumbled_over: str) -> None:
    texts = everything_said()
    assert {name: found for name, text in texts.items() if (found := re.findall(stumbled_over, text))} == {}


@pytest.mark.parametrize(
    "words",
    [
        "It ends. At Twilio nobody hears of it.",
        "Before it: nothing has to run.",
        "This notebook does both, in that order in which they hold.",
        "Of each tenant and each step **the newest word** counts.",
        "x\nShould a kernel die, run it again.",
        "It is noted. Never does it write.",
    ],
)
def test_an_inversion_is_found(words: str) -> None:
    assert re.search(INVERSIONS, words)


def test_every_notebook_leads_to_microsofts_and_twilios_own_pages() -> None:
    for name, text in everything_said().items():
        assert "https://www.twilio.com/docs/" in text, name
        assert "https://learn.microsoft.com/" in text, name


def test_the_time_is_the_one_that_the_mail_before_the_session_asks_for() -> None:
    text = everything_said()["00_start_here"]
    asked = duration(load_tenant(REHEARSAL))
    assert len(load_tenant(REHEARSAL).test_sign_ons) == 3
    assert f"| Time | about {asked} minutes for 00 to 08 and three test users |" in text


def load(path: Path) -> Notebook:
    return dict(nbformat.read(path, 4))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule, notebook: Path) -> None:
    assert list(rule(load(notebook), notebook.stem)) == []


def cell(notebook: Notebook, name: str) -> Cell:
    return next(each for each in notebook["cells"] if each["id"] == name)


def source(name: str, text: str) -> Callable[[Notebook], None]:
    return lambda notebook: cell(notebook, name).update(source=text)


def output(name: str, **changes: Any) -> Callable[[Notebook], None]:
    return lambda notebook: cell(notebook, name)["outputs"][-1].update(changes)


def says(name: str, text: str) -> Callable[[Notebook], None]:
    return output(name, data={"text/html": f"<p>REHEARSAL {text}</p>", "text/plain": f"REHEARSAL {text}"})


BROKEN: dict[str, tuple[Rule, Callable[[Notebook], None], str]] = {
    "a box that is planned anew": (
        a_box_outlives_its_own_cell,
        source("approval", "plan = await claims.plan(session)\napproval = session.approval(plan)\napproval"),
        "approval plans and asks",
    ),
    "another kernel": (
        metadata_is_the_same_everywhere,
        lambda nb: nb["metadata"]["kernelspec"].update(name="py311"),
        "kernel",
    ),
    "papermill's traces": (
        metadata_is_the_same_everywhere,
        lambda nb: nb["metadata"].update(papermill={}),
        "papermill",
    ),
    "Python's version": (
        metadata_is_the_same_everywhere,
        lambda nb: nb["metadata"]["language_info"].update(version="3.11.7"),
        "version",
    ),
    "a random cell id": (cells_have_names, lambda nb: cell(nb, "why").update(id="8f3a21c0"), "8f3a21c0"),
    "timing in a cell": (cells_have_names, lambda nb: cell(nb, "look")["metadata"].update(execution={}), "execution"),
    "no tag for operators": (
        operators_matter_is_marked,
        lambda nb: cell(nb, "about-parameters").update(metadata={}),
        "about-parameters",
    ),
    "another tag": (
        operators_matter_is_marked,
        lambda nb: cell(nb, "why").update(metadata={"tags": ["draft"]}),
        "draft",
    ),
    "a lost tag": (parameters_are_literals, lambda nb: cell(nb, "parameters").update(metadata={}), "tagged"),
    "a computed parameter": (
        parameters_are_literals,
        source("parameters", 'tenant = "a" + "b"\napply = None'),
        "literals",
    ),
    "a long cell": (cells_are_few_and_short, source("look", "a = 1\n" * 6), "look"),
    "a function": (cells_only_call, source("look", "async def plan(): ..."), "definition"),
    "a magic": (cells_only_call, source("look", "%pip install x"), "magic"),
    "a relative path": (cells_only_call, source("look", 'f = "../parameters/x.yaml"'), "path"),
    "work in a widget": (cells_only_call, source("look", "with Output(): pass"), "widget"),
    "code without a word": (prose_comes_before_code, lambda nb: nb["cells"].remove(cell(nb, "about-look")), "look"),
    "another order": (headings_are_the_same_everywhere, source("why", "## Why not\n\nx"), "Why not"),
    "a dead link": (links_lead_somewhere, source("why", "[x](05_nothing.ipynb)"), "05_nothing"),
    "a number that nobody explains": (links_lead_somewhere, source("why", "[S99](../docs/checks.md#s99)"), "s99"),
    "the same in an output": (links_lead_somewhere, says("look", '<a href="../docs/rules.md#g0">G0</a>'), "g0"),
    "another title": (
        a_notebook_is_named_by_its_title,
        source("title", "# 04 · Claims\n"),
        "it is not called 04 · Attributes and claims",
    ),
    "another title for another notebook": (
        a_notebook_is_named_by_its_title,
        source("next", "## Next\n\n[08 · Test sign-on](08_test_sign_on.ipynb)"),
        "08_test_sign_on.ipynb is called 08 · Test sign-on",
    ),
    "a dead end": (each_leads_to_the_next, source("next", "## Next\n\nThe end."), "05_app_roles"),
    "a cell left out": (
        everything_was_executed_in_order,
        lambda nb: cell(nb, "look").update(execution_count=None),
        "counts",
    ),
    "an output left out": (everything_was_executed_in_order, lambda nb: cell(nb, "look").update(outputs=[]), "look"),
    "an error": (outputs_read_well_everywhere, output("look", output_type="error"), "error"),
    "a bare widget": (
        outputs_read_well_everywhere,
        output("look", data={"text/plain": "VBox(children=())", "text/html": ""}),
        "look",
    ),
    "a script": (
        outputs_read_well_everywhere,
        output("look", data={"text/plain": "x", "text/html": "<script>x</script>"}),
        "look",
    ),
    "a port": (outputs_are_the_same_twice, says("look", "http://localhost:41234/"), "a port"),
    "a machine's path": (outputs_are_the_same_twice, says("look", "runs in /home/ada/runs"), "a path"),
    "the real clock": (outputs_are_the_same_twice, says("look", "at 14:03:59"), "time of day"),
    "a library's version": (outputs_are_the_same_twice, says("look", "msgraph 1.65.0"), "a version"),
    "no badge": (outputs_say_rehearsal, output("look", data={"text/plain": "04", "text/html": "04"}), "look"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_rule_bites(case: str) -> None:
    rule, damage, said = BROKEN[case]
    name = "04_attributes_and_claims"
    notebook = copy.deepcopy(load(NOTEBOOKS / f"{name}.ipynb"))
    damage(notebook)
    assert any(said in problem for problem in rule(notebook, name))


def test_every_rule_is_shown_to_bite() -> None:
    assert {rule for rule, _, _ in BROKEN.values()} == set(RULES)


def test_the_code_names_a_notebook_by_its_title() -> None:
    """A link is made of a title in a sentence; one that is almost the title leads nowhere."""
    almost = {
        f"{path.name}: {number} · {words}"
        for path in (NOTEBOOKS.parent / "flexsso_helpers").rglob("*.py")
        for number, words in re.findall(r"\b(\d\d) · ([A-Z][^\n\"“]*)", path.read_text("utf-8"))
        for title in [next((each.title for each in TITLED if each.number == number), "")]
        if words.split()[0] == title.partition(" ")[0] and not words.startswith(title)
    }
    assert almost == set()
