"""Single sign-out: a LogoutRequest is answered to the application's logout URL (single-sign-out-saml-protocol page)."""

import base64
import zlib
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.entra import saml_request
from flexsso_helpers.rehearsal.entra.response import SAML, SAMLP, SUCCESS
from flexsso_helpers.rehearsal.world import pages, rules
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare({"E04": "A LogoutRequest is answered to the logout URL, or by a page where the application has none"})

SIGNED_OUT = "You signed out of your account"


def answer(world: World, request: Request, message: etree._Element, sp: Document, relay_state: str | None) -> Response:
    """Sign out. Raises SignInRefusal for an id that is none."""
    saml_request.check_id(world, message)
    app = objects.application_of(world, sp["appId"]) or {}
    url = sp["logoutUrl"] or (app.get("web") or {}).get("logoutUrl")
    if not url or not world.rules.on("E04"):
        return pages.page(SIGNED_OUT, "<p>You may close this window.</p>")
    query = {"SAMLResponse": _packed(_response(world, message, url))}
    if relay_state is not None:
        query["RelayState"] = relay_state
    return pages.redirect(request, f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}")


def _response(world: World, message: etree._Element, url: str) -> bytes:
    bare: Any = {"samlp": SAMLP}
    response = etree.Element(f"{{{SAMLP}}}LogoutResponse", nsmap=bare)
    attributes = {
        "ID": f"_{world.new_id('samlLogoutResponse')}",
        "Version": "2.0",
        "IssueInstant": f"{world.clock.iso()[:-1]}.000Z",
        "Destination": url,
        "InResponseTo": message.get("ID", ""),
    }
    for name, value in attributes.items():
        response.set(name, value)
    own: Any = {None: SAML}
    etree.SubElement(response, f"{{{SAML}}}Issuer", nsmap=own).text = world.cloud.issuer(TENANT_ID)
    status = etree.SubElement(response, f"{{{SAMLP}}}Status")
    etree.SubElement(status, f"{{{SAMLP}}}StatusCode", Value=SUCCESS)
    return etree.tostring(response)


def _packed(xml: bytes) -> str:
    deflater = zlib.compressobj(wbits=-15)
    return base64.b64encode(deflater.compress(xml) + deflater.flush()).decode()
