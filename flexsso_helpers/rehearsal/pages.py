"""The pages of the rehearsal: plain, accessible HTML, and links that stay on the browser face.

A request reaches a host by its `Host` header (the API face) or by the first segment of the path (the browser face,
`http://localhost:PORT/<host>/<path>`). On the browser face everything that can be followed carries the host as prefix,
so that no link leaves the machine; text shown to people and SAML values stay authentic.
"""

from html import escape
from urllib.parse import parse_qs, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

LOOPBACK = ("localhost", "127.0.0.1", "::1")

STYLE = """
:root{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--band:#f6f8fa;--line:#8c959f;--bad:#a40e26;--plum:#6b3fa0;--link:#0a5a9c}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--paper:#0f1419;--band:#171d24;--line:#5b6773;
--bad:#ff9aa5;--plum:#c9a6f5;--link:#8cc8ff}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI","Liberation Sans",sans-serif}
.banner{margin:0;padding:8px 24px;border-bottom:2px solid var(--plum);background:var(--band)}
.banner b{color:var(--plum);letter-spacing:.05em}
main{max-width:44rem;padding:8px 24px 48px}h1{font-size:24px}h2{font-size:18px}p,dd{overflow-wrap:anywhere}
label{display:block;font-weight:600;margin:16px 0 4px}label.box{font-weight:400}small{display:block;color:var(--soft)}
input[type=text],textarea{width:100%;box-sizing:border-box;padding:8px;border:1px solid var(--line);border-radius:6px;
background:var(--paper);color:var(--ink);font:14px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
button{margin:20px 12px 0 0;padding:9px 18px;border:1px solid var(--line);border-radius:6px;background:var(--band);
color:var(--ink);font:600 16px system-ui,"Segoe UI","Liberation Sans",sans-serif}a{color:var(--link)}
dt{color:var(--soft)}dd{margin:0 0 12px}code,output{font:14px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
.error{border-left:4px solid var(--bad);padding:4px 16px}
"""

BANNER = (
    '<header><p class="banner"><b>REHEARSAL</b> – a practice page on this machine. '
    "Nothing here is a real account.</p></header>"
)

# The page may style itself and submit itself, and load nothing from anywhere.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
)


def page(
    title: str, body_html: str, *, lang: str = "en", status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:
    """A whole page: the REHEARSAL banner, `title` as its one h1 (escaped here), `body_html` (escaped by the caller)."""
    html = (
        f'<!doctype html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · REHEARSAL</title>"
        f"<style>{STYLE}</style></head>\n<body>{BANNER}\n<main><h1>{escape(title)}</h1>\n{body_html}\n</main></body></html>\n"
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


def anchor(request: Request, url: str, *, text: str = "", id_: str = "") -> str:
    """A link whose text shows the authentic address (or `text`)."""
    identity = f' id="{escape(id_)}"' if id_ else ""
    return f'<a href="{escape(link(request, url))}"{identity}>{escape(text or url)}</a>'


def form(request: Request, action_url: str, *fields: str, button: str, hidden: dict[str, str] | None = None) -> str:
    """A form that posts to the authentic `action_url`; `fields` come from `text`, `area` and `tick`."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in (hidden or {}).items()
    )
    return (
        f'<form method="post" action="{escape(link(request, action_url))}">{kept}{"".join(fields)}'
        f'<button type="submit">{escape(button)}</button></form>'
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


def value(label: str, text_shown: str, *, id_: str = "") -> str:
    """A labelled value to read or copy, as a pair for a definition list."""
    identity = f' id="{escape(id_)}"' if id_ else ""
    return f"<dt>{escape(label)}</dt><dd><code{identity}>{escape(text_shown)}</code></dd>"


def values(*pairs: str) -> str:
    """A definition list of `value`s."""
    return f"<dl>{''.join(pairs)}</dl>"


def error(message: str) -> str:
    """What went wrong, in the element that people and the simulated person look for: id `error`."""
    return f'<p class="error" id="error" role="alert">{escape(message)}</p>'


def auto_post(request: Request, title: str, action_url: str, fields: dict[str, str]) -> HTMLResponse:
    """A page that posts `fields` to `action_url` by itself; without script a person presses Continue."""
    body = form(request, action_url, button="Continue", hidden=fields)
    return page(title, f"<p>You are being taken on.</p>{body}<script>document.forms[0].submit()</script>")


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded form that was posted; of a repeated field the first."""
    text_sent = (await request.body()).decode("utf-8", "replace")
    return {name: values_sent[0] for name, values_sent in parse_qs(text_sent, keep_blank_values=True).items()}


def _hint(name: str, hint: str) -> str:
    return f'<small id="{escape(name)}-hint">{escape(hint)}</small>' if hint else ""


def _described(name: str, hint: str) -> str:
    return f' aria-describedby="{escape(name)}-hint"' if hint else ""
