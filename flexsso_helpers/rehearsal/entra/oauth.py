"""Sign-in for programs and for people's programs: tokens, as azure-identity and MSAL use them."""

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexsso_helpers.rehearsal.directory import tokens
from flexsso_helpers.rehearsal.directory.tokens import Principal
from flexsso_helpers.rehearsal.entra import own_clients, tenant
from flexsso_helpers.rehearsal.entra import scopes as entra_scopes
from flexsso_helpers.rehearsal.entra.clients import BY_ANYBODY, check_consent, from_header, program, scopes_of
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal, as_json
from flexsso_helpers.rehearsal.world import quirks
from flexsso_helpers.rehearsal.world.pages import form_fields
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

quirks.declare(
    {
        "device_code_flow": quirk(
            "allowed",
            "blocked",
            "flow_blocked",
            source="5: azure-cli#32420, powershell#343: Conditional Access may block it; its pages name 530036 too",
            refused=dict.fromkeys(("blocked", "flow_blocked"), ("SignInError", "00")),
        ),
        "device_code_session": quirk(
            "lasts",
            "ends",
            source="530036, authentication-flows page: a session begun by device code is tracked, and a policy made "
            "later ends its refresh token",
        ),
    }
)

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
SHORTEST, LONGEST = 3599, 5399
"""Seconds that a client keeps a token, between which Entra draws: 60 to 90 minutes (access-tokens page)."""
EVERY_USER = "b79fbf4d-3ef9-4689-8143-76b194e85509"
"""The role template id that every user's token has."""


@dataclass
class Grant:
    """A device code or an authorization code: what was asked, by when, and who agreed or why nobody could."""

    client_id: str
    scope: str
    code: str
    ends: float
    user: Document | None = None
    refusal: SignInRefusal | None = None
    redirect_uri: str = ""
    challenge: str = ""
    claims: str = ""
    nonce: str = ""


