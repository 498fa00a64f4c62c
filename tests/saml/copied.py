"""The shapes in which a response is copied or saved, as the program at hand writes it; docs/judge.md lists them."""

import base64
import email.message
import json
import quopri
import textwrap
import zlib
from collections.abc import Callable
from html import escape
from urllib.parse import quote, urlencode

import saml_forge as forge

XML = forge.Forge().xml()
RELAY = "https://flex.twilio.com/contoso-1234?x=1&y=2"
URL = forge.REPLY_URL
BARE = base64.b64encode(XML).decode()
BODY = urlencode({"SAMLResponse": BARE, "RelayState": RELAY})
LINES = "\n".join(textwrap.wrap(BARE, 76))
FORM = "application/x-www-form-urlencoded"
HEADERS = {"content-type": FORM, "origin": "https://login.microsoftonline.com", "cookie": "a=b; c=d"}
MARK = "----WebKitFormBoundaryAbC"
PARTS = "".join(
    f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in (("SAMLResponse", BARE), ("RelayState", RELAY))
) + f"--{MARK}--\r\n"  # fmt: skip
PAGE = (
    "<html><head><title>Working...</title></head><body><form method='POST' name='hiddenform' action='{}'>"
    "<input type='hidden' name='SAMLResponse' value='{}' /><input type='hidden' name='RelayState' value='{}' />"
    "<noscript><p>Script is disabled. Click Submit to continue.</p></noscript></form></body></html>"
)
AUTO_SUBMIT = PAGE.format(URL, BARE, escape(RELAY))
UTF_16 = '<?xml version="1.0" encoding="utf-16"?>' + XML.decode()


def deflated(data: bytes, window: int = -zlib.MAX_WBITS) -> str:
    packer = zlib.compressobj(wbits=window)
    return base64.b64encode(packer.compress(data) + packer.flush()).decode()


def har(*entries: tuple[dict[str, object], dict[str, object]]) -> str:
    return json.dumps({"log": {"entries": [{"request": sent, "response": got} for sent, got in entries]}})


def sent(**body: object) -> tuple[dict[str, object], dict[str, object]]:
    return {"method": "POST", "url": URL, "postData": {"mimeType": FORM, **body}}, {}


def shown(text: str, **more: str) -> tuple[dict[str, object], dict[str, object]]:
    content = {"mimeType": "text/html", "text": text, **more}
    return {"method": "POST", "url": "https://login.microsoftonline.com/common/login"}, {"content": content}


GET: tuple[dict[str, object], dict[str, object]] = (
    {"method": "GET", "url": "https://login.microsoftonline.com/x/saml2?SAMLRequest=abc"}, {},
)  # fmt: skip


def curl(quote_with: Callable[[str], str], line_end: str) -> str:
    headers = [f"-H {quote_with(f'{name}: {value}')}" for name, value in HEADERS.items()]
    return f" {line_end}\n  ".join([f"curl {quote_with(URL)}", *headers, f"--data-raw {quote_with(BODY)}"])


def caret(text: str) -> str:
    return '^"' + "".join(f"^{sign}" if sign in '%&"^<>|!' else sign for sign in text) + '^"'


def mail(content: str, *, subtype: str = "plain", cte: str = "quoted-printable", attached: bool = False) -> bytes:
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "ada@contoso.com", "bo@contoso.com", "Sign-on"
    if attached:
        message.set_content("Please see the file.\n")
        message.add_attachment(content.encode(), maintype="application", subtype="xml", filename="response.xml")
    else:
        message.set_content(content, subtype=subtype, cte=cte)
    return message.as_bytes()


def fetch(start: str) -> str:
    said = {"headers": HEADERS, "referrer": "https://login.microsoftonline.com/", "body": BODY, "method": "POST"}
    return f"{start}({json.dumps(URL)}, {json.dumps(said, indent=2)});"


POWERSHELL = f"""$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("a", "b", "/", ".twilio.com")))
Invoke-WebRequest -UseBasicParsing -Uri "{URL}" `
-Method "POST" `
-WebSession $session `
-Headers @{{
"origin"="https://login.microsoftonline.com"
}} `
-ContentType "{FORM}" `
-Body "{BODY}"
"""
RAW = f"POST /login/callback HTTP/1.1\r\nHost: login.flex.us1.twilio.com\r\nContent-Type: {FORM}\r\n\r\n{BODY}"

