"""Read untrusted certificates completely."""

from __future__ import annotations

import warnings
from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.x509 import (
    Certificate,
    DuplicateExtension,
    InvalidVersion,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
)

from ehtoolkit.crypto.keys import is_bounded


def read_certificate(der: bytes) -> Certificate | None:
    """Read a certificate, with all its parts.

    None for one of which a part cannot be read (an empty or zeroed file, say), whose serial number is none by RFC 5280
    (zero or below: a later `cryptography` does not load it), or with whose key a verification would take too long.
    """
    try:
        # It warns of names that break a rule: a country of more than two letters, an empty attribute.
        with warnings.catch_warnings(action="ignore"):
            certificate = load_der_x509_certificate(der)
            for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc", "extensions"):
                getattr(certificate, part)
            _ = certificate.signature_hash_algorithm
            usable = certificate.serial_number > 0 and is_bounded(certificate.public_key())
            return certificate if usable else None
    except UNREADABLE:
        return None


# ── What libraries raise for untrusted certificates and keys ──────────────────────────────────────────
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
