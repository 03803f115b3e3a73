"""Verify a card by itself: signatures, certificates, dates.

What is not proven is a finding, and no refusal to show the card. Nothing here asks the network; see
`ehtoolkit.procedures.card_check`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.chip import IdentityFile, parse_address_file, parse_identity_file, signed_address
from ehtoolkit.card.port import Card, CardFiles, CardIdentity, CardKey
from ehtoolkit.card.trust import (
    CardRoots,
    check_certificates,
    check_holder_age,
    error,
    info,
    is_old,
    ok,
    warning,
)
from ehtoolkit.crypto import der, keys
from ehtoolkit.crypto.certificates import allows, common_name, is_authority, path_to_root, read_certificate
from ehtoolkit.finding import Finding, Severity, Topic, sort_by_severity
from ehtoolkit.i18n import in_brussels


@dataclass(frozen=True, slots=True)
class TrustedCertificate:
    """A certificate under a known root, with its issuer, who can be asked whether it was revoked.

    ``label``: of the key it is for; empty for an authority's or the National Register's.
    """

    certificate: Certificate
    issuer: Certificate
    label: str

    @property
    def name(self) -> str:
        """What a person knows it by."""
        return self.label or common_name(self.certificate.subject) or "–"


@dataclass(frozen=True, slots=True)
class Verification:
    """What the verification of a card found.

    Attributes:
        findings: worst first.
        trusted: what is worth a question about revocation, the holder's own first; nothing that a stranger has signed
            is in it, nor therefore an address that a stranger has chosen.
    """

    findings: tuple[Finding, ...]
    trusted: tuple[TrustedCertificate, ...]


def verify(card: Card, roots: CardRoots, now: datetime) -> Verification:
    """Check everything on a card that can be read without a PIN, and return what is found. Raises `errors.CardError`
    when the card cannot be read."""
    identity, chains = card.identity(), {}
    for key in CardKey:
        try:
            chains[key] = tuple(card.chain(key))
        except errors.CardCertificateMissing:
            continue
    certificates = check_certificates(chains, identity, roots, now)
    others = [certificate for chain in chains.values() for certificate in chain[1:]]
    citizen = [certificate for path in certificates.paths.values() for certificate in path[1:-1]]
    proven = check_identity(card.files(), identity, others, citizen, roots, now)
    findings = (*certificates.findings, *check_document(identity, now), *proven.findings)
    labelled = [(path, key.value) for key, path in certificates.paths.items()]
    return Verification(
        sort_by_severity(findings), tuple(_trusted([*labelled, (proven.register, "")], roots.training))
    )


def _trusted(
    paths: Sequence[tuple[Sequence[Certificate], str]], training: bool
) -> Iterator[TrustedCertificate]:
    """Yield the certificates whose revocation can be asked for: leaves first, then what is between them and the root;
    each once. In training there are none."""
    if training:
        return
    leaves = [(path[0], path[1], label) for path, label in paths if len(path) > 1]
    between = [(below, above, "") for path, _ in paths for below, above in list(pairwise(path))[1:]]
    seen: list[Certificate] = []
    for certificate, issuer, label in (*leaves, *between):
        if certificate not in seen:
            seen.append(certificate)
            yield TrustedCertificate(certificate, issuer, label)


# ── The document itself ──────────────────────────────────────────────────────────────────────────────────
KNOWN_TYPES: Final = frozenset({1, 6, 7, 8, *range(11, 24), 27, 28, *range(31, 36), 61, 62})
"""Belgian citizens' and children's cards, stand-ins, and the cards of foreigners from A to N."""


def check_document(identity: CardIdentity, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the document on the day that it is in Belgium; a date that the card's software does not
    give is not checked."""
    today = in_brussels(now).date()
    if identity.valid_until is not None and today > identity.valid_until:
        yield error("document_expired", date=identity.valid_until).about(Topic.VALIDITY)
    if identity.valid_from is not None and today < identity.valid_from:
        yield warning("document_early", date=identity.valid_from)
    if is_old(identity) and identity.valid_from is not None:
        yield info("document_old", date=identity.valid_from)
    yield from check_holder_age(identity, now)
    kind = identity.document_type.strip()
    if kind and not (kind.isascii() and kind.isdigit() and int(kind) in KNOWN_TYPES):
        yield info("document_type_unknown", type=kind)


# ── Identity, address and photo: signed by the National Register ───────────────────────────────────────
_REGISTER: Final = "RRN"
"""The last word of the common name of the National Register's certificates."""


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """``register``: the National Register's certificate and those above it, where they lead to a known root."""

    findings: tuple[Finding, ...]
    register: tuple[Certificate, ...] = ()


