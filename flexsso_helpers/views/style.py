"""The look: one style sheet for everything shown, and the one way in which text becomes HTML.

Everything is complete without the sheet: code-hosting pages, untrusted notebooks and e-mail drop it. An untrusted
notebook in JupyterLab keeps inline styles, so the little that makes its tables readable stands on the elements.
"""

import html
import re

from flexsso_helpers.output import clean
from flexsso_helpers.views.linking import linked

# Tripled, because JupyterLab's own table rules weigh two classes and two elements.
# light-dark() follows color-scheme: JupyterLab's theme where there is one, the reader's preference elsewhere.
_CSS = """
.fx{color-scheme:light dark}
[data-jp-theme-light="true"] .fx{color-scheme:light}
[data-jp-theme-light="false"] .fx{color-scheme:dark}
.fx.fx.fx{
--fx-ink:var(--jp-content-font-color1,light-dark(#1b1f24,#e6edf3));--fx-soft:light-dark(#57606a,#aab4bf);
--fx-paper:var(--jp-layout-color1,light-dark(#ffffff,#0f1419));
--fx-band:color-mix(in srgb,var(--fx-ink) 5%,transparent);--fx-line:color-mix(in srgb,var(--fx-ink) 18%,transparent);
--fx-good:light-dark(#116329,#7ee2a0);--fx-wait:light-dark(#7a4b00,#f2c469);--fx-wait-bg:light-dark(#fff4dc,#2c2312);
--fx-bad:light-dark(#a40e26,#ff9aa5);--fx-bad-bg:light-dark(#fdecee,#331418);
--fx-new:light-dark(#0a5a9c,#8cc8ff);--fx-plum:light-dark(#6b3fa0,#c9a6f5);
--fx-mono:ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;
color:var(--fx-ink);max-width:1060px;margin:2px 0;container-type:inline-size;
font:var(--jp-content-font-size1,14px)/1.5 var(--jp-content-font-family,
system-ui,-apple-system,"Segoe UI","Liberation Sans",sans-serif);
.fx-card{border:1px solid var(--fx-line);border-radius:8px;overflow:hidden;background:var(--fx-paper);margin:0 0 10px}
.fx-head{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline;padding:10px 14px;background:var(--fx-band);
border-bottom:1px solid var(--fx-line);text-align:left}
.fx-head b{font-size:1.07em;overflow-wrap:anywhere}
.fx-sub,.fx-muted,.fx-was,.fx-keep{color:var(--fx-soft)}
.fx-right{flex:1 1 auto;text-align:right;color:var(--fx-soft)}
.fx-tag{margin-left:auto}
.fx-tag{font-weight:600;font-size:.79em;line-height:1.64;letter-spacing:.04em;padding:0 8px;border-radius:9px;
border:1px solid currentColor}
.fx-rehearsal{color:var(--fx-plum)}
.fx-live{color:var(--fx-bad)}
table{border-collapse:collapse;border:0;width:100%;margin:0;table-layout:auto;font-size:1em;background:none;
font-variant-numeric:tabular-nums}
caption{padding:0;color:inherit;caption-side:top}
tr,tbody tr:nth-child(odd),tbody tr:hover{background:none}
th,td{font-weight:400;text-align:left;vertical-align:top;padding:8px 14px;border:0;
border-bottom:1px solid var(--fx-line);max-width:none;white-space:normal;overflow-wrap:break-word;
line-height:1.5;color:inherit}
thead th{font-weight:600;color:var(--fx-soft);font-size:.86em;vertical-align:bottom}
tbody tr:last-child>*{border-bottom:0}
.fx-whole{white-space:nowrap}
.fx-sign{font:700 1.07em/1.4 var(--fx-mono);width:22px;padding-right:0}
.fx-add .fx-sign{color:var(--fx-new)}
.fx-change .fx-sign{color:var(--fx-wait)}
.fx-remove .fx-sign{color:var(--fx-bad)}
.fx-bad>*{background:var(--fx-bad-bg)}
code,pre,.fx-v{font:.9em/1.55 var(--fx-mono);overflow-wrap:break-word;word-break:normal!important;
background:none;color:inherit;padding:0;border:0}
pre{overflow-wrap:anywhere}
.fx-was{text-decoration-color:color-mix(in srgb,var(--fx-soft) 60%,transparent)}
.fx-ok,.fx-no,.fx-wait,.fx-said{font-weight:600}
.fx-ok{color:var(--fx-good)}
.fx-no{color:var(--fx-bad)}
.fx-wait{color:var(--fx-wait)}
.fx-said{color:var(--fx-new)}
a{color:var(--fx-new);text-decoration:underline}
.fx-facts th{color:var(--fx-soft);width:1%;min-width:16ch;padding-right:10px}
.fx-facts td{overflow-wrap:anywhere}
.fx-rows td[data-of="What to do"]:not(:empty),.fx-rows td[data-of="Why"]:not(:empty){min-width:18ch}
table+table,.fx-foot{border-top:1px solid var(--fx-line)}
.fx-head+.fx-foot{border-top:0}
.fx-foot{margin:0;padding:9px 14px;color:var(--fx-soft);background:var(--fx-band)}
.fx-note{margin:0;padding:9px 14px;border-left:3px solid var(--fx-wait);background:var(--fx-wait-bg)}
.fx-note ul{margin:2px 0 0;padding:0 0 0 18px}
.fx-error{border-left:3px solid var(--fx-bad);background:var(--fx-bad-bg);padding:10px 14px;border-radius:0 6px 6px 0}
.fx-error dl{margin:6px 0 0;padding:0;display:grid;grid-template-columns:minmax(76px,max-content) 1fr;gap:2px 14px}
.fx-error dt,.fx-error dd{margin:0;padding:0;font-weight:400;float:none;width:auto;overflow-wrap:anywhere}
.fx-error dt{color:var(--fx-soft)}
.fx-pic{margin:0;padding:10px 14px}
.fx-draw{height:auto!important}
.fx-pic svg{display:block;width:100%;max-width:860px;height:auto;margin:auto}
.fx-pic text{font:12px var(--jp-content-font-family,system-ui,-apple-system,"Segoe UI","Liberation Sans",sans-serif);
fill:var(--fx-ink)}
.fx-pic .fx-name{font-weight:600}
.fx-pic .fx-detail{font:11.5px var(--fx-mono);fill:var(--fx-soft)}
.fx-pic .fx-broken{fill:var(--fx-bad);stroke:var(--fx-bad)}
.fx-pic text.fx-broken{font-weight:600;stroke:none}
.fx-pic .fx-span{fill:color-mix(in srgb,var(--fx-good) 55%,transparent)}
.fx-pic .fx-late{fill:color-mix(in srgb,var(--fx-wait) 70%,transparent)}
.fx-copy{display:grid;grid-template-columns:minmax(110px,180px) 1fr auto;gap:4px 14px;align-items:center;
padding:11px 14px;border-bottom:1px solid var(--fx-line)}
.fx-copy:last-child{border-bottom:0}
.fx-copy .fx-sub{font-size:.86em}
.fx-copy pre{margin:0;padding:6px 8px;font-size:.86em;background:var(--fx-band);
border:1px solid var(--fx-line);border-radius:6px;white-space:pre-wrap;max-height:15em;overflow:auto;
user-select:text;line-height:1.55}
.fx-copy button{font:inherit;font-size:.9em;font-weight:600;min-width:98px;padding:6px 12px;
border-radius:6px;cursor:pointer;
border:1px solid var(--fx-line);background:var(--fx-paper);color:var(--fx-ink)}
.fx-copy button.fx-done{color:var(--fx-good);border-color:currentColor}
.fx-copy :focus-visible{outline:2px solid var(--fx-new);outline-offset:1px}
.fx-search{flex-basis:100%;display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;padding-top:4px}
.fx-search label,.fx-drop label{font-weight:600}
.fx-search input{font:inherit;min-width:24ch;padding:4px 8px;margin-left:6px;border-radius:6px;
border:1px solid var(--fx-soft);background:var(--fx-paper);color:var(--fx-ink)}
.fx-search input:focus-visible,.fx-drop :focus-visible{outline:2px solid var(--fx-new);outline-offset:1px}
.fx-drop{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;padding:10px 14px;border-radius:8px;
border:1px dashed var(--fx-soft);background:var(--fx-paper)}
.fx-drop.fx-over{background:var(--fx-band);border-style:solid}
.fx-line{padding:12px 14px}
.fx-past{padding:0 14px;font-size:.93em;color:var(--fx-soft)}
progress{display:block;width:100%;height:8px;margin-top:6px;accent-color:var(--fx-new)}
@container (max-width:760px){
.fx-rows thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.fx-rows,.fx-rows tbody,.fx-rows tr,.fx-rows tr>*,.fx-rows caption{display:block}
.fx-rows tr{padding:7px 14px;border-bottom:1px solid var(--fx-line)}
.fx-rows tbody tr:last-child{border-bottom:0}
.fx-rows tr>td,.fx-rows tr>th{padding:1px 0;border:0;width:auto}
.fx-rows td[data-of]:not([data-of=""]){padding-left:9em}
.fx-rows td[data-of]:not([data-of=""])::before{content:attr(data-of);float:left;width:8.5em;margin-left:-9em;
color:var(--fx-soft);font-size:inherit}
.fx-rows td[data-of]:not(:empty){display:flow-root}
.fx-rows .fx-sign{float:left;width:22px!important}
.fx-rows tbody th{font-weight:600}
.fx-rows td:empty{display:none}
.fx-rows .fx-bad{background:var(--fx-bad-bg)}
.fx-v,.fx-facts td,.fx-rows td,.fx-rows th{overflow-wrap:anywhere}
}
@container (max-width:480px){
.fx-copy{grid-template-columns:1fr}
.fx-rows td[data-of]:not([data-of=""]){padding-left:6em}
.fx-rows td[data-of]:not([data-of=""])::before{width:5.8em;margin-left:-6em}
.fx-facts tr>*{display:block;width:auto;padding:6px 14px 0;border-bottom:0}
.fx-facts tr>td{padding:0 14px 6px;border-bottom:1px solid var(--fx-line)}
.fx-error dl{grid-template-columns:1fr}
}
.fx-bare{display:none}
.fx-hid{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
}
@media print{
.fx.fx.fx{
.fx-copy pre{max-height:none;overflow:visible}
tr,.fx-copy,.fx-pic{break-inside:avoid}
}}
.jp-OutputArea-output.jupyter-widgets .fx.fx.fx,.jp-OutputArea .jupyter-widgets .fx.fx.fx{margin-right:18px}
.jp-OutputArea-output.lm-Panel>.lm-Widget>.fx.fx.fx{margin-right:20px}
.fx-form.fx-form.fx-form{
.widget-label{text-align:left;white-space:normal;height:auto;font-weight:600;line-height:1.5;padding:0}
select{flex:none;height:28px}
.widget-checkbox{height:auto;overflow:visible}
.widget-label-basic{display:flex;gap:8px;align-items:flex-start;height:auto;white-space:normal;line-height:1.5;
overflow:visible}
.widget-label-basic input{flex:none;margin:3px 0 0}
.fx-first .widget-label-basic{font-weight:600}
}
"""

