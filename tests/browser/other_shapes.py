"""A notebook of what the kept notebooks do not happen to show: what fails, what is folded, what a live session leaves.

Widgets are recorded as a live kernel records them, with a view whose model nobody has any more.
"""

from datetime import date
from typing import Any

import nbformat
from nbformat import NotebookNode

from flexsso_helpers.views import ApprovalBox, Cell, CopyField, CopyFields, Field, Form, Progress, Row, Shown, card
from flexsso_helpers.views.diagram import Broken, sign_on
from flexsso_helpers.views.errors_html import error_card
from flexsso_helpers.views.search_table import SearchTable
from flexsso_helpers.views.timeline import Span, timeline

JQ = "urn:flex:JQf1e55000000000000000000000000001"
TODAY = date(2026, 11, 25)
SEEN = (
    "✗ Not permitted",
    "fix Ask for the role Application Administrator.",
    "✗ refused: audience: urn:flex:other ≠ urn:flex:JQ",
    "3 more",
    "Remove User old.hand@contoso.com",
    "Sign-in address https://login.example.com/",
    "and 5 more people: a live notebook shows and searches all",
    "B07D…42FE · staged · 2026-10-01 to 2029-10-01 · 1,041 days left",
)


def other_shapes() -> NotebookNode:
    """One code cell a shape."""
    people = [Row((Cell("assigned", "ok"), f"User {at}", f"user.{at}@contoso.com")) for at in range(30)]
    removed = [Row((f"User {at}", Cell("agent", "was"), Cell("", "value"), "in no file"), "remove") for at in range(8)]
    spans = (
        Span(name="9F2C…11AA", part="active", start=date(2025, 11, 24), end=date(2027, 1, 25)),
        Span(name="B07D…42FE", part="staged", start=date(2026, 10, 1), end=date(2029, 10, 1)),
        Span(name="0C1D…0002", part="old", start=date(2023, 10, 1), end=date(2026, 10, 1)),
    )
    fields = [
        Field("url", "Sign-in address", "text", "https://login.example.com/" + "long-path-of-one-word" * 8),
        Field("mails", "Addresses", "lines", ("sso-owners@contoso.com", "it@contoso.com")),
        Field("exact", "Remove everybody else", "flag", False),
        Field("user", "User", "text", None),
    ]
    reasons = {"why": "It may only read.", "fix": "Ask for the role Application Administrator.", "notebook": "00"}
    refused = sign_on(
        tenant_title="contoso.com",
        user="bo.agent@contoso.com",
        identifier=JQ,
        tenant_short="f1e5…0001",
        response="both signed",
        broken=Broken(step=4, what="refused: audience", detail=f"urn:flex:other ≠ {JQ}"),
    )
    names = [("old", "Remove User old.hand@contoso.com")]
    shapes: tuple[Any, ...] = (
        error_card(reasons, "Not permitted"),
        refused,
        timeline("Certificates", spans, today=TODAY, warn_days=90, badge="LIVE", footer="Mind the second."),
        card(title="07 · Removals", subtitle="of 8", columns=("Setting", "Now", "Then", "Why"), rows=removed, most=5),
        card(title="Problems", rows=[Row(("Audience", "urn:flex:other"), "bad"), Row((Cell("look", "wait"), "x"))]),
        ApprovalBox("Make these 2 changes in Contoso", "Tick, then run the next cell.", names),
        CopyFields("Paste these", [CopyField("Issuer", "Entra ID", "https://sts.example.com/f1e5/")], badge="LIVE"),
        SearchTable("People", ("Verdict", "Who", "User name"), people, noun="people", right="all assigned"),
        Form("02 · Values", fields, badge="REHEARSAL"),
        Progress.waiting("the application to be visible everywhere"),
    )
    cells = [nbformat.v4.new_code_cell("shape", outputs=[_output(shape)], execution_count=1) for shape in shapes]  # type: ignore[no-untyped-call]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})  # type: ignore[no-untyped-call, no-any-return]


def _output(shape: Shown | Any) -> NotebookNode:
    data = shape._repr_mimebundle_()
    return nbformat.v4.new_output("execute_result", data=data, execution_count=1)  # type: ignore[no-untyped-call, no-any-return]
