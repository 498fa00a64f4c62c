"""Entra on a stage of its own: a planted world, Graph with a token for anybody, and people who sign on by SAML."""

import base64
import functools
import html
import json
import re
import zlib
from typing import Any

import httpx
from flex_stage import InProcess
from lxml import etree

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import make_certificate
from flexsso_helpers.rehearsal.directory.tokens import Principal, access_token
from flexsso_helpers.rehearsal.entra.clients import CONSENTED
from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.world.store import Document, Store
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

GRAPH = "https://graph.microsoft.com/v1.0"
LOGIN = f"https://login.microsoftonline.com/{TENANT_ID}"
CONNECTION = "JQf1e55000000000000000000000000001"
IDENTIFIER = f"urn:flex:{CONNECTION}"
REPLY_URL = f"https://login.flex.us1.twilio.com/login/callback?connection={CONNECTION}"
NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
AGENT, SUPERVISOR = "00000000-0000-4000-8000-00000000a9e7", "00000000-0000-4000-8000-00000000509e"
DAY = 86400


def definition(name: str, **inner: Any) -> list[str]:
    return [json.dumps({name: {"Version": 1, **inner}})]


def claims(*entries: Document, basic: str = "false") -> list[str]:
    return definition("ClaimsMappingPolicy", IncludeBasicClaimSet=basic, ClaimsSchema=list(entries))


def from_user(source: str, claim: str, **more: str) -> Document:
    return {"Source": "user", "ID": source, "SamlClaimType": claim, **more}


FLEX_CLAIMS = claims(
    from_user("mail", NAME_ID), from_user("mail", "email"), from_user("displayname", "full_name"),
    from_user("assignedroles", "roles"),
)  # fmt: skip


def signing(what: str = "ResponseAndToken", **more: str) -> list[str]:
    return definition("TokenIssuancePolicy", TokenResponseSigningPolicy=what, SamlTokenVersion="2.0", **more)


def role(identity: str, value: str | None, *, enabled: bool = True, name: str = "") -> Document:
    shown = name or value or "role"
    return {
        "id": identity, "allowedMemberTypes": ["User"], "displayName": shown, "description": shown,
        "isEnabled": enabled, "value": value,
    }  # fmt: skip


@functools.cache
def _planted() -> Store:
    world = World()
    server.app_for(world)
    return world.store


@functools.cache
def _configured() -> tuple[Store, Document, Document]:
    """The application as the notebooks leave it, long ago, so that no lag is left."""
    world = World(_planted().copy())
    past = world.clock.now - 10 * DAY
    app, sp = objects.pair(world, "Twilio Flex", at=past, template=objects.TEMPLATE_ID)
    app["identifierUris"], app["web"]["redirectUris"] = [IDENTIFIER], [REPLY_URL]
    app["appRoles"] += [role(AGENT, "agent"), role(SUPERVISOR, "supervisor")]
    sp["preferredSingleSignOnMode"] = "saml"
    made = make_certificate(world, name="CN=Twilio Flex", start=past, end=past + 365 * DAY)
    sp["keyCredentials"], sp["passwordCredentials"] = made.keys, [made.password]
    sp["preferredTokenSigningKeyThumbprint"] = made.thumbprint.lower()
    objects.keep(world, app, sp, at=past)
    for kind, text in (("claimsMappingPolicy", FLEX_CLAIMS), ("tokenIssuancePolicy", signing())):
        policy = {"id": world.new_id("policy"), "displayName": kind, "definition": text, "isOrganizationDefault": False}
        policy["deletedDateTime"] = None
        world.store.put(kind, str(policy["id"]), policy, at=past)
        objects.attach(world, kind, "servicePrincipal", sp["id"], str(policy["id"]), at=past)
    user = objects.user_by_name(world, "bo.agent@contoso.com")
    assert user
    objects.assign(world, sp, user, "user", AGENT, at=past)
    return world.store, app, sp