def check_identity(
    files: CardFiles,
    identity: CardIdentity,
    others: Sequence[Certificate],
    citizen_authorities: Sequence[Certificate],
    roots: CardRoots,
    now: datetime,
) -> ProvenIdentity:
    """Check who has signed the register's data on a card.

    Args:
        others: all certificates of the card.
        citizen_authorities: those that signed the holder's own certificates and therefore may not have signed the
            register's.
    """
    if not (files.identity or files.identity_signature or files.rrn_certificate):
        # A training card of an older version has the data without the files; software that gives neither (OpenSC)
        # would not give them for a new card.
        variant = "training" if roots.training and identity.card_number else ""
        return ProvenIdentity((replace(info("files_missing"), variant=variant),))
    register = read_certificate(files.rrn_certificate)
    if register is None:
        return ProvenIdentity((error("register_unreadable"),))
    path = path_to_root(register, others, roots.anchors_with(others))
    findings = [*_register(register, path, citizen_authorities, now), *_files(files, identity, register)]
    if all(finding.severity in (Severity.INFO, Severity.OK) for finding in findings):
        by_name = path is not None and path[-1] not in roots.anchors
        findings.append(replace(ok("identity_proven"), variant="by_name" if by_name else ""))
    return ProvenIdentity(tuple(findings), path or ())


def _register(
    register: Certificate,
    path: Sequence[Certificate] | None,
    citizen_authorities: Sequence[Certificate],
    now: datetime,
) -> Iterator[Finding]:
    """Yield what is wrong with the certificate that signed the identity: it has to be the register's. Otherwise a
    holder could sign any identity with their own key."""
    name = common_name(register.subject)
    foreign = (
        path is None
        or is_authority(register)
        or any(authority in citizen_authorities for authority in path[1:-1])
    )
    if foreign or name.split()[-1:] != [_REGISTER]:
        yield error("register_unknown", name=name or "–")
        return
    if not allows(register, "digital_signature", "content_commitment"):
        yield error("register_usage", name=name)
    if now > register.not_valid_after_utc:
        yield warning("register_expired", date=register.not_valid_after_utc)
    elif now < register.not_valid_before_utc:
        yield warning("register_early", date=register.not_valid_before_utc)


def _files(files: CardFiles, identity: CardIdentity, register: Certificate) -> Iterator[Finding]:
    if not files.identity_signature:
        yield error("identity_unsigned")
    elif not has_signed(register, files.identity, files.identity_signature):
        yield error("identity_forged")
    try:
        file = parse_identity_file(files.identity)
    except errors.CardFault:
        yield error("identity_damaged")
    else:
        fields = file.differences(identity)
        if fields:
            yield error("identity_differs", fields=fields)
        yield from _photo(file, identity.photo)
    yield from _address(files, register)


def _photo(file: IdentityFile, photo: bytes | None) -> Iterator[Finding]:
    if photo is None:
        if file.photo_hash:
            yield info("photo_missing")
        return
    match is_photo(photo, file.photo_hash):
        case None:
            yield info("photo_unproven")
        case False:
            yield error("photo_forged")


def _address(files: CardFiles, register: Certificate) -> Iterator[Finding]:
    if not files.address:
        yield info("address_missing")
        return
    signed = signed_address(files.address, files.identity_signature)
    if not has_signed(register, signed, files.address_signature):
        yield error("address_forged")
    try:
        parse_address_file(files.address)
    except errors.CardFault:
        yield error("address_damaged")


# ── Signatures of the National Register ──────────────────────────────────────────────────────────────────
_HASHES: Final = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA1())  # noqa: S303  # of old cards
"""Cards of all ages: SHA-1 first, SHA-256 then, SHA-384 with EC keys. The file does not name the one it took."""
_PHOTO_HASHES: Final = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
"""Algorithm by the length of its value in bytes."""


def has_signed(certificate: Certificate, data: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` over ``data`` is by the key of ``certificate``: RSA PKCS#1 v1.5, or ECDSA as r‖s or
    DER, with or without the zeros that fill its file, over any of the hashes that cards have had."""
    key, forms = certificate.public_key(), [signature]
    if isinstance(key, EllipticCurvePublicKey):
        forms = list(_forms(signature, (key.key_size + 7) // 8))
    return any(keys.verify(key, form, data, digest) for form in forms for digest in _HASHES)


def is_photo(photo: bytes, digest: bytes) -> bool | None:
    """Return whether ``digest`` is of ``photo``, with or without the zeros that fill its file; None for a kind of hash
    that is not known."""
    algorithm = _PHOTO_HASHES.get(len(digest))
    if algorithm is None:
        return None
    values = (
        hashlib.new(algorithm, content, usedforsecurity=False) for content in (photo, photo.rstrip(b"\0"))
    )
    return any(hmac.compare_digest(value.digest(), digest) for value in values)


def _forms(signature: bytes, half: int) -> Iterator[bytes]:
    """Yield the DER signatures that ``signature`` can mean. On cards of applet 1.8 the file has one size, and zeros
    after a shorter signature."""
    if len(signature) == 2 * half:
        yield keys.der_signature(signature)
    yield der.first_value(signature)
