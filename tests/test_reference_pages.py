"""The pages of reference say what the code declares; whoever meets a number finds its line, and no line is idle."""

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import nbformat
import pytest

from flexsso_helpers import errors
from flexsso_helpers.commands.exit_codes import EXIT_CODES
from flexsso_helpers.reference import FROM_A_NOTEBOOK, NUMBER, lines
from scripts import load

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "flexsso_helpers"
PAGES = load("make_pages").pages()
LINES = lines(ROOT / "docs")
NUMBERED = re.compile(r"(?<![\w#])(?:[A-Z]\d{2,3}|AADSTS\d{4,8})(?!\w)")
RANGE = re.compile(r"\b([A-Z])(\d{2,3})[–-]\1(\d{2,3})\b")
FLEX_ALONE = "|".join(number.removeprefix("Flex ") for number in LINES if number.startswith("Flex "))
SHOWN = re.compile(rf"{NUMBER.pattern}|(?<![\w.,-])(?:{FLEX_ALONE})(?![\w-])")
"""A number as `NUMBER` finds it, or one of Flex's alone."""
NOT_OURS = {
    "S256": "the method of PKCE by its name",
    "AADSTS70002": "an example of a number that is told from Twilio's",
}
"""What looks like a number and is none, and why it is there."""
DECLARED = {
    "D": CODE / "coverage" / "instructions.py",
    "S": CODE / "saml" / "checks" / "numbers.py",
}
"""Where a number only stands to be declared; the rules of the rehearsal are declared where they act."""


def anchors(page: str) -> list[str]:
    return re.findall(r'<a id="([^"]+)"></a>', page)


def without_comments_for_linters(text: str) -> str:
    return re.sub(r"#.*noqa:[^\n]*", "", text)


def without_code(text: str) -> str:
    """Prose alone: the number in an example is nobody's yet."""
    return re.sub(r"```.*?```|`[^`\n]+`", "", text, flags=re.DOTALL)


def numbers(text: str) -> set[str]:
    """Those in a text, and those that a range such as S39–S46 leaves unsaid."""
    between = {
        f"{letter}{number:0{len(first)}}"
        for letter, first, last in RANGE.findall(text)
        for number in range(int(first), int(last) + 1)
    }
    return between | set(NUMBERED.findall(text))


def code() -> dict[Path, str]:
    return {path: without_comments_for_linters(path.read_text("utf-8")) for path in CODE.rglob("*.py")}


def prose() -> Iterator[tuple[str, str]]:
    """What people read that is not made anew by every run: pages, and the notebooks' own words."""
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md")):
        yield path.name, without_code(path.read_text("utf-8"))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
        yield path.name, "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def outputs() -> Iterator[tuple[str, str, str]]:
    """Each output of each notebook: HTML and text."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
        for output in (each for cell in notebook.cells for each in cell.get("outputs", ())):
            yield path.name, output["data"]["text/html"], output["data"]["text/plain"]


def without_line(text: str) -> set[str]:
    return numbers(text) - set(LINES) - set(NOT_OURS)


def not_linked(text: str, home: str) -> list[str]:
    """Numbers of a Markdown text that do not lead to their line."""
    for number, known in LINES.items():
        text = text.replace(f"[{number}]({known.href.replace(FROM_A_NOTEBOOK, home)})", "")
    return [number for number in NUMBER.findall(text) if number in LINES]


def bare(html: str) -> list[str]:
    """Numbers in an output that lead nowhere, Flex's without its name before them too. Values to copy lead nowhere."""
    body = lxml.html.fromstring(html)
    for apart in body.xpath("//a | //pre | //code | //s | //style | //svg | //button"):
        apart.drop_tree()
    return [number for number in SHOWN.findall(body.text_content()) if number in LINES or f"Flex {number}" in LINES]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_would_write_it_now(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == PAGES[name], "make docs"


@pytest.mark.parametrize("name", PAGES)
def test_every_line_has_an_anchor_of_its_own_and_every_link_leads_somewhere(name: str) -> None:
    assert len(anchors(PAGES[name])) == len(set(anchors(PAGES[name])))
    for link in re.findall(r"\]\(([^)]+)\)", PAGES[name]):
        page, _, anchor = link.partition("#")
        assert not page or (ROOT / "docs" / page).is_file(), link
        assert not anchor or anchor in anchors(PAGES[page or name]), link


def test_the_index_lists_every_page_and_every_decision() -> None:
    listed = set(re.findall(r"\]\(([^)]+)\)", PAGES["README.md"]))
    there = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert listed - {"result.schema.json"} == there - {"README.md", "book/index.md"}


def test_each_number_in_the_code_has_its_line() -> None:
    found = {str(path.relative_to(ROOT)): missing for path, text in code().items() if (missing := without_line(text))}
    assert found == {}


def test_each_number_that_people_read_has_its_line_and_leads_there() -> None:
    for name, text in prose():
        home = FROM_A_NOTEBOOK if name.endswith(".ipynb") else "docs/"
        assert without_line(text) == set(), name
        assert not_linked(text, home) == [], name
    for name, html, text in outputs():
        assert without_line(text) == set(), name
        assert bare(html) == [], name


def test_no_sentence_names_a_key_that_reads_like_a_rule() -> None:
    """Developer tools open by F12 too, and F12 is a rule of ours: the key would be linked to it."""
    for path, text in code().items():
        if "rehearsal" not in path.parts:
            strings = [each.value for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Constant)]
            sentences = [each for each in strings if isinstance(each, str) and " " in each and "(source" not in each]
            assert [each for each in sentences if re.search(r"[(\s]F(?:[1-9]|1[0-2])[),]? ", each)] == [], path
    for name, text in prose():
        assert re.search(r"\(F(?:[1-9]|1[0-2])\)", text) is None, name


