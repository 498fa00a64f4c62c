"""The pages of reference say what the code declares, and each number that they list can be linked to."""

import re
from pathlib import Path

import pytest

from scripts import load

ROOT = Path(__file__).resolve().parent.parent


PAGES = load("make_pages").pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_would_write_it_now(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == PAGES[name], "make docs"


@pytest.mark.parametrize("name", PAGES)
def test_every_line_has_an_anchor_of_its_own_and_every_link_leads_somewhere(name: str) -> None:
    anchors = re.findall(r'<a id="([^"]+)"></a>', PAGES[name])
    assert len(anchors) == len(set(anchors)) > 10
    links = re.findall(r"\]\(([^)]+)\)", PAGES[name])
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_each_rule_of_a_request_can_be_looked_up() -> None:
    assert '<a id="g44"></a>G44 | A new certificate is inactive' in PAGES["rules.md"]
    assert '<a id="d08"></a>D08' in PAGES["instructions.md"]
