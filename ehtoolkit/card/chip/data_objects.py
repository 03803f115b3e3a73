"""The identity data of the chip, as the official module's data objects give it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.chip.dates import parse_date
from ehtoolkit.card.port import CardFiles, CardIdentity
from ehtoolkit.identity import Niss

NISS_LABEL: Final = "national_number"
PHOTO_LABEL: Final = "PHOTO_FILE"
TEXT_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "surname": "surname",
        "first_names": "firstnames",
        "third_name_initial": "first_letter_of_third_given_name",
        "birth_place": "location_of_birth",
        "nationality": "nationality",
        "gender": "gender",
        "card_number": "card_number",
        "document_type": "document_type",
    }
)
"""Field of `CardIdentity` → label of its data object."""
DATE_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "birth_date": "date_of_birth",
        "valid_from": "validity_begin_date",
        "valid_until": "validity_end_date",
    }
)
IDENTITY_LABELS: Final = (NISS_LABEL, *TEXT_LABELS.values(), *DATE_LABELS.values(), PHOTO_LABEL)
"""Every data object that an identity is made of; the number comes first: without it there are none."""

FILE_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "identity": "DATA_FILE",
        "identity_signature": "SIGN_DATA_FILE",
        "address": "ADDRESS_FILE",
        "address_signature": "SIGN_ADDRESS_FILE",
        "rrn_certificate": "CERT_RN_FILE",
    }
)
"""Field of `CardFiles` → label of its data object. The photo is among those of the identity."""


def read_identity(data: Mapping[str, bytes]) -> CardIdentity:
    """Return the identity from data objects by label (values in UTF-8; what is missing stays empty).

    Raises `errors.CardFault` (code ``identity``) when there is no national number among them.
    """
    try:
        niss = Niss(_text(data, NISS_LABEL))
    except errors.IdentifierInvalid as error:
        raise errors.CardFault(code="identity") from error
    texts = {name: _text(data, label) for name, label in TEXT_LABELS.items()}
    days = {name: parse_date(_text(data, label)) for name, label in DATE_LABELS.items()}
    photo = data.get(PHOTO_LABEL) or None
    return CardIdentity(niss=niss, photo=photo, **texts, **days)  # type: ignore[arg-type]


def read_files(data: Mapping[str, bytes]) -> CardFiles:
    """Return the signed files from data objects by label; what is missing stays empty."""
    return CardFiles(**{name: data.get(label, b"") for name, label in FILE_LABELS.items()})


def _text(data: Mapping[str, bytes], label: str) -> str:
    return data.get(label, b"").decode("utf-8", "replace").strip(" \0")
