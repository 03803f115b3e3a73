"""An embedded platform per test, a client that goes the whole road, a wire that looks at every message."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from ehtoolkit.card.port import CardKey, CardSigner
from ehtoolkit.ehealth.certra import RequestReceipt, certificate_request, public_key_identifier
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.ehealth.etk import Registered, encryption_certificate, solve_challenge
from ehtoolkit.ehealth.platform import Platform, base_url_of, platform_at
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.identity import Actor, ContactData, Environment, Person
from ehtoolkit.keystore.codec.contents import Pkcs12Contents, attributes_of
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret
from ehtoolkit.training import PEOPLE, TrainingPlatform
from ehtoolkit.training.authority.pki import open_authorities
from ehtoolkit.training.card.card_factory import card_folder
from ehtoolkit.training.card.training_card import TrainingCard
from tests.keystore.quick_writer import write_quick
from tests.training.scenario_room import room

__all__ = ["room"]

DELIVERY = 3600.0
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")
PIN = Secret("1234")


@pytest.fixture(scope="session")
def keys() -> tuple[rsa.RSAPrivateKey, ...]:
    """RSA-2048 keys to use up: authentication, encryption, and two others."""
    return tuple(rsa.generate_private_key(65537, 2048) for _ in range(4))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training folder with authorities and some cards, to copy: making keys is what takes time."""
    folder = tmp_path_factory.mktemp("training")
    authorities = open_authorities(folder / "ca")
    for name in ("elise", "karl", "claire", "bram", "rita", "lina", "ines", "wim"):
        card_folder(folder / "cards", name, authorities, PEOPLE)
    return folder


@pytest.fixture
def folder(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_once, tmp_path / "training"))


@pytest.fixture
def training(folder: Path) -> Iterator[TrainingPlatform]:
    platform = TrainingPlatform(folder, delivery_seconds=DELIVERY)
    yield platform
    platform.close()


def keystore_with(*keys: rsa.RSAPrivateKey, shown: bool = True) -> bytes:
    """A keystore with these keys; ``shown``: it tells the identifier of each without its password."""
    whole = Pkcs12Contents((), ())
    for key in keys:
        contents = Keystore.prepare(key, datetime.now(UTC)).contents
        whole = Pkcs12Contents((*whole.keys, *contents.keys), (*whole.certificates, *contents.certificates))
    if not shown:
        plain = attributes_of("authentication")
        whole = replace(whole, keys=tuple(replace(key, attributes=plain) for key in whole.keys))
    return write_quick(whole, Secret("Oefening-2026"))


@dataclass
class Wire:
    """In front of the platform: keeps every message, and holds each against the schemas."""

    training: TrainingPlatform
    schema: etree.RelaxNG
    sent: list[bytes] = field(default_factory=list)
    received: list[Response] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        answer = self.training.transport().post(url, body, headers)
        self.sent.append(body)
        self.received.append(answer)
        self.check(answer)
        return answer

    def check(self, answer: Response) -> None:
        message = payload(answer.body)
        assert answer.header("Content-Type") == "text/xml; charset=utf-8"
        assert answer.header("Date")
        assert answer.header("X-CorrelationID")
        if not message.tag.endswith("}Fault"):
            self.schema.assertValid(etree.fromstring(etree.tostring(message, with_tail=False)))


def payload(body: bytes) -> etree._Element:
    envelope = etree.fromstring(body)
    assert envelope[-1].tag == "{http://schemas.xmlsoap.org/soap/envelope/}Body"
    assert len(envelope[-1]) == 1
    return envelope[-1][0]


@pytest.fixture
def wire(training: TrainingPlatform, schema: etree.RelaxNG) -> Wire:
    return Wire(training, schema)


@pytest.fixture
def platform(training: TrainingPlatform, wire: Wire) -> Platform:
    """What our own clients have in hand."""
    return platform_at(wire, base_url_of(Environment.TRAINING), training.clock)


@dataclass
class Client:
    """A person with his card and his keys, walking through the procedures step by step."""

    training: TrainingPlatform
    platform: Platform
    card: TrainingCard
    key: rsa.RSAPrivateKey
    encryption_key: rsa.RSAPrivateKey
    chain: Sequence[x509.Certificate] = ()

    @property
    def person(self) -> Person:
        return self.card.identity().person

    @property
    def holder(self) -> KeySigner:
        return KeySigner(self.key, self.chain)

    def signer(self, key: CardKey) -> CardSigner:
        return CardSigner(self.card, key, PIN)

    def contract(self, actor: Actor | None = None, application_id: str | None = None) -> Contract:
        return self.platform.certra.generate_contract(
            self.person, actor or self.person, CONTACT, application_id
        )

    def request(self, contract: Contract | None = None, key: CardKey = CardKey.SIGNATURE) -> RequestReceipt:
        contract = contract or self.contract()
        csr = certificate_request(self.key, contract.distinguished_name)
        signed = self.signed(csr, contract, key)
        return self.platform.certra.generate_certificate(signed, public_key_identifier(csr.public_key()))

    def signed(
        self, csr: x509.CertificateSigningRequest, contract: Contract, key: CardKey = CardKey.SIGNATURE
    ) -> etree._Element:
        return self.platform.certra.sign_certificate_request(
            csr, contract, CONTACT, self.signer(key), ("tsa", "codage")
        )

    def deliver(self) -> None:
        """Request, wait, fetch."""
        key_id = self.request().key_id
        self.training.clock.move("+2h")
        self.chain = self.platform.certra.get_certificate(key_id)

    def encryption_certificate(self, serial: int) -> bytes:
        return encryption_certificate(self.key, self.chain[0], self.encryption_key.public_key(), serial)

    def serial(self) -> int:
        challenge = self.platform.etkra.start_registration(self.encryption_key.public_key(), self.holder)
        return solve_challenge(challenge, self.encryption_key)

    def register(self) -> Registered:
        return self.platform.etkra.complete_registration(
            self.encryption_certificate(self.serial()), self.holder
        )


@pytest.fixture
def client(
    training: TrainingPlatform, platform: Platform, keys: tuple[rsa.RSAPrivateKey, ...]
) -> Callable[..., Client]:
    """A client with the card of a training person; ``first``: which of the keys are his."""

    def make(name: str = "default", *, first: int = 0) -> Client:
        return Client(training, platform, training.card(name), keys[first], keys[first + 1])

    return make