def test_no_line_is_idle() -> None:
    texts = code()
    cited = {path: numbers(text) for path, text in texts.items()}
    times = Counter(number for text in texts.values() for number in NUMBERED.findall(text))
    for number, known in LINES.items():
        if known.page == "sign_in_errors.md":
            continue  # the page shows the table that a pasted error is looked up in
        home = DECLARED.get(number[0])
        users = [path for path, those in cited.items() if number in those and path != home]
        assert users, f"{number} is declared and never used"
        assert home or times[number] > 1, f"{number} is declared and never used"


def test_each_error_is_raised_somewhere() -> None:
    names = [
        name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.FlexSSOError)
    ]
    elsewhere = "\n".join(text for path, text in code().items() if path.name != "errors.py")
    assert [name for name in names if name != "FlexSSOError" and not re.search(rf"\b{name}\b", elsewhere)] == []


def test_each_call_of_a_section_is_made_in_a_notebook() -> None:
    cells = "\n".join(path.read_text("utf-8") for path in (ROOT / "notebooks").glob("*.ipynb"))
    calls = [each for each in anchors(PAGES["sections.md"]) if "." in each and not each.startswith("step.")]
    assert len(calls) > 5
    assert [each for each in calls if not re.search(rf"\b{re.escape(each)}[(.]", cells)] == []


def test_the_front_page_lists_the_exit_codes_as_they_are_declared() -> None:
    table = dict(
        re.findall(r"^\| (\d+) \| (.+) \|$", (ROOT / "docs" / "unattended.md").read_text("utf-8"), re.MULTILINE)
    )
    assert table == {str(code): words for code, words in EXIT_CODES.items()}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("a check (S99)", {"S99"}),
        ("S78–S80, S98–S99", {"S98", "S99"}),
        ("G44, F07", set()),
        ("X12", {"X12"}),
        ("AADSTS1234", {"AADSTS1234"}),
    ],
)
def test_a_number_without_a_line_would_be_found(text: str, missing: set[str]) -> None:
    assert without_line(text) == missing


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("see S78", ["S78"]),
        ("[S78](../docs/checks.md#s78)", []),
        ("[S78](../docs/checks.md#s77)", ["S78"]),
        ("[S78]", ["S78"]),
    ],
)
def test_a_number_that_leads_nowhere_would_be_found(text: str, wrong: list[str]) -> None:
    assert not_linked(text, FROM_A_NOTEBOOK) == wrong


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Flex answers 45050.</p>", ["45050"]),
        ("<p>which is Flex 45050</p>", ["Flex 45050"]),
        ("<p>see S78 and AADSTS50105</p>", ["S78", "AADSTS50105"]),
        ('<p><a href="../docs/checks.md#s78">S78</a>, worker 45051, S99</p>', []),
        ("<div><pre>S78</pre><svg><text>45050</text></svg><code>D07</code></div>", []),
    ],
)
def test_a_number_that_is_no_link_in_an_output_would_be_found(html: str, found: list[str]) -> None:
    assert bare(html) == found
