"""All that a card proves, or does not prove, by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardIdentity, CardKey
from ehtoolkit.card.verification.certificates import check_certificates, check_holder_age, is_old
from ehtoolkit.card.verification.identity import check_identity
from ehtoolkit.card.verification.trust import CardRoots, error, info, warning
from ehtoolkit.crypto.certificates import common_name
from ehtoolkit.finding import Finding, sort_by_severity
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
        yield error("document_expired", date=identity.valid_until)
    if identity.valid_from is not None and today < identity.valid_from:
        yield warning("document_early", date=identity.valid_from)
    if is_old(identity) and identity.valid_from is not None:
        yield info("document_old", date=identity.valid_from)
    yield from check_holder_age(identity, now)
    kind = identity.document_type.strip()
    if kind and not (kind.isascii() and kind.isdigit() and int(kind) in KNOWN_TYPES):
        yield info("document_type_unknown", type=kind)
