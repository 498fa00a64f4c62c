"""The SAML endpoint: reads the AuthnRequest, asks who signs in, and issues what the tenant is configured to issue."""

import base64
import binascii
import zlib
from dataclasses import dataclass

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers.rehearsal import entra_claims, entra_objects, entra_tenant, pages, rules
from flexsso_helpers.rehearsal.entra_errors import SignInRefusal, as_page
from flexsso_helpers.rehearsal.entra_response import SAML, SAMLP, build_response
from flexsso_helpers.rehearsal.entra_response import Request as Answered
from flexsso_helpers.rehearsal.entra_signing import active_key, signing_option
from flexsso_helpers.rehearsal.graph_reads import mirrored
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import TENANT_ID, World

rules.declare(
    {
        "G75": "The issuer of the request is one of the identifiers, the reply URL one of those registered, exactly",
        "AADSTS50057": "A disabled account does not sign in",
        "AADSTS7500529": "A request whose ID begins with a digit is refused",
        "AADSTS76021": "An application that demands signed requests refuses Flex's",
        "AADSTS7000112": "A disabled application signs nobody on",
    }
)

LONGEST_REQUEST = 100_000
FORMATS = ("", entra_claims.EMAIL, entra_claims.UNSPECIFIED, entra_claims.PERSISTENT, entra_claims.TRANSIENT)
TITLE = "Sign in to your account"


@dataclass(frozen=True)
class Asked:
    """A request that was found good, and the service principal it is for."""

    sp: Document
    request: Answered
    name_id_format: str


