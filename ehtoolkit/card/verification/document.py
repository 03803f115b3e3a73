"""The document itself: until when it is valid, how old it is, what kind it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ehtoolkit.card.port import CardIdentity
from ehtoolkit.card.verification.certificates import check_holder_age, is_old
from ehtoolkit.card.verification.said import error, info, warning
from ehtoolkit.finding import Finding

KNOWN_TYPES: Final = frozenset({1, 6, 7, 8, *range(11, 24), 27, 28, *range(31, 36), 61, 62})
"""Belgian citizens' and children's cards, stand-ins, and the cards of foreigners from A to N."""


def check_document(identity: CardIdentity, now: datetime) -> Iterator[Finding]:
    """What the card's software does not tell is not looked at."""
    today = now.date()
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
