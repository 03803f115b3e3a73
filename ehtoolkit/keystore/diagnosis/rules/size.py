"""The size beside the verdict: helpdesks judge by it, and their rules of thumb disagree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.finding import Finding, info, ok
from ehtoolkit.keystore.diagnosis.context import DiagnosisContext

_KILOBYTE: Final = 1024
_LOOKS_SMALL: Final = 10 * _KILOBYTE
"""One guide wants 8 kB, another 10."""
_LOOKS_LARGE: Final = 6 * _KILOBYTE
"""The guide calls 4 kB wrong and 8 kB right."""


def size(case: DiagnosisContext) -> Iterator[Finding]:
    octets, keystore = case.file.size, case.content.keystore
    if octets is None or not case.outline.keys:
        return
    kilobytes = round(octets / _KILOBYTE, 1)
    # A renewal carries old encryption keys into a file that still waits: closed, it tells only when it has none.
    is_whole = keystore is not None and bool(keystore.current_encryption)
    lacks = not case.outline.etk_serials if keystore is None else not is_whole
    if is_whole and octets < _LOOKS_SMALL:
        yield info("size_small_but_whole", size=kilobytes)
    elif lacks and octets > _LOOKS_LARGE:
        yield info("size_large_but_lacking", size=kilobytes)
    else:
        yield ok("size_tells_nothing", size=kilobytes)
