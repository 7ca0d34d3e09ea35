"""The certificate for TLS: one that was given, or one of our own, made at the first start.

An own certificate is signed by itself, so a browser asks once whether to trust it; its fingerprint
is printed to compare. It names the host, localhost and the address that the server is bound to.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flowrt.errors import FlowrtError
from flowrt.files.store import write_atomically

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

__all__ = ["context_of", "fingerprint", "own_certificate"]

_DAYS: Final = 825
"""The longest that browsers take."""
_RENEW_DAYS: Final = 30


def context_of(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer with a certificate and its key, both PEM; raises FlowrtError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise FlowrtError(
            f"{certificate} and {key} are no certificate with its key: {error}. "
            "Both must be PEM files that belong together, the key without a password."
        ) from error
    return context


def fingerprint(certificate: Path) -> str:
    """SHA-256 of the first certificate in a file, as browsers show it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return loaded.fingerprint(hashes.SHA256()).hex(":").upper()


def own_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Certificate and key in a folder; made anew where there is none, or it ends soon."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists() and _is_good(certificate, host)):
        made, private = _made(host)
        write_atomically(key, private)  # 0600: only the owner reads it
        write_atomically(certificate, made)
    return certificate, key


def _is_good(file: Path, host: str) -> bool:
    """Whether it goes on for a while, and names the host."""
    from cryptography import x509

    try:
        loaded = x509.load_pem_x509_certificate(file.read_bytes())
        names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=_RENEW_DAYS)
    return loaded.not_valid_after_utc > soon and set(_names(host)) <= set(names)


def _made(host: str) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"flowrt {socket.gethostname()}"[:64])]
    )
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(list(_names(host))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM), private


def _names(host: str) -> Iterator[GeneralName]:
    from cryptography import x509

    yield from (x509.DNSName(name) for name in dict.fromkeys(("localhost", socket.gethostname())))
    addresses = dict.fromkeys(("127.0.0.1", "::1", host))
    for address in addresses:
        try:
            yield x509.IPAddress(ipaddress.ip_address(address))
        except ValueError:
            if address not in ("localhost", socket.gethostname()):
                yield x509.DNSName(address)
