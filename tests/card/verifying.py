"""Cards in memory, for tests of what a card proves: a token is an edge, and this one says what a test lets it say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypedDict, Unpack

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.port import CardFiles, CardIdentity, CardKey, PinEntry
from ehtoolkit.card.trust import CardRoots
from ehtoolkit.card.verification import Verification, verify
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.profile import CardProfile

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


class IdentityFields(TypedDict, total=False):
    """The fields of `CardIdentity` that tests change."""

    surname: str
    birth_date: date | None
    card_number: str
    valid_from: date | None
    valid_until: date | None
    document_type: str
    photo: bytes | None


@dataclass(frozen=True)
class MemoryCard:
    """A card that is looked at, and never signs."""

    shown: CardIdentity
    raw: CardFiles
    chains: Mapping[CardKey, Sequence[Certificate]]
    reader: str = "memory"

    @classmethod
    def of(cls, profile: CardProfile) -> MemoryCard:
        above = (profile.citizen_ca, profile.root)
        chains = {key: (certificate, *above) for key, certificate in profile.certificates.items()}
        return cls(profile.identity, profile.files, chains)

    def identity(self) -> CardIdentity:
        return self.shown

    def files(self) -> CardFiles:
        return self.raw

    def chain(self, key: CardKey) -> Sequence[Certificate]:
        if key not in self.chains:
            raise errors.CardCertificateMissing(certificate=key.value)
        return self.chains[key]

    def require_key(self, key: CardKey) -> None:
        self.chain(key)

    def pin_entry(self, key: CardKey) -> PinEntry:
        return PinEntry.HERE

    def pin_tries_left(self) -> int | None:
        return None

    def sign(self, key: CardKey, data: bytes, pin: Secret | None) -> bytes:
        raise NotImplementedError

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        pass

    def saying(self, **fields: Unpack[IdentityFields]) -> MemoryCard:
        """The same card, whose software shows other data."""
        return replace(self, shown=replace(self.shown, **fields))

    def holding(self, **files: bytes) -> MemoryCard:
        """The same card with other files."""
        return replace(self, raw=replace(self.raw, **files))


def looked_at(card: MemoryCard, roots: CardRoots, now: datetime = NOW) -> Verification:
    return verify(card, roots, now)


def keys(findings: Sequence[Finding], *severities: Severity) -> list[str]:
    """Their keys, of all severities or of some, with the variant behind a dot."""
    return [
        ".".join(filter(None, (finding.key, finding.variant)))
        for finding in findings
        if not severities or finding.severity in severities
    ]
