"""The invented people, their cards, and the authorities behind them."""

from __future__ import annotations

import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID
from filelock import FileLock

from ehtoolkit import errors
from ehtoolkit.card.chip import parse_identity_file
from ehtoolkit.card.port import CardKey
from ehtoolkit.crypto.certificates import common_name
from ehtoolkit.identity import ISSUERS, Environment, Identifier, Niss
from ehtoolkit.identity.distinguished_name import normalise_name
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.secret import Secret
from ehtoolkit.system import locks
from ehtoolkit.training import PEOPLE, TrainingPlatform
from ehtoolkit.training.authority.pki import open_authorities
from ehtoolkit.training.card import card_factory


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_numbers_have_valid_check_digits(person) -> None:
    assert Niss.parse(person.person.niss.digits) == person.person.niss
    assert person.name.isascii()
    assert person.name.islower()
    assert int(person.person.niss.digits[6:9]) % 2 == (person.gender == "M")
    for organisation in person.organisations:
        assert Identifier.parse(organisation.identifier.text) == organisation.identifier


def test_a_person_for_every_lesson() -> None:
    assert PEOPLE[0].person.full_name == "Élise Marie Vandamme"
    assert PEOPLE[0].person.niss.formatted == "79.03.14-218.72"
    assert (
        len({person.person.niss.digits for person in PEOPLE})
        == len({person.name for person in PEOPLE})
        == len(PEOPLE)
    )
    assert [person.name for person in PEOPLE if person.card_is_ec]
    assert [person.name for person in PEOPLE if person.certificate_is_ec] == [
        "claire",
        "wim",
    ]  # as docs/TRAINING.md says
    assert [person.name for person in PEOPLE if person.card_expired]
    assert [person.name for person in PEOPLE if not person.card_has_signature]
    assert [
        person.name for person in PEOPLE if (person.person.niss.birth_date or datetime.now()).year >= 2000
    ]
    assert [person.name for person in PEOPLE if "'" in person.person.name]
    assert [person.name for person in PEOPLE if not normalise_name(person.person.name).isascii()]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_a_card_is_like_an_eid(person, training: TrainingPlatform) -> None:
    card = training.card(person.name)
    identity = card.identity()
    assert identity.person == person.person
    assert identity.birth_date == person.person.niss.birth_date
    assert identity.photo is not None
    assert identity.photo.startswith(b"\xff\xd8\xff")
    assert identity.photo.endswith(b"\xff\xd9")
    assert parse_identity_file(card.files().identity).special_status == "0"
    for key in CardKey if person.card_has_signature else (CardKey.AUTHENTICATION,):
        leaf, citizen, root = card.chain(key)
        # Of the first names only the first is in the CN; all are in GN.
        first, *_ = person.person.first_names.split()
        assert common_name(leaf.subject) == f"{first} {person.person.name} ({key})"
        (given,) = leaf.subject.get_attributes_for_oid(NameOID.GIVEN_NAME)
        assert given.value == person.person.first_names
        leaf.verify_directly_issued_by(citizen)
        citizen.verify_directly_issued_by(root)
        root.verify_directly_issued_by(root)
        subject = {attribute.oid: attribute.value for attribute in leaf.subject}
        first_name = person.person.first_names.split()[0]
        assert subject[NameOID.COMMON_NAME] == f"{first_name} {person.person.name} ({key})"
        assert subject[NameOID.SURNAME] == person.person.name
        assert subject[NameOID.GIVEN_NAME] == person.person.first_names
        assert subject[NameOID.SERIAL_NUMBER] == person.person.niss.digits
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.digital_signature is (key is CardKey.AUTHENTICATION)
        assert usage.content_commitment is (key is CardKey.SIGNATURE)
        assert isinstance(leaf.public_key(), EllipticCurvePublicKey if person.card_is_ec else RSAPublicKey)
        valid = leaf.not_valid_before_utc < datetime.now(UTC) < leaf.not_valid_after_utc
        assert valid is not person.card_expired
    assert card.sign(CardKey.AUTHENTICATION, b"data", Secret("1234"))


def test_the_days_of_a_card_are_those_of_belgium() -> None:
    start, end = datetime(2023, 11, 24, 23, 30, tzinfo=UTC), datetime(2033, 6, 24, 22, 30, tzinfo=UTC)
    identity = card_factory._identity(PEOPLE[0], start, end)
    assert (identity.valid_from, identity.valid_until) == (date(2023, 11, 25), date(2033, 6, 25))


def test_a_holder_under_18_has_no_signature_certificate(training: TrainingPlatform) -> None:
    with pytest.raises(errors.CardCertificateMissing):
        training.card("lina").chain(CardKey.SIGNATURE)


def test_default_is_the_first_and_case_does_not_matter(training: TrainingPlatform) -> None:
    assert training.card("default").identity() == training.card("ELISE").identity()


@pytest.mark.parametrize("name", ["nobody", "", "../ca", "elise/../karl"])
def test_a_card_that_does_not_exist(training: TrainingPlatform, name: str) -> None:
    with pytest.raises(errors.CardUnknown) as unknown:
        training.card(name)
    assert "elise" in str(unknown.value.facts["known"])


