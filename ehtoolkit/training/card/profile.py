"""The profile of a training card: what it holds, and its folder on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificate

from ehtoolkit import errors
from ehtoolkit.card.port import CardFiles, CardIdentity, CardKey
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.identity import Niss
from ehtoolkit.system.files import make_private_folder, write_private
from ehtoolkit.training.authority.pki import key_of_pem, pem_of_key

IDENTITY_FILE: Final = "identity.json"
PHOTO_FILE: Final = "photo.jpg"
CITIZEN_CA_FILE: Final = "citizen-ca.pem"
ROOT_FILE: Final = "root.pem"
RAW_FILES: Final[Mapping[str, str]] = {
    "identity": "identity.bin",
    "identity_signature": "identity-signature.bin",
    "address": "address.bin",
    "address_signature": "address-signature.bin",
    "rrn_certificate": "rrn.der",
}
"""Field of `CardFiles` → file in the folder; cards that were made before have none."""

_FIELDS: Final = tuple(each.name for each in fields(CardIdentity) if each.name != "photo")
_DATES: Final = ("birth_date", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class CardProfile:
    """Everything on one training card. The keys are throw-away ones of invented people: RSA-2048 (applet 1.7) or EC
    P-384 (applet 1.8).

    ``keys`` and ``certificates`` have the same members: both keys of an eID, or Authentication alone for a
    holder under 18 and for one whose signature was never activated. The ``citizen_ca`` signed the
    certificates and the ``root`` the citizen CA. The photo, JPEG, is a field of ``identity``; ``files`` are
    the signed files, which say the same as ``identity``, or all of them empty.

    Subjects and extensions should be those of an eID: ``CN=<first given name> <surname> (Authentication)``,
    ``SN``, ``GN``, ``serialNumber`` (the NISS), digitalSignature in the first certificate and nonRepudiation
    in the second: modules without identity files take the names from there.
    """

    identity: CardIdentity
    keys: Mapping[CardKey, PrivateKey] = field(repr=False)
    certificates: Mapping[CardKey, Certificate] = field(repr=False)
    citizen_ca: Certificate = field(repr=False)
    root: Certificate = field(repr=False)
    files: CardFiles = field(default=CardFiles(), repr=False)


def save_profile(folder: Path, profile: CardProfile) -> None:
    """Write ``profile`` into ``folder`` (made 0700 where it is missing; files 0600), over what was there.

    ``identity.json`` comes last and in one step: a folder that has one is complete. Whether the card is
    plugged, and its PIN, are kept: see `ehtoolkit.training.card.software`. Raises `errors.FolderNotWritable`.
    """
    files: dict[str, bytes | None] = {
        CITIZEN_CA_FILE: profile.citizen_ca.public_bytes(Encoding.PEM),
        ROOT_FILE: profile.root.public_bytes(Encoding.PEM),
        PHOTO_FILE: profile.identity.photo,
    }
    for field_name, file_name in RAW_FILES.items():
        files[file_name] = getattr(profile.files, field_name) or None
    for key in CardKey:
        has = key in profile.keys
        files[_key_file(key)] = pem_of_key(profile.keys[key]) if has else None
        files[_certificate_file(key)] = profile.certificates[key].public_bytes(Encoding.PEM) if has else None
    files[IDENTITY_FILE] = _identity_json(profile.identity)
    try:
        make_private_folder(folder)
        for name, content in files.items():
            if content is None:
                (folder / name).unlink(missing_ok=True)
            else:
                write_private(folder / name, content)
    except OSError as error:
        raise errors.FolderNotWritable(folder=str(folder)) from error


def load_profile(folder: Path) -> CardProfile:
    """Read what `save_profile` wrote.

    Raises `errors.CardUnknown` (facts: the folder's name, and the names of the cards beside it) where there
    is no card, and `errors.CardFault` (code ``profile``) where its files are damaged.
    """
    try:
        identity = (folder / IDENTITY_FILE).read_bytes()
    except OSError as error:
        raise errors.CardUnknown(name=folder.name, known=", ".join(list_profiles(folder.parent))) from error
    try:
        present = [key for key in CardKey if (folder / _certificate_file(key)).exists()]
        return CardProfile(
            identity=_read_identity(identity, _read_optional(folder / PHOTO_FILE)),
            keys={key: key_of_pem((folder / _key_file(key)).read_bytes()) for key in present},
            certificates={key: _read_certificate(folder / _certificate_file(key)) for key in present},
            citizen_ca=_read_certificate(folder / CITIZEN_CA_FILE),
            root=_read_certificate(folder / ROOT_FILE),
            files=CardFiles(
                **{name: _read_optional(folder / file) or b"" for name, file in RAW_FILES.items()}
            ),
        )
    except (OSError, ValueError, TypeError, KeyError, errors.IdentifierInvalid) as error:
        raise errors.CardFault(code="profile") from error


def list_profiles(folder: Path) -> list[str]:
    """Return the names of the cards under ``folder``, one subfolder each, sorted."""
    return sorted(path.parent.name for path in folder.glob(f"*/{IDENTITY_FILE}"))


def _key_file(key: CardKey) -> str:
    return f"{key.lower()}.key.pem"


def _certificate_file(key: CardKey) -> str:
    return f"{key.lower()}.pem"


def _read_certificate(path: Path) -> Certificate:
    return load_pem_x509_certificate(path.read_bytes())


def _read_optional(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _identity_json(identity: CardIdentity) -> bytes:
    fields = {name: getattr(identity, name) for name in _FIELDS} | {"niss": identity.niss.digits}
    return json.dumps(fields, ensure_ascii=False, indent=1, default=date.isoformat).encode()


def _read_identity(content: bytes, photo: bytes | None) -> CardIdentity:
    written = json.loads(content)
    values: dict[str, Any] = {name: str(written[name]) for name in _FIELDS if name not in _DATES}
    for name in _DATES:
        values[name] = None if written[name] is None else date.fromisoformat(written[name])
    values["niss"], values["photo"] = Niss(values["niss"]), photo
    return CardIdentity(**values)
