"""Keystores whose certificates name the authority of an environment, or one that nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.x509.oid import NameOID

from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret

UNKNOWN: Final = "unknown"
ISSUER: Final = {
    "production": "ZetesConfidens Private Trust PKI - eHealth issuing CA 001",
    "acceptance": "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 003",
    "training": TRAINING_ISSUERS[0],
    UNKNOWN: "Invented issuing CA",
}
"""An authority by the environment that its certificates are for."""
PASSWORD: Final = Secret("Kine-2026")


def issued_by(issuer: str, path: Path) -> KeystoreFile:
    """A keystore of an invented person whose certificate names this issuer; nobody has signed it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    person = Person(Niss.parse("79031421872"), "Élise Marie", "Vandamme")
    key, now = generate_private_key(65537, 2048), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(DistinguishedName.for_person(person).to_name())
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1000))
        .sign(key, hashes.SHA256())
    )
    return KeystoreFile.create(path, Keystore.prepare(key, now).with_chain([certificate]), PASSWORD)
