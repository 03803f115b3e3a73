"""Authorities for servers on loopback, and the certificates that servers get from them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class WebAuthority:
    """Signs certificates of servers; ``file`` is its own certificate, in PEM."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    @classmethod
    def make(cls, name: str, folder: Path) -> WebAuthority:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        certificate = (
            _builder(subject, subject, key, timedelta(days=-800), timedelta(days=800))
            .add_extension(x509.BasicConstraints(True, None), critical=True)
            .add_extension(
                x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        return cls(key, certificate, folder)

    @property
    def file(self) -> Path:
        return self.folder / "ca.pem"

    def context(
        self,
        name: str = "127.0.0.1",
        *,
        start: timedelta = timedelta(days=-30),
        end: timedelta = timedelta(days=9),
    ) -> ssl.SSLContext:
        """What a server called ``name`` (an address, or a host) shows; valid from ``start`` to ``end``, from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)]
        identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        leaf = (
            _builder(_name("server"), self.certificate.subject, key, start, end)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        file = self.folder / f"{leaf.serial_number:x}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(leaf.public_bytes(Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    start: timedelta,
    end: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now + start, now + end
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> WebAuthority:
    return WebAuthority.make("Invented root", tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> WebAuthority:
    return WebAuthority.make("Invented virus scanner CA", tmp_path_factory.mktemp("scanner"))