class Entra:
    """A planted world; with `configured` the Flex application is there as the notebooks leave it."""

    def __init__(self, *, off: tuple[str, ...] = (), configured: bool = True, cloud: str = "", **quirks: str) -> None:
        self.app: Document = {"id": "", "appId": ""}
        self.sp: Document = {"id": ""}
        if cloud:
            self.world = World(off=off, quirks=quirks, cloud=cloud)
        elif configured:
            store, app, sp = _configured()
            self.app, self.sp = app, sp
            self.world = World(store.copy(), off=off, quirks=quirks)
        else:
            self.world = World(_planted().copy(), off=off, quirks=quirks)
        self.http = self.over(self.world)
        self.ada = self.principal("ada.admin@contoso.com")

    @staticmethod
    def over(world: World) -> httpx.Client:
        """A client of a world."""
        return httpx.Client(transport=InProcess(server.app_for(world)))

    def principal(self, upn: str, *, without: str = "") -> Principal:
        user = self.user(upn)
        scopes = tuple(scope for scope in CONSENTED if scope != without)
        return Principal(
            id=user["id"], app_id="client", name=user["displayName"], user_name=upn, scopes=scopes, wids=user["_wids"]
        )

    def user(self, upn: str) -> Document:
        found = objects.signer(self.world, upn)
        assert found
        return found

    def group(self, name: str) -> Document:
        return next(group for group in self.world.store.all("group") if group["displayName"] == name)

    def wait(self, seconds: float = 60.0) -> None:
        self.world.advance(seconds)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: Principal | None = None,
        version: str = "v1.0",
        **headers: str,
    ) -> httpx.Response:
        token = access_token(self.world, who or self.ada)
        sent = {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.http.request(method, f"{self.world.cloud.graph}/{version}{path}", json=body, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.call("GET", path, None, who=None, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.json() if answer.content else {}

    def refused(
        self, method: str, path: str, body: Any = None, *, who: Principal | None = None
    ) -> tuple[int, str, str]:
        """Status, code and message of a refusal."""
        answer = self.call(method, path, body, who=who)
        assert answer.status_code >= 400, f"{method} {path} was not refused: {answer.status_code}"
        error = answer.json()["error"]
        assert error["innerError"]["request-id"] == answer.headers["request-id"]
        return answer.status_code, error["code"], error["message"]

    @property
    def app_path(self) -> str:
        return f"/applications/{self.app['id']}"

    @property
    def sp_path(self) -> str:
        return f"/servicePrincipals/{self.sp['id']}"

    def instantiate(self, name: str = "Second", *, saml: bool = True) -> None:
        """Make another application and stand on it."""
        template = objects.template_id(self.world)
        made = self.write("POST", f"/applicationTemplates/{template}/instantiate", {"displayName": name})
        self.app, self.sp = made["application"], made["servicePrincipal"]
        self.wait()
        if saml:
            self.write("PATCH", self.sp_path, {"preferredSingleSignOnMode": "saml"})
            self.wait()

    def policy(self, collection: str, text: list[str]) -> str:
        return str(self.write("POST", f"/policies/{collection}", {"displayName": "made", "definition": text})["id"])

    def link(self, owner: str, collection: str, policy: str) -> None:
        there = f"{self.world.cloud.graph}/v1.0/policies/{collection}/{policy}"
        self.write("POST", f"{owner}/{collection}/$ref", {"@odata.id": there})

    def batch(self, *requests: Document, who: Principal | None = None) -> list[tuple[int, Any]]:
        """Status and body of each answer, in the order of the requests."""
        numbered = [{"id": str(n), **request} for n, request in enumerate(requests)]
        answer = self.call("POST", "/$batch", {"requests": numbered}, who=who)
        assert answer.status_code == 200, answer.text
        found = {each["id"]: each for each in answer.json()["responses"]}
        return [(found[str(n)]["status"], found[str(n)]) for n in range(len(requests))]

    def linked(self, owner: str, collection: str) -> list[str]:
        self.wait()
        return [item["id"] for item in self.get(f"{owner}/{collection}")["value"]]

    def unlink_all(self, collection: str) -> None:
        for identity in self.linked(self.sp_path, collection):
            self.write("DELETE", f"{self.sp_path}/{collection}/{identity}/$ref")

    def set_claims(self, text: list[str]) -> None:
        (identity,) = self.linked(self.sp_path, "claimsMappingPolicies")
        self.write("PATCH", f"/policies/claimsMappingPolicies/{identity}", {"definition": text})

    def assign(self, principal: Document, role_id: str) -> str:
        body = {"principalId": principal["id"], "resourceId": self.sp["id"], "appRoleId": role_id}
        return str(self.write("POST", f"{self.sp_path}/appRoleAssignedTo", body)["id"])

    def add_certificate(self, **body: str) -> Any:
        return self.write("POST", f"{self.sp_path}/addTokenSigningCertificate", body)

    def sign_on(self, user: str = "bo.agent@contoso.com", **request: str) -> etree._Element | str:
        """The SAML response that comes out of a sign-on, or the text of Entra's error page."""
        url, packed = f"{LOGIN}/saml2", authn_request(**request)
        for answer in (
            self.http.get(url, params={"SAMLRequest": packed, "RelayState": "state"}),
            self.http.post(url, data={"SAMLRequest": packed, "RelayState": "state", "user": user}),
        ):
            error = re.search(r'id="error"[^>]*>([^<]*)', answer.text)
            if error:
                return html.unescape(error[1])
        sent = re.search(r'name="SAMLResponse" value="([^"]*)"', answer.text)
        assert sent, answer.text
        return etree.fromstring(base64.b64decode(html.unescape(sent[1])))

    def metadata(self, app_id: str | None = None) -> bytes:
        wanted = self.app["appId"] if app_id is None else app_id
        answer = self.http.get(
            f"{LOGIN}/federationmetadata/2007-06/federationmetadata.xml", params={"appid": wanted} if wanted else None
        )
        assert answer.status_code == 200, answer.text
        return answer.content


def authn_request(
    *,
    issuer: str = IDENTIFIER,
    reply_url: str = REPLY_URL,
    identity: str = "_request",
    inside: str = "",
    more: str = "",
) -> str:
    return packed(authn_xml(issuer=issuer, reply_url=reply_url, identity=identity, inside=inside, more=more))


def authn_xml(
    *,
    issuer: str = IDENTIFIER,
    reply_url: str = REPLY_URL,
    identity: str = "_request",
    inside: str = "",
    more: str = "",
) -> bytes:
    """An AuthnRequest; `more` are further attributes, `inside` further elements."""
    acs = f' AssertionConsumerServiceURL="{html.escape(reply_url)}"' if reply_url else ""
    xml = (
        f'<samlp:AuthnRequest xmlns:samlp="{SAMLP[1:-1]}" xmlns:saml="{SAML[1:-1]}" ID="{identity}" Version="2.0" '
        f'IssueInstant="2026-11-02T08:00:00Z"{acs}{more}><saml:Issuer>{issuer}</saml:Issuer>{inside}</samlp:AuthnRequest>'
    )
    return xml.encode()


def logout_request(*, issuer: str = IDENTIFIER, identity: str = "_out") -> bytes:
    return (
        f'<samlp:LogoutRequest xmlns:samlp="{SAMLP[1:-1]}" xmlns:saml="{SAML[1:-1]}" ID="{identity}" Version="2.0" '
        f'IssueInstant="2026-11-02T08:00:00Z"><saml:Issuer>{issuer}</saml:Issuer>'
        "<saml:NameID>bo.agent@contoso.com</saml:NameID></samlp:LogoutRequest>"
    ).encode()


def packed(xml: bytes) -> str:
    deflater = zlib.compressobj(wbits=-15)
    return base64.b64encode(deflater.compress(xml) + deflater.flush()).decode()


def attributes(response: etree._Element | str) -> dict[str, list[str]]:
    assert not isinstance(response, str), response
    return {
        element.get("Name", ""): [value.text or "" for value in element]
        for element in response.iter(f"{SAML}Attribute")
    }


def name_id(response: etree._Element | str) -> tuple[str, str]:
    """Value and last part of the format; empty where there is none."""
    assert not isinstance(response, str), response
    found = response.find(f".//{SAML}NameID")
    return ("", "") if found is None else (found.text or "", found.get("Format", "").rsplit(":", 1)[-1])


def signed_parts(response: etree._Element | str) -> list[str]:
    """Which elements have a signature of their own."""
    assert not isinstance(response, str), response
    found = [signature.getparent() for signature in response.iter(f"{DS}Signature")]
    return [etree.QName(parent).localname for parent in found if parent is not None]


def certificates(xml: bytes | etree._Element, inside: str = "IDPSSODescriptor") -> list[str]:
    root = etree.fromstring(xml) if isinstance(xml, bytes) else xml
    return [text.text or "" for part in root.iter(f"{{*}}{inside}") for text in part.iter(f"{DS}X509Certificate")]