class SamlEndpoint:
    """`/{tenant}/saml2`."""

    def __init__(self, world: World) -> None:
        """The endpoint of this tenant."""
        self.world = world

    async def ask(self, request: Request) -> Response:
        """Check the request in the query, then ask for the user name."""
        query = dict(request.query_params)
        try:
            self._asked(request, query.get("SAMLRequest"))
        except SignInRefusal as refusal:
            return as_page(self.world, request, refusal)
        return self._form(request, query)

    async def answer(self, request: Request) -> Response:
        """Take the user name and issue, or say why not."""
        sent = await pages.form_fields(request)
        try:
            asked = self._asked(request, sent.get("SAMLRequest"))
            user = self._user(sent.get("user", ""))
            response = self._issue(asked, user)
        except SignInRefusal as refusal:
            return as_page(self.world, request, refusal)
        return self._send(request, asked, response, sent.get("RelayState"))

    async def start(self, request: Request) -> Response:
        """A tile of My Apps: to the sign-on URL where there is one, else ask who signs on (2b, loginUrl)."""
        try:
            sp = self._tile(request)
        except SignInRefusal as refusal:
            return as_page(self.world, request, refusal)
        if sp["loginUrl"]:
            return pages.redirect(request, sp["loginUrl"])
        address = f"https://launcher.myapps.microsoft.com/api/signin/{sp['appId']}"
        return self._asking(request, address, {}, request.query_params.get("login_hint", ""))

    async def start_as(self, request: Request) -> Response:
        """Send a response that nobody asked for to the application's default reply URL."""
        sent = await pages.form_fields(request)
        try:
            sp = self._tile(request)
            answered = Answered("", _identifier(sp), self._default_reply_url(sp))
            asked = Asked(sp, answered, "")
            response = self._issue(asked, self._user(sent.get("user", "")))
        except SignInRefusal as refusal:
            return as_page(self.world, request, refusal)
        return self._send(request, asked, response, (sp["samlSingleSignOnSettings"] or {}).get("relayState"))

    def _tile(self, request: Request) -> Document:
        app_id = request.path_params["app_id"]
        sp = entra_objects.service_principal_of(self.world, app_id)
        if sp is None or sp["preferredSingleSignOnMode"] != "saml":
            raise _unknown(app_id)
        return self._enabled(mirrored(self.world, sp))

    def _send(self, request: Request, asked: Asked, response: bytes, relay_state: str | None) -> Response:
        self.world.count("sign_ins")
        self.world.wrote()
        fields = {"SAMLResponse": base64.b64encode(response).decode()}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return pages.auto_post(request, "Signing you in", asked.request.reply_url, fields)

    def _form(self, request: Request, query: dict[str, str]) -> Response:
        kept: dict[str, str] = {name: query[name] for name in ("SAMLRequest", "RelayState") if name in query}
        return self._asking(request, self.world.cloud.login_url(TENANT_ID), kept, query.get("login_hint", ""))

    def _asking(self, request: Request, url: str, kept: dict[str, str], name: str) -> Response:
        field = pages.text(
            "User name", "user", value=name, hint="For example bo.agent@contoso.com. No password is asked."
        )
        text = "<p>This is a rehearsal of Microsoft’s sign-in page: the user name alone signs you in.</p>"
        return pages.page(TITLE, text + pages.form(request, url, field, button="Sign in", hidden=kept))

    def _asked(self, request: Request, text: str | None) -> Asked:
        entra_tenant.check(self.world, request.path_params["tenant"])
        if not text:
            raise SignInRefusal(
                750054, "SAMLRequest or SAMLResponse must be present as query string parameters in HTTP request for "
                "SAML Redirect binding.",
            )  # fmt: skip
        authn = _authn_request(text)
        sp = self._enabled(self._service_principal(_issuer(authn)))
        self._check(authn, sp)
        answered = Answered(authn.get("ID", ""), _issuer(authn), self._reply_url(authn, sp))
        policy = authn.find(f"{{{SAMLP}}}NameIDPolicy")
        return Asked(sp, answered, "" if policy is None else policy.get("Format", ""))

    def _enabled(self, sp: Document) -> Document:
        if not sp["accountEnabled"] and self.world.rules.on("AADSTS7000112"):
            raise SignInRefusal(7000112, f"Application '{sp['appId']}'({sp['displayName']}) is disabled.")
        return sp

    def _service_principal(self, issuer: str) -> Document:
        for sp in self.world.store.all("servicePrincipal"):
            known = mirrored(self.world, sp)
            names = known["servicePrincipalNames"]
            loose = [name.lower().rstrip("/") for name in names]
            if issuer in names or (not self.world.rules.on("G75") and issuer.lower().rstrip("/") in loose):
                return known
        raise _unknown(issuer)

    def _reply_url(self, authn: etree._Element, sp: Document) -> str:
        asked = authn.get("AssertionConsumerServiceURL", "")
        if not asked:
            return self._default_reply_url(sp)
        if asked not in sp["replyUrls"] and self.world.rules.on("G75"):
            raise SignInRefusal(
                50011,
                f"The reply URL '{asked}' specified in the request does not match the reply URLs configured for the "
                f"application '{sp['appId']}'. Make sure the reply URL sent in the request matches one added to your "
                "application in the Azure portal.",
            )
        return asked

    def _default_reply_url(self, sp: Document) -> str:
        app = entra_objects.application_of(self.world, sp["appId"]) or {}
        known = [app.get("defaultRedirectUri"), *sp["replyUrls"]]
        default = next((url for url in known if url), None)
        if default is None:
            raise SignInRefusal(900971, "No reply address provided.")
        return str(default)

    def _check(self, authn: etree._Element, sp: Document) -> None:
        rules_on = self.world.rules.on
        identity = authn.get("ID", "")
        if (not identity or identity[0].isdigit()) and rules_on("AADSTS7500529"):
            text = f"The value '{identity}' is not a valid SAML ID. The ID must not begin with a number."
            raise SignInRefusal(7500529, text)
        if authn.find(f"{{{SAML}}}Subject") is not None:
            text = "The SAML authentication request property 'Subject' is not supported and must not be set."
            raise SignInRefusal(900236, text)
        policy = authn.find(f"{{{SAMLP}}}NameIDPolicy")
        if policy is not None and policy.get("Format", "") not in FORMATS and rules_on("G76"):
            text = "Microsoft Entra ID doesn't support the SAML request property 'NameIDPolicy/Format'"
            raise SignInRefusal(75006, f"{text} sent by the application: '{policy.get('Format')}'.")
        self._check_context(authn)
        app = entra_objects.application_of(self.world, sp["appId"]) or {}
        demanded = (app.get("requestSignatureVerification") or {}).get("isSignedRequestRequired")
        if demanded and rules_on("AADSTS76021"):
            raise SignInRefusal(
                76021, "The request sent by the client is not signed while the application requires signed requests."
            )

    def _check_context(self, authn: etree._Element) -> None:
        """The rehearsed people sign in by password; another demand cannot be met."""
        asked = [element.text or "" for element in authn.iter(f"{{{SAML}}}AuthnContextClassRef")]
        if asked and not any(name.strip().endswith((":Password", ":PasswordProtectedTransport")) for name in asked):
            wanted = ", ".join(name.strip().rsplit(":", 1)[-1] for name in asked)
            text = "Authentication method 'Password' by which the user authenticated with the service doesn't match"
            raise SignInRefusal(75011, f"{text} requested authentication method '{wanted}'.")

    def _user(self, name: str) -> Document:
        user = entra_objects.user_by_name(self.world, name)
        if user is None:
            raise SignInRefusal(
                50034, f"The user account {name} does not exist in the contoso.com directory. To sign into this "
                "application, the account must be added to the directory.",
            )  # fmt: skip
        if not user["accountEnabled"] and self.world.rules.on("AADSTS50057"):
            raise SignInRefusal(50057, "The user account is disabled.")
        return user

    def _issue(self, asked: Asked, user: Document) -> bytes:
        world, sp = self.world, asked.sp
        roles = entra_claims.roles_of(world, sp, user)
        if roles is None and sp["appRoleAssignmentRequired"] and world.rules.on("G73"):
            raise SignInRefusal(
                50105,
                f"Your administrator has configured the application {sp['displayName']} ('{sp['appId']}') to block "
                "users unless they are specifically granted ('assigned') access to the application. The signed in user "
                f"'{user['userPrincipalName']}' is blocked because they are not a direct member of a group with "
                "access, nor had access directly assigned by an administrator. Please contact your administrator to "
                "assign access to this application.",
            )
        key = active_key(world, sp)
        subject = entra_claims.subject(world, sp, user, roles or [], wanted_format=asked.name_id_format)
        return build_response(world, asked.request, subject, key=key, option=signing_option(world, sp))


