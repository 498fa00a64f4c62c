import base64

import pytest
import saml_forge as forge

from flexsso_helpers.saml.metadata import BadMetadata, parse

ACTIVE, STAGED, TENANT_KEY = (forge.certificate(label) for label in ("active", "staged", "tenant"))
SSO = f"https://login.microsoftonline.com/{forge.TENANT}/saml2"


def key_descriptor(certificate: object, use: str = ' use="signing"') -> str:
    text = base64.b64encode(certificate.der).decode()
    return (
        f'<KeyDescriptor{use}><KeyInfo xmlns="{forge.DSIG}"><X509Data><X509Certificate>{text}</X509Certificate>'
        "</X509Data></KeyInfo></KeyDescriptor>"
    )


REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


def document(
    keys: str = key_descriptor(ACTIVE),
    *,
    entity_id: str = forge.ISSUER,
    services: str = f'<SingleSignOnService Binding="{REDIRECT}" Location="{SSO}"/>',
) -> str:
    elsewhere = key_descriptor(TENANT_KEY)
    own_signature = f'<Signature xmlns="{forge.DSIG}">{elsewhere}</Signature>'
    role = f'<RoleDescriptor protocolSupportEnumeration="x">{elsewhere}</RoleDescriptor>'
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EntityDescriptor ID="_1" entityID="{entity_id}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">'
        f"{own_signature}{role}<IDPSSODescriptor>{keys}{services}</IDPSSODescriptor></EntityDescriptor>"
    )


def prefixed() -> str:
    """The same document with prefixes, as other producers write it."""
    text = (
        document()
        .replace("<", "<md:")
        .replace("<md:/", "</md:")
        .replace("<md:?", "<?")
        .replace("xmlns=", "xmlns:md=", 1)
    )
    for name in ("KeyInfo", "X509Data", "X509Certificate", "Signature"):
        text = text.replace(f"md:{name}", name)
    return text


STYLELESS = (
    "This XML file does not appear to have any style information associated with it. The document tree is shown below."
)


def shown(fold: str = "", indent: str = "  ") -> bytes:
    """The document as a browser's view of it is copied: a sentence, no declaration, a line for each element."""
    bare = document().partition("?>")[2]
    lines = bare.replace("><", ">\n<").replace("Certificate>MII", "Certificate>\nMII").split("\n")
    folded = [f"{indent}{fold if line.startswith('<') and not line.startswith('</') else ''}{line}" for line in lines]
    return "\n".join([STYLELESS, indent, *folded]).encode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(shown(), id="a browser's view"),
        pytest.param(shown("▼"), id="a browser's view with triangles"),
        pytest.param(shown("− "), id="a browser's view with minus signs"),
        pytest.param(shown("- ", "\u00a0").removeprefix(STYLELESS.encode()), id="the view without its sentence"),
        pytest.param(document().encode(), id="plain"),
        pytest.param(document().encode("utf-8-sig"), id="BOM before the declaration"),
        pytest.param(document().replace("utf-8", "utf-16").encode("utf-16"), id="UTF-16"),
        pytest.param(prefixed().encode(), id="prefixes"),
        pytest.param(document(key_descriptor(ACTIVE, "")).encode(), id="use left out"),
        pytest.param(document(key_descriptor(ACTIVE) * 2).encode(), id="the same key twice"),
        pytest.param(
            document(key_descriptor(STAGED, ' use="encryption"') + key_descriptor(ACTIVE)).encode(), id="encryption key"
        ),
    ],
)
def test_issuer_url_and_signing_certificate_are_read(data: bytes) -> None:
    metadata = parse(data)
    assert (metadata.entity_id, metadata.sso_url, metadata.certificates) == (forge.ISSUER, SSO, (ACTIVE,))


def test_all_signing_certificates_are_kept_in_order() -> None:
    assert parse(document(key_descriptor(STAGED) + key_descriptor(ACTIVE)).encode()).certificates == (STAGED, ACTIVE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(document(entity_id="https://sts.windows.net/{tenant}/"), "no particular tenant", id="common"),
        pytest.param(
            document(entity_id="https://sts.windows.net/{tenantid}/"), "no particular tenant", id="common, newer"
        ),
        pytest.param(document(entity_id=""), "no entity ID", id="no entity ID"),
        pytest.param(document(""), "no signing certificate", id="no certificate yet"),
        pytest.param(document(services=""), "no https sign-on URL", id="no URL"),
        pytest.param(document().replace(SSO, "http://x"), "no https sign-on URL", id="http"),
        pytest.param(document().replace("IDPSSO", "SPSSO"), "no SAML identity provider", id="service provider"),
        pytest.param(
            document().replace("EntityDescriptor", "EntitiesDescriptor"), "a collection with no SAML", id="federation"
        ),
        pytest.param(document().replace("MII", "!!!"), "damaged", id="damaged certificate"),
        pytest.param(document()[:-20], "not well-formed", id="cut"),
        pytest.param(document().replace("?>", "?><!DOCTYPE a [<!ENTITY b 'c'>]>", 1), "DOCTYPE", id="DOCTYPE"),
        pytest.param("<!doctype html><html></html>", "not well-formed", id="web page"),
        pytest.param(document() + " " * (1 << 20), "too many", id="too large"),
        pytest.param(document("<a>" * 60 + "</a>" * 60), "nested too deeply", id="too deep"),
    ],
)
def test_other_documents_are_refused_in_plain_words(text: str, says: str) -> None:
    with pytest.raises(BadMetadata) as error:
        parse(text.encode())
    assert says in error.value.what
