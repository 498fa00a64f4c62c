"""The pages of the rehearsal: plain, accessible HTML, and links that stay on the browser face.

A request reaches a host by its `Host` header (the API face) or by the first segment of the path (the browser face,
`http://localhost:PORT/<host>/<path>`). On the browser face everything that can be followed carries the host as prefix,
so that no link leaves the machine; text shown to people and SAML values stay authentic.
"""

from html import escape
from urllib.parse import parse_qs, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

STATE = "form_state"
"""The hidden field by which a form is sent once."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")

STYLE = """
:root{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--band:#f6f8fa;--line:#7d8590;--rule:#d0d7de;--bad:#a40e26;
--plum:#6b3fa0;--link:#0a5a9c;--act:#0a5a9c;--on-act:#fff;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--paper:#0f1419;--band:#171d24;--line:#7d8894;
--rule:#2d3640;--bad:#ff9aa5;--plum:#c9a6f5;--link:#8cc8ff;--act:#8cc8ff;--on-act:#0f1419}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI","Liberation Sans",sans-serif}
.banner{margin:0;padding:8px 24px;border-bottom:2px solid var(--plum);background:var(--band)}
.banner b{color:var(--plum);letter-spacing:.05em}
main,footer{max-width:50rem;padding:8px 24px}footer{padding-bottom:32px}footer p{color:var(--soft);font-size:14px;
border-top:1px solid var(--rule);padding-top:12px}
.trail{margin:8px 0 0;color:var(--soft);font-size:14px}
h1{font-size:26px;line-height:1.25;margin:12px 0 16px}h2{font-size:18px;margin:32px 0 8px}p,dd{overflow-wrap:anywhere}
label{display:block;font-weight:600;margin:20px 0 4px}label.box{font-weight:400}
small{display:block;color:var(--soft);font-size:14px;margin:0 0 4px}
input[type=text],textarea{width:100%;padding:8px;border:1px solid var(--line);border-radius:6px;
background:var(--paper);color:var(--ink);font:14px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
input[type=checkbox]{width:18px;height:18px;vertical-align:-3px;margin:0 6px 0 0}
button{margin:20px 16px 0 0;padding:9px 18px;border:1px solid var(--act);border-radius:6px;background:var(--act);
color:var(--on-act);font:600 16px/1.4 system-ui,"Segoe UI","Liberation Sans",sans-serif;cursor:pointer}
button.second{background:var(--paper);color:var(--act)}form.beside{display:inline-block}
button.copy{margin:6px 0 0;padding:3px 10px;border-color:var(--line);background:var(--band);color:var(--ink);
font-size:14px;font-weight:400}
a{color:var(--link)}:focus-visible{outline:3px solid var(--plum);outline-offset:2px}
dl{margin:16px 0;padding:4px 16px;border:1px solid var(--rule);border-radius:8px;background:var(--band)}
dt{color:var(--soft);font-size:14px;margin-top:10px}dd{margin:0 0 12px}
code{font:14px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
.error{border-left:4px solid var(--bad);padding:8px 16px;background:var(--band)}
"""

# Copying needs script; without it the value is there to be selected.
COPYING = """<script>for(const b of document.querySelectorAll("button.copy")){b.hidden=false;b.onclick=async()=>{
const text=document.getElementById(b.value).textContent;try{await navigator.clipboard.writeText(text)}catch{
const r=document.createRange();r.selectNodeContents(document.getElementById(b.value));
getSelection().removeAllRanges();getSelection().addRange(r);return}
document.getElementById("said").textContent=b.getAttribute("aria-label").replace("Copy","Copied");b.textContent="Copied";
if(b.dataset.goes)document.forms[0].submit()}}
</script>"""

# The server ends when nobody asks for a while, and may be started again: a form waits for it with what was typed.
WAITING = """<p class="error" id="waiting" role="alert" hidden>The rehearsal has ended, because nobody asked it anything
for a while. What you typed stays here, and is sent as soon as the rehearsal runs again: start it with
<code>flexsso rehearsal serve</code>, or run the cell of the notebook that opens the tenant.</p>
<script>const runs=async()=>{try{const r=await fetch("/-/status",{cache:"no-store"});
return(await r.json()).product==="flexsso rehearsal"}catch{return false}};
for(const f of document.querySelectorAll("form[method=post]"))if(f.action.startsWith(location.origin+"/"))
f.addEventListener("submit",async e=>{e.preventDefault();if(f.dataset.waits)return;f.dataset.waits="yes";
const said=document.getElementById("waiting");
while(!await runs()){if(said.hidden){said.hidden=false;said.scrollIntoView({block:"center"})}
await new Promise(r=>setTimeout(r,500))}
said.hidden=true;delete f.dataset.waits;f.submit()})</script>"""

BANNER = (
    '<header><p class="banner"><b>REHEARSAL</b> – a practice page on this machine. '
    "Nothing here is a real account.</p></header>"
)

# The page may style itself and submit itself, and load nothing from anywhere.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(
    title: str,
    body_html: str,
    *,
    lang: str = "en",
    status: int = 200,
    headers: dict[str, str] | None = None,
    footer: str = "",
) -> HTMLResponse:
    """A whole page: the REHEARSAL banner, `title` as its one h1 (escaped here), and HTML that is put in as it is."""
    below = f"\n<footer><p>{footer}</p></footer>" if footer else ""
    script = f'<p id="said" role="status"></p>{COPYING}' if 'class="copy"' in body_html else ""
    waiting = WAITING if '<form method="post"' in body_html else ""
    html = (
        f'<!doctype html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · REHEARSAL</title>"
        f"<style>{STYLE}</style></head>\n<body>{BANNER}\n<main><h1>{escape(title)}</h1>\n{body_html}\n{waiting}</main>"
        f"{below}{script}</body></html>\n"
    )
    return HTMLResponse(
        html, status, {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", **(headers or {})}
    )


def link(request: Request, url: str) -> str:
    """Where the browser that made `request` finds the authentic `url`: prefixed on the browser face only.

    An address on the reader's own machine (a self-hosted Flex in development) stays as it is.
    """
    parts = urlsplit(url)
    if not request.scope.get("face") or parts.scheme not in ("http", "https") or parts.hostname in LOOPBACK:
        return url
    return urlunsplit(("", "", f"/{parts.netloc}{parts.path}", parts.query, parts.fragment))


def redirect(request: Request, url: str, status: int = 302) -> RedirectResponse:
    """A redirect to the authentic `url`, kept on the face the request came by."""
    return RedirectResponse(link(request, url), status, {"Cache-Control": "no-store"})


def anchor(request: Request, url: str, *, text: str = "", id_: str = "", new_window: bool = False) -> str:
    """A link whose text shows the authentic address (or `text`)."""
    identity = f' id="{escape(id_)}"' if id_ else ""
    target = ' target="_blank" rel="noopener"' if new_window else ""
    return f'<a href="{escape(link(request, url))}"{identity}{target}>{escape(text or url)}</a>'


def trail(*places: str, aside: str = "") -> str:
    """Where one is, from the outside in, and whose page it is; the last place is this page."""
    way = " › ".join(escape(place) for place in places)
    return f'<p class="trail">{way}{f"<br>{escape(aside)}" if aside else ""}</p>'


def form(
    request: Request,
    action_url: str,
    *fields: str,
    button: str,
    hidden: dict[str, str] | None = None,
    method: str = "post",
    cancel: str = "",
    second: bool = False,
    once: bool = True,
) -> str:
    """A form that goes to the authentic `action_url`; `fields` come from `text`, `area` and `tick`.

    In a browser it is sent `once`, by a state of its own.

    `cancel` is the authentic address of a way out beside the button. `second` draws a button that is not the main one
    of its page; it stands beside the one before.
    """
    kept = "".join(_hidden(name, value) for name, value in (hidden or {}).items())
    fresh = request.scope.get("form_state")
    kept += _hidden(STATE, fresh()) if fresh and once and method == "post" else ""
    beside = "" if fields else ' class="beside"'
    return (
        f'<form method="{method}" action="{escape(link(request, action_url))}"{beside}>{kept}{"".join(fields)}'
        f'<button type="submit"{" class=second" if second else ""}>{escape(button)}</button>'
        f"{anchor(request, cancel, text='Cancel') if cancel else ''}</form>"
    )


def text(label: str, name: str, *, value: str = "", hint: str = "") -> str:
    """One line of text with its label."""
    return (
        f'<label for="{escape(name)}">{escape(label)}</label>{_hint(name, hint)}'
        f'<input type="text" id="{escape(name)}" name="{escape(name)}" value="{escape(value)}" '
        f'autocomplete="off" spellcheck="false"{_described(name, hint)}>'
    )


def area(label: str, name: str, *, value: str = "", hint: str = "") -> str:
    """Several lines of text with their label. The line break after the tag is the one HTML drops."""
    return (
        f'<label for="{escape(name)}">{escape(label)}</label>{_hint(name, hint)}'
        f'<textarea id="{escape(name)}" name="{escape(name)}" rows="8" spellcheck="false"{_described(name, hint)}>'
        f"\n{escape(value)}</textarea>"
    )


def tick(label: str, name: str, *, checked: bool = False) -> str:
    """A checkbox; ticked it sends `on`."""
    state = " checked" if checked else ""
    return (
        f'<label class="box" for="{escape(name)}">'
        f'<input type="checkbox" id="{escape(name)}" name="{escape(name)}"{state}> '
        f"{escape(label)}</label>"
    )


def value(label: str, text_shown: str, *, id_: str = "", copy: bool = False) -> str:
    """A labelled value to read, as a pair for a definition list; with `copy` (and an id) a button copies it."""
    identity = f' id="{escape(id_)}"' if id_ else ""
    said = escape(f"Copy {label}")
    button = (
        f'<br><button type="button" class="copy" value="{escape(id_)}" aria-label="{said}" hidden>Copy</button>'
        if copy
        else ""
    )
    return f"<dt>{escape(label)}</dt><dd><code{identity}>{escape(text_shown)}</code>{button}</dd>"


def values(*pairs: str) -> str:
    """A definition list of `value`s."""
    return f"<dl>{''.join(pairs)}</dl>"


def error(message: str) -> str:
    """What went wrong, in the element that people and the simulated person look for: id `error`."""
    return f'<p class="error" id="error" role="alert">{escape(message)}</p>'


def leads_out(request: Request, url: str) -> bool:
    """Whether the authentic `url` is no page of this rehearsal, but an outside provider's that a browser could reach.

    Twilio's own hosts are none of those, also where the rehearsal does not play them: no rehearsed response goes there.
    """
    host = urlsplit(url).netloc
    plays = request.scope.get("plays")
    own = urlsplit(url).hostname in LOOPBACK or host.endswith((".twilio.com", ".twil.io"))
    return bool(request.scope.get("face")) and plays is not None and not own and not plays(host)


def auto_post(
    request: Request, title: str, action_url: str, fields: dict[str, str], *, to_copy: str = ""
) -> HTMLResponse:
    """A page that posts `fields` to `action_url` by itself; without script a person presses Continue.

    With the name of a field `to_copy`, it shows that one, and waits: one button copies it and goes on, one goes on.

    To an outside provider nothing goes by itself, as nothing of a rehearsal leaves the machine unasked.
    """
    if leads_out(request, action_url):
        hidden = "".join(_hidden(name, value) for name, value in fields.items())
        return page(
            title,
            f"<p>This goes to <code>{escape(action_url)}</code>, which is no part of this rehearsal.</p>"
            f'<form method="post" action="{escape(action_url)}">{hidden}<button type="submit">Continue</button></form>',
        )
    body = form(request, action_url, button="Continue", hidden=fields, once=False)
    if to_copy:
        told = "<p>This is what developer tools show of the sign-on. It has not been sent yet.</p>"
        words = escape(f"Copy {to_copy} and continue")
        button = (
            f'<button type="button" class="copy" value="to-copy" data-goes="on" aria-label="{words}" hidden>{words}'
            "</button>"
        )
        return page(title, f"{told}<p>{button}</p>{body}{values(value(to_copy, fields[to_copy], id_='to-copy'))}")
    return page(title, f"<p>You are being taken on.</p>{body}<script>document.forms[0].submit()</script>")


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded form that was posted; of a repeated field the first."""
    text_sent = (await request.body()).decode("utf-8", "replace")
    return {name: values_sent[0] for name, values_sent in parse_qs(text_sent, keep_blank_values=True).items()}


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _hint(name: str, hint: str) -> str:
    return f'<small id="{escape(name)}-hint">{escape(hint)}</small>' if hint else ""


def _described(name: str, hint: str) -> str:
    return f' aria-describedby="{escape(name)}-hint"' if hint else ""