def _authn_request(text: str) -> etree._Element:
    """The request inside the query's value. Raises SignInRefusal (75005)."""
    try:
        packed = base64.b64decode(text, validate=True)
        inflater = zlib.decompressobj(-15)
        xml = inflater.decompress(packed, LONGEST_REQUEST)
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except (ValueError, binascii.Error, zlib.error, etree.XMLSyntaxError):
        raise _no_request() from None
    if inflater.unconsumed_tail or b"<!DOCTYPE" in xml:
        raise _no_request()
    if root.tag != f"{{{SAMLP}}}AuthnRequest" or root.get("Version") != "2.0" or not root.get("IssueInstant"):
        raise _no_request()
    return root


def _no_request() -> SignInRefusal:
    return SignInRefusal(
        75005, "The request is not a valid Saml2 protocol message. Please contact the application developer."
    )


def _unknown(name: str) -> SignInRefusal:
    return SignInRefusal(
        700016,
        f"Application with identifier '{name}' was not found in the directory 'Contoso'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
    )


def _identifier(sp: Document) -> str:
    """The audience of a response that nobody asked for: the identifier, else the client id."""
    return str(next((name for name in sp["servicePrincipalNames"] if name != sp["appId"]), sp["appId"]))


def _issuer(authn: etree._Element) -> str:
    return (authn.findtext(f"{{{SAML}}}Issuer") or "").strip()