SHAPES: dict[str, str | bytes] = {
    "Form field: its value": BARE,
    "Form field: its value in lines of 76": LINES,
    "Form field: its value in lines of 76, ends of Windows": LINES.replace("\n", "\r\n"),
    "Form field: its value, lines pasted as blanks": LINES.replace("\n", " "),
    "Form field: its value, percent-encoded": quote(BARE, safe=""),
    "Form field: its value in quotes": f'"{BARE}"',
    "Form field: its value in typographic quotes": f"“{BARE}”",
    "Form field: its value behind a byte order mark": "\ufeff" + BARE,
    "Form field: its value with invisible marks of a chat in it": "\u200b\xad".join([BARE[:40], BARE[40:], ""]),
    "Form field: its value without the padding": BARE.rstrip("="),
    "Form field: its value with `+` turned into blanks": BARE.replace("+", " "),
    "Form field: its value with `+` turned into blanks, padding lost": BARE.replace("+", " ").rstrip("="),
    "Form field: its value as base64url": BARE.translate({ord("+"): "-", ord("/"): "_"}),
    "Form field: its value, deflated": deflated(XML),
    "Form field: its value, deflated with a header": deflated(XML, zlib.MAX_WBITS),
    "Form field: body of the POST": BODY,
    "Form field: body of the POST, RelayState first": f"RelayState={quote(RELAY, safe='')}&SAMLResponse={BARE}",
    "Form field: body of several parts (multipart/form-data)": PARTS,
    "Form field: the whole POST as a proxy shows it": RAW,
    "Chromium: payload, one line a field": f"SAMLResponse: {BARE}\nRelayState: {RELAY}",
    "Chromium: payload, name and value on lines of their own": f"SAMLResponse\n{BARE}\nRelayState\n{RELAY}",
    "Chromium: payload, other fields behind": f"SAMLResponse\n{BARE}\nOrigin\nhttps://login.microsoftonline.com",
    "Chromium: payload as a table, name and value by a tab": f"SAMLResponse\t{BARE}\nRelayState\t{RELAY}",
    "Chromium: copy as cURL (bash)": curl(lambda text: f"'{text}'", "\\"),
    "Chromium: copy as cURL (bash), with escapes": curl(lambda text: f"$'{text}&x=\\u0021'", "\\"),
    "Chromium: copy as cURL (cmd)": curl(caret, "^"),
    "Chromium: copy as cURL (cmd), of older versions": (
        f'curl "{URL}" --data-raw "{BODY.replace("%", chr(34) + "^%" + chr(34))}" --compressed'
    ),
    "Chromium: copy as PowerShell": POWERSHELL,
    "Chromium: copy as fetch": fetch("fetch"),
    "Chromium: copy as fetch (Node.js)": fetch("fetch"),
    "Chromium: copy all as cURL (bash)": " ;\n".join(
        [f"curl '{GET[0]['url']}' -H 'a: b'", curl(lambda text: f"'{text}'", "\\")]
    ),
    "Chromium: copy all as fetch": f"fetch({json.dumps(GET[0]['url'])}, {{}}); ;\n{fetch('fetch')}",
    "Chromium: HAR with content": har(GET, sent(text=BODY, params=[{"name": "SAMLResponse", "value": quote(BARE)}])),
    "Firefox: copy POST data": f"SAMLResponse={BARE}\nRelayState={RELAY}",
    "Firefox: copy all parameters as JSON": json.dumps({"SAMLResponse": BARE, "RelayState": RELAY}),
    "Firefox: copy all of the request's panel": json.dumps({"Form data": {"SAMLResponse": BARE, "RelayState": RELAY}}),
    "Firefox: copy as cURL (POSIX)": curl(lambda text: f"'{text}'", "\\").replace("\\\n  ", ""),
    "Firefox: copy as cURL (Windows)": curl(caret, "^").replace(" ^\n  ", " "),
    "Firefox: copy as PowerShell": POWERSHELL.partition("\n")[2].replace(" `\n", " "),
    "Firefox: copy as fetch": fetch("await fetch"),
    "Firefox: HAR, fields as parameters": har(
        GET, sent(params=[{"name": "SAMLResponse", "value": BARE}, {"name": "RelayState", "value": RELAY}], text="")
    ),
    "Edge: HAR whose bodies are base64": har(
        GET, sent(text=base64.b64encode(BODY.encode()).decode(), encoding="base64")
    ),
    "HAR: only Entra's page that posts by itself": har(GET, shown(AUTO_SUBMIT)),
    "HAR: only Entra's page that posts by itself, as base64": har(
        GET, shown(base64.b64encode(AUTO_SUBMIT.encode()).decode(), encoding="base64")
    ),
    "HAR: a body of several parts": har(GET, sent(text=PARTS)),
    "HAR: in UTF-16, as PowerShell saves it": har(GET, sent(text=BODY)).encode("utf-16"),
    "SAML-tracer: export": json.dumps(
        {"requests": [GET[0], {"method": "POST", "url": URL, "post": [["SAMLResponse", BARE], ["RelayState", RELAY]]}]}
    ),
    "Log: a function's event with its body": json.dumps({"httpMethod": "POST", "body": BODY}),
    "Log: a function's event with its body as base64": json.dumps(
        {"body": base64.b64encode(BODY.encode()).decode(), "isBase64Encoded": True}
    ),
    "Log: a line of YAML": f"SAMLResponse: |\n  {LINES.replace(chr(10), chr(10) + '  ')}\n",
    "Page: Entra's page that posts by itself": AUTO_SUBMIT,
    "Page: the same below a comment": f"<!-- Copyright (C) Microsoft -->\r\n<!DOCTYPE html>{AUTO_SUBMIT}",
    "Page: its source, shown on another page": f"<html><body><pre>{escape(XML.decode())}</pre></body></html>",
    "Page: a decoder's text area": f"<textarea name='SAMLResponse' rows='9'>{BARE}</textarea>",
    "XML: the response": XML,
    "XML: with a byte order mark": b"\xef\xbb\xbf" + XML,
    "XML: with a declaration": b'<?xml version="1.0" encoding="UTF-8"?>\r\n' + XML + b"\r\n",
    "XML: in UTF-16": UTF_16.encode("utf-16"),
    "XML: in UTF-8, declared as UTF-16": UTF_16.encode(),
    "XML: in UTF-16 without a mark, declared as UTF-8": UTF_16.replace("utf-16", "utf-8").encode("utf-16-le"),
    "XML: in UTF-16, declared as UTF-8": UTF_16.replace("utf-16", "utf-8").encode("utf-16"),
    "XML: as a page's source (`&lt;`)": escape(XML.decode()),
    "XML: the browser's tree view": (
        "This XML file does not appear to have any style information associated with it. The document tree is shown "
        f"below.\n{XML.decode()}"
    ),
    "Text: a sentence before the XML": f"Hello, this is what we get:\n\n{XML.decode()}",
    "Text: sentences around the XML": f"We get this: {XML.decode()} What is wrong with it?\n-- \nAda",
    "Text: a sentence before the value": f"Hello, this is what the field holds:\n\n{BARE}\n\nThank you, Ada",
    "Text: a sentence before the value, in lines": f"Hello, this is what the field holds:\n\n{LINES}\n\nThank you, Ada",
    "Markdown: a fence around XML": f"```xml\n{XML.decode()}\n```",
    "Markdown: a fence around the value": f"The value:\n\n```\n{BARE}\n```\n",
    "Markdown: a fence around the body": f"```text\n{BODY}\n```",
    "Markdown: in backticks": f"`{BARE}`",
    "Markdown: a table": f"| Field | Value |\n|---|---|\n| SAMLResponse | {BARE} |\n",
    "Markdown: quoted, line by line": "\n".join(f"> {line}" for line in LINES.splitlines()),
    "Mail: its source, quoted-printable": mail(f"SAMLResponse={BARE}\n"),
    "Mail: its source, base64": mail(f"Hello\n\n{LINES}\n", cte="base64"),
    "Mail: its source, HTML": mail(f"<html><body><p>{escape(XML.decode())}</p></body></html>", subtype="html"),
    "Mail: its source, the XML as a file": mail(XML.decode(), attached=True),
    "Mail: a quoted-printable body": quopri.encodestring(BODY.encode(), quotetabs=True).decode(),
}
