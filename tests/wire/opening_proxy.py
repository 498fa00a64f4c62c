"""A company's proxy on the loopback: it opens every connection with a certificate of its own, and answers by itself."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import parse_headers
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Asked:
    """One request, as it came out of the connection that was opened."""

    place: str
    """Host and port that the connection was asked for."""
    method: str
    path: str
    headers: dict[str, str]
    """By names in lower case."""
    body: bytes

    @property
    def host(self) -> str:
        """Without the port."""
        return self.place.rpartition(":")[0]


Answer = tuple[int, dict[str, str], bytes]


def nothing_there(_asked: Asked) -> Answer:
    """What is answered where a test gives nothing else."""
    return 404, {}, b""


@dataclass
class OpeningProxy:
    """The proxy; `asked` holds every request, and `answer` decides what each is answered."""

    port: int
    answer: Callable[[Asked], Answer] = nothing_there
    asked: list[Asked] = field(default_factory=list)


def certificate_for(hosts: Iterable[str], folder: Path) -> Path:
    """A file with a certificate for these hosts that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Example proxy")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "company.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


@contextmanager
def opening(certificate: Path) -> Iterator[OpeningProxy]:
    """The proxy, for as long as it is needed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = OpeningProxy(int(listener.getsockname()[1]))
        threading.Thread(target=_serve, args=(proxy, listener, context), daemon=True).start()
        yield proxy


def _serve(proxy: OpeningProxy, listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(proxy, connection, context), daemon=True).start()


def _answer(proxy: OpeningProxy, connection: socket.socket, context: ssl.SSLContext) -> None:
    try:
        with connection:
            place = connection.recv(4096).split()[1].decode()
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with context.wrap_socket(connection, server_side=True) as inside, inside.makefile("rb") as stream:
                method, path, _ = stream.readline().decode().split()
                headers = {name.lower(): value for name, value in parse_headers(stream).items()}
                body = stream.read(int(headers.get("content-length", 0)))
                asked = Asked(place, method, path, headers, body)
                proxy.asked.append(asked)
                status, given, content = proxy.answer(asked)
                given = {"Content-Length": str(len(content)), "Connection": "close", **given}
                lines = [f"HTTP/1.1 {status} Answer", *(f"{name}: {value}" for name, value in given.items())]
                inside.sendall("\r\n".join([*lines, "", ""]).encode() + content)
    except (OSError, ValueError, IndexError):
        return
