"""The National Register's part of a training card: identity and address files, with its signatures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.card import CardFiles, CardIdentity
from ehtoolkit.card.chip.address_file import encode_address_file, signed_address
from ehtoolkit.card.chip.dates import CardLanguage
from ehtoolkit.card.chip.identity_file import encode_identity_file, identity_file_of, parse_identity_file
from ehtoolkit.identity import PostalAddress
from ehtoolkit.training.authority.pki import Issuer, PrivateKey

CHIP_NUMBER_SIZE: Final = 16
NO_STATUS: Final = "0"
"""The special status of most people, as cards have it: none."""


def make_files(
    identity: CardIdentity,
    address: PostalAddress,
    rrn: Issuer,
    *,
    chip_number: bytes,
    language: CardLanguage = "fr",
) -> CardFiles:
    """The files that say what ``identity`` says, signed by ``rrn``: RSA over SHA-256, EC over SHA-384 as r‖s."""
    photo_hash = b"" if identity.photo is None else _digest(identity.photo, rrn.key)
    file = identity_file_of(identity, chip_number=chip_number, photo_hash=photo_hash)
    file = replace(file, special_status=file.special_status or NO_STATUS)
    return _signed(encode_identity_file(file, language), encode_address_file(address), rrn)


def earlier_files(files: CardFiles, by: timedelta, rrn: Issuer) -> CardFiles:
    """The files of a card that is older ``by`` so much, signed anew by ``rrn``. Raises `errors.CardFault`."""
    file = parse_identity_file(files.identity)
    if file.valid_from is None or file.valid_until is None:
        return files
    older = replace(file, valid_from=file.valid_from - by, valid_until=file.valid_until - by)
    return _signed(encode_identity_file(older), files.address, rrn)


def _signed(identity: bytes, address: bytes, rrn: Issuer) -> CardFiles:
    identity_signature = _sign(identity, rrn.key)
    return CardFiles(
        identity=identity,
        identity_signature=identity_signature,
        address=address,
        address_signature=_sign(signed_address(address, identity_signature), rrn.key),
        rrn_certificate=rrn.certificate.public_bytes(Encoding.DER),
    )


def _sign(data: bytes, key: PrivateKey) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(data, PKCS1v15(), hashes.SHA256())
    half = (key.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(data, ECDSA(hashes.SHA384())))
    return r.to_bytes(half) + s.to_bytes(half)


def _digest(data: bytes, key: PrivateKey) -> bytes:
    digest = hashes.Hash(hashes.SHA256() if isinstance(key, RSAPrivateKey) else hashes.SHA384())
    digest.update(data)
    return digest.finalize()
