"""Read untrusted certificates completely: names, key identifiers, permitted uses; prove who has issued them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, Literal, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256, SHA384, SHA512
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

from ehtoolkit.crypto.keys import UNREADABLE_KEY, PrivateKey, is_bounded, verify
from ehtoolkit.crypto.parse_warnings import parse_warnings_ignored

Extension = TypeVar("Extension", bound=ExtensionType)


def read_certificate(der: bytes) -> Certificate | None:
    """Read a certificate, with all its parts.

    None for one of which a part cannot be read (an empty or zeroed file, say), whose serial number is none by RFC 5280
    (zero or below: a later `cryptography` does not load it), or with whose key a verification would take too long.
    """
    try:
        # It warns of names that break a rule: a country of more than two letters, an empty attribute.
        with parse_warnings_ignored():
            certificate = load_der_x509_certificate(der)
            for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc", "extensions"):
                getattr(certificate, part)
            _ = certificate.signature_hash_algorithm
            usable = certificate.serial_number > 0 and is_bounded(certificate.public_key())
            return certificate if usable else None
    except UNREADABLE:
        return None


# ── What libraries raise for untrusted certificates and keys ──────────────────────────────────────────
UNREADABLE: Final = (*UNREADABLE_KEY, InvalidVersion, DuplicateExtension, UnsupportedGeneralNameType)
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


def name_text(name: Name) -> str:
    """Return a name in one line, whatever is in it; empty where it cannot be written."""
    try:
        return name.rfc4514_string()
    except UNREADABLE:
        return ""


def display_name(name: Name) -> str:
    """Return the common name in a name, as a person knows it; without one the whole name."""
    return common_name(name) or name_text(name) or "–"


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
    constraints = extension_of(certificate, BasicConstraints)
    if constraints is None or not constraints.ca:
        return False
    is_too_deep = constraints.path_length is not None and constraints.path_length < below
    return not is_too_deep and allows(certificate, "key_cert_sign")


# ── Who has issued a certificate ─────────────────────────────────────────────────────────────────────────
def is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Return whether ``issuer``, by its name and its key, has issued ``certificate``."""
    return signature_holds(certificate, issuer) is True


def signature_holds(certificate: Certificate, issuer: Certificate) -> bool | None:
    """Return whether ``issuer`` has issued ``certificate``; None where its name is right and it cannot be told here.

    `cryptography` refuses to ask an issuer about SHA-1 and MD5, and does verify them by its key alone: that a
    signature is weak does not make it someone else's. Some computers forbid even that, and other algorithms are
    not known at all.
    """
    try:
        if certificate.issuer != issuer.subject:
            return False
        if not is_bounded(issuer.public_key()):
            return None
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except UNREADABLE:
        return _verified(certificate, issuer.public_key)
    return True


def path_to_anchor(
    certificate: Certificate,
    candidates: Iterable[Certificate],
    anchors: Sequence[Certificate],
    has_issued: Callable[[Certificate, Certificate, int], bool],
    longest: int,
) -> tuple[Certificate, ...] | None:
    """Return ``certificate`` and the authorities above it up to one of ``anchors``; None without such a path.

    Of several paths it is the shortest, and the first of those: an authority whose key is in two certificates is on a
    path by each of them.

    Args:
        candidates: authorities that may be on the path, anchors too.
        has_issued: whether an authority (the second) has issued a certificate (the first), with so many authorities
            between the leaf and itself.
        longest: certificates of the longest path.
    """
    left = [candidate for candidate in dict.fromkeys(candidates) if candidate != certificate]
    paths: list[tuple[Certificate, ...]] = [(certificate,)]
    for path in paths:  # longer ones are added at the end
        if path[-1] in anchors:
            return path
        if len(path) < longest:
            above = [candidate for candidate in left if has_issued(path[-1], candidate, len(path) - 1)]
            # Each is an issuer once: those that sign each other would else be gone through in every order.
            left = [candidate for candidate in left if candidate not in above]
            paths += [(*path, issuer) for issuer in above]
    return None


_DEPTH: Final = 5
"""Certificates on a path to a root of cards."""


def path_to_root(
    certificate: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate]
) -> tuple[Certificate, ...] | None:
    """Return ``certificate`` and the authorities above it, from ``others``, up to one of ``anchors``; None without a
    way.

    Signatures, the right to sign certificates and the path length are looked at, dates are not.
    """

    def has_issued(lower: Certificate, upper: Certificate, below: int) -> bool:
        return is_authority(upper, below) and is_issued_by(lower, upper)

    return path_to_anchor(certificate, (*anchors, *others), anchors, has_issued, _DEPTH)


def weak_digest(certificate: Certificate) -> str | None:
    """Return how the digest of the signature is called, ``SHA-1`` or ``MD5``; None of one that is good or unknown."""
    try:
        digest = certificate.signature_hash_algorithm
    except UNREADABLE:
        return None
    return "SHA-1" if isinstance(digest, SHA1) else "MD5" if isinstance(digest, MD5) else None


def is_signed_by(certificate: Certificate, key: CertificatePublicKeyTypes) -> bool:
    """Return whether the signature of ``certificate`` is by ``key``, RSA (PKCS#1 v1.5) or EC.

    The issuer's name does not matter, and that it is no authority: holders sign their encryption certificates
    themselves.
    """
    return _verified(certificate, lambda: key) is True


def _verified(certificate: Certificate, public_key: Callable[[], object]) -> bool | None:
    """Verify the signature of ``certificate`` by a public key; None where that cannot be done here."""
    try:
        key, digest = public_key(), certificate.signature_hash_algorithm
        if digest is None or not is_bounded(key):
            return None
        return verify(key, certificate.signature, certificate.tbs_certificate_bytes, digest)
    except UNREADABLE:
        return None


def hash_for(key: PrivateKey) -> SHA256 | SHA384 | SHA512:
    """Return the hash that the field signs with: SHA-256 with RSA, for EC the one as long as the curve.

    Source: the RA module of the public connector, `csr.signature.algorithm` (SHA256WithRSA), and the certificates
    of 2025 (ecdsa-with-SHA384 under P-384).
    """
    if isinstance(key, RSAPrivateKey) or key.key_size < SHA384.digest_size * 8:
        return SHA256()
    return SHA384() if key.key_size == SHA384.digest_size * 8 else SHA512()