def test_every_name_says_training(training: TrainingPlatform) -> None:
    authorities = training.authorities
    for issuer in (
        *(authorities.citizen, *authorities.issuers, authorities.etk_signer),
        *(authorities.rrn, authorities.rrn_ec),
    ):
        for certificate in issuer.chain:
            assert "TRAINING" in common_name(certificate.subject)
    assert (
        tuple(common_name(issuer.certificate.subject) for issuer in authorities.issuers) == TRAINING_ISSUERS
    )
    assert ISSUERS.get(common_name(authorities.issuing_ec.certificate.subject)) is Environment.TRAINING
    assert isinstance(authorities.issuing_ec.certificate.public_key(), EllipticCurvePublicKey)
    root = authorities.citizen.chain[-1]
    assert common_name(root.subject) == "ehtoolkit TRAINING Belgium Root CA4"


def test_private_keys_are_private(training: TrainingPlatform) -> None:
    ca = training.folder / "ca"
    assert stat.S_IMODE(ca.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in ca.iterdir()} == {0o600}
    assert stat.S_IMODE((training.folder / "platform.sqlite3").stat().st_mode) == 0o600


def test_authorities_are_made_once_by_processes_that_start_together(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from ehtoolkit.training.authority.pki import open_authorities\n"
        "print(open_authorities(Path(sys.argv[1])).citizen.certificate.serial_number)"
    )
    folder = tmp_path / "new" / "ca"
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    serials = {run.communicate()[0].strip() for run in runs}
    assert serials == {str(open_authorities(folder).citizen.certificate.serial_number)}


def test_a_half_made_folder_of_authorities_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "ca.new").mkdir()
    (tmp_path / "ca.new" / "card-root.key").write_text("cut off")
    assert open_authorities(tmp_path / "ca").issuing.chain


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(errors.FolderNotWritable):
        TrainingPlatform(tmp_path / "file" / "training", delivery_seconds=0)
    with pytest.raises(errors.FolderNotWritable):
        open_authorities(tmp_path / "file" / "ca")


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\nMII", b"\0" * 900])
@pytest.mark.parametrize("file", ["citizen.pem", "citizen.key", "sts-signer.key"])
def test_a_file_of_the_authorities_that_is_damaged_or_gone(
    file: str, content: bytes | None, folder: Path
) -> None:
    path = folder / "ca" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(errors.FileUnreadable) as caught:
        open_authorities(folder / "ca")
    assert caught.value.facts == {"path": str(path)}


@pytest.mark.parametrize(
    "gone",
    [
        *(("sts-signer.key", "sts-signer.pem"), ("sts-signer.pem",), ("etk-signer.key", "etk-signer.pem")),
        tuple(f"{stem}.{ending}" for stem in ("rrn", "rrn-ec", "sts-signer") for ending in ("key", "pem")),
    ],
)
def test_a_folder_of_an_earlier_version_gets_the_signers_that_it_lacks(
    gone: tuple[str, ...], folder: Path
) -> None:
    for name in gone:
        (folder / "ca" / name).unlink()
    before = {path: path.read_bytes() for path in (folder / "ca").iterdir()}
    authorities = open_authorities(folder / "ca")
    for signer in (authorities.sts_signer, authorities.etk_signer, authorities.rrn, authorities.rrn_ec):
        assert signer.certificate.public_key() == signer.key.public_key()
        for lower, upper in pairwise(signer.chain):
            lower.verify_directly_issued_by(upper)
    made = {path: path.read_bytes() for path in (folder / "ca").iterdir()}
    assert before.items() <= made.items()
    assert {path.name for path in made.keys() - before.keys()} == set(gone)
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    again = open_authorities(folder / "ca")
    assert again.sts_signer.certificate == authorities.sts_signer.certificate


@pytest.mark.parametrize("stem", ["issuing", "issuing-ec", "citizen"])
def test_an_authority_that_has_issued_certificates_is_not_made_again(stem: str, folder: Path) -> None:
    for ending in ("key", "pem"):
        (folder / "ca" / f"{stem}.{ending}").unlink()
    before = {path.name for path in (folder / "ca").iterdir()}
    with pytest.raises(errors.FileUnreadable):
        open_authorities(folder / "ca")
    assert {path.name for path in (folder / "ca").iterdir()} == before


@pytest.mark.parametrize("way", ["transport", "status_wire", "server"])
def test_damaged_authorities_are_reported_before_the_first_request(way: str, folder: Path) -> None:
    path = folder / "ca" / "citizen.key"
    path.write_bytes(b"")
    with (
        closing(TrainingPlatform(folder, delivery_seconds=0)) as platform,
        pytest.raises(errors.FileUnreadable) as caught,
    ):
        getattr(platform, way)()
    assert caught.value.facts == {"path": str(path)}


def test_another_process_that_takes_too_long(tmp_path: Path) -> None:
    lock = tmp_path / "ca.lock"
    with FileLock(lock), pytest.raises(errors.FileBusy) as caught:
        locks.make_once(lambda: False, lambda: None, lock, seconds=0.01)
    assert caught.value.facts == {"path": str(lock)}


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "platform.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(errors.FileUnreadable):
        TrainingPlatform(tmp_path, delivery_seconds=0)
