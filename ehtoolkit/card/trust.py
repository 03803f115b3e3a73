"""Roots of identity cards, and the holder's certificates under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, NameOID, ObjectIdentifier

from ehtoolkit import errors
from ehtoolkit.card.port import CardIdentity, CardKey, is_usable_for
from ehtoolkit.crypto.certificates import allows, common_name, is_issued_by, path_to_root, signature_holds
from ehtoolkit.crypto.keys import der_signature, verify
from ehtoolkit.finding import Finding, FindingFactory, Topic
from ehtoolkit.i18n import in_brussels
from ehtoolkit.identity import Niss


@dataclass(frozen=True, slots=True)
class CardRoots:
    """The roots that cards are trusted by.

    Attributes:
        anchors: believed as they are, down to the last byte.
        names: the common names of roots that are believed by name when they have signed themselves; that tells a card
            of another country or of a trainer, and would not tell a forger who makes a root of that name.
        training: they are those of the training platform.
    """

    anchors: tuple[Certificate, ...] = ()
    names: frozenset[str] = frozenset()
    training: bool = False

    def anchors_with(self, others: Sequence[Certificate]) -> list[Certificate]:
        """Return the anchors, and those of ``others`` that are believed by name."""
        return [*self.anchors, *(other for other in others if self._is_named(other))]

    def _is_named(self, certificate: Certificate) -> bool:
        return common_name(certificate.subject) in self.names and is_root(certificate)


BELGIAN_ROOTS: Final = CardRoots(
    names=frozenset({"Belgium Root CA3", "Belgium Root CA4", "Belgium Root CA6"})
)


def is_root(certificate: Certificate) -> bool:
    """Return whether it issued itself. A self-signature that this computer cannot verify (SHA-1, on some systems) is
    accepted: it proves nothing about an anchor."""
    return signature_holds(certificate, certificate) is not False


# ── Findings about a card ────────────────────────────────────────────────────────────────────────────────
_CARD: Final = FindingFactory("card")
error, warning, info, ok = _CARD.error, _CARD.warning, _CARD.info, _CARD.ok


# ── The holder's two certificates ──────────────────────────────────────────────────────────────────────
RENEWABLE_FROM: Final = date(2017, 7, 1)
"""New certificates cannot be put on cards that were issued before; trying may revoke those there (since May 2023)."""
_OF_AGE: Final = 18


@dataclass(frozen=True, slots=True)
class CheckedCertificates:
    """``paths``: for each key whose certificate is known to come from a known root, the way there."""

    findings: tuple[Finding, ...]
    paths: Mapping[CardKey, tuple[Certificate, ...]]


def check_certificates(
    chains: Mapping[CardKey, Sequence[Certificate]], identity: CardIdentity, roots: CardRoots, now: datetime
) -> CheckedCertificates:
    """Check the certificates of ``chains``, those of the keys that the card has; return findings and the ways to a
    known root."""
    findings = [
        finding
        for key in CardKey
        for finding in (
            _usable(key, chains[key][0], identity, now) if key in chains else [_missing(key, identity)]
        )
    ]
    if CardKey.AUTHENTICATION in chains:
        findings += _holder(chains[CardKey.AUTHENTICATION][0], identity)
    paths = {}
    for key, chain in chains.items():
        path = path_to_root(chain[0], chain[1:], roots.anchors_with(chain[1:]))
        if path is not None:
            paths[key] = path
    findings += _unproven({key: chain for key, chain in chains.items() if key not in paths}, roots)
    findings += _authorities({authority for path in paths.values() for authority in path[1:]}, now)
    return CheckedCertificates(tuple(findings), paths)


def _missing(key: CardKey, identity: CardIdentity) -> Finding:
    variant = "minor" if was_minor(identity) else "old_card" if is_old(identity) else ""
    found = replace(error("card_certificate_missing", certificate=key.value), variant=variant)
    return found.about(Topic.VALIDITY)


def _usable(
    key: CardKey, certificate: Certificate, identity: CardIdentity, now: datetime
) -> Iterator[Finding]:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > end:
        variant = "old_card" if is_old(identity) else ""
        found = replace(error("card_certificate_expired", certificate=key.value, date=end), variant=variant)
        yield found.about(Topic.VALIDITY)
    elif now < begin:
        yield error("certificate_early", certificate=key.value, date=begin).about(Topic.VALIDITY)
    if key is CardKey.AUTHENTICATION and not allows(certificate, "digital_signature"):
        yield error("certificate_usage", certificate=key.value).about(Topic.CERTIFICATE)
    if key is CardKey.SIGNATURE and not is_usable_for(certificate, key):
        yield _missing(key, identity)


def _holder(certificate: Certificate, identity: CardIdentity) -> Iterator[Finding]:
    try:
        theirs = holder_of(certificate).niss
    except errors.CardFault:
        theirs = None
    if theirs != identity.niss:
        yield error("holder_differs")


def _unproven(chains: Mapping[CardKey, Sequence[Certificate]], roots: CardRoots) -> Iterator[Finding]:
    """Yield one finding for all certificates with the same fault: they mostly stand under one authority."""
    faults: dict[tuple[str, str], list[str]] = {}
    for key, chain in chains.items():
        fault = "chain_unknown" if _holds(chain) else "chain_broken"
        top = common_name(chain[-1].subject if fault == "chain_unknown" else chain[0].issuer)
        faults.setdefault((fault, top or "–"), []).append(key.value)
    for (fault, name), labels in faults.items():
        found = error(fault, certificates=tuple(labels), name=name)
        yield replace(found, variant="training" if roots.training and fault == "chain_unknown" else "")


def _holds(chain: Sequence[Certificate]) -> bool:
    """Return whether each certificate is signed by the next, up to one that signed itself."""
    links = all(is_issued_by(certificate, issuer) for certificate, issuer in pairwise(chain))
    return len(chain) > 1 and links and is_root(chain[-1])


def _authorities(authorities: set[Certificate], now: datetime) -> Iterator[Finding]:
    for authority in sorted(authorities, key=lambda each: common_name(each.subject)):
        name = common_name(authority.subject) or "–"
        if now > authority.not_valid_after_utc:
            yield error("authority_expired", name=name, date=authority.not_valid_after_utc)
        elif now < authority.not_valid_before_utc:
            yield error("authority_early", name=name, date=authority.not_valid_before_utc)


def is_old(identity: CardIdentity) -> bool:
    """Return whether the card was issued before new certificates can be put on it."""
    return identity.valid_from is not None and identity.valid_from < RENEWABLE_FROM


def was_minor(identity: CardIdentity) -> bool:
    """Return whether the card was issued to a holder under 18."""
    born, issued = identity.birth_date, identity.valid_from
    return born is not None and issued is not None and age_on(born, issued) < _OF_AGE


def age_on(born: date, day: date) -> int:
    """Return the age in full years, on ``day``, of a person born on ``born``."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_holder_age(identity: CardIdentity, now: datetime) -> Iterator[Finding]:
    """Yield a finding for a holder who is not of age yet, else nothing."""
    today = in_brussels(now).date()
    if identity.birth_date is not None and age_on(identity.birth_date, today) < _OF_AGE:
        yield info("holder_under_18")


# ── What a certificate itself says ───────────────────────────────────────────────────────────────────────
def holder_of(certificate: Certificate) -> CardIdentity:
    """Return names and NISS from the subject of an Authentication certificate, for cards without identity files.

    Raises `errors.CardFault` (code ``subject``) when the subject is not that of an eID.
    """
    try:
        return CardIdentity(
            niss=Niss(_subject(certificate, NameOID.SERIAL_NUMBER)),
            surname=_subject(certificate, NameOID.SURNAME),
            first_names=_subject(certificate, NameOID.GIVEN_NAME),
        )
    except errors.IdentifierInvalid as error:
        raise errors.CardFault(code="subject") from error


def is_signature(certificate: Certificate, data: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` (PKCS#1 v1.5, or r‖s) over the SHA-256 of ``data`` is the certificate's key's."""
    key = certificate.public_key()
    if isinstance(key, EllipticCurvePublicKey):
        if len(signature) != 2 * ((key.key_size + 7) // 8):
            return False
        signature = der_signature(signature)
    return verify(key, signature, data, SHA256()) is True


def _subject(certificate: Certificate, kind: ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(kind)
    return str(values[0].value) if values else ""
