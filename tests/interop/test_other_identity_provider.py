"""pysaml2 as identity provider: what it signs the rehearsal's Flex side accepts, or refuses for the right reason."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flex_signer import ENTITY_ID, ISSUER, REPLY_URL, Key, key
from flex_stage import Stage, heading, signed_in
from outside import clocks_at, files_closed
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512, SIG_RSA_SHA1, SIG_RSA_SHA256, SIG_RSA_SHA512

pytestmark = pytest.mark.interop
BO = "bo.agent@contoso.com"
IDENTITY = {"email": [BO], "full_name": ["Bo Agent"], "roles": ["agent", "wfo.team_leader"]}
UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
PASSWORD = {"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", "authn_auth": ""}
OTHER_ID = "urn:flex:JQ" + "9" * 32
Edit = Callable[[str], str]


class Provider:
    """An identity provider that is not Entra, with the key that Console was given, or with another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def respond(self, request: str, *, at: datetime, signer: Key | None = None, **changes: Any) -> str:
        """The form field SAMLResponse, issued at this moment."""
        wanted: dict[str, Any] = {
            "identity": IDENTITY,
            "in_response_to": request,
            "destination": REPLY_URL,
            "sp_entity_id": ENTITY_ID,
            "name_id": NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=BO),
            "userid": BO,
            "authn": PASSWORD,
            "sign_response": True,
            "sign_assertion": True,
            "sign_alg": SIG_RSA_SHA256,
            "digest_alg": DIGEST_SHA256,
        } | changes
        with clocks_at(at), files_closed():
            return str(self._server(signer or key()).create_authn_response(**wanted))

    def _server(self, signer: Key) -> Server:
        private, certificate = self._folder / "key.pem", self._folder / "certificate.pem"
        private.write_bytes(
            signer.private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        )
        certificate.write_text(signer.pem)
        settings = {
            "entityid": ISSUER,
            "metadata": {"inline": [_service(ENTITY_ID), _service(OTHER_ID)]},
            "key_file": str(private),
            "cert_file": str(certificate),
            "service": {
                "idp": {
                    "endpoints": {"single_sign_on_service": [("https://idp.example.com/sso", BINDING_HTTP_REDIRECT)]},
                    "policy": {"default": {"lifetime": {"minutes": 60}, "name_form": UNSPECIFIED}},
                }
            },
        }
        return Server(config=IdPConfig().load(settings))


def _service(identifier: str) -> str:
    """The metadata of a service provider: Flex publishes none, and this one only asks for what it asks of Entra."""
    return (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{identifier}">'
        '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f'<AssertionConsumerService Binding="{BINDING_HTTP_POST}" Location="{REPLY_URL}" index="0"/>'
        "</SPSSODescriptor></EntityDescriptor>"
    )


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    return Provider(tmp_path)


def sign_on(
    stage: Stage, provider: Provider, *, edit: Edit = lambda xml: xml, hours: float = 0, **changes: Any
) -> tuple[bool, str]:
    """A whole login through the rehearsal's hosts: whether Flex let the person in, and what its log says."""
    request, relay_state = stage.asked(stage.hosted())
    at = datetime.fromtimestamp(stage.world.clock.now, UTC) + timedelta(hours=hours)
    xml = edit(provider.respond(str(request.get("ID")), at=at, **changes))
    answer = stage.follow(stage.deliver(base64.b64encode(xml.encode()).decode(), relay_state))
    assert heading(answer) in ("Signed in to Flex", "Log in failed")
    return signed_in(answer), str(stage.logged)


ALGORITHMS = {
    "SHA-256": (SIG_RSA_SHA256, DIGEST_SHA256),
    "SHA-512": (SIG_RSA_SHA512, DIGEST_SHA512),
    "SHA-1, which Flex's library takes": (SIG_RSA_SHA1, DIGEST_SHA1),
}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_it_signs_is_accepted_and_makes_the_worker(name: str, provider: Provider) -> None:
    stage, (method, digest) = Stage(), ALGORITHMS[name]
    assert sign_on(stage, provider, sign_alg=method, digest_alg=digest)[0]
    attributes = stage.attributes(BO)
    assert (attributes["email"], attributes["full_name"]) == (BO, "Bo Agent")
    assert attributes["roles"] == ["agent", "wfo.team_leader"]


@pytest.mark.parametrize("signed", [{"sign_response": False}, {"sign_assertion": False}])
def test_one_signature_is_enough_for_the_library_and_too_few_for_the_guide(
    signed: dict[str, bool], provider: Provider
) -> None:
    assert sign_on(Stage(), provider, **signed)[0]
    accepted, log = sign_on(Stage(require_signatures="both"), provider, **signed)
    assert (accepted, "one is signed" in log) == (False, True)


def _but(pattern: str, replacement: str) -> Edit:
    def edit(xml: str) -> str:
        changed = re.sub(pattern, replacement, xml, count=1, flags=re.DOTALL)
        assert changed != xml, pattern
        return changed

    return edit


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing signed": ({"sign_response": False, "sign_assertion": False}, "neither the response nor the assertion"),
    "another key": ({"signer": key("somebody")}, "Signature check errors"),
    "another identifier": ({"sp_entity_id": OTHER_ID}, "Audience is invalid"),
    "another reply URL": ({"destination": "https://sp.example.com/acs"}, "Destination endpoint"),
    "issued two hours ago": ({"hours": -2}, "assertion has expired"),
    "issued in an hour": ({"hours": 1}, "assertion has expired"),
    "role edited afterwards": ({"edit": _but(">agent<", ">admin<")}, "Signature check errors"),
    "person edited afterwards": ({"edit": _but(f">{BO}</", ">eve@evil.example</")}, "Signature check errors"),
    "assertion twice": (
        {"edit": _but(r"(<[\w:]*Assertion .*</[\w:]*Assertion>)", r"\1\1")},
        "can contain only one Assertion",
    ),
    "a missing claim": ({"identity": {"full_name": ["Bo Agent"], "roles": ["agent"]}}, "45050"),
}


@pytest.mark.thinned(5)
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_with_it_is_refused_for_that_reason_and_makes_no_worker(name: str, provider: Provider) -> None:
    stage, (changes, reason) = Stage(), REFUSED[name]
    accepted, log = sign_on(stage, provider, **changes)
    assert (accepted, reason in log, stage.worker(BO)) == (False, True, None), log
