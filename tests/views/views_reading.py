"""How the tests read what is shown: strictly, and as a reader who has no style sheet."""

import re

from lxml import etree, html

from flexsso_helpers.reference import NUMBER


def fragment(text: str) -> html.HtmlElement:
    """The output as a tree. It must be strictly balanced, which an HTML reader alone would not notice."""
    etree.fromstring(f"<all>{text}</all>".encode(), etree.XMLParser(resolve_entities=False))
    return html.fragment_fromstring(text, create_parent="div")


def unlinked(text: str) -> str:
    """The output without the links of its numbers, which only they get."""
    return re.sub(rf'<a href="\.\./docs/[^"]+" title="[^"]+">({NUMBER.pattern})</a>', r"\1", text)


def visible(text: str) -> str:
    """All words of an output, without its style sheet, with single blanks."""
    tree = fragment(text.replace("<wbr/>", ""))  # a place to break is nothing to read
    for style in list(tree.iter("style")):
        style.drop_tree()
    for inside_a_word in list(tree.iter("span")):
        inside_a_word.drop_tag()
    return " ".join(" ".join(tree.itertext()).split())


def squeezed(text: str) -> str:
    """Without any white space, so that wrapped text compares with what was put in."""
    return re.sub(r"\s+", "", text)
