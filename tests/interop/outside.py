"""The judges: three service providers and one verifier of others, our own, and Flex's as the rehearsal plays it.

Every one of them is told the same certificate, issuer, identifier and reply URL, wants both signatures where it can
want them, and is asked for the moment `Asked.at`: the rehearsal's time is virtual and responses in tests are forged
for a fixed one, so the clocks of the outside judges are set to it rather than their time checks switched off.
"""

import base64
import calendar
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import saml2.entity
import saml2.sigver
import saml2.time_util
from node_service import NodeSaml
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig

from flexsso_helpers.commands.judge import judge_given
from flexsso_helpers.rehearsal.flex import rules, saml_judge
from flexsso_helpers.rehearsal.world.quirks import Quirks
from flexsso_helpers.rehearsal.world.rules import Rules
from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.expected import Expected

LOGIN_URL = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/saml2"
SKEW = 180
"""Seconds of clock difference that are forgiven where one can choose."""
PROTOCOL, ASSERTION = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
DSIG = "http://www.w3.org/2000/09/xmldsig#"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One response, and the configuration that it is held against."""

    xml: bytes
    expected: Expected
    """Ours; everybody is told the same of it."""

    @property
    def certificate(self) -> Certificate:
        return self.expected.certificates[0]

    @property
    def identifier(self) -> str:
        return str(self.expected.identifier)

    @property
    def reply_url(self) -> str:
        return str(self.expected.reply_url)

    @property
    def at(self) -> datetime:
        return self.expected.at

    @property
    def field(self) -> str:
        """The form field SAMLResponse."""
        return base64.b64encode(self.xml).decode()


@dataclass(frozen=True, kw_only=True)
class Said:
    """A verdict, with the judge's own words when it refuses, and the person when it accepts and names one."""

    accepted: bool
    words: str = ""
    name_id: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


Judge = Callable[[Asked], Said]


def ours(asked: Asked) -> Said:
    """This project's judge, as `flexsso judge` asks it."""
    verdict = judge_given(asked.xml, asked.expected)
    judgement = verdict.judgement
    return Said(
        accepted=verdict.word == "accepted",
        words=" ".join(dict.fromkeys(finding.check for finding in judgement.failing)),
        name_id=judgement.name_id,
        attributes=judgement.attributes,
    )


def flex(asked: Asked) -> Said:
    """The reply URL of the rehearsal, with its default quirks: what Flex's library is known to check."""
    rules.declare()
    expected = saml_judge.Expected(
        entity_id=asked.identifier,
        reply_url=asked.reply_url,
        issuer=str(asked.expected.issuer),
        certificates=(asked.certificate.x509,),
    )
    judge = saml_judge.Judge(expected=expected, now=asked.at.timestamp(), rules=Rules(), quirks=Quirks())
    try:
        asserted = judge.judge(asked.field)
    except saml_judge.Refused as refusal:
        return Said(accepted=False, words=f"{refusal.number} {refusal.text}")
    return Said(accepted=True, name_id=asserted.name_id, attributes=asserted.attributes)


def node_saml(node: NodeSaml) -> Judge:
    """@node-saml/node-saml: both signatures wanted, three minutes of skew."""

    def judge(asked: Asked) -> Said:
        answer = node.ask(
            response=asked.field,
            certificate=base64.b64encode(asked.certificate.der).decode(),
            identifier=asked.identifier,
            replyUrl=asked.reply_url,
            at=int(asked.at.timestamp() * 1000),
        )
        return Said(
            accepted=answer["accepted"],
            words=answer["said"],
            name_id=answer.get("nameId"),
            attributes=answer.get("attributes", {}),
        )

    return judge


def python3_saml(asked: Asked) -> Said:
    """python3-saml, strict, both signatures wanted; old algorithms refused, which it does not do by itself."""
    url = urlsplit(asked.reply_url)
    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {"entityId": asked.identifier, "assertionConsumerService": {"url": asked.reply_url}},
            "idp": {
                "entityId": asked.expected.issuer,
                "singleSignOnService": {"url": LOGIN_URL},
                "x509cert": base64.b64encode(asked.certificate.der).decode(),
            },
            "security": {"wantMessagesSigned": True, "wantAssertionsSigned": True},
        },
        sp_validation_only=False,
    )
    request = {"https": "on", "http_host": url.netloc, "script_name": url.path, "query_string": url.query}
    with clocks_at(asked.at):
        try:
            response = OneLogin_Saml2_Response(settings, asked.field)
            response.is_valid(request, request_id=asked.expected.request_id or None, raise_exceptions=True)
            name_id, attributes = response.get_nameid(), response.get_attributes()
        except Exception as error:  # noqa: BLE001 - what others raise over hostile XML is theirs to choose
            return Said(accepted=False, words=str(error))
        return Said(accepted=True, name_id=name_id, attributes=attributes)


