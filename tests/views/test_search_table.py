from views_reading import fragment, visible

from flexsso_helpers.views.search_table import FIRST, SearchTable
from flexsso_helpers.views.shown import WIDGET_VIEW
from flexsso_helpers.views.table import Cell, Row


def people(count: int) -> SearchTable:
    rows = [Row((Cell("assigned", "ok"), f"user{at}@contoso.com", "agent")) for at in range(count)]
    return SearchTable("People", ("Verdict", "Who", "Role"), rows, noun="people", badge="REHEARSAL")


def test_a_short_list_stands_there_whole() -> None:
    table = people(3)
    assert table.text == (
        "People  [REHEARSAL]\n"
        "\n"
        "  Verdict      Who                 Role\n"
        "  ──────────────────────────────────────\n"
        "  ✓ assigned   user0@contoso.com   agent\n"
        "  ✓ assigned   user1@contoso.com   agent\n"
        "  ✓ assigned   user2@contoso.com   agent"
    )


def test_of_a_long_list_every_reader_sees_the_first_and_how_many_follow() -> None:
    bundle = people(2_000)._repr_mimebundle_()
    for face in (bundle["text/plain"], visible(bundle["text/html"])):
        assert f"user{FIRST - 1}@" in face
        assert f"user{FIRST}@" not in face
        assert "and 1,975 more people: a live notebook shows and searches all" in face
    assert WIDGET_VIEW in bundle


def test_the_browser_gets_every_row_escaped_and_what_it_searches() -> None:
    table = SearchTable("People", ("Who",), [Row((Cell("<b>Bo</b>", sub="Agent"),))], noun="people")
    (row,) = table.rows
    assert row["text"] == "<b>Bo</b> · Agent"
    assert visible(f"<table>{row['html']}</table>") == "<b>Bo</b> · Agent"
    assert len(list(fragment(f"<table>{row['html']}</table>").iter("tr"))) == 1
