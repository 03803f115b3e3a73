"""Keys, certificates, invented people and the schemas, for the tests of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ehtoolkit.ehealth.platform import Platform, base_url_of, platform_at
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.identity import (
    ContactData,
    DistinguishedName,
    Environment,
    Identifier,
    Niss,
    Organisation,
    Person,
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Authority:
    """A certificate with its key, and its chain up to the root."""

    key: Key
    chain: tuple[x509.Certificate, ...]

    def issue(self, subject: x509.Name, key: Key, *, ca: bool = False) -> Authority:
        certificate = _certificate(subject, key, self.chain[0].subject, self.key, ca=ca)
        return Authority(key, (certificate, *self.chain))


def _certificate(
    subject: x509.Name, key: Key, issuer: x509.Name, issuer_key: Key, *, ca: bool
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def name_of(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _root(common_name: str, key: Key) -> Authority:
    name = name_of(common_name)
    return Authority(key, (_certificate(name, key, name, key, ca=True),))


@pytest.fixture(scope="session")
def rsa_keys() -> tuple[rsa.RSAPrivateKey, ...]:
    """Three RSA-2048 keys: the holder's authentication key, his encryption key, and somebody else's."""
    return tuple(rsa.generate_private_key(65537, 2048) for _ in range(3))


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


@pytest.fixture(scope="session")
def person() -> Person:
    return Person(Niss.parse("79.03.14-218.72"), "Zoé Ëlodie", "Van den Bossche")


@pytest.fixture(scope="session")
def pharmacy() -> Organisation:
    return Organisation(Identifier("NIHII-PHARMACY", "12345625"), "Pharmacie Été & fils")


@pytest.fixture(scope="session")
def contact() -> ContactData:
    return ContactData("zoe&co@example.be", "+32 475 00 00 00")


@pytest.fixture(scope="session")
def issuing(ec_key: ec.EllipticCurvePrivateKey) -> Authority:
    """An issuing authority under a root; both on P-384, as the newest real one is."""
    return _root("Invented root", ec_key).issue(name_of("Invented issuing CA"), ec_key, ca=True)


@pytest.fixture(scope="session")
def holder(rsa_keys: tuple[rsa.RSAPrivateKey, ...], issuing: Authority, person: Person) -> Authority:
    """The person's eHealth authentication key, with its chain."""
    return issuing.issue(DistinguishedName.for_person(person).to_name(), rsa_keys[0])


@pytest.fixture(scope="session")
def signer(holder: Authority) -> KeySigner:
    return KeySigner(holder.key, holder.chain)


@pytest.fixture(scope="session")
def card_signer(issuing: Authority, ec_key: ec.EllipticCurvePrivateKey) -> KeySigner:
    """Like a card on P-384: leaf, CA and root."""
    return KeySigner(ec_key, issuing.issue(name_of("Zoé (Signature)"), ec_key).chain)


@dataclass
class ScriptedPlatform:
    """The far end of the wire: answers what it is told to, and remembers what was sent to it."""

    answer: Response | Callable[[bytes], Response | bytes] | Exception | bytes = b""
    requests: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.requests.append((url, body, headers))
        if isinstance(self.answer, Exception):
            raise self.answer
        answer = self.answer(body) if callable(self.answer) else self.answer
        return Response(200, {}, answer) if isinstance(answer, bytes) else answer


class StillClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def wire() -> ScriptedPlatform:
    return ScriptedPlatform()


@pytest.fixture
def platform(wire: ScriptedPlatform) -> Platform:
    return platform_at(wire, base_url_of(Environment.ACCEPTANCE), StillClock())


@pytest.fixture(scope="session")
def vectors(data_folder: Path) -> Path:
    """The messages of a foreign client: ``NNN-<Request>.soap.xml``, ``.resp.xml`` and ``.headers``."""
    return data_folder / "captured-messages"


@pytest.fixture
def soap() -> Callable[..., bytes]:
    """Puts an answer's XML into an envelope, as another server would."""

    def envelope(message: str | bytes, *, header: str = "<s:Header/>") -> bytes:
        text = message.decode() if isinstance(message, bytes) else message
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
            f"{header}<s:Body>\n{text}\n</s:Body></s:Envelope>"
        ).encode()

    return envelope


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW
