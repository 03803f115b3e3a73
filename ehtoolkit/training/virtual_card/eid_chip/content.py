"""The content of the chip, made from the profile of a training card: applet 1.7 with RSA keys, 1.8 with EC keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit.card.chip import parse_identity_file
from ehtoolkit.card.port import CardKey
from ehtoolkit.card.readers import ATR_1_7, ATR_1_8
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.keystore.key_pairs import encoded
from ehtoolkit.training.card.profile import CardProfile
from ehtoolkit.training.virtual_card.eid_chip import layout, pkcs15
from ehtoolkit.training.virtual_card.eid_chip.signing import EC_ALGORITHMS, RSA_ALGORITHMS, Algorithm


@dataclass(frozen=True, slots=True)
class AppletVersion:
    """The version of a card's applet.

    Attributes:
        atr: the answer to reset, by which software knows the version.
        card_data: component, operating system, softmask, applet, global version, PKCS#1 versions, life cycle.
        algorithms: by the byte behind tag 80 of MSE SET.
        tells_tries: GET CARD DATA can return the tries that the PIN has left.
    """

    atr: bytes
    card_data: bytes
    algorithms: Mapping[int, Algorithm] = field(repr=False)
    tells_tries: bool


APPLET_1_7: Final = AppletVersion(
    bytes.fromhex(ATR_1_7), bytes.fromhex("A5 0300 0100 17 0003 00 21 01 0F"), RSA_ALGORITHMS, False
)
APPLET_1_8: Final = AppletVersion(
    bytes.fromhex(ATR_1_8), bytes.fromhex("A5 0300 0100 18 0001 00 00 02 0F"), EC_ALGORITHMS, True
)

_SERIAL_LENGTH: Final = 16
_ROLES: Final = bytes(5)
_PREFERENCES: Final = bytes(100)


@dataclass(frozen=True, slots=True)
class CardContent:
    """The files and keys of a card.

    Attributes:
        serial: the chip's number, 16 bytes.
        files: by their path from the root, two bytes a file or folder.
        keys: by the reference that MSE SET gives.
    """

    serial: bytes
    files: Mapping[bytes, bytes] = field(repr=False)
    keys: Mapping[int, PrivateKey] = field(repr=False)
    version: AppletVersion = APPLET_1_7


_PLACES: Final = {
    CardKey.AUTHENTICATION: (
        layout.AUTHENTICATION_CERTIFICATE,
        pkcs15.KeyDirectoryEntry("Authentication", 2, layout.AUTHENTICATION_KEY, pkcs15.Usage.SIGN),
    ),
    CardKey.SIGNATURE: (
        layout.SIGNATURE_CERTIFICATE,
        pkcs15.KeyDirectoryEntry(
            "Signature", 3, layout.SIGNATURE_KEY, pkcs15.Usage.NON_REPUDIATION, pin_each_time=True
        ),
    ),
}


def card_content(
    profile: CardProfile, *, altered: bool = False, private_certificates: bool = True
) -> CardContent:
    """Return the chip of this profile, of applet 1.8 where its keys are elliptic.

    Args:
        altered: something on it is not as it was when the card was made, so that it says another number of itself than
            the identity file does: software that keeps copies of files (OpenSC) keeps them by that number.
        private_certificates: see `ehtoolkit.training.virtual_card.eid_chip.pkcs15.certificate_directory`.
    """
    keys = {_PLACES[name][1].reference: key for name, key in profile.keys.items()}
    serial = parse_identity_file(profile.files.identity).chip_number
    if altered:
        certificates = b"".join(
            encoded(certificate) for _, certificate in sorted(profile.certificates.items())
        )
        serial = hashlib.sha256(serial + certificates).digest()[:_SERIAL_LENGTH]
    return CardContent(
        serial,
        _directories(profile, serial, private_certificates) | _certificates(profile) | _identity(profile),
        keys,
        APPLET_1_8 if _is_elliptic(profile) else APPLET_1_7,
    )


def _is_elliptic(profile: CardProfile) -> bool:
    return any(isinstance(key, EllipticCurvePrivateKey) for key in profile.keys.values())


def _directories(profile: CardProfile, serial: bytes, private: bool) -> dict[bytes, bytes]:
    present = {key: _PLACES[key] for key in CardKey if key in profile.keys}
    keys = [replace(card_key, bits=_bits(profile.keys[key])) for key, (_, card_key) in present.items()]
    certificates = [
        *(
            pkcs15.CertificateDirectoryEntry(card_key.label, card_key.number, path)
            for path, card_key in present.values()
        ),
        pkcs15.CertificateDirectoryEntry("CA", 4, layout.CITIZEN_CA_CERTIFICATE, authority=True),
        pkcs15.CertificateDirectoryEntry("Root", 6, layout.ROOT_CERTIFICATE, authority=True),
    ]
    return {
        layout.APPLICATIONS_FILE: pkcs15.application_directory(),
        layout.OBJECTS_FILE: pkcs15.object_directory(),
        layout.TOKEN_FILE: pkcs15.token_info(serial),
        layout.PINS_FILE: pkcs15.pin_directory(),
        layout.KEYS_FILE: pkcs15.key_directory(keys),
        layout.CERTIFICATES_FILE: pkcs15.certificate_directory(certificates, private=private),
    }


def _bits(key: PrivateKey) -> int | None:
    return None if isinstance(key, EllipticCurvePrivateKey) else key.key_size


def _certificates(profile: CardProfile) -> dict[bytes, bytes]:
    certificates = {_PLACES[key][0]: certificate for key, certificate in profile.certificates.items()}
    certificates[layout.CITIZEN_CA_CERTIFICATE] = profile.citizen_ca
    certificates[layout.ROOT_CERTIFICATE] = profile.root
    return {path: encoded(certificate) for path, certificate in certificates.items()}


def _identity(profile: CardProfile) -> dict[bytes, bytes]:
    """Return the files with the holder's data, as far as the card has them. Roles and preferences, of applet 1.7, are
    zeros: no software that we know reads them."""
    own = (
        {layout.BASIC_KEY_FILE: _basic_key(profile)}
        if _is_elliptic(profile)
        else {layout.ROLES_FILE: _ROLES, layout.PREFERENCES_FILE: _PREFERENCES}
    )
    files = {
        layout.IDENTITY_FILE: profile.files.identity,
        layout.IDENTITY_SIGNATURE_FILE: profile.files.identity_signature,
        layout.ADDRESS_FILE: profile.files.address,
        layout.ADDRESS_SIGNATURE_FILE: profile.files.address_signature,
        layout.RRN_CERTIFICATE: profile.files.rrn_certificate,
        layout.PHOTO_FILE: profile.identity.photo or b"",
        **own,
    }
    return {path: content for path, content in files.items() if content}


def _basic_key(profile: CardProfile) -> bytes:
    """Return the public key of a card of applet 1.8 as its file has it: a point. A training card has no key of its own
    for this and gives its Authentication key."""
    public = profile.keys[CardKey.AUTHENTICATION].public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
