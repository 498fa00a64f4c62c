"""The pages of reference in docs/, drawn from what the code itself declares. Run by `make docs`.

Each number has a line of its own with an anchor, such as docs/rules.md#g44, and is linked to wherever it is named.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from reference_pages import MAKERS, Page, Table, questions

from flexsso_helpers.first_contact.questions import FILE as QUESTIONS
from flexsso_helpers.reference import NUMBER, PAGES

DOCS = Path(__file__).resolve().parent.parent / "docs"


def pages() -> dict[str, str]:
    """The text of each page, by its file's name."""
    made = {name: make() for name, make in MAKERS.items()}
    homes: dict[str, str] = {}
    for name in PAGES:
        for number in (row[0] for table in made[name].tables for row in table.rows):
            homes.setdefault(number, name)
    return {name: _text(name, page, homes) for name, page in made.items()} | {"README.md": _index(made)}


def _text(name: str, page: Page, homes: Mapping[str, str]) -> str:
    def linked(text: str) -> str:
        def link(found: re.Match[str]) -> str:
            home = homes.get(found[0])
            return f"[{found[0]}]({'' if home == name else home}#{anchor(found[0])})" if home else found[0]

        return NUMBER.sub(link, text)

    parts = [f"# {page.title}", linked(page.about)]
    for table in page.tables:
        parts += [f"## {table.title}"] if table.title else []
        parts.append(_drawn(table, linked))
    return "\n\n".join(parts) + "\n"


def _drawn(table: Table, linked: Callable[[str], str]) -> str:
    lines = [table.head, ("---",) * len(table.head)]
    for first, *others in table.rows:
        lines.append((f'<a id="{anchor(first)}"></a>{first}', *(linked(each.replace("|", "\\|")) for each in others)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def anchor(name: str) -> str:
    """The anchor of a line on its page."""
    return name.lower().replace(" ", "-")


def _index(made: Mapping[str, Page]) -> str:
    lines = ["# What the numbers and names mean", ""]
    lines += ["Written by `make docs` from what the code declares. A number that is shown links to its line here.", ""]
    lines += [f"* [{page.title}]({name}): {_first(page.about)}" for name, page in made.items()]
    lines += ["* [The schema of a result](result.schema.json): what `result.json` and `--json` say.", ""]
    by_hand = [path for path in sorted(DOCS.glob("*.md")) if path.name not in {*made, "README.md"}]
    lines += ["Written by hand:", "", *(f"* [{_title(path)}]({path.name})" for path in by_hand), ""]
    lines += ["Why some things are as they are:", ""]
    lines += [f"* [{_title(path)}](decisions/{path.name})" for path in sorted((DOCS / "decisions").glob("*.md"))]
    return "\n".join(lines) + "\n"


def _first(about: str) -> str:
    """The first sentence."""
    return re.split(r"(?<=[.])\s", about)[0].replace("\n", " ")


def _title(path: Path) -> str:
    return path.read_text("utf-8").splitlines()[0].removeprefix("# ")


def open_questions() -> str:
    """The open questions as a file of the package."""
    return json.dumps(questions(), ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write the pages that differ, and name them."""
    for path, text in ({DOCS / name: text for name, text in pages().items()} | {QUESTIONS: open_questions()}).items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(path.name)


if __name__ == "__main__":
    main()
