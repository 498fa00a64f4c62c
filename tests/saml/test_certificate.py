import base64
from datetime import UTC, datetime, timedelta

import pytest
import saml_forge as forge

from flexsso_helpers.saml.certificate import Certificate, NotACertificate, from_base64, from_der, from_pem, thumbprint

ACTIVE = forge.certificate()
BARE = base64.b64encode(ACTIVE.der).decode()
PEM = ACTIVE.pem
LINES = PEM.splitlines()


def test_pem_is_what_console_wants() -> None:
    assert LINES[0] == "-----BEGIN CERTIFICATE-----"
    assert LINES[-1] == "-----END CERTIFICATE-----"
    assert {len(line) for line in LINES[1:-2]} == {64}
    assert "\r" not in PEM
    assert PEM.endswith("-\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PEM, id="as written"),
        pytest.param(PEM.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(f"{LINES[0]}\n{BARE}\n{LINES[-1]}", id="one long line"),
        pytest.param(PEM.replace("\n", " "), id="line breaks became blanks"),
        pytest.param("\ufeff" + PEM, id="BOM"),
        pytest.param("Bag Attributes\n  friendlyName: x\n" + PEM + "\n\n", id="text around"),
        pytest.param(PEM.encode("utf-8-sig"), id="bytes with BOM"),
        pytest.param(PEM.encode("utf-16"), id="UTF-16 file"),
    ],
)
def test_pem_is_read_in_all_its_shapes_and_written_anew(text: str | bytes) -> None:
    assert from_pem(text).pem == PEM


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(PEM + forge.certificate("other").pem, "2 certificates", id="two certificates"),
        pytest.param(BARE, "header line", id="no headers"),
        pytest.param("\n".join(LINES[:-1]), "footer line", id="no footer"),
        pytest.param(PEM.replace("CERTIFICATE", "TRUSTED CERTIFICATE"), "Trusted Certificate", id="openssl trusted"),
        pytest.param(
            PEM + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "Private Key", id="private key"
        ),
        pytest.param(PEM.replace(LINES[3] + "\n", ""), "not an X.509", id="a line lost"),
        pytest.param(PEM.replace(LINES[3], LINES[3][:-1] + "é"), "not base64", id="a foreign character"),
        pytest.param(ACTIVE.der, "raw (binary)", id="DER file"),
        pytest.param(b"\xff\x00\xfe", "not a text", id="another binary file"),
        pytest.param("", "header line", id="nothing"),
    ],
)
def test_other_texts_are_refused_in_plain_words(text: str | bytes, says: str) -> None:
    with pytest.raises(NotACertificate) as error:
        from_pem(text)
    assert says in error.value.what


def test_der_and_base64_give_the_same_certificate() -> None:
    wrapped = "\n".join(LINES[1:-1])
    assert from_der(ACTIVE.der) == from_base64(BARE) == from_base64(wrapped) == ACTIVE


@pytest.mark.parametrize(
    "der", [b"", b"\x30\x82", ACTIVE.der[:-1], ACTIVE.der + b"\0"], ids=["empty", "head", "cut", "longer"]
)
def test_damaged_der_is_refused(der: bytes) -> None:
    with pytest.raises(NotACertificate):
        from_der(der)


def test_pem_headers_are_refused_where_base64_is_wanted() -> None:
    with pytest.raises(NotACertificate, match="header lines"):
        from_base64(PEM)


SHA1 = ACTIVE.sha1
COLONS = ":".join(SHA1[i : i + 2] for i in range(0, 40, 2)).upper()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(SHA1, id="lower-case hex"),
        pytest.param(SHA1.upper(), id="upper-case hex"),
        pytest.param(COLONS, id="colons"),
        pytest.param("\u200e" + SHA1 + " ", id="copied from the certificate dialog"),
        pytest.param(base64.b64encode(bytes.fromhex(SHA1)).decode(), id="customKeyIdentifier of 28 characters"),
        pytest.param(base64.b64encode(SHA1.upper().encode()).decode(), id="customKeyIdentifier of 56 characters"),
        pytest.param(bytes.fromhex(SHA1), id="20 bytes"),
        pytest.param(SHA1.upper().encode(), id="hex as bytes"),
    ],
)
def test_every_form_of_a_thumbprint_is_the_same(value: str | bytes) -> None:
    assert thumbprint(value) == SHA1


@pytest.mark.parametrize(
    "value",
    ["", "abc", "z" * 40, "=" * 28, b"x" * 19, ACTIVE.sha256],
    ids=["nothing", "too short", "no hex", "no bytes", "19 bytes", "a SHA-256"],
)
def test_what_is_no_thumbprint_is_refused(value: str | bytes) -> None:
    with pytest.raises(NotACertificate):
        thumbprint(value)


def test_facts_for_people() -> None:
    assert ACTIVE.subject == "CN=Microsoft Azure Federated SSO Certificate"
    assert ACTIVE.not_before == datetime(2026, 10, 3, 8, tzinfo=UTC)
    assert ACTIVE.days_left(ACTIVE.not_after - timedelta(days=90)) == 90
    assert ACTIVE.days_left(ACTIVE.not_after + timedelta(hours=1)) == -1
    assert ACTIVE.self_signed
    assert ACTIVE.rsa_bits == 2048
    assert len(ACTIVE.sha256) == 64
    assert ACTIVE.sha1[:8] in repr(ACTIVE)
    assert Certificate(ACTIVE.der) == ACTIVE
