"""How a client proves itself at the token endpoint: by an assertion of its own key, or by a person with a code."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from entra_stage import LOGIN, Entra

from flexsso_helpers.rehearsal.world.store import Document

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def own_key() -> tuple[Any, bytes]:
    """A fresh key, and the DER of its self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso Reports")])
    builder = x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key(), serial_number=1)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2028, 1, 1, tzinfo=UTC)
    )
    return key, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def assertion(key: Any, client_id: str) -> str:
    """A client assertion (RS256)."""
    parts = [{"alg": "RS256", "typ": "JWT"}, {"iss": client_id, "sub": client_id, "aud": f"{LOGIN}/oauth2/v2.0/token"}]
    text = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_encoded(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def device_sign_in(entra: Entra, client_id: str, user: str, scope: str = "Application.Read.All") -> Document:
    """What the token endpoint answers once this person has entered the code."""
    begun = entra.http.post(f"{LOGIN}/oauth2/v2.0/devicecode", data={"client_id": client_id, "scope": scope})
    assert begun.status_code == 200, begun.text
    code = begun.json()
    entra.http.post("https://microsoft.com/devicelogin", data={"code": code["user_code"], "user": user})
    sent = {"grant_type": DEVICE_CODE, "client_id": client_id, "device_code": code["device_code"]}
    found: Document = entra.http.post(f"{LOGIN}/oauth2/v2.0/token", data=sent).json()
    return found


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