def pysaml2(asked: Asked) -> Said:
    """pysaml2 with xmlsec1, both signatures wanted."""
    sent = {asked.expected.request_id: "/"} if asked.expected.request_id else {}
    with clocks_at(asked.at), files_closed():
        client = Saml2Client(config=_pysaml2_config(asked))
        try:
            response = client.parse_authn_request_response(
                asked.field, BINDING_HTTP_POST, outstanding=sent, conv_info={"entity_id": asked.identifier}
            )  # without conv_info it would not look at Recipient
        except Exception as error:  # noqa: BLE001 - what others raise over hostile XML is theirs to choose
            return Said(accepted=False, words=f"{type(error).__name__} {error}")
        if response is None or response.name_id is None:  # its way to refuse an address, a time or a subject
            return Said(accepted=False, words="nobody: an address, a time or the subject does not fit")
        return Said(accepted=True, name_id=response.name_id.text, attributes=response.get_identity())


def _pysaml2_config(asked: Asked) -> SPConfig:
    certificate = base64.b64encode(asked.certificate.der).decode()
    provider = (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{asked.expected.issuer}">'
        f'<IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}"><KeyDescriptor use="signing">'
        f'<KeyInfo xmlns="{DSIG}"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>'
        '</KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
        f'Location="{LOGIN_URL}"/></IDPSSODescriptor></EntityDescriptor>'
    )
    return SPConfig().load(
        {
            "entityid": asked.identifier,
            "accepted_time_diff": SKEW,
            "allow_unknown_attributes": True,
            "metadata": {"inline": [provider]},
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(asked.reply_url, BINDING_HTTP_POST)]},
                    "want_response_signed": True,
                    "want_assertions_signed": True,
                    "allow_unsolicited": not asked.expected.request_id,
                }
            },
        }
    )


def xmlsec1(asked: Asked) -> Said:
    """The verifier alone: the two signatures, each where it belongs, by the configured certificate. Nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        response, certificate = Path(folder) / "response.xml", Path(folder) / "certificate.pem"
        response.write_bytes(asked.xml)
        certificate.write_text(asked.certificate.pem)
        for place in ("", f"/*[local-name()='Assertion' and namespace-uri()='{ASSERTION}']"):
            done = subprocess.run(
                [
                    "xmlsec1", "--verify", "--pubkey-cert-pem", str(certificate),
                    "--enabled-key-data", "raw-x509-cert", "--enabled-reference-uris", "same-doc",
                    "--id-attr:ID", f"{PROTOCOL}:Response", "--id-attr:ID", f"{ASSERTION}:Assertion",
                    "--node-xpath", f"/*{place}/*[local-name()='Signature' and namespace-uri()='{DSIG}']",
                    str(response),
                ],
                capture_output=True,
                text=True,
                errors="replace",  # it repeats the bytes of a hostile response
                check=False,
            )  # fmt: skip
            if done.returncode:
                said = next((line for line in done.stderr.splitlines() if line.startswith("Error")), done.stderr[:80])
                return Said(accepted=False, words=said)
    return Said(accepted=True)


@contextmanager
def files_closed() -> Iterator[None]:
    """Close the temporary files that pysaml2 leaves to chance; a later test would be blamed for the warning."""
    opened: list[Any] = []
    make = saml2.sigver.make_temp

    def made(*arguments: Any, **more: Any) -> Any:
        opened.append(make(*arguments, **more))
        return opened[-1]

    with pytest.MonkeyPatch.context() as patch:
        for module in (saml2.sigver, saml2.entity):
            patch.setattr(module, "make_temp", made)
        try:
            yield
        finally:
            for file in opened:
                file.close()


@contextmanager
def clocks_at(moment: datetime) -> Iterator[None]:
    """Set the clocks of pysaml2 and python3-saml to a moment."""
    stopped = moment.timestamp()

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(stopped, tz or UTC)

    shown = SimpleNamespace(**{**vars(time), "gmtime": lambda seconds=stopped: time.gmtime(seconds)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saml2.time_util, "datetime", Stopped)
        patch.setattr(saml2.time_util, "time", shown)
        patch.setattr(OneLogin_Saml2_Utils, "now", staticmethod(lambda: calendar.timegm(moment.utctimetuple())))
        yield
