"""Certificates of strangers, read whole: `cryptography` parses the parts of one when they are first asked for."""

from __future__ import annotations

import warnings

from cryptography.x509 import Certificate, load_der_x509_certificate

from ehtoolkit.crypto.key_kinds import is_bounded
from ehtoolkit.crypto.library_errors import UNREADABLE


def read_certificate(der: bytes) -> Certificate | None:
    """Read a certificate, with all its parts.

    None for one of which a part cannot be read (an empty or zeroed file, say), or whose key would keep whoever
    verifies with it waiting.
    """
    try:
        # It warns of names that break a rule: a country of more than two letters, an empty attribute.
        with warnings.catch_warnings(action="ignore"):
            certificate = load_der_x509_certificate(der)
            for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc", "extensions"):
                getattr(certificate, part)
            _ = certificate.signature_hash_algorithm
            return certificate if is_bounded(certificate.public_key()) else None
    except UNREADABLE:
        return None
