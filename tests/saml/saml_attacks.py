"""Every attack class that a checker must reject, as functions from an honest response to a hostile one."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from copy import deepcopy

import saml_forge as forge
from lxml import etree

P = "{urn:oasis:names:tc:SAML:2.0:protocol}"
A = "{urn:oasis:names:tc:SAML:2.0:assertion}"
D = f"{{{forge.DSIG}}}"
EVIL = "eve@evil.example"
HONEST = forge.Forge()
ASSERTION_ONLY = HONEST.but(signed="assertion")
RESPONSE_ONLY = HONEST.but(signed="response")
Element = etree._Element


def _write(root: Element) -> bytes:
    return etree.tostring(root)


def _evil(element: Element, *, new_id: str | None = "_evil") -> Element:
    """A copy that names Eve; unsigned unless told otherwise."""
    copy = deepcopy(element)
    copy.tail = None
    for name_id in copy.iter(f"{A}NameID"):
        name_id.text = EVIL
    if new_id:
        copy.set("ID", new_id)
    return copy


def _unsigned(element: Element) -> Element:
    for signature in element.findall(f"{D}Signature"):
        element.remove(signature)
    return element


def _parts(xml: bytes) -> tuple[Element, Element]:
    root = etree.fromstring(xml)
    return root, root.find(f"{A}Assertion")


def xsw1() -> bytes:
    root, _ = _parts(RESPONSE_ONLY.xml())
    original = _unsigned(deepcopy(root))
    evil = _evil(root)
    evil.find(f"{D}Signature").append(original)
    return _write(evil)


def xsw2() -> bytes:
    root, _ = _parts(RESPONSE_ONLY.xml())
    original = _unsigned(deepcopy(root))
    evil = _evil(root)
    evil.find(f"{D}Signature").addprevious(original)
    return _write(evil)


def xsw3() -> bytes:
    root, assertion = _parts(ASSERTION_ONLY.xml())
    assertion.addprevious(_unsigned(_evil(assertion)))
    return _write(root)


def xsw4() -> bytes:
    root, assertion = _parts(ASSERTION_ONLY.xml())
    evil = _unsigned(_evil(assertion))
    root.replace(assertion, evil)
    evil.append(assertion)
    return _write(root)


def xsw5() -> bytes:
    root, assertion = _parts(ASSERTION_ONLY.xml())
    original = _unsigned(deepcopy(assertion))
    root.replace(assertion, _evil(assertion))
    root.append(original)
    return _write(root)


def xsw6() -> bytes:
    root, assertion = _parts(ASSERTION_ONLY.xml())
    original = _unsigned(deepcopy(assertion))
    evil = _evil(assertion)
    root.replace(assertion, evil)
    evil.find(f"{D}Signature").append(original)
    return _write(root)


def xsw7() -> bytes:
    root, assertion = _parts(ASSERTION_ONLY.xml())
    extensions = etree.Element(f"{P}Extensions")
    extensions.append(_unsigned(_evil(assertion, new_id=None)))
    assertion.addprevious(extensions)
    return _write(root)


def xsw8() -> bytes:
    root, assertion = _parts(ASSERTION_ONLY.xml())
    original = _unsigned(deepcopy(assertion))
    evil = _evil(assertion, new_id=None)
    root.replace(assertion, evil)
    holder = etree.SubElement(evil.find(f"{D}Signature"), f"{D}Object")
    holder.append(original)
    return _write(root)


def xsw9(*, first: bool) -> bytes:
    """Two SignedInfo: one fits the forged content, the other is the genuine one."""
    root, assertion = _parts(ASSERTION_ONLY.xml())
    evil = _evil(assertion, new_id=None)
    content = etree.tostring(_unsigned(deepcopy(evil)), method="c14n", exclusive=True)
    forged = etree.fromstring(HONEST.signature_over(content, evil.get("ID")))[0]
    genuine = evil.find(f"{D}Signature/{D}SignedInfo")
    genuine.addprevious(forged) if first else genuine.addnext(forged)
    root.replace(assertion, evil)
    return _write(root)


def edited(pattern: str, replacement: str, base: forge.Forge = HONEST) -> Callable[[], bytes]:
    """The response with a text replaced after signing."""

    def attack() -> bytes:
        text = base.xml().decode()
        assert re.search(pattern, text), pattern
        return re.sub(pattern, replacement, text, count=1, flags=re.DOTALL).encode()

    return attack


def edited_everywhere(old: str, new: str, base: forge.Forge = HONEST) -> Callable[[], bytes]:
    """The response with a text replaced wherever it stands, after signing."""
    return lambda: base.xml().decode().replace(old, new).encode()


def made(**changes: object) -> Callable[[], bytes]:
    """A response that is honestly signed, but says or is something else."""
    return HONEST.but(**changes).xml


def in_signature(old: str, new: str, **changes: object) -> Callable[[], bytes]:
    """A response whose Signature elements were edited after signing."""
    return HONEST.but(signature_edit=lambda text: text.replace(old, new, 1), **changes).xml


def hmac_confusion() -> bytes:
    """HMAC with the public certificate as the secret."""
    method = f"{forge.DSIG}hmac-sha1".replace("2000/09/xmldsig#hmac-sha1", "2001/04/xmldsig-more#hmac-sha256")
    secret = HONEST.certificate.pem.encode()
    fake = forge.Forge(algorithm=method)
    sign = lambda data: hmac.new(secret, data, hashlib.sha256).digest()  # noqa: E731
    text = fake.plain().replace(HONEST.name_id, EVIL).replace("<!--R-->", "")
    target = etree.fromstring(text.encode()).xpath("//*[@ID=$i]", i=fake.assertion_id)[0]
    content = etree.tostring(target, method="c14n", exclusive=True)
    return text.replace("<!--A-->", fake.signature_over(content, fake.assertion_id, sign=sign)).encode()


def key_swap() -> bytes:
    """Eve signs with her own key and puts her certificate into KeyInfo."""
    return HONEST.but(signer="eve", name_id=EVIL).xml()


def key_swap_disguised() -> bytes:
    """Eve signs with her own key and names the genuine certificate."""
    eve, ours = (base64.b64encode(forge.certificate(label).der).decode() for label in ("eve", "active"))
    return HONEST.but(signer="eve", name_id=EVIL, signature_edit=lambda text: text.replace(eve, ours)).xml()


def two_responses() -> bytes:
    root, _ = _parts(HONEST.xml())
    holder = etree.SubElement(root, f"{P}Extensions")
    holder.append(_evil(etree.fromstring(HONEST.xml())))
    return _write(root)


def _without_response_signature(xml: bytes) -> bytes:
    root = etree.fromstring(xml)
    return _write(_unsigned(root))


BILLION = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
UTF32 = '<?xml version="1.0" encoding="utf-32"?>'
EBCDIC = '<?xml version="1.0" encoding="cp037"?>'
UTF7 = '<?xml version="1.0" encoding="UTF-7"?>'
NAME_ID = r"(<NameID[^>]*>)ada@contoso.com"
WITH_COMMENTS = f"{forge.EXC_C14N}WithComments"
XSLT = '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></Transform>'
XPATH = '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>true</XPath></Transform>'
ENVELOPED = f'<Transform Algorithm="{forge.ENVELOPED}"></Transform>'
C14N = f'<Transform Algorithm="{forge.EXC_C14N}"></Transform>'
ENCRYPTED = '<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><x/></EncryptedAssertion>'

# name: (hostile response, a check that must be among the failing ones)
ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "XSW1 original inside the signature": (xsw1, "S09"),
    "XSW2 original before the signature": (xsw2, "S09"),
    "XSW3 forged assertion before the original": (xsw3, "S10"),
    "XSW4 original inside the forged assertion": (xsw4, "S10"),
    "XSW5 altered assertion keeps the signature": (xsw5, "S10"),
    "XSW6 copy inside the signature": (xsw6, "S10"),
    "XSW7 same ID inside Extensions": (xsw7, "S12"),
    "XSW8 same ID inside Object": (xsw8, "S12"),
    "XSW9 forged SignedInfo first": (lambda: xsw9(first=True), "S18"),
    "XSW9 forged SignedInfo second": (lambda: xsw9(first=False), "S18"),
    "two responses": (two_responses, "S09"),
    "assertion outside the namespace": (
        edited(r"<Assertion (.*)</Assertion>", r'<Assertion xmlns="urn:x"/><Assertion \1</Assertion>'),
        "S10",
    ),
    "comment in NameID": (edited(NAME_ID, r"\1ada@contoso.com<!-- -->.evil.example"), "S14"),
    "comment in NameID before signing": (
        made(
            before_signing=lambda text: text.replace("ada@contoso.com</NameID>", "ada@contoso.com<!---->.evil</NameID>")
        ),
        "S14",
    ),
    "comment in an attribute": (edited(r"<AttributeValue>admin", "<AttributeValue>ad<!---->min"), "S14"),
    "comment in DigestValue": (edited(r"<DigestValue>", "<DigestValue><!-- x -->"), "S14"),
    "comment in SignatureValue": (edited(r"<SignatureValue>", "<SignatureValue><!-- x -->"), "S14"),
    "element in NameID": (
        made(before_signing=lambda text: text.replace("ada@contoso.com</NameID>", "ada<b>@contoso.com</b></NameID>")),
        "S14",
    ),
    "processing instruction in NameID": (edited(NAME_ID, r"\1ada@contoso.com<?x y?>.evil"), "S04"),
    "processing instruction before the root": (lambda: b"<?x y?>" + HONEST.xml(), "S04"),
    "XXE": (lambda: (XXE + HONEST.xml().decode().replace("Ada Admin", "&x;")).encode(), "S04"),
    "XXE in UTF-16": (lambda: (XXE + HONEST.xml().decode()).encode("utf-16"), "S04"),
    "XXE in UTF-32": (lambda: (UTF32 + XXE + HONEST.xml().decode()).encode("utf-32"), "S04"),
    "XXE in EBCDIC": (lambda: (EBCDIC + XXE + HONEST.xml().decode()).encode("cp037"), "S03"),
    "XXE in UTF-7": (lambda: (UTF7 + XXE + HONEST.xml().decode()).replace("<!D", "+ADw-!D").encode(), "S03"),
    "entity bomb": (lambda: (BILLION + HONEST.xml().decode().replace("Ada Admin", "&c;")).encode(), "S04"),
    "DOCTYPE without entity": (lambda: b"<!DOCTYPE Response>" + HONEST.xml(), "S04"),
    "undeclared entity": (edited("Ada Admin", "&ada;"), "S03"),
    "too large": (lambda: HONEST.xml() + b" " * (1 << 20), "S05"),
    "too deep": (edited("<samlp:Status>", "<a>" * 60 + "</a>" * 60 + "<samlp:Status>"), "S05"),
    "too many nodes": (edited("<samlp:Status>", "<a/>" * 20_001 + "<samlp:Status>"), "S05"),
    "nothing signed": (made(signed="none"), "S17"),
    "signatures renamed": (
        lambda: HONEST.xml().replace(b"Signature ", b"Seal ").replace(b"/Signature>", b"/Seal>"),
        "S17",
    ),
    "both signatures stripped": (lambda: re.sub(rb"<Signature .*?</Signature>", b"", HONEST.xml()), "S17"),
    "response signature stripped": (lambda: _without_response_signature(HONEST.xml()), "S15"),
    "response not signed": (made(signed="assertion"), "S15"),
    "assertion not signed": (made(signed="response"), "S16"),
    "signed by another key": (key_swap, "S17"),
    "signed by another key, disguised": (key_swap_disguised, "S17"),
    "HMAC with the certificate as key": (hmac_confusion, "S19"),
    "algorithm renamed to HMAC": (
        in_signature("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"),
        "S19",
    ),
    "algorithm renamed to DSA": (in_signature(forge.RSA_SHA256, f"{forge.DSIG}dsa-sha1"), "S19"),
    "algorithm renamed to none": (in_signature(forge.RSA_SHA256, ""), "S19"),
    "algorithm renamed to rsa-sha1": (in_signature(forge.RSA_SHA256, forge.RSA_SHA1), "S17"),
    "rsa-md5": (in_signature(forge.RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"), "S19"),
    "digest md5": (in_signature(forge.SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5"), "S20"),
    "digest downgraded to SHA-1": (in_signature(forge.SHA256, forge.SHA1), "S17"),
    "canonicalisation with comments": (
        in_signature(f'Method Algorithm="{forge.EXC_C14N}"', f'Method Algorithm="{WITH_COMMENTS}"'),
        "S21",
    ),
    "inclusive canonicalisation": (
        in_signature(
            f'Method Algorithm="{forge.EXC_C14N}"', 'Method Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"'
        ),
        "S21",
    ),
    "XSLT transform": (in_signature(C14N, C14N + XSLT), "S18"),
    "XPath transform": (in_signature(ENVELOPED, ENVELOPED + XPATH), "S18"),
    "a hundred transforms": (in_signature(C14N, C14N * 100), "S18"),
    "no transforms": (in_signature(ENVELOPED + C14N, ""), "S18"),
    "transform with content": (in_signature(C14N, C14N.replace("></", "><x xmlns='urn:x'/></")), "S18"),
    "Object in the signature": (in_signature("</Signature>", "<Object><a/></Object></Signature>"), "S18"),
    "Manifest in the signature": (in_signature("</Signature>", "<Object><Manifest/></Object></Signature>"), "S18"),
    "two references": (in_signature("</Reference>", '</Reference><Reference URI=""></Reference>'), "S18"),
    "empty URI": (in_signature(f'URI="#{HONEST.response_id}"', 'URI=""'), "S18"),
    "missing URI": (in_signature(f' URI="#{HONEST.response_id}"', ""), "S18"),
    "URI of the assertion": (in_signature(f"#{HONEST.response_id}", f"#{HONEST.assertion_id}"), "S18"),
    "URI of nothing": (in_signature(f"#{HONEST.response_id}", "#nothing"), "S18"),
    "external URI": (in_signature(f"#{HONEST.response_id}", "http://evil.example/"), "S18"),
    "XPointer": (in_signature(f"#{HONEST.response_id}", "#xpointer(/)"), "S18"),
    "junk in DigestValue": (in_signature("<DigestValue>", "<DigestValue>!!"), "S18"),
    "junk in SignatureValue": (in_signature("<SignatureValue>", "<SignatureValue>-_"), "S18"),
    "empty SignatureValue": (
        made(signature_edit=lambda text: re.sub(r"<SignatureValue>.*?<", "<SignatureValue><", text)),
        "S17",
    ),
    "second signature": (edited(r"<samlp:Status>", f'<Signature xmlns="{forge.DSIG}"/><samlp:Status>'), "S18"),
    "signature elsewhere": (edited(r"<Subject>", f'<Subject><Signature xmlns="{forge.DSIG}"/>'), "S18"),
    "same ID twice": (made(assertion_id=HONEST.response_id), "S12"),
    "ID repeated as Id": (edited("<samlp:Status>", f'<samlp:Status Id="{HONEST.assertion_id}">'), "S12"),
    "ID repeated as xml:id": (edited("<samlp:Status>", f'<samlp:Status xml:id="{HONEST.assertion_id}">'), "S12"),
    "ID with white space": (made(assertion_id="_a b"), "S12"),
    "no ID": (edited(f' ID="{HONEST.response_id}"', ""), "S12"),
    "encrypted assertion beside the plain one": (edited("</samlp:Response>", ENCRYPTED + "</samlp:Response>"), "S11"),
    "encrypted assertion alone": (
        edited(r"<Assertion .*</Assertion>", ENCRYPTED, HONEST.but(signed="response")),
        "S11",
    ),
    "assertion removed": (edited(r"<Assertion .*</Assertion>", "", HONEST.but(signed="response")), "S10"),
    "role edited after signing": (
        edited(
            "<AttributeValue>agent",
            "<AttributeValue>admin",
            HONEST.but(attributes=forge.CLAIMS.replace("admin", "agent")),
        ),
        "S17",
    ),
    "NameID edited after signing": (edited(NAME_ID, rf"\1{EVIL}"), "S17"),
    "attribute added after signing": (
        edited("<AttributeStatement>", "<AttributeStatement>" + forge.attribute("roles", "admin")),
        "S17",
    ),
    "destination edited after signing": (
        edited_everywhere(
            forge.OTHER_JQ, forge.JQ, HONEST.but(destination=forge.REPLY_URL.replace(forge.JQ, forge.OTHER_JQ))
        ),
        "S17",
    ),
    "validity edited after signing": (edited(r'NotOnOrAfter="[^"]*">', f'NotOnOrAfter="{forge.stamp(9e6)}">'), "S17"),
    "wrong audience": (made(audiences=(f"urn:flex:{forge.OTHER_JQ}",)), "S35"),
    "right audience second": (made(audiences=("urn:other", forge.IDENTIFIER)), "S35"),
    "no audience": (made(audiences=()), "S35"),
    "wrong recipient": (made(recipient="https://evil.example/acs"), "S34"),
    "recipient of another connection": (made(recipient=forge.REPLY_URL.replace(forge.JQ, forge.OTHER_JQ)), "S34"),
    "no recipient": (made(recipient=""), "S34"),
    "wrong destination": (made(destination="https://evil.example/acs"), "S33"),
    "destination of another connection": (made(destination=forge.REPLY_URL.replace(forge.JQ, forge.OTHER_JQ)), "S33"),
    "wrong issuer": (made(issuer="https://evil.example/"), "S31"),
    "issuer of another tenant": (made(issuer=forge.ISSUER.replace("1111", "9999", 1)), "S32"),
    "assertion of another issuer": (made(assertion_issuer="https://evil.example/"), "S31"),
    "expired": (made(not_after=-181), "S40"),
    "not yet valid": (made(not_before=181), "S39"),
    "no end": (made(before_signing=lambda text: re.sub(r' NotOnOrAfter="[^"]*">', ">", text)), "S40"),
    "no conditions": (made(before_signing=lambda text: re.sub(r"<Conditions.*</Conditions>", "", text)), "S40"),
    "unreadable end": (
        made(before_signing=lambda text: re.sub(r' NotOnOrAfter="[^"]*">', ' NotOnOrAfter="never">', text)),
        "S40",
    ),
    "answer to another request": (made(in_response_to="_request2"), "S44"),
    "unsolicited": (made(in_response_to=""), "S44"),
    "another person": (made(name_id=EVIL), "S49"),
    "no NameID": (made(name_id=""), "S47"),
    "two NameIDs": (
        made(before_signing=lambda text: text.replace("<SubjectC", f"<NameID>{EVIL}</NameID><SubjectC")),
        "S47",
    ),
    "not bearer": (made(method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"), "S54"),
    "SAML 1.1 version": (made(before_signing=lambda text: text.replace('Version="2.0"', 'Version="1.1"')), "S13"),
    "failure": (made(status='<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Requester"/>'), "S08"),
    "no status": (made(status=""), "S08"),
    "AuthnRequest": (lambda: b'<x:AuthnRequest xmlns:x="urn:oasis:names:tc:SAML:2.0:protocol"/>', "S06"),
    "LogoutResponse": (edited_everywhere("samlp:Response", "samlp:LogoutResponse"), "S06"),
    "not XML": (lambda: b"hello", "S03"),
    "nothing": (lambda: b"", "S03"),
    "cut": (lambda: HONEST.xml()[:-40], "S03"),
    "NUL byte": (lambda: HONEST.xml().replace(b"Ada", b"A\0a"), "S03"),
    "unknown encoding": (lambda: b'<?xml version="1.0" encoding="x-none"?>' + HONEST.xml(), "S03"),
}
