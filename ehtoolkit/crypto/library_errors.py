"""What `cryptography` and `asn1crypto` raise over certificates and keys that somebody else has made."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.x509 import DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType

UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    UnsupportedAlgorithm,
    InternalError,
    InvalidVersion,
    DuplicateExtension,
    UnsupportedGeneralNameType,
)
"""Found by feeding them a great many mutated files; what else they raise is caught where a whole file is read."""
