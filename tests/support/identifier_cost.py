"""What object identifiers cost: asn1crypto writes one as decimal numbers at a cost that grows with the square of its
length."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from asn1crypto.core import ObjectIdentifier

from ehtoolkit.crypto import der

BOUND = 64
LONG = der.value(der.OBJECT_IDENTIFIER, b"\x2a" + b"\xff" * 3_000 + b"\x7f")
"""An identifier of 3,002 bytes: its length matters, not what it costs."""
_WRITE = ObjectIdentifier.dotted.fget.__code__


def longest_identifier(work: Callable[[], object], *accepted: type[Exception]) -> int:
    """Bytes of the longest identifier that asn1crypto writes as numbers during ``work``, which may raise
    ``accepted``."""
    lengths = [0]

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is _WRITE:
            lengths.append(len(frame.f_locals["self"].contents))

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        with suppress(*accepted):
            work()
    finally:
        sys.setprofile(before)
    return max(lengths)
