"""One suite for everything that stands behind the port `ehtoolkit.card.port.Card`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.port import (
    Card,
    CardFiles,
    CardIdentity,
    CardKey,
    CardSigner,
    PinEntry,
    check_certificates,
)
from ehtoolkit.clock import SystemClock
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.card.profile import CardProfile, save_profile
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.training.card.training_card import TrainingCard
from ehtoolkit.training.state.database import TrainingDatabase
from tests.support.card_fixtures import SoftHsmFactory
from tests.support.softhsm import SoftHsm

pytestmark = [pytest.mark.interop]

PIN = Secret("1234")
WRONG = Secret("4321")
DATA = "Message — with ‖ more than ASCII".encode()


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table: an implementation, and what it cannot do because the thing behind it cannot."""

    name: str
    profile: str
    counts_tries: bool = True
    """SoftHSM2 has no PIN counter: it never tells the tries left and never blocks. OpenSC tells the last try."""
    blocks: bool = True
    reads_files: bool = True
    """OpenSC gives no identity files: name and number come from the certificate."""
    signs: tuple[CardKey, ...] = tuple(CardKey)
    """OpenSC never signs with the Signature key."""
    id_length: int = 1
    always_authenticate: bool = False

    @property
    def is_software(self) -> bool:
        return self.name in ("software", "training")

    @property
    def suffix(self) -> str:
        """Of the names of profiles that there are for both kinds of card."""
        return "_rsa" if self.name == "plugged" else ""


SHORT = [("rsa", 1, False), ("rsa", 8, True), ("ec", 1, True), ("ec", 8, False)]
"""The tokens of the short run: each two of their three properties in every combination."""
KINDS = [
    Kind("software", "rsa"),
    Kind("software", "ec"),
    Kind("training", "rsa"),
    Kind("training", "ec"),
    *(
        pytest.param(
            Kind(
                "softhsm",
                profile,
                counts_tries=False,
                blocks=False,
                id_length=length,
                always_authenticate=always,
            ),
            marks=() if (profile, length, always) in SHORT else pytest.mark.long,
        )
        for profile in ("rsa", "ec")
        for length in (1, 8)
        for always in (False, True)
    ),
]


def title(kind: Kind) -> str:
    always = "-always" if kind.always_authenticate else ""
    return f"{kind.name}-{kind.profile}" + ("" if kind.is_software else f"-id{kind.id_length}{always}")


@dataclass(frozen=True, slots=True)
class Setting:
    """One card, ready to be opened as often as a test likes."""

    kind: Kind
    profile: CardProfile
    open: Callable[[], Card]
    pull: Callable[[], None]
    """Takes the card out of its reader while programs use it."""
    put_back: Callable[[], None]

    @property
    def key(self) -> CardKey:
        """The key that can do most."""
        return self.kind.signs[-1]


@pytest.fixture(params=KINDS, ids=title)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture(scope="module")
def token_of(softhsm_token: SoftHsmFactory) -> Callable[[Kind, CardProfile], SoftHsm]:
    """SoftHSM2 tokens, each made once, since no test changes one."""
    made: list[tuple[Kind, CardProfile, SoftHsm]] = []

    def find(kind: Kind, profile: CardProfile) -> SoftHsm:
        for known, content, token in made:
            if known == kind and content is profile:
                return token
        options = {"id_length": kind.id_length, "always_authenticate": kind.always_authenticate}
        made.append((kind, profile, softhsm_token(profile, **options)))
        return made[-1][2]

    return find


@pytest.fixture
def settings(
    kind: Kind, token_of: Callable[[Kind, CardProfile], SoftHsm], tmp_path: Path
) -> Iterator[Callable[[CardProfile], Setting]]:
    """Puts a profile behind this kind of card; what was opened is closed at the end."""
    opened: list[Card] = []

    def make(profile: CardProfile) -> Setting:
        folder = tmp_path / "card"
        if kind.is_software:
            save_profile(folder, profile)
            trainer = SoftwareCard(folder)
            return Setting(
                kind, profile, lambda: keep(in_software(folder, profile)), trainer.unplug, trainer.plug
            )
        token = token_of(kind, profile)
        return Setting(
            kind,
            profile,
            lambda: keep(Pkcs11Card(token.module, environment=token.environment)),
            token.pull,
            token.put_back,
        )

    def in_software(folder: Path, profile: CardProfile) -> Card:
        """A training person's card, whom no scenario concerns, has to be like any other."""
        if kind.name == "software":
            return SoftwareCard(folder)
        database = TrainingDatabase(tmp_path / "training.sqlite3")
        citizen = Issuer(profile.keys[CardKey.AUTHENTICATION], (profile.citizen_ca, profile.root))
        return TrainingCard(folder, database, citizen, citizen)

    def keep(card: Card) -> Card:
        opened.append(card)
        return card

    yield make
    for card in opened:
        card.close()