STYLE = "<style>" + "".join(line for line in _CSS.splitlines()) + "</style>"

LONGEST = 20
"""Characters that stay together. Between words a browser breaks by itself."""
_ONE_WORD = re.compile(r"<(a|button|pre|style|svg)\b.*?</\1>|<[^>]*>|\b\d{4}-\d\d-\d\d\b", re.DOTALL)
"""A date, which a browser would break at its hyphens; and before it what is left as it is."""
_BOUNDARIES = re.compile(r"[/.\-_:=?&@,;+]+|(?<=[a-z])(?=[A-Z])")


def escape(text: object) -> str:
    """Text for HTML, inside elements and quoted attributes alike; line ends become `<br/>`."""
    return html.escape(clean(text)).replace("\n", "<br/>")


def unstyled(text: str) -> str:
    """Text that only a reader without the sheet needs, where the sheet sets things apart by place and shape."""
    return f'<span class="fx-bare">{escape(text)}</span>'


def attribute(text: object) -> str:
    """Text for a quoted attribute, on one line."""
    return html.escape(clean(text).replace("\n", " "))


def page(body: str) -> str:
    """One output: the sheet and what it styles, its numbers linked to what they mean, its dates unbroken."""
    return f'{STYLE}<div class="fx">{_ONE_WORD.sub(_unbroken, linked(body))}</div>'


def _unbroken(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("<") else f'<span class="fx-whole">{found[0]}</span>'


def breakable(text: str) -> str:
    """The text for HTML, escaped, with `<wbr/>` wherever a narrow column may break it.

    A long word breaks at its own delimiters, at a hump of a CamelCase name, else evenly. `<wbr/>` is markup, so a value
    that is copied or searched for stays whole.
    """
    return "".join("<wbr/>".join(map(escape, _parts(word))) for word in re.split(r"(\s+)", clean(text)))


def _parts(word: str) -> list[str]:
    """Pieces of a word, cut again and again at the boundary nearest the middle."""
    if len(word) <= LONGEST or word.isspace():
        return [word]
    middle = len(word) // 2
    ends = [found.end() for found in _BOUNDARIES.finditer(word) if found.end() < len(word)]
    at = min(ends or [middle], key=lambda end: abs(end - middle))
    return _parts(word[:at]) + _parts(word[at:])
