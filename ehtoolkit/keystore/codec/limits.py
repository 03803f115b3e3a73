"""Limits that no sound keystore exceeds, checked before anything is decoded or derived.

A file's sender chooses its sizes, its nesting and its iteration counts, and other programs never finish with some.
A real keystore has 3 to 30 kB, a dozen levels, and at most some 600,000 iterations a key.
"""

from __future__ import annotations

from typing import Final, Literal

from ehtoolkit import errors

SIZE: Final = 1_000_000
"""Bytes of a file."""
NESTING: Final = 32
"""Levels of values within values."""
ELEMENTS: Final = 20_000
"""Values in one layer of a file."""
BAGS: Final = 150
"""Keys and certificates of a file: each may have to be compared with each."""
PROOFS: Final = 300
"""Signatures of certificates that are verified for one file, each below two milliseconds."""
SALT: Final = 1_024
"""Bytes of a salt."""
ITERATIONS: Final = 2_000_000
"""Iterations of one derivation (Java stops at 5 million)."""
WORK: Final = 4_500_000.0
"""All derivations of a file together, in iterations of PBKDF2 with SHA-256: about a second of a slow processor."""


_LIMITS: Final = {"elements": BAGS, "iterations": ITERATIONS, "salt": SALT, "size": SIZE, "work": WORK}


def check(reason: Literal["elements", "iterations", "salt", "size", "work"], value: float) -> None:
    """Raise `errors.LimitExceeded` for a value over the limit that is called ``reason``: ``elements`` are the keys and
    certificates of a file."""
    limit = _LIMITS[reason]
    if value > limit:
        raise errors.LimitExceeded(reason=reason, value=round(value), limit=round(limit))
