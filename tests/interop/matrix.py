"""The cases that every judge is asked about, and why a judge may differ from ours.

Ours stands for the tool: it must accept every good case, refuse every bad one, and may accept a weak one with a
warning. The others are second opinions: where one of them differs, its reason stands below, and a reason that is no
longer needed makes the test fail as much as a difference without one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import entra_shapes as entra
import saml_attacks as attacks
import saml_forge as forge
from entra_shapes import Shape, Signer
from outside import Asked

from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.expected import Expected

Kind = Literal["good", "weak", "bad"]
FLEX, NODE, P3, PYSAML2, XMLSEC = "Flex (rehearsal)", "node-saml", "python3-saml", "pysaml2", "xmlsec1"

LEFT_OUT = {
    "too large": "white space around a response is trimmed when a file is read",
    "too many nodes": "node-saml takes half a minute to refuse it",
}
"""Attacks of the collection that make no case here."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A response and what it is held against. `check` is the one of ours that refuses it, or warns; empty for none."""

    name: str
    kind: Kind
    make: Callable[[], bytes]
    expected: Expected
    check: str = ""

    @property
    def asked(self) -> Asked:
        return Asked(xml=self.make(), expected=self.expected)


def cases() -> Iterator[Case]:
    """All cases, good ones first."""
    honest = forge.expected()
    for name, (made, changes) in _GOOD.items():
        yield Case(name=name, kind="good", make=made.xml, expected=forge.expected(**changes))
    for name, shape in _SHAPES.items():
        yield Case(name=name, kind="good", make=shape.xml, expected=_of_shape(shape))
    for name, shape in _FOREIGN.items():
        yield Case(name=name, kind="weak", make=shape.xml, expected=_of_shape(shape))
    for name, (made, check, changes) in _WEAK.items():
        yield Case(name=name, kind="weak", make=made.xml, expected=forge.expected(**changes), check=check)
    for name, (made, check, changes) in _BAD.items():
        yield Case(name=name, kind="bad", make=made.xml, expected=forge.expected(**changes), check=check)
    for name, (attack, check) in attacks.ATTACKS.items():
        if name not in LEFT_OUT:
            yield Case(name=name, kind="bad", make=attack, expected=honest, check=check)


def _with(signer: str, **changes: object) -> dict[str, object]:
    """The configuration with another certificate."""
    certificate = forge.certificate(signer, **changes)
    return {
        "certificates": (certificate,),
        "active_sha1": certificate.sha1,
        "metadata_sha1": frozenset({certificate.sha1}),
        "attested_sha256": certificate.sha256,
    }


def _of_shape(shape: Shape) -> Expected:
    certificate = Certificate(shape.signer.der)
    return Expected(
        at=entra.CAPTURED,
        profile="saml",
        issuer=entra.ISSUER,
        identifier=entra.IDENTIFIER,
        reply_url=entra.REPLY_URL,
        certificates=(certificate,),
        metadata_sha1=frozenset({certificate.sha1}),
        request_id=shape.request,
    )


def _claims(**values: str) -> str:
    named = {"email": "ada@contoso.com", "full_name": "Ada Admin", "roles": "admin"} | values
    return "".join(forge.attribute(name.replace("__", "."), value) for name, value in named.items())


HONEST = forge.Forge()
BOTH = Shape(signed="both", attributes=entra.CORE + forge.CLAIMS)
GUEST = "pat.partner_fabrikam.com#EXT#@contoso.onmicrosoft.com"
BARE_URL = forge.REPLY_URL.partition("?")[0]
PLAIN_URL = forge.REPLY_URL.replace("https", "http")
TENANT_NAME = "accounts.accesscontrol.windows.net"