@pytest.fixture
def setting(
    kind: Kind, profiles: Mapping[str, CardProfile], settings: Callable[[CardProfile], Setting]
) -> Setting:
    return settings(profiles[kind.profile])


def verify(certificate: Certificate, signature: bytes) -> None:
    """With `cryptography` alone: raises when the signature is not the certificate's key's."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, DATA, padding.PKCS1v15(), SHA256())
        return
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert len(signature) == 96
    r, s = int.from_bytes(signature[:48]), int.from_bytes(signature[48:])
    key.verify(encode_dss_signature(r, s), DATA, ec.ECDSA(SHA256()))


def test_identity_is_that_of_the_profile(setting: Setting) -> None:
    card, identity = setting.open(), setting.profile.identity
    if setting.kind.reads_files:
        assert card.identity() == identity
    else:
        assert card.identity() == CardIdentity(identity.niss, identity.surname, identity.first_names)
    assert card.identity().person == identity.person
    assert card.reader


def test_the_signed_files(setting: Setting) -> None:
    files = setting.open().files()
    if not setting.kind.reads_files:
        assert files == CardFiles()
        return
    assert files == setting.profile.files
    assert files.identity
    assert files.rrn_certificate


def test_chain_is_leaf_citizen_ca_root(setting: Setting) -> None:
    card, profile = setting.open(), setting.profile
    for key in CardKey:
        assert tuple(card.chain(key)) == (profile.certificates[key], profile.citizen_ca, profile.root)


def test_signs_without_having_read_anything(setting: Setting) -> None:
    signature = setting.open().sign(setting.key, DATA, PIN)
    verify(setting.profile.certificates[setting.key], signature)


def test_both_keys_in_turn(setting: Setting) -> None:
    card = setting.open()
    for key in (*setting.kind.signs, CardKey.AUTHENTICATION):
        verify(setting.profile.certificates[key], card.sign(key, DATA, PIN))
        signer = CardSigner(card, key, PIN)
        verify(signer.chain[0], signer.sign(DATA))


def test_a_message_of_a_megabyte(setting: Setting) -> None:
    card = setting.open()
    long = DATA * 30_000
    key = card.chain(CardKey.AUTHENTICATION)[0].public_key()
    signature = card.sign(CardKey.AUTHENTICATION, long, PIN)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, long, padding.PKCS1v15(), SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        r, s = int.from_bytes(signature[:48]), int.from_bytes(signature[48:])
        key.verify(encode_dss_signature(r, s), long, ec.ECDSA(SHA256()))


def test_the_pin_is_asked_here(setting: Setting) -> None:
    card = setting.open()
    assert [card.pin_entry(key) for key in CardKey] == [PinEntry.HERE, PinEntry.HERE]
    for key in setting.kind.signs:
        card.require_key(key)


def test_a_key_that_the_module_cannot_use(setting: Setting) -> None:
    """It says so before any PIN, and names the module that can."""
    card = setting.open()
    for key in set(CardKey) - set(setting.kind.signs):
        attempts: list[Callable[[], object]] = [
            partial(card.require_key, key),
            partial(card.sign, key, DATA, PIN),
            lambda: check_certificates(card, SystemClock().now()),
        ]
        for attempt in attempts:
            with pytest.raises(errors.SigningUnsupported) as caught:
                attempt()
            assert caught.value.facts["certificate"] == key.value
    verify(setting.profile.certificates[CardKey.AUTHENTICATION], card.sign(CardKey.AUTHENTICATION, DATA, PIN))


def test_no_pin(setting: Setting) -> None:
    card = setting.open()
    before = card.pin_tries_left()
    with pytest.raises(errors.PinNeeded):
        card.sign(CardKey.AUTHENTICATION, DATA, None)
    assert card.pin_tries_left() == before


def test_a_malformed_pin_costs_no_try(setting: Setting) -> None:
    card = setting.open()
    before = card.pin_tries_left()
    for text in ("", "123", "1234567890123", "12a4", "１２３４", " 1234", "1234\n"):
        with pytest.raises(errors.PinMalformed):
            card.sign(CardKey.AUTHENTICATION, DATA, Secret(text))
    assert card.pin_tries_left() == before
    verify(card.chain(CardKey.AUTHENTICATION)[0], card.sign(CardKey.AUTHENTICATION, DATA, PIN))


def test_a_wrong_pin(setting: Setting) -> None:
    card = setting.open()
    with pytest.raises(errors.PinWrong) as caught:
        card.sign(setting.key, DATA, WRONG)
    if setting.kind.counts_tries:
        assert caught.value.facts == {"tries_left": 2}
        assert card.pin_tries_left() == 2
    else:
        assert caught.value.facts == {"tries_left": None, "reason": "unknown_tries"}
        assert card.pin_tries_left() is None
    verify(card.chain(setting.key)[0], card.sign(setting.key, DATA, PIN))
    assert card.pin_tries_left() == (3 if setting.kind.counts_tries else None)


def test_a_wrong_pin_after_the_right_one(setting: Setting) -> None:
    """An earlier login never lets a wrong PIN pass."""
    card = setting.open()
    card.sign(CardKey.AUTHENTICATION, DATA, PIN)
    with pytest.raises(errors.PinWrong):
        card.sign(CardKey.AUTHENTICATION, DATA, WRONG)


def test_three_wrong_pins(setting: Setting) -> None:
    card = setting.open()
    answers: list[errors.PinError] = []
    for _ in range(3):
        with pytest.raises(errors.PinError) as caught:
            card.sign(CardKey.AUTHENTICATION, DATA, WRONG)
        answers.append(caught.value)
    if not setting.kind.blocks:
        assert [type(answer) for answer in answers] == [errors.PinWrong] * 3
        verify(card.chain(CardKey.AUTHENTICATION)[0], card.sign(CardKey.AUTHENTICATION, DATA, PIN))
        return
    assert [type(answer) for answer in answers] == [errors.PinWrong, errors.PinWrong, errors.PinBlocked]
    assert answers[1].facts == {"tries_left": 1, "reason": "last_try"}
    assert card.pin_tries_left() == 0
    with pytest.raises(errors.PinBlocked):
        card.sign(CardKey.AUTHENTICATION, DATA, PIN)


def test_a_card_without_signature(
    settings: Callable[[CardProfile], Setting], profiles: Mapping[str, CardProfile], kind: Kind
) -> None:
    card = settings(profiles[f"young{kind.suffix}"]).open()
    verify(card.chain(CardKey.AUTHENTICATION)[0], card.sign(CardKey.AUTHENTICATION, DATA, PIN))
    _cannot_sign(card)


def test_a_signature_that_was_never_activated(
    settings: Callable[[CardProfile], Setting], profiles: Mapping[str, CardProfile], kind: Kind
) -> None:
    _cannot_sign(settings(profiles[f"dormant{kind.suffix}"]).open())


def _cannot_sign(card: Card) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: card.chain(CardKey.SIGNATURE),
        lambda: card.require_key(CardKey.SIGNATURE),
        lambda: card.sign(CardKey.SIGNATURE, DATA, PIN),
        lambda: check_certificates(card, SystemClock().now()),
    ]
    for attempt in attempts:
        with pytest.raises(errors.CardCertificateMissing) as caught:
            attempt()
        assert caught.value.facts == {"certificate": "Signature"}


def test_close_and_reopen(setting: Setting) -> None:
    first = setting.open()
    first.sign(CardKey.AUTHENTICATION, DATA, PIN)
    first.close()
    first.close()
    second = setting.open()
    assert second.identity().person == setting.profile.identity.person
    verify(second.chain(setting.key)[0], second.sign(setting.key, DATA, PIN))
    assert first.identity() == second.identity()


def test_pulled_in_the_middle_and_put_back(setting: Setting) -> None:
    card = setting.open()
    card.identity()
    setting.pull()
    try:
        with pytest.raises(errors.CardRemoved):
            card.sign(CardKey.AUTHENTICATION, DATA, PIN)
        for attempt in (card.identity, card.pin_tries_left, lambda: card.chain(CardKey.SIGNATURE)):
            with pytest.raises(errors.CardAbsent):
                attempt()
    finally:
        setting.put_back()
    verify(setting.profile.certificates[setting.key], card.sign(setting.key, DATA, PIN))
