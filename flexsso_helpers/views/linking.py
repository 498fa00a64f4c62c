"""Numbers in what is shown become links to their line in docs/, and named notebooks links to these: for every card.

A link is a plain `a` with `href` and `title`, which the sanitizers of code-hosting pages leave alone; whoever cannot
follow it still reads the sentence when pointing at it. Values to copy, pictures and links stay as they are.
"""

import html
import re

from flexsso_helpers.notebooks import NOTEBOOKS
from flexsso_helpers.reference import NUMBER, line

_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?(\w*)")
_LEFT_ALONE = {"a", "button", "code", "pre", "s", "style", "svg"}
_TITLES = {f"{each.number} · {html.escape(each.title)}": each.file for each in NOTEBOOKS}
_NOTEBOOK = re.compile("|".join(map(re.escape, _TITLES)))


def linked(body: str) -> str:
    """HTML with its numbers linked. The text in it has to be escaped, so that `<` and `>` are tags."""
    inside: list[str] = []
    titled = False  # a card's own title leads nowhere: it names where one is
    parts = _TAG.split(body)
    for at, part in enumerate(parts):
        if named := _NAME.match(part):
            titled = part == "<b>" or (titled and part != "</b>")
            if named[1] in _LEFT_ALONE:
                inside = inside[:-1] if part.startswith("</") else [*inside, named[1]]
        elif not inside:
            parts[at] = NUMBER.sub(_link, part if titled else _NOTEBOOK.sub(_to_notebook, part))
    return "".join(parts)


def _to_notebook(found: re.Match[str]) -> str:
    return f'<a href="{_TITLES[found[0]]}">{found[0]}</a>'


def _link(found: re.Match[str]) -> str:
    known = line(found[0])
    if known is None:
        return found[0]
    return f'<a href="{known.href}" title="{html.escape(known.words)}">{found[0]}</a>'