_GOOD: dict[str, tuple[forge.Forge, dict[str, object]]] = {
    "both signed": (HONEST, {}),
    "started from My Apps": (HONEST.but(in_response_to=""), {"request_id": ""}),
    "two minutes after its end": (HONEST.but(not_after=-120), {}),
    "two minutes early": (HONEST.but(not_before=120), {}),
    "two roles": (
        HONEST.but(attributes=_claims().replace("admin<", "agent</AttributeValue><AttributeValue>admin<")),
        {"roles": frozenset({"admin", "agent"})},
    ),
    "a guest": (HONEST.but(name_id=GUEST), {"name_id": GUEST, "user_principal_name": None}),
    "an empty claim beside the others": (HONEST.but(attributes=_claims(team_id="")), {}),
}  # fmt: skip
_SHAPES: dict[str, Shape] = {
    "SHA-512": BOTH.but(algorithm="sha512"),
    "prefixes saml2p, saml2, ds": BOTH.but(prefixes={"protocol": "saml2p", "assertion": "saml2", "signature": "ds"}),
    "no prefixes at all": BOTH.but(prefixes={"protocol": "", "assertion": "", "signature": ""}),
    "signature wrapped by CRLF": BOTH.but(wrap="\r\n"),
    "seven digits of a second": BOTH.but(times=lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.5754318Z")),
    "no fraction of a second": BOTH.but(times=lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")),
    "attributes with NameFormat": BOTH.but(attributes=entra.attribute("email", "a@b.example", more=entra.URI_FORMAT)),
    "a persistent NameID elsewhere": BOTH.but(name_id="Uz2Pqz1X7p-x4", name_id_more=f' Format="{entra.PERSISTENT}"'),
    "key of 4096 bits": BOTH.but(signer=Signer(label="long", bits=4096)),
    "certificate signed with SHA-1": BOTH.but(signer=Signer(label="weak", weak_certificate=True)),
    "the tenant's own key elsewhere": BOTH.but(signer=Signer(label="tenant", subject=TENANT_NAME)),
}
_FOREIGN: dict[str, Shape] = {
    "inclusive namespaces": BOTH.but(
        prefixes={"protocol": "samlp", "assertion": "saml", "signature": "ds"},
        inclusive="xs",
        root_namespaces=' xmlns:xs="http://www.w3.org/2001/XMLSchema"',
    ),
}
"""What other identity providers than Entra may send."""
_WEAK: dict[str, tuple[forge.Forge, str, dict[str, object]]] = {
    "signature and digest with SHA-1": (HONEST.but(algorithm=forge.RSA_SHA1, digest=forge.SHA1), "S19", {}),
    "key of 1024 bits": (HONEST.but(signer="short"), "S29", _with("short")),
    "certificate ends in a month": (HONEST.but(signer="ending"), "S28", _with("ending", days=60)),
    "two minutes late": (HONEST.but(not_after=-120, confirm_until=-120), "", {}),
    "only the confirmation expired": (HONEST.but(confirm_until=-600), "S41", {}),
    "no Destination": (HONEST.but(destination=""), "S33", {}),
    "the same claim twice": (HONEST.but(attributes=forge.CLAIMS + _claims()), "S65", {}),
    "a claim with a namespace": (HONEST.but(attributes=forge.CLAIMS + forge.attribute("urn:x:team", "a")), "S57", {}),
    "issued by a certificate authority": (HONEST.but(signer="issued"), "S29", _with("issued", issuer="Contoso CA")),
}
_BAD: dict[str, tuple[forge.Forge, str, dict[str, object]]] = {
    "certificate expired": (HONEST.but(signer="old"), "S28", _with("old", days=10)),
    "certificate not yet valid": (HONEST.but(signer="next"), "S28", _with("next", start=forge.NOW + timedelta(days=1))),
    "the tenant's own key": (HONEST.but(signer="tenant"), "S24", _with("tenant", name=TENANT_NAME)),
    "Console holds another certificate": (HONEST, "S27", {"attested_sha256": "0" * 64}),
    "expired an hour ago": (HONEST.but(not_after=-3600, confirm_until=-3600), "S40", {}),
    "valid only in an hour": (HONEST.but(not_before=3600, not_after=7200, confirm_until=7200), "S39", {}),
    "identifier with the prefix spn:": (HONEST.but(audiences=(f"spn:{forge.IDENTIFIER}",)), "S35", {}),
    "identifier with a final slash": (HONEST.but(audiences=(f"{forge.IDENTIFIER}/",)), "S35", {}),
    "reply URL without its connection": (
        HONEST.but(destination=BARE_URL, recipient=BARE_URL), "S33", {}
    ),
    "reply URL with http": (
        HONEST.but(destination=PLAIN_URL, recipient=PLAIN_URL), "S33", {}
    ),
    "issuer without final slash": (HONEST.but(issuer=forge.ISSUER.rstrip("/")), "S31", {}),
    "a persistent NameID": (HONEST.but(name_id_format=f' Format="{forge.PERSISTENT}"'), "S48", {}),
    "NameID in other letter case": (HONEST.but(name_id="Ada@contoso.com"), "S49", {}),
    "no e-mail claim": (HONEST.but(attributes=forge.CLAIMS.partition("</Attribute>")[2]), "S55", {}),
    "an unknown role": (HONEST.but(attributes=_claims(roles="administrator")), "S60", {}),
    "a typed claim of another type": (HONEST.but(attributes=_claims(skill__int="much")), "S66", {}),
    "a claim that overrides routing": (HONEST.but(attributes=_claims(contact_uri="client:eve")), "S67", {}),
}  # fmt: skip


_PERSON = {"S48", "S49", "S55", "S60", "S66", "S67"}
_CERTIFICATE = {"S24", "S27", "S28"}
_READ_ACROSS = {"comment in NameID before signing", "comment in an attribute"}
_WHO = "who the person is, and what Flex needs of NameID and claims, is not a matter of the message"
_KEY = "it looks at the key; the certificate's dates, its name and what Console holds are no matter to it"
_COMMENT = "the comment is no part of what is signed; it reads the whole text across it, and nobody is mistaken"
_INSTRUCTION = "SAML forbids the processing instruction; it stands outside what is signed and says nothing"
_DOCTYPE = "SAML forbids the DOCTYPE; this one declares nothing"
_OBJECT = "an Object beside SignedInfo is no part of what is signed, and it looks only at what is"
_SECOND = "the standard allows several audiences and takes any; Flex's library takes the first"

# judge: why: cases, or numbers of our checks that stand for all their cases
EXPLAINED: dict[str, dict[str, set[str]]] = {
    FLEX: {
        "the worker is refused or made after this, from the claims (F70 and following)": _PERSON,
        "the library reads a missing or second NameID as it comes": {"S47"},
        "the library does not look at dates, and Console's certificate is the one asked about (F54)": _CERTIFICATE,
        _COMMENT: _READ_ACROSS,
        "it reads the whole text of such a NameID": {"element in NameID"},
        _INSTRUCTION: {"processing instruction before the root"},
        "the library needs one signature; Twilio's guide asks for both, and so do we (F50)": {"S15", "S16"},
        _OBJECT: {"Object in the signature", "Manifest in the signature"},
        "the library finds IDs by comparing texts, whatever letters they have": {"ID with white space"},
        "what is absent passes (F55, F58)": {"no end", "no recipient"},
        "the library knows no requests: InResponseTo is left to the application (F61)": {"S44"},
        "the library does not look at the way in which the subject is confirmed": {"not bearer"},
        "only four named failures are failures (F46)": {"no status"},
        "Entra sends no list of inclusive namespaces, and the rehearsal's Flex reads none": {"inclusive namespaces"},
    },
    NODE: {
        _WHO: _PERSON | {"S47"},
        _KEY: _CERTIFICATE,
        _COMMENT: _READ_ACROSS,
        "it reads such a NameID by halves, which is why we refuse it": {"element in NameID"},
        "it joins the texts of digest and signature across comments": {
            "comment in DigestValue", "comment in SignatureValue",
        },
        _INSTRUCTION: {"processing instruction before the root"},
        _DOCTYPE: {"DOCTYPE without entity"},
        "it reads every response as UTF-8, whatever it declares": {"XXE in UTF-7", "unknown encoding"},
        _OBJECT: {"Object in the signature", "Manifest in the signature"},
        "it finds IDs by comparing texts, whatever letters they have": {"ID with white space"},
        "it compares neither Destination nor Recipient": {"S33", "S34"},
        "it compares the issuer only when signing out": {"S31", "S32"},
        _SECOND: {"right audience second"},
        "InResponseTo is checked only where it keeps the requests itself": {"S44"},
        "it does not look at the way in which the subject is confirmed": {"not bearer"},
        "it looks at the status only where there is no assertion": {"failure", "no status"},
        "it does not look at the version": {"SAML 1.1 version"},
    },
    P3: {
        _WHO: _PERSON,
        _KEY: _CERTIFICATE,
        _COMMENT: _READ_ACROSS,
        "it joins the texts of digest and signature across comments": {
            "comment in DigestValue", "comment in SignatureValue",
        },
        _INSTRUCTION: {"processing instruction before the root"},
        _OBJECT: {"Object in the signature"},
        "it compares addresses without their query, and only their beginning": {
            "reply URL without its connection", "recipient of another connection", "destination of another connection",
        },
        "what is absent passes": {"no end", "no recipient"},
        _SECOND: {"right audience second"},
        "its skew is five minutes and cannot be chosen": {"expired", "not yet valid"},
        "for the confirmation of the subject it forgives no second": {
            "two minutes late", "only the confirmation expired",
        },
        "a response without InResponseTo passes also where a request was sent": {"unsolicited"},
        "it refuses to choose between two claims of one name": {"the same claim twice"},
    },
    PYSAML2: {
        _WHO: _PERSON,
        _KEY: _CERTIFICATE,
        _COMMENT: _READ_ACROSS,
        "it leaves digest and signature to xmlsec1, which joins texts across comments": {
            "comment in DigestValue", "comment in SignatureValue",
        },
        _INSTRUCTION: {"processing instruction before the root"},
        _DOCTYPE: {"DOCTYPE without entity"},
        _SECOND: {"right audience second"},
        "what is absent passes, even all Conditions": {"no end", "no conditions"},
        "it takes the last of two NameIDs": {"two NameIDs"},
        "other ways of confirming a subject than bearer pass unchecked": {"not bearer"},
        "it looks at the end of the subject's confirmation, as the standard asks; Flex's library does not": {
            "only the confirmation expired",
        },
    },
    XMLSEC: {
        "it verifies signatures and knows nothing of SAML": {
            "S08", "S13", "S31", "S32", "S33", "S34", "S35", "S39", "S40", "S44", "S47", "S54", *_PERSON,
            *_READ_ACROSS, "element in NameID",
        },
        _KEY: _CERTIFICATE,
        "it joins the texts of digest and signature across comments": {
            "comment in DigestValue", "comment in SignatureValue",
        },
        _INSTRUCTION: {"processing instruction before the root"},
        _DOCTYPE: {"DOCTYPE without entity"},
        "it loads no external entity, and here none is used": {"XXE in UTF-16", "XXE in EBCDIC"},
        _OBJECT: {"Object in the signature", "Manifest in the signature"},
    },
}  # fmt: skip
"""The others, where they differ from ours. For the good cases they may not, but for what is none of their matter."""


def reason(judge: str, case: Case) -> str:
    """Why this judge may differ from ours over this case; "" when nothing explains it."""
    return next((why for why, covered in EXPLAINED[judge].items() if covered & {case.name, case.check}), "")


def unused(differing: dict[str, list[Case]]) -> list[str]:
    """Explanations that explain nothing any more."""
    return [
        f"{judge}: {each}"
        for judge, reasons in EXPLAINED.items()
        for covered in reasons.values()
        for each in covered
        if not any(each in (case.name, case.check) for case in differing.get(judge, []))
    ]