@dataclass
class OAuth:
    """The token side of the sign-in service. Codes are no state of the tenant: they live in memory only."""

    world: World
    devices: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)

    async def token(self, request: Request) -> Response:
        """Give tokens for a device code, an authorization code, a program's own proof, or a refresh token."""
        sent = from_header(self.world, request) | await form_fields(request)
        try:
            self.check_tenant(request, any_tenant=sent.get("grant_type") != "client_credentials")
            return JSONResponse(self._grant(sent))
        except SignInRefusal as refusal:
            return as_json(self.world, request, refusal)

    def _grant(self, sent: dict[str, str]) -> Document:
        grant = sent.get("grant_type", "")
        if grant == "client_credentials":
            return self._for_program(sent)
        if grant in (DEVICE_CODE, "device_code"):
            return self._for_device(sent)
        if grant == "authorization_code":
            return self._for_code(sent)
        if grant == "refresh_token":
            return self._for_refresh(sent)
        raise SignInRefusal(
            70003, f"The app requested an unsupported grant type '{grant}'.", error="unsupported_grant_type"
        )

    def _for_program(self, sent: dict[str, str]) -> Document:
        sp = program(self.world, sent)
        asked = entra_scopes.read(self.world, sent.get("scope", ""))
        if asked.names != (entra_scopes.DEFAULT,):
            raise SignInRefusal(
                1002012, f"The provided value for scope {sent.get('scope')} is not valid. Client credential flows must "
                "have a scope value with /.default suffixed to the resource identifier.", error="invalid_scope",
            )  # fmt: skip
        principal = Principal(
            id=sp["id"], app_id=sp["appId"], name=sp["displayName"], roles=tuple(sp.get("_granted", ()))
        )
        return self._answer(asked, principal, sent)

    def _for_device(self, sent: dict[str, str]) -> Document:
        code = sent.get("device_code", "") or sent.get("code", "")
        device = self.devices.get(code)
        if device is None or self.world.clock.now >= device.ends:
            self.devices.pop(code, None)
            raise SignInRefusal(70019, "Verification code expired.", error="expired_token")
        if device.user is None and device.refusal is None:
            raise SignInRefusal(
                70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
                error="authorization_pending",
            )  # fmt: skip
        own_clients.check_public(self.world, device.client_id)
        del self.devices[code]
        if device.user is None or device.refusal is not None:
            raise device.refusal or SignInRefusal(70019, "Verification code expired.", error="expired_token")
        return self._for_user(device.user, device.client_id, device.scope, sent, flow=DEVICE_CODE)

    def _for_code(self, sent: dict[str, str]) -> Document:
        code = self.codes.pop(sent.get("code", ""), None)  # whoever shows a code uses it up
        if code is None or code.user is None or self.world.clock.now >= code.ends:
            raise SignInRefusal(70008, "The provided authorization code has expired.", error="invalid_grant")
        if sent.get("client_id") != code.client_id or sent.get("redirect_uri") != code.redirect_uri:
            text = "The reply URL specified in the request does not match that of the authorization request."
            raise SignInRefusal(500112, text, error="invalid_grant")
        if tokens.code_challenge(sent.get("code_verifier", "")) != code.challenge:
            text = "The size or content of the code_verifier does not match the code_challenge."
            raise SignInRefusal(501481, text, error="invalid_grant")
        return self._for_user(
            code.user, code.client_id, code.scope, {"claims": code.claims, **sent, "nonce": code.nonce}
        )

    def _for_refresh(self, sent: dict[str, str]) -> Document:
        claims = tokens.claims_of(self.world, sent.get("refresh_token", ""))
        user = None
        if claims and claims.get("use") == "refresh":
            user = self.world.store.get("user", claims["oid"]) or self.world.store.get("delegate", claims["oid"])
        if claims is None or user is None or claims["aud"] != sent.get("client_id"):
            raise SignInRefusal(
                70008, "The provided authorization code or refresh token has expired due to inactivity. Send a new "
                "interactive authorization request for this user and resource.", error="invalid_grant",
            )  # fmt: skip
        flow = claims.get("flow", "")
        if flow == DEVICE_CODE and self.world.quirks.value("device_code_session") == "ends":
            text = "The refresh token is invalid due to authentication flow checks by Conditional Access."
            raise SignInRefusal(530036, text, error="invalid_grant")
        return self._for_user(user, claims["aud"], sent.get("scope") or claims["scope"], sent, flow=flow)

    def _for_user(
        self, user: Document, client_id: str, scope: str, sent: dict[str, str], *, flow: str = ""
    ) -> Document:
        scopes = scopes_of(self.world, client_id, scope)
        self.check_person(user, client_id, scopes)
        principal = Principal(
            id=user["id"],
            app_id=client_id,
            name=user["displayName"],
            user_name=user["userPrincipalName"],
            scopes=scopes,
            wids=(*user["_wids"], EVERY_USER),
        )
        claims = {"use": "refresh", "aud": client_id, "oid": user["id"], "scope": scope, "exp": tokens.FAR_END}
        claims["flow"] = flow
        asked = entra_scopes.read(self.world, scope)
        return self._answer(asked, principal, sent) | {
            "scope": entra_scopes.granted(self.world, asked, scopes),
            "refresh_token": tokens.sign(self.world, claims),
            "id_token": tokens.id_token(self.world, principal, nonce=sent.get("nonce", "")),
            "client_info": client_info(user["id"]),
        }

    def _answer(self, asked: entra_scopes.Asked, principal: Principal, sent: dict[str, str]) -> dict[str, Any]:
        token = entra_scopes.token(self.world, asked, principal, not_before=_not_before(sent))
        lifetime = SHORTEST + zlib.crc32(f"{principal.id} {self.world.clock.now}".encode()) % (LONGEST - SHORTEST + 1)
        return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}

    def check_tenant(self, request: Request, *, any_tenant: bool) -> None:
        """Raises SignInRefusal (90002) for another tenant; people may sign in without naming one (E06)."""
        named = request.path_params["tenant"]
        if not any_tenant and named.lower() in tenant.ANY and self.world.rules.on("E06"):
            text = (
                "No tenant-identifying information found in either the request or implied by any provided credentials."
            )
            raise SignInRefusal(50059, text)
        tenant.check(self.world, named, any_tenant=any_tenant and self.world.rules.on("E06"))

    def check_person(self, user: Document, client_id: str, scopes: tuple[str, ...]) -> None:
        """Raises SignInRefusal where this person may not sign in to this client for these scopes."""
        if not user["accountEnabled"]:
            raise SignInRefusal(50057, "The user account is disabled.", error="invalid_grant")
        app = own_clients.application(self.world, client_id)
        if app is not None:
            own_clients.check_consent(user, app, scopes, BY_ANYBODY)
            return
        check_consent(self.world, client_id, scopes)


def blocked_by_policy(answer: str) -> SignInRefusal:
    """The refusal of Conditional Access: of a sign-in, or of this flow."""
    if answer == "flow_blocked":
        text = "Access has been blocked by Conditional Access policies: the authentication flow is not allowed."
        return SignInRefusal(530036, text, error="invalid_grant")
    text = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
    return SignInRefusal(53003, text, error="invalid_grant")


def declined() -> SignInRefusal:
    """The refusal of the person."""
    return SignInRefusal(65004, "User declined to consent to access the app.", error="authorization_declined")


def client_info(user_id: str) -> str:
    """Who signed in, as MSAL reads it."""
    return tokens.encode(f'{{"uid":"{user_id}","utid":"{TENANT_ID}"}}')


def _not_before(sent: dict[str, str]) -> int | None:
    """The moment that a claims challenge asks a new token to be issued after; None without a challenge."""
    try:
        asked = json.loads(sent.get("claims") or "{}")
        return int(asked["access_token"]["nbf"]["value"])
    except (ValueError, KeyError, TypeError):
        return None
