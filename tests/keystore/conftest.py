"""Keys, certificates and keystores of an invented holder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.x509.oid import NameOID

from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret

CORPUS = "keystores"
ROLES = ("root", "issuer", "authentication", "encryption", "renewed", "stranger")


@dataclass
class KeystoreMaker:
    """Makes what the tests need, from a handful of key pairs. Certificates are valid from ``start`` to ``end``."""

    keys: Mapping[str, RSAPrivateKey]
    start: datetime = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    end: datetime = datetime(2030, 2, 24, 10, 0, tzinfo=UTC)

    @cached_property
    def person(self) -> Person:
        return Person(Niss.parse("79031421872"), "Élise Marie", "Dubois")

    @cached_property
    def subject(self) -> x509.Name:
        return DistinguishedName.for_person(self.person).to_name()

    @cached_property
    def issuer_name(self) -> x509.Name:
        return name_of(C="BE", O="Training", CN=TRAINING_ISSUERS[0], SN="20260001")

    @cached_property
    def root_name(self) -> x509.Name:
        return name_of(C="BE", O="Training", CN="Training root")

    @cached_property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Leaf, issuing CA, root."""
        return (
            self.certificate(
                self.subject, self.keys["authentication"], self.issuer_name, self.keys["issuer"]
            ),
            self.certificate(self.issuer_name, self.keys["issuer"], self.root_name, self.keys["root"]),
            self.certificate(self.root_name, self.keys["root"], self.root_name, self.keys["root"]),
        )

    def certificate(
        self,
        subject: x509.Name,
        key: RSAPrivateKey | RSAPublicKey | EllipticCurvePublicKey,
        issuer: x509.Name,
        issuer_key: RSAPrivateKey | EllipticCurvePrivateKey,
        serial: int = 0,
    ) -> x509.Certificate:
        public = key.public_key() if isinstance(key, RSAPrivateKey) else key
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .public_key(public)
            .issuer_name(issuer)
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(self.start)
            .not_valid_after(self.end)
            .sign(issuer_key, hashes.SHA256())
        )

    def encryption_certificate(
        self, role: str = "encryption", serial: int = (1 << 127) + 7
    ) -> x509.Certificate:
        signer = self.keys["authentication"]
        return self.certificate(self.subject, self.keys[role], self.subject, signer, serial)

    @cached_property
    def prepared(self) -> Keystore:
        return Keystore.prepare(self.keys["authentication"], self.start - timedelta(hours=1))

    @cached_property
    def installed(self) -> Keystore:
        return self.prepared.with_chain(self.chain)

    @cached_property
    def complete(self) -> Keystore:
        return self.installed.with_encryption(self.keys["encryption"], self.encryption_certificate())


def name_of(**attributes: str) -> x509.Name:
    oids = {
        "C": NameOID.COUNTRY_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "CN": NameOID.COMMON_NAME,
        "SN": NameOID.SERIAL_NUMBER,
    }
    return x509.Name([x509.NameAttribute(oids[kind], value) for kind, value in attributes.items()])


@pytest.fixture(scope="session")
def keystore_maker() -> KeystoreMaker:
    return KeystoreMaker({role: generate_private_key(65537, 2048) for role in ROLES})


@pytest.fixture(scope="session")
def password() -> Secret:
    return Secret("Kine-2026 & co")


@dataclass(frozen=True)
class Sample:
    """A file of the corpus. ``aliases`` of its keys and number of ``certificates``, None where the list says
    neither; ``fault``: None for a sound one."""

    path: Path
    secret: Secret
    aliases: list[str | None] | None
    certificates: int | None
    mac: Mapping[str, str | int] | None
    fault: str | None

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()


@pytest.fixture(scope="session")
def samples(data_folder: Path) -> dict[str, Sample]:
    """The corpus: keystores of other programs, sound and not, by name."""
    return {
        sample["file"]: Sample(
            data_folder / CORPUS / sample["file"],
            Secret(sample["password"]),
            sample.get("key_aliases"),
            sample.get("certificates"),
            sample.get("mac"),
            sample.get("fault"),
        )
        for sample in json.loads((data_folder / CORPUS / "manifest.json").read_text())
    }


@pytest.fixture(scope="session")
def sound(samples: dict[str, Sample]) -> list[Sample]:
    return [sample for sample in samples.values() if sample.fault is None]
