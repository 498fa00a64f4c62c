"""The fleet as a page: one file without a server, sorted by its columns' heads, searched by any words in it."""

from collections.abc import Sequence
from pathlib import Path

from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.fleet.standing import Standing
from flexsso_helpers.plan import FAILED, count
from flexsso_helpers.plan.progress import moment
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.document import document
from flexsso_helpers.views.table import Style, content_text

SOON = 90
"""Days before the end of a certificate from which it is named."""
_STYLES: dict[str, Style] = {
    "proved": "ok", "changed": "ok", "planned": "wait", "waiting": "wait", "failed": "no", "skipped": "muted",
    "not run": "wait",
}  # fmt: skip
COLUMNS = ("Outcome", "Tenant", "What is open", "Whose it is", "Drift", "Certificate", "Proved last", "Took")

# The page is whole without it. Sorting keeps the order of equals; numbers go by value, everything else by its letters.
_SCRIPT = """
const plain = (text) => text.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase().trim();
const table = document.querySelector("main table"), body = table.tBodies[0], rows = [...body.rows];
const field = document.getElementById("search"), said = document.getElementById("found");
const texts = new Map(rows.map((row) => [row, plain(row.innerText)]));
const show = () => {
  const words = plain(field.value).split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    row.hidden = !words.every((word) => texts.get(row).includes(word));
    count += !row.hidden;
  }
  said.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} tenants`;
};
const value = (row, at) => {
  const text = plain(row.cells[at].innerText).replace(/^[✓✗!] ?/, "");
  const number = /^(ended )?(-?[\\d,]+)(?=\\s|$)/.exec(text);
  return number ? Number(number[2].replaceAll(",", "")) * (number[1] ? -1 : 1) : text;
};
[...table.tHead.rows[0].cells].forEach((head, at) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const before = (a, b) => {
      const x = value(a, at), y = value(b, at);
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1;
      return down ? -order : order;
    };
    body.append(...rows.sort(before));
  });
});
field.closest("p").hidden = false;
field.addEventListener("input", show);
show();
"""
_SEARCH = (
    '<p class="find" hidden><label for="search">Search</label> <input id="search" type="search" autocomplete="off"> '
    '<span id="found" role="status"></span></p>'
)
_SHEET = (
    "body{max-width:100rem}.find{font:14px/1.5 system-ui,sans-serif;display:flex;gap:8px;align-items:baseline}"
    ".find input{font:inherit;padding:4px 8px;min-width:24ch}.find[hidden]{display:none}"
    "main .fx.fx.fx{max-width:none}main th button{font:inherit;color:inherit;background:none;border:0;padding:0;"
    "cursor:pointer;text-align:left}main th button:focus-visible{outline:2px solid currentColor;outline-offset:2px}"
    "main th[aria-sort] button::after{content:' \\2191'}main th[aria-sort=descending] button::after{content:' \\2193'}"
    "main tr[hidden]{display:none}"
    "@media(min-width:1000px){main .fx.fx.fx :is(th:nth-child(2),td:nth-child(6)){white-space:nowrap}}"
)


def fleet_page(fleet: Fleet, runs: Path) -> str:
    """The page of a run of many, for the folder of `runs`: links lead to what lies below it."""
    title = f"Fleet · {moment(fleet.started)}"
    return document(title, [table(fleet, runs)], before=_SEARCH, sheet=_SHEET, script=_SCRIPT)


def table(fleet: Fleet, runs: Path | None = None) -> Shown:
    """All tenants, worst first; names lead to their handover pages when `runs` is where the reader stands."""
    return card(
        title=counted(len(fleet.tenants)),
        subtitle=fleet.totals,
        right=Cell(asked(fleet), "muted"),
        badge="REHEARSAL" if any(each.rehearsal for each in fleet.tenants) else "",
        columns=COLUMNS,
        rows=[_whole(row(each, runs)) if runs else row(each, runs) for each in fleet.tenants],
    )


def _whole(one: Row) -> Row:
    """Without an empty place: the page's script and sheet count columns, and an empty column would be left out."""
    return Row([content if content_text(content) else Cell("–", "muted") for content in one.cells], one.tone)


def asked(fleet: Fleet) -> str:
    """What was asked of all, and how long it took."""
    steps: Sequence[str] = fleet.asked.get("only", ())
    approved = " · changes approved" if fleet.asked.get("apply") else " · nothing approved"
    which = f" · only {', '.join(steps)}" if steps else ""
    return f"flexsso {fleet.asked.get('command', 'run')}{which}{approved}"


def took(seconds: float) -> str:
    """A duration in seconds or minutes; empty for none."""
    if not seconds:
        return ""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def row(each: Standing, runs: Path | None = None) -> Row:
    """One tenant in `COLUMNS`."""
    return Row(
        (
            Cell(each.words, _STYLES[each.words], sub=f"{each.by_look} by one look" if each.by_look else ""),
            Cell(each.tenant, href=_below(each.handover or each.folder, runs)),
            Cell(each.why),
            Cell(each.owner, "muted"),
            moved(each),
            left(each),
            Cell(moment(each.proved_at) if each.proved_at else "never", "muted"),
            Cell(took(each.seconds), "muted"),
        )
    )


def counted(tenants: int) -> str:
    """How many tenants, for a title."""
    return "1 tenant" if tenants == 1 else f"{tenants:,} tenants"


def moved(each: Standing) -> Cell:
    """How many checks do not hold: in red where one of them fails, else they warn."""
    if not each.moved:
        return Cell("")
    return Cell(f"{each.moved:,}", "no" if each.outcome == FAILED else "wait")


def left(each: Standing) -> Cell:
    """How long the certificate is valid still; empty where nobody has seen one."""
    days = each.days_left
    style: Style = "" if days is None or days > SOON else "no" if days < 0 else "wait"
    words = "" if days is None else f"ended {count(-days, 'day')} ago" if days < 0 else count(days, "day")
    return Cell(words, style, sub=each.not_after)


def _below(path: str, runs: Path | None) -> str:
    """The address of what lies below the folder of runs, from a page in it; empty for what lies elsewhere."""
    if not path or runs is None or not Path(path).is_relative_to(runs):
        return ""
    return Path(path).relative_to(runs).as_posix()
