"""A keystore whose names do to a terminal what no name may."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.secret import Secret

EVIL = "x\x1b]0;owned\x07\x9b31m\u202egnp\u200b\r"
"""Sets the title of a terminal, turns colours on, turns letters round, hides a blank, goes back in the line."""


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    """A file whose names were chosen by somebody else, the file's own among them."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"SSIN=79031421872, {EVIL}")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(datetime(2026, 1, 1))
        .not_valid_after(datetime(2029, 1, 1))
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    named = attributes_of(f"authentication {EVIL}", b"\x01" * 20)
    path = tmp_path / f"a{EVIL}.p12"
    path.write_bytes(
        write_pkcs12(
            Pkcs12Contents((Key(Plain(pkcs8), named),), (CertificateBag(certificate, named),)),
            Secret("Kine-2026"),
        )
    )
    return path
