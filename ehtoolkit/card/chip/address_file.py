"""The address file of the chip (3F00/DF01/4033): where the holder lives, as the National Register signed it."""

from __future__ import annotations

from typing import Final

from ehtoolkit.card.chip.tlv import encode_fields, parse_fields
from ehtoolkit.identity import PostalAddress

ADDRESS_FILE_SIZE: Final = 121
"""Bytes of the file on the chip; shorter content is padded with zeros."""

_STREET, _ZIP_CODE, _MUNICIPALITY = 1, 2, 3


def parse_address_file(content: bytes) -> PostalAddress:
    """Read the file; unknown fields are passed over, text that is not UTF-8 shows replacement characters.

    Raises `errors.CardFault` (code ``files``) when it is no file of fields.
    """
    fields = parse_fields(content)
    street, zip_code, municipality = (
        fields.get(tag, b"").decode("utf-8", "replace") for tag in (_STREET, _ZIP_CODE, _MUNICIPALITY)
    )
    return PostalAddress(street, zip_code, municipality)


def encode_address_file(address: PostalAddress) -> bytes:
    """Write the file as a chip has it, padded; longer than `ADDRESS_FILE_SIZE` where the texts are."""
    fields = {
        _STREET: address.street_and_number.encode(),
        _ZIP_CODE: address.zip_code.encode(),
        _MUNICIPALITY: address.municipality.encode(),
    }
    return encode_fields(fields).ljust(ADDRESS_FILE_SIZE, b"\0")


def signed_address(address_file: bytes, identity_signature: bytes) -> bytes:
    """What the address signature is over: the file without its padding, then the whole identity signature, so
    that an address cannot be moved to another card."""
    return address_file.rstrip(b"\0") + identity_signature
