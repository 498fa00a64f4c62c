"""The pages of reference in docs/, written from what the code itself declares. Run by `make docs`.

Each number has a line of its own with an anchor, such as docs/rules.md#g44, to be linked to.
"""

import inspect
import re
from collections.abc import Iterable
from pathlib import Path

import flexsso_helpers.rehearsal.server.server  # noqa: F401 - so that every rule and quirk is declared
from flexsso_helpers import errors
from flexsso_helpers.coverage.instructions import INSTRUCTIONS, MODES
from flexsso_helpers.notebooks import NOTEBOOKS
from flexsso_helpers.rehearsal.world import quirks, rules

DOCS = Path(__file__).resolve().parent.parent / "docs"


def pages() -> dict[str, str]:
    """The text of each page, by its file's name."""
    return {"instructions.md": _instructions(), "rules.md": _rules(), "errors.md": _errors()}


def _instructions() -> str:
    files = {each.number: each.file for each in NOTEBOOKS}

    def proved_in(sections: Iterable[str]) -> str:
        return ", ".join(f"[{section}](../notebooks/{files[section]})" for section in dict.fromkeys(sections))

    rows = [
        (each.number, each.words, proved_in(proof.section for proof in each.proofs), _modes(each.modes))
        for each in INSTRUCTIONS
    ]
    return _page(
        "Instructions",
        "What the documented procedure asks for, instruction by instruction, and the notebooks whose checks prove it.",
        _table(("", "instruction", "proved in", "single sign-on of Flex"), rows),
    )


def _modes(modes: tuple[str, ...]) -> str:
    return "both" if modes == MODES else " and ".join(modes)


def _rules() -> str:
    built = sorted(rules.TITLES.items(), key=lambda rule: _order(rule[0]))
    open_ones = [
        (name, ", ".join(f"`{choice}`" for choice in each.choices), each.source or "–", each.when or "always")
        for name, each in sorted(quirks.QUIRKS.items())
    ]
    return _page(
        "Rules and quirks of the rehearsal",
        "A rule is a behaviour of Microsoft (G, AADSTS) or of Twilio (F) that the rehearsal plays; each can be\n"
        "switched off to prove that it matters. A quirk is a question that no source settles: the rehearsal plays\n"
        "each of its answers, the first by default.",
        "## Rules\n\n" + _table(("", "rule"), built),
        "## Quirks\n\n" + _table(("", "answers", "who says what", "matters where"), open_ones),
    )


def _order(number: str) -> tuple[str, int, str]:
    """G9 before G10, and the codes of the sign-in service by themselves."""
    letters, digits, rest = re.fullmatch(r"(\D*)(\d*)(.*)", number).groups()  # type: ignore[union-attr]
    return letters, int(digits or 0), rest


def _errors() -> str:
    kinds = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, errors.FlexSSOError)]
    rows = [
        (each.__name__, each.title, re.sub(r"\s+", " ", inspect.getdoc(each) or ""))
        for each in kinds
        if each is not errors.FlexSSOError
    ]
    return _page(
        "Errors",
        "What a person may meet. Each says what happened, why, what to do, and which notebook mends it.",
        _table(("", "its heading", "when"), rows),
    )


def _page(title: str, about: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", about, *parts)) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table whose first column is an anchor to link to."""
    lines = [head, ("---",) * len(head)]
    for first, *others in rows:
        lines.append((f'<a id="{first.lower()}"></a>{first}', *(each.replace("|", "\\|") for each in others)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the pages that differ, and name them."""
    for name, text in pages().items():
        path = DOCS / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(name)


if __name__ == "__main__":
    main()
