"""Certificates for tests: an authority of the test's own, and what it issues."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Identity:
    """A private key with its certificate."""

    key: EllipticCurvePrivateKey
    certificate: x509.Certificate

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def written(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write certificate and key to files of their own, and return these."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.certificate_pem())
        key.write_bytes(self.key_pem())
        return certificate, key


def authority(name: str = "Octroi tests") -> Identity:
    """Return an identity that may issue others."""
    key = generate_private_key(SECP256R1())
    begun = _begun(name, key).issuer_name(_named(name))
    limits = x509.BasicConstraints(ca=True, path_length=0)
    return Identity(key, begun.add_extension(limits, critical=True).sign(key, hashes.SHA256()))


def issued(by: Identity, name: str, *addresses: str) -> Identity:
    """Return an identity that `by` vouches for, of a host with these addresses where there are any."""
    key = generate_private_key(SECP256R1())
    begun = _begun(name, key).issuer_name(by.certificate.subject)
    if addresses:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(each)) for each in addresses])
        begun = begun.add_extension(names, critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
    return Identity(key, begun.add_extension(issuer, critical=False).sign(by.key, hashes.SHA256()))


def _begun(name: str, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
