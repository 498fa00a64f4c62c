"""The book: notebooks with their outputs, how-to pages, reference and decisions as HTML that opens without a network.

Sphinx and MyST-NB draw it. Links are written for a code-hosting page, `../docs/checks.md#s78`; here they are led to the
page of the book, and a file that is no page is laid beside it. Run by `make book`; a link that leads nowhere fails it.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html
from sphinx.cmd.build import build_main

PROJECT = Path(__file__).resolve().parent.parent
BOOK = PROJECT / "dist" / "book"
SOURCES = ("docs", "notebooks", "README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")
CONTENTS = Path("docs", "README.md")
"""In its place the book has its own first page."""
PAGES = (".md", ".ipynb")
CODE = ""
"""In place of a link to a folder of code: the book has none of it, and the words remain."""


def draw(book: Path) -> None:
    """The book in this folder, anew. Raises ValueError where Sphinx warns of something."""
    shutil.rmtree(book, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="flexsso-book-") as temporary:
        sources = Path(temporary, "sources")
        sources.mkdir()
        for name in SOURCES:
            (sources / name).symlink_to(PROJECT / name)
        (sources / "index.md").symlink_to(PROJECT / "docs" / "book" / "index.md")
        options = ["-q", "-W", "--keep-going"]
        options += ["-c", str(PROJECT / "docs" / "book"), "-d", str(Path(temporary, "trees"))]
        if build_main([*options, str(sources), str(book)]):
            raise ValueError("Sphinx could not make the book without a warning; it stands above.")


def lead(book: Path) -> list[str]:
    """Lead each link to the book's own page or a file beside it; those that lead nowhere, as `page: link`."""
    lost = []
    for page in sorted(book.rglob("*.html")):
        tree = html.parse(str(page))
        changed = False
        for element, link in list(_links(tree)):
            led = _led(link, page, book)
            if led == CODE:
                element.drop_tag()
                changed = True
            elif led is None:
                lost.append(f"{page.relative_to(book)}: {link}")
            elif led != link:
                element.set("href", led)
                changed = True
        if changed:
            page.write_bytes(html.tostring(tree, doctype="<!DOCTYPE html>", encoding="utf-8"))
    return lost + dangling(book)


def dangling(book: Path) -> list[str]:
    """Links with an anchor that the page they lead to does not have."""
    lost = []
    for page in sorted(book.rglob("*.html")):
        for _, link in _links(html.parse(str(page))):
            address = urlsplit(link)
            target = (page.parent / unquote(address.path)).resolve() if address.path else page
            if address.fragment and target.suffix == ".html" and unquote(address.fragment) not in _anchors(target):
                lost.append(f"{page.relative_to(book)}: {link}")
    return lost


def _links(tree: html.etree._ElementTree) -> Iterator[tuple[html.HtmlElement, str]]:
    """The links to somewhere in the book."""
    for element in tree.iter("a"):
        link = element.get("href")
        if link and not urlsplit(link).scheme and not link.startswith("//"):
            yield element, link


def _led(link: str, page: Path, book: Path) -> str | None:
    address = urlsplit(link)
    if not address.path:
        return link
    target = (page.parent / unquote(address.path)).resolve()
    if not target.is_relative_to(book.resolve()):
        return None
    if target.is_file():
        return link
    name = target.relative_to(book.resolve())
    source = PROJECT / name
    if source.is_dir():
        first = next((each for each in sorted(source.iterdir()) if each.suffix in PAGES), None)
        if first is None:
            return CODE
        name, source = name / first.name, first
    if source.suffix in PAGES:
        name = Path("index.html") if name == CONTENTS else name.with_suffix(".html")
        if not (book / name).is_file():
            return None
    elif source.is_file():
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, book / name)
    else:
        return None
    return address._replace(path=os.path.relpath(book / name, page.parent).replace(os.sep, "/")).geturl()


@cache
def _anchors(page: Path) -> frozenset[str]:
    if not page.is_file():
        return frozenset()
    tree = html.parse(str(page))
    return frozenset({*tree.xpath("//@id"), *tree.xpath("//a/@name")})


def main() -> int:
    """Make it; 1 with what is amiss."""
    try:
        draw(BOOK)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    lost = lead(BOOK)
    print(*(f"leads nowhere: {each}" for each in lost), sep="\n", file=sys.stderr)
    print(f"The book opens from {(BOOK / 'index.html').relative_to(PROJECT)}, without a network.")
    return bool(lost)


if __name__ == "__main__":
    sys.exit(main())
