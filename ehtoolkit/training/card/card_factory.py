"""The cards of the training people: made when first asked for, under the training eID authority."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.card.chip import parse_identity_file, signed_address
from ehtoolkit.card.port import CardFiles, CardIdentity, CardKey
from ehtoolkit.crypto.certificates import hash_for
from ehtoolkit.crypto.keys import NewKeyKind, PrivateKey, generate_key, sign
from ehtoolkit.i18n import in_brussels
from ehtoolkit.identity import PostalAddress
from ehtoolkit.system.locks import make_once
from ehtoolkit.training.authority.pki import Authorities, Issuer, key_usage
from ehtoolkit.training.card.chip_files import (
    encode_address_file,
    encode_identity_file,
    identity_file_of,
    with_validity,
)
from ehtoolkit.training.card.profile import IDENTITY_FILE, CardProfile, save_profile
from ehtoolkit.training.state.invented_people import LanguageName, TrainingPerson, person_named

_YEAR: Final = timedelta(days=365.25)
_USAGES: Final[Mapping[CardKey, str]] = {
    CardKey.AUTHENTICATION: "digital_signature",
    CardKey.SIGNATURE: "content_commitment",
}
_BELGIAN_CITIZEN: Final = "01"


def card_folder(cards: Path, name: str, authorities: Authorities, people: Sequence[TrainingPerson]) -> Path:
    """Return the folder of the card ``name`` in ``cards``, which has the card's name: that of one of ``people``, made
    now if it is not there, or another one that lies there.

    Every new card's PIN is 1234. Raises `errors.CardUnknown`, and what `make_once` and `save_profile` raise.
    """
    try:
        person = person_named(name, people)
    except errors.CardUnknown:
        if name == Path(name).name and (cards / name / IDENTITY_FILE).is_file():
            return cards / name
        raise
    folder = cards / person.name
    make_once(
        (folder / IDENTITY_FILE).exists,
        lambda: save_profile(folder, make_profile(person, authorities)),
        cards / f"{person.name}.lock",
    )
    return folder


def make_profile(person: TrainingPerson, authorities: Authorities) -> CardProfile:
    """Return what is on a new card for ``person``, with new keys. Its dates are by the computer's clock, so moving the
    training clock makes a card expire as it would in reality, and moving it back makes it good again."""
    start, end = _validity(person, datetime.now(UTC).replace(microsecond=0))
    kind = NewKeyKind.EC_P384 if person.card_is_ec else NewKeyKind.RSA_2048
    wanted = list(CardKey) if person.card_has_signature else [CardKey.AUTHENTICATION]
    keys: dict[CardKey, PrivateKey] = {key: generate_key(kind) for key in wanted}
    certificates = {
        key: authorities.citizen.issue(
            _subject(person, key),
            private.public_key(),
            (start, end),
            (
                (x509.BasicConstraints(ca=False, path_length=None), True),
                (key_usage(_USAGES[key]), True),
            ),
        )
        for key, private in keys.items()
    }
    identity = _identity(person, start, end)
    return CardProfile(
        identity=identity,
        keys=keys,
        certificates=certificates,
        citizen_ca=authorities.citizen.certificate,
        root=authorities.card_root,
        files=make_files(
            identity,
            person.address,
            authorities.rrn_ec if person.card_is_ec else authorities.rrn,
            chip_number=secrets.token_bytes(CHIP_NUMBER_SIZE),
            language=person.language,
        ),
    )


def _validity(person: TrainingPerson, now: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last moment of a card: ten years, of which three have passed, or, for an expired card,
    all and one more."""
    start = now - (11 if person.card_expired else 3) * _YEAR
    return start, start + 10 * _YEAR


def _subject(person: TrainingPerson, key: CardKey) -> x509.Name:
    holder = person.person
    first_name = holder.first_names.split()[0]  # the other ones are in GIVEN_NAME alone
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{first_name} {holder.name} ({key})"),
            x509.NameAttribute(NameOID.SURNAME, holder.name),
            x509.NameAttribute(NameOID.GIVEN_NAME, holder.first_names),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, holder.niss.digits),
        ]
    )


def _identity(person: TrainingPerson, start: datetime, end: datetime) -> CardIdentity:
    holder, photo = person.person, files("ehtoolkit.training").joinpath("photos", f"{person.name}.jpg")
    return CardIdentity(
        niss=holder.niss,
        surname=holder.name,
        first_names=holder.first_names,
        third_name_initial=person.third_name_initial,
        birth_date=holder.niss.birth_date,
        birth_place=person.birth_place,
        nationality=person.nationality,
        gender=person.gender,
        card_number=person.card_number,
        valid_from=in_brussels(start).date(),
        valid_until=in_brussels(end).date(),
        document_type=_BELGIAN_CITIZEN,
        photo=photo.read_bytes() if person.has_photo else None,
    )


# ── The National Register's part of a card ───────────────────────────────────────────────────────────────
CHIP_NUMBER_SIZE: Final = 16
_EC_SIGNATURE_SIZE: Final = 104
"""Bytes of a signature file on a card of applet 1.8: the longest DER signature on P-384."""


def make_files(
    identity: CardIdentity,
    address: PostalAddress,
    rrn: Issuer,
    *,
    chip_number: bytes,
    language: LanguageName = "fr",
) -> CardFiles:
    """Return the files that say what ``identity`` and ``address`` say, signed by ``rrn``: RSA over SHA-256, EC over
    SHA-384 in DER, with zeros up to the size of the file."""
    photo_hash = (
        b"" if identity.photo is None else hashlib.new(hash_for(rrn.key).name, identity.photo).digest()
    )
    file = identity_file_of(identity, chip_number=chip_number, photo_hash=photo_hash)
    return _signed(encode_identity_file(file, language), encode_address_file(address), rrn)


def earlier_files(files: CardFiles, by: timedelta, rrn: Issuer) -> CardFiles:
    """Return the files of a card that is older ``by`` so much, signed again by ``rrn``; unchanged when they lack a date
    of validity. Raises `errors.CardFault`."""
    file = parse_identity_file(files.identity)
    if file.valid_from is None or file.valid_until is None:
        return files
    older = with_validity(files.identity, file.valid_from - by, file.valid_until - by)
    return _signed(older, files.address, rrn)


def _signed(identity: bytes, address: bytes, rrn: Issuer) -> CardFiles:
    identity_signature = _signature(identity, rrn.key)
    return CardFiles(
        identity=identity,
        identity_signature=identity_signature,
        address=address,
        address_signature=_signature(signed_address(address, identity_signature), rrn.key),
        rrn_certificate=rrn.certificate.public_bytes(Encoding.DER),
    )


def _signature(data: bytes, key: PrivateKey) -> bytes:
    signature = sign(key, hash_for(key), data)
    return signature if isinstance(key, RSAPrivateKey) else signature.ljust(_EC_SIGNATURE_SIZE, b"\0")
