"""What a sound keystore never exceeds, checked before anything is parsed and before any key is derived.

Whoever sends a file chooses its sizes, its nesting and its iteration counts, and other programs run for ever
on them. A real keystore has 3 to 30 kB, a dozen levels, and at most some 600,000 iterations a key.
"""

from __future__ import annotations

from typing import Final

from ehtoolkit import errors

SIZE: Final = 1_000_000
"""Bytes of a file."""
NESTING: Final = 32
"""Levels of values within values."""
ELEMENTS: Final = 20_000
"""Values in one layer of a file."""
SMALL: Final = 64
"""Bytes of a number or of an object identifier: longer ones take a parser quadratic time."""
SALT: Final = 1_024
"""Bytes of a salt."""
ITERATIONS: Final = 2_000_000
"""Iterations of one derivation (Java stops at 5 million)."""
WORK: Final = 5_000_000.0
"""All derivations of a file together, in iterations of PBKDF2 with SHA-256: well below a second."""

_END_OF_CONTENTS: Final = 0x00
_INDEFINITE: Final = -1
_SMALL_TAGS: Final = frozenset({0x02, 0x06})


def check_size(size: int) -> None:
    """Raise `errors.KeystoreHostile` (reason ``size``) over `SIZE`."""
    if size > SIZE:
        raise errors.KeystoreHostile(reason="size", value=size, limit=SIZE)


def check_iterations(iterations: int) -> None:
    """Raise `errors.KeystoreHostile` (reason ``iterations``) over `ITERATIONS`."""
    if iterations > ITERATIONS:
        raise errors.KeystoreHostile(reason="iterations", value=iterations, limit=ITERATIONS)


def check_work(work: float) -> None:
    """Raise `errors.KeystoreHostile` (reason ``work``) over `WORK`."""
    if work > WORK:
        raise errors.KeystoreHostile(reason="work", value=round(work), limit=round(WORK))


def check_structure(data: bytes) -> None:
    """Walk over the BER or DER values of ``data`` without decoding them; what follows the first is ignored.

    Raises `errors.KeystoreHostile` (reason ``nesting`` or ``elements``) over a limit,
    `errors.KeystoreDamaged` (reason ``truncated`` or ``structure``) when tags and lengths do not fit
    together.
    """
    try:
        _walk(data)
    except IndexError as error:
        raise errors.KeystoreDamaged(reason="truncated") from error


def _walk(data: bytes) -> None:
    ends: list[int] = []  # of the values that are open, `_INDEFINITE` where two zero bytes will tell
    position = elements = 0
    while True:
        tag, length, position = _header(data, position)
        elements += 1
        if elements > ELEMENTS:
            raise errors.KeystoreHostile(reason="elements", value=elements, limit=ELEMENTS)
        if tag == _END_OF_CONTENTS and ends and ends[-1] == _INDEFINITE:
            ends.pop()
        elif tag & 0x20:
            ends.append(length if length == _INDEFINITE else _end(data, position, length, ends))
            if len(ends) > NESTING:
                raise errors.KeystoreHostile(reason="nesting", value=len(ends), limit=NESTING)
        elif length == _INDEFINITE or (tag in _SMALL_TAGS and length > SMALL):
            raise errors.KeystoreDamaged(reason="structure")
        else:
            position = _end(data, position, length, ends)
        while ends and ends[-1] == position:
            ends.pop()
        if not ends:
            return
        if _INDEFINITE != ends[-1] < position:
            raise errors.KeystoreDamaged(reason="structure")


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """The tag at ``position``, the length (or `_INDEFINITE`), and where the content begins."""
    tag, first = data[position], data[position + 1]
    if tag & 0x1F == 0x1F:  # tags of several bytes: PKCS#12 has none
        raise errors.KeystoreDamaged(reason="structure")
    position += 2
    if first < 0x80:
        return tag, first, position
    if first == 0x80:
        return tag, _INDEFINITE, position
    octets = first & 0x7F
    if octets > 8:
        raise errors.KeystoreDamaged(reason="structure")
    data[position + octets - 1]  # not there: truncated
    return tag, int.from_bytes(data[position : position + octets], "big"), position + octets


def _end(data: bytes, position: int, length: int, ends: list[int]) -> int:
    end = position + length
    if any(end > outer for outer in ends if outer != _INDEFINITE):
        raise errors.KeystoreDamaged(reason="structure")
    if end > len(data):
        raise errors.KeystoreDamaged(reason="truncated")
    return end
