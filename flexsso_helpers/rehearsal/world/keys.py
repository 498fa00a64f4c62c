"""RSA keys made from a label, so that no key lies in the repository and every run signs the same bytes.

They protect nothing: whoever knows the label has the key. A rehearsal needs signatures that are right, not secret.
"""

import functools
import hashlib
import math
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

BITS = 2048
EXPONENT = 65537
ROUNDS = 5
"""Enough for numbers of 1024 bits that nobody chose: FIPS 186-4, appendix C.3, asks for four or five."""
SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]


@functools.lru_cache(maxsize=64)
def rsa_key(label: str, folder: Path | None = None) -> rsa.RSAPrivateKey:
    """The 2048-bit key of a label. With a (private) folder it is kept there: making one takes about a second.

    Kept in memory too: the library checks a key each time it is loaded, which takes longer than all else in a request.
    """
    if folder is None:
        return _made(label)
    kept = folder / "keys" / f"{hashlib.sha256(label.encode()).hexdigest()[:32]}.pem"
    if kept.exists():
        key = serialization.load_pem_private_key(kept.read_bytes(), password=None)
        if isinstance(key, rsa.RSAPrivateKey):
            return key
    key = _made(label)
    kept.parent.mkdir(mode=0o700, exist_ok=True, parents=True)
    fresh = kept.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(pem(key))
    fresh.replace(kept)
    return key


def pem(key: rsa.RSAPrivateKey) -> bytes:
    """The key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def serial_number(label: str) -> int:
    """A positive certificate serial number of 128 bits."""
    return _number(f"serial/{label}", 128)


def _made(label: str) -> rsa.RSAPrivateKey:
    p, q = _prime(f"{label}/p"), _prime(f"{label}/q")
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    ).private_key()


def _prime(label: str) -> int:
    """The first prime at or after a number of the stream; its two top bits are set, so a product has all its bits."""
    half = BITS // 2
    candidate = _number(label, half) | (0b11 << (half - 2)) | 1
    while not (_survives_sieve(candidate) and math.gcd(candidate - 1, EXPONENT) == 1 and _probably_prime(candidate)):
        candidate += 2
    return candidate


def _survives_sieve(n: int) -> bool:
    return all(n % small for small in SMALL_PRIMES)


def _probably_prime(n: int) -> bool:
    """Miller–Rabin with bases from the number itself."""
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, odd, twos, _number(f"{n}/{i}", 256)) for i in range(ROUNDS))


def _passes(n: int, odd: int, twos: int, base: int) -> bool:
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def _number(label: str, bits: int) -> int:
    """A number of exactly `bits` bits from the label's SHAKE-256 stream."""
    return int.from_bytes(hashlib.shake_256(label.encode()).digest(bits // 8), "big") | (1 << (bits - 1))
