from datetime import UTC, datetime

import pytest
import saml_forge as forge
from lxml import etree

from flexsso_helpers.saml.difference import connection_in, difference, foreign_value, tenant_in
from flexsso_helpers.saml.response import Confirmation, NameId, verify
from flexsso_helpers.saml.signature import examine
from flexsso_helpers.saml.values import moment


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-02T08:00:00Z", "2026-11-02T08:00:00+00:00"),
        ("2026-11-02T08:00:00.123Z", "2026-11-02T08:00:00.123000+00:00"),
        ("2026-11-02T08:00:00.1234567Z", "2026-11-02T08:00:00.123456+00:00"),
        ("2026-11-02T09:30:00+01:30", "2026-11-02T08:00:00+00:00"),
        ("2026-11-02T00:00:00-08:00", "2026-11-02T08:00:00+00:00"),
        (" 2026-11-02T08:00:00Z\n", "2026-11-02T08:00:00+00:00"),
    ],
)
def test_moments_are_read_in_utc(text: str, iso: str) -> None:
    found = moment(text)
    assert found is not None
    assert (found.isoformat(), found.tzinfo) == (iso, UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "now",
        "2026-11-02",
        "2026-11-02T08:00:00",
        "2026-13-02T08:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "2026-11-02T08:00:00+99:00",
    ],
)
def test_other_texts_are_no_moments(text: str | None) -> None:
    assert moment(text) is None


def test_everything_a_response_says_is_read() -> None:
    verified = verify(forge.Forge().xml(), [forge.certificate()])
    message, statement = verified.message, verified.statement
    assert message is not None
    assert statement is not None
    assert (message.issuer, statement.issuer) == (forge.ISSUER, forge.ISSUER)
    assert (message.destination, message.in_response_to) == (forge.REPLY_URL, "_request1")
    assert (message.success, message.status_message) == (True, "")
    assert statement.name_id == NameId(value="ada@contoso.com", format=forge.EMAIL_FORMAT)
    assert statement.audiences == (forge.IDENTIFIER,)
    assert statement.confirmations == (
        Confirmation(
            method=forge.BEARER,
            recipient=forge.REPLY_URL,
            in_response_to="_request1",
            not_on_or_after=forge.stamp(3540),
        ),
    )
    assert moment(statement.authn_instant) == datetime(2026, 11, 2, 7, 58, tzinfo=UTC)
    assert statement.authn_context == "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    assert statement.session_not_on_or_after is None
    assert {signature.part: signature.method for signature in verified.signatures} == {
        "response": forge.RSA_SHA256,
        "assertion": forge.RSA_SHA256,
    }


def test_values_are_read_from_the_signed_bytes_and_not_from_the_document() -> None:
    """A comment outside the values does not break the signature (S14 looks for it); the signed bytes do not hold it."""
    xml = forge.Forge().xml().replace(b"<AttributeStatement>", b"<AttributeStatement><!-- roles: admin -->")
    for part in ("response", "assertion"):
        signature = examine(etree.fromstring(xml), part, [forge.certificate()])
        assert signature is not None
        assert signature.content is not None
        assert not [node for node in signature.content.iter() if not isinstance(node.tag, str)]


@pytest.mark.parametrize(
    ("configured", "received", "says"),
    [
        ("urn:a", "urn:a", ""),
        ("urn:a", "", "is empty"),
        ("https://a/b", "https://a/c", "differs from character 11 on: “b” became “c”"),
        ("urn:a", "urn:ab", "differs from character 6 on: “” became “b”"),
        ("urn:a", " urn:a", "has blanks around it"),
        ("https://a/", "https://a", "lacks the final slash"),
        ("https://a", "https://a/", "has a final slash too many"),
        ("https://a", "http://a", "begins with http instead of https"),
        ("https://a?b=c", "https%3A%2F%2Fa%3Fb%3Dc", "is percent-encoded"),
        ("urn:a", "URN:A", "differs in letter case"),
        ("urn:a", "spn:urn:a", "has the prefix spn:"),
        ("https://a/?connection=b", "https://a/", "lacks ?connection=JQ…"),
        (
            "https://sts.windows.net/a/",
            "https://login.microsoftonline.com/a/",
            "is a sign-in address instead of the Microsoft Entra Identifier",
        ),
        (
            "https://login.microsoftonline.com/a/saml2",
            "https://sts.windows.net/a/",
            "differs from character 9 on: “login.microsoftonlin” became “sts.windows.net/a/”",
        ),
        (forge.IDENTIFIER, f"urn:spn:{forge.IDENTIFIER}", "has the prefix spn:"),
        (forge.IDENTIFIER, f"urn:flex:{forge.OTHER_JQ}", "belongs to another Flex connection"),
    ],
)
def test_differences_are_named(configured: str, received: str, says: str) -> None:
    assert difference(configured, received) == says


def test_parts_of_addresses_are_found() -> None:
    assert connection_in(forge.REPLY_URL) == connection_in(forge.IDENTIFIER) == forge.JQ
    assert connection_in(None) is connection_in("urn:flex:JQ1") is None
    assert tenant_in(forge.ISSUER.upper()) == forge.TENANT
    assert tenant_in("https://sts.windows.net/") is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("https://preview.twilio.com/iam/Accounts/AC" + "0" * 32 + "/saml2", "Legacy"),
        ("https://iam.twilio.com/v1/Accounts/AC" + "0" * 32 + "/saml2/metadata", "Legacy"),
        ("https://www.twilio.com/console/saml", "another Twilio product"),
        (forge.REPLY_URL, ""),
        (forge.IDENTIFIER, ""),
        ("https://notwilio.com/", ""),
        (None, ""),
    ],
)
def test_values_of_other_products_are_recognised(value: str | None, what: str) -> None:
    assert what in foreign_value(value)
    assert bool(foreign_value(value)) == bool(what)
