"""The book: every link of it leads somewhere, it fetches nothing, and a link that leads nowhere is found."""

import re
from pathlib import Path

import pytest

from scripts import load

make_book = load("make_book")


def page(book: Path, name: str, body: str) -> Path:
    path = book / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<!DOCTYPE html><html><body>{body}</body></html>", "utf-8")
    return path


def test_links_lead_to_the_books_own_pages(tmp_path: Path) -> None:
    page(tmp_path, "index.html", "")
    page(tmp_path, "docs/checks.html", '<table><tr><td><a id="s78"></a>S78</td></tr></table>')
    links = ["../docs/checks.md#s78", "../docs/README.md", "../LICENSE", "../tests/", "https://learn.microsoft.com/"]
    written = page(tmp_path, "notebooks/04.html", "".join(f'<a href="{link}">words</a>' for link in links))
    assert make_book.lead(tmp_path) == []
    text = written.read_text("utf-8")
    assert re.findall(r'href="([^"]+)"', text) == [
        "../docs/checks.html#s78",
        "../index.html",
        "../LICENSE",
        "https://learn.microsoft.com/",
    ]
    assert text.count("words") == len(links)  # a folder of code is not in the book; its name is still said
    assert (tmp_path / "LICENSE").is_file()


@pytest.mark.parametrize("link", ["../docs/nowhere.md", "../../outside.md", "#nowhere", "../docs/checks.md#s999"])
def test_a_link_that_leads_nowhere_is_found(tmp_path: Path, link: str) -> None:
    page(tmp_path, "docs/checks.html", '<a id="s78"></a>')
    page(tmp_path, "notebooks/04.html", f'<a href="{link}">x</a>')
    assert [each.partition(": ")[0] for each in make_book.lead(tmp_path)] == ["notebooks/04.html"]


def test_every_page_is_in_the_list_of_the_book() -> None:
    listed = (make_book.PROJECT / "docs/book/index.md").read_text("utf-8").splitlines()
    there = {f"docs/{path.stem}" for path in (make_book.PROJECT / "docs").glob("*.md")} - {"docs/README"}
    assert there - set(listed) == set()


@pytest.mark.full
def test_the_book_is_whole_and_fetches_nothing(tmp_path: Path) -> None:
    make_book.draw(tmp_path)
    assert make_book.lead(tmp_path) == []
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 40
    fetched = [
        (path.name, address)
        for path in pages
        for address in re.findall(
            r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(https?:[^"]+)', path.read_text("utf-8")
        )
    ]
    assert fetched == []
    assert "thumbprint" in (tmp_path / "searchindex.js").read_text("utf-8")
