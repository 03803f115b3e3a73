"""Verify that identity, address and photo are signed by the National Register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography.x509 import Certificate, ExtensionNotFound, KeyUsage

from ehtoolkit import errors
from ehtoolkit.card.chip.files import IdentityFile, parse_address_file, parse_identity_file, signed_address
from ehtoolkit.card.port import CardFiles, CardIdentity
from ehtoolkit.card.verification.trust import (
    CardRoots,
    error,
    has_signed,
    info,
    is_photo,
    ok,
    path_to_root,
    warning,
)
from ehtoolkit.crypto.certificates import UNREADABLE, common_name, is_authority, read_certificate
from ehtoolkit.finding import Finding, Severity

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
    if not (files.identity and files.identity_signature and files.rrn_certificate):
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
    return ProvenIdentity(tuple(findings), tuple(path or ()))


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
    if not _may_sign(register):
        yield error("register_usage", name=name)
    if now > register.not_valid_after_utc:
        yield warning("register_expired", date=register.not_valid_after_utc)
    elif now < register.not_valid_before_utc:
        yield warning("register_early", date=register.not_valid_before_utc)


def _may_sign(certificate: Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return True
    except UNREADABLE:
        return False
    return usage.digital_signature or usage.content_commitment


def _files(files: CardFiles, identity: CardIdentity, register: Certificate) -> Iterator[Finding]:
    if not has_signed(register, files.identity, files.identity_signature):
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
