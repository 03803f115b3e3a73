"""Read untrusted certificates completely: their parts, common names, key identifiers and permitted uses."""

from __future__ import annotations

import warnings
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
    ExtensionType,
    InvalidVersion,
    KeyUsage,
    Name,
    SubjectKeyIdentifier,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
)
from cryptography.x509.oid import NameOID

from ehtoolkit.crypto.keys import is_bounded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

Extension = TypeVar("Extension", bound=ExtensionType)


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


# ── Names, key identifiers, uses ─────────────────────────────────────────────────────────────────────────
def key_identifier(key: CertificatePublicKeyTypes) -> bytes:
    """Return the SHA-1 of the subjectPublicKey bits (RFC 5280, method 1): the platform's PublicKeyIdentifier."""
    return SubjectKeyIdentifier.from_public_key(key).digest


def common_names(name: Name) -> tuple[str, ...]:
    """Return the common names in a name; empty for a name that cannot be read."""
    try:
        return tuple(str(each.value) for each in name.get_attributes_for_oid(NameOID.COMMON_NAME))
    except UNREADABLE:
        return ()


def common_name(name: Name) -> str:
    """Return the first common name in a name, empty where there is none."""
    return next(iter(common_names(name)), "")


def only_common_name(name: Name) -> str | None:
    """Return the common name in a name, None when it has none or several."""
    names = common_names(name)
    return names[0] if len(names) == 1 else None


def allows(certificate: Certificate, *uses: str, without: bool = True) -> bool:
    """Return whether the key may be used for one of ``uses``, attributes of `KeyUsage`. ``without``: the answer for a
    certificate without that extension, which allows everything."""
    try:
        usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return without
    except UNREADABLE:
        return False
    return any(getattr(usage, use) for use in uses)


def validity_fault(certificate: Certificate, moment: datetime) -> Literal["early", "expired"] | None:
    """Return whether ``certificate`` is not valid yet at ``moment`` (aware), or no longer; None when it is valid."""
    if moment < certificate.not_valid_before_utc:
        return "early"
    return "expired" if moment > certificate.not_valid_after_utc else None


def extension_of(certificate: Certificate, kind: type[Extension]) -> Extension | None:
    """Return the value of an extension; None without it, and where any extension of ``certificate`` cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (ExtensionNotFound, *UNREADABLE):
        return None


def may_sign(certificate: Certificate) -> bool:
    """Return whether the key may sign documents: digitalSignature or nonRepudiation."""
    return allows(certificate, "digital_signature", "content_commitment", without=False)


def is_authority(certificate: Certificate, below: int = 0) -> bool:
    """Return whether the key may sign certificates, with ``below`` authorities between it and the leaf."""
    try:
        constraints = certificate.extensions.get_extension_for_class(BasicConstraints).value
        if not constraints.ca or (constraints.path_length is not None and constraints.path_length < below):
            return False
    except (ExtensionNotFound, *UNREADABLE):
        return False
    return allows(certificate, "key_cert_sign")
