"""The block of eight bytes in which a PIN goes to the card: ``2L``, its digits as BCD, padded with F."""

from __future__ import annotations

from typing import Final

from ehtoolkit.secret import Secret

LENGTH: Final = 8

_CONTROL: Final = "2"
_SHORTEST, _LONGEST = 4, 12


def encode_pin(pin: Secret) -> bytes:
    """``1234`` → ``24 12 34 FF FF FF FF FF``. The PIN has 4 to 12 digits."""
    digits = pin.reveal()
    return bytes.fromhex(f"{_CONTROL}{len(digits):x}{digits}".ljust(2 * LENGTH, "f"))


def decode_pin(block: bytes) -> Secret | None:
    """None for a block that is none: another control nibble, a length that no PIN has, no digits, other padding."""
    text = block.hex()
    length = int(text[1], 16) if len(block) == LENGTH else 0
    digits = text[2 : 2 + length]
    fits = text[:1] == _CONTROL and _SHORTEST <= length <= _LONGEST and digits.isdecimal()
    return Secret(digits) if fits and set(text[2 + length :]) <= {"f"} else None
