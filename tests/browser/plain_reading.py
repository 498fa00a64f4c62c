"""How outputs read where their style is taken away: what is seen, whether words run together or leave their place.

A reader of an untrusted notebook or of a code-hosting page has markup alone: no style sheet, hardly an attribute.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import nbformat
from lxml import html
from nbformat import NotebookNode
from other_shapes import SEEN as SHAPES_SEEN
from other_shapes import other_shapes
from playwright.sync_api import Locator
from stage import PROJECT

NOTEBOOKS = {path.stem: path for path in sorted((PROJECT / "notebooks").glob("*.ipynb"))}
SHAPES = "other_shapes"
NAMES = (*NOTEBOOKS, SHAPES)
WIDEST = 120
REPLY_URL = "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000001"
SEEN: Mapping[str, tuple[str, ...]] = {
    "00": (
        "Contoso · contoso.com · Global cloud [REHEARSAL]",
        "Signed in as ada.admin@contoso.com · Application Administrator · Cloud Application Administrator",
        "May set policies ✓ yes",
        "00 · Start here · proof · ✓ proved, nothing changed [REHEARSAL]",
        "! look Without a mail address · S56 none nia.nomail@contoso.com Fill in the mail address in Entra",
    ),
    "01": ("Make these 4 changes in Contoso (ticked by the start of this run)", "Read back as written."),
    "02": (
        "plan for “Twilio Flex” in Contoso · 2 changes · 4 already right [REHEARSAL]",
        f"+ new Reply URL none {REPLY_URL} D03 · where Entra posts the response",
        "= stays Relay state empty empty Flex sends its own",
    ),
    "03": (
        "~ changes Signing option sign SAML assertion sign SAML response and assertion D14",
        "Certificates of the application [REHEARSAL]",
        "· active · ",
    ),
    "04": ("- is removed …/claims/surname Admin not sent", "Nobody is assigned yet."),
    "05": ("+ new App role supervisor none enabled, for users and groups D18 · Flex supervisor",),
    "06": (
        "Paste these three into Flex Console › Single sign-on",
        "-----BEGIN CERTIFICATE-----",
        "said · by ada.admin@contoso.com (simulated) on 2026-11-02 Certificate in Flex Console · D21 09D0…F03A",
    ),
    "07": ("✗ no NameID nia.nomail@contoso.com Nia Nomail none agent",),
    "08": (
        "✗ fails nia.nomail@contoso.com No user id was sent · S47",
        "Sign-on of bo.agent@contoso.com [REHEARSAL] sign-in request from: urn:flex:JQ",
        "signed in: roles agent",
        "✓ holds Sign-on of ada.admin@contoso.com · D29 signed in as admin signed in to Flex",
    ),
    "20": (
        "20 · What ends when · 1,094 days until something expires [REHEARSAL]",
        "plan for “Twilio Flex” in Contoso · 0 changes · 34 already right [REHEARSAL]",
        "20 · What others changed · could not look · this account may not read it",
    ),
    "21": (
        "21 · How long nobody can sign on · the first is chosen",
        "+ new Certificate beside the active one none a new one, valid for 1095 days, not active",
        "21 · Rotate certificate · stage · proof · ✓ proved, 1 change made [REHEARSAL]",
    ),
    "22": (
        "Make these 3 changes in Contoso (ticked by the start of this run)",
        "22 · Change users · proof · ✓ proved, 5 changes made [REHEARSAL]",
    ),
    "90": (
        "13 Deleted and restored ✓ walked",
        "What was made is gone: the server shows nothing of it any more.",
        "Nothing differs from what these runbooks go by. The runbook is expected to be proved here.",
    ),
    "30": (
        "5 tenants · 2 proved, 1 planned, 1 waiting, 1 failed",
        "✗ ended 6 days ago",
        "Whom to write to · 5 open",
    ),
    "29": ("29 · Undo · plan for “Twilio Flex” in Contoso", "29 · Undo · proof · ✓ proved"),
}
"""What a reader of each notebook must be able to read, word for word."""

_MARKUP = re.compile(r"</?[a-z]\w*[\s>/]|&#?\w+;|\b(?:style|class)=|--fx-|[{;][a-z-]+:")
_BROKEN = re.compile(r"Loading widget|Error displaying|Error creating|not found|Traceback|VBox\(|model_id|<IPython")

# Words are text nodes as they are painted. Two that touch on one line are one word to the eye, whatever the markup is.
_READ = r"""
(box) => {
  const words = /[\p{L}\p{N}]/u;
  const frame = box.getBoundingClientRect();
  const seen = [], together = [], outside = [];
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.replace(/\s+/g, " ");
    const parent = node.parentElement;
    if (!text.trim() || !parent.checkVisibility()) continue;
    if (parent.closest("svg, style")) continue;
    let folded = false;
    for (let at = parent; at && at !== box; at = at.parentElement)
      folded ||= at.clientHeight === 0 && getComputedStyle(at).overflow === "hidden";
    if (folded) continue;
    const range = document.createRange();
    range.setStart(node, node.data.search(/\S/));
    range.setEnd(node, node.data.trimEnd().length);
    const rects = [...range.getClientRects()];
    if (!rects.length) continue;
    for (const rect of rects)
      if (rect.left < frame.left - 1 || rect.right > frame.right + 1) { outside.push(text.trim()); break; }
    const broken = node.previousSibling?.nodeName === "WBR";
    const place = parent.closest("td, th, caption, li, dt, dd, p, pre, summary, div");
    const [apart, ended] = [text.startsWith(" "), text.endsWith(" ")];
    seen.push({ text: text.trim(), apart, ended, first: rects[0], last: rects.at(-1), broken, place });
  }
  let read = "";
  seen.forEach((now, at) => {
    const before = seen[at - 1];
    if (!before) { read = now.text; return; }
    const [a, b] = [before.last, now.first];
    const line = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 2;
    const gap = b.left - a.right;
    const elsewhere = before.place !== now.place;
    const touch = line && gap < (elsewhere ? 4 : 1.5);
    const both = words.test(before.text.at(-1)) && words.test(now.text[0]);
    if (!now.broken && touch && (elsewhere || both)) together.push(`${before.text}|${now.text}`);
    const whole = now.broken && !now.apart && !before.ended;
    read += (whole || (touch && !now.broken) ? "" : " ") + now.text;
  });
  return { read, together, outside };
}"""


@cache
def notebook(name: str) -> NotebookNode:
    """A notebook with its outputs."""
    return other_shapes() if name == SHAPES else nbformat.read(NOTEBOOKS[name], as_version=4)  # type: ignore[no-untyped-call]


def bundles(name: str) -> list[dict[str, Any]]:
    """The outputs of a notebook, each in the forms that it has, in their order."""
    code = (cell for cell in notebook(name).cells if cell.cell_type == "code")
    return [dict(output.data) for cell in code for output in cell.outputs]


def unread(name: str, texts: list[str]) -> list[str]:
    """What a reader of this notebook must be able to read, and cannot."""
    read = " ".join(texts)
    return [phrase for phrase in (SHAPES_SEEN if name == SHAPES else SEEN[name[:2]]) if phrase not in read]


def squeezed(text: str) -> str:
    """Without any white space."""
    return re.sub(r"\s+", "", text)


def read(output: Locator, recorded: str, *, svg: bool = False) -> str:
    """The words of an output as they are seen, after looking whether it reads well: all words that were recorded are
    there, none runs into another or leaves its place, every sign has its word, and nothing is markup. `svg` says
    whether the words of a picture are among them.
    """
    found = output.evaluate(_READ)
    text = str(found["read"])
    assert found["together"] == []
    assert found["outside"] == []
    tree = html.fragment_fromstring(recorded, create_parent="div")
    for unseen in tree.xpath(".//style | .//details/*[not(self::summary)]" + ("" if svg else " | .//svg")):
        unseen.drop_tree()
    for break_ in tree.xpath(".//br"):
        break_.tail = f" {break_.tail or ''}"
    assert squeezed(text) == squeezed(tree.text_content())
    for sign in tree.xpath(".//*[@class='fx-sign' or @class='fx-ok' or @class='fx-no' or @class='fx-wait']"):
        words = " ".join(sign.text_content().split())
        assert re.match(r"\S \w", words), words
        assert words in text
    judge_words(text)
    return text


def judge_words(text: str) -> None:
    """There are some, and none belongs to a machine."""
    assert text.strip()
    assert not (wrong := _MARKUP.search(text) or _BROKEN.search(text)), wrong
