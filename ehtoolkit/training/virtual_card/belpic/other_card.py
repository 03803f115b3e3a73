"""Another kind of card, a bank card say: it has an ATR of its own and understands nothing that an eID understands."""

from __future__ import annotations

from typing import Final

from ehtoolkit.training.virtual_card.belpic import apdu

FOREIGN_ATR: Final = bytes.fromhex("3B6500002063CB6800")
"""T=0 with five historical bytes that no driver of ours or of OpenSC claims."""


class OtherCard:
    """Stands where an `Applet` stands."""

    atr = FOREIGN_ATR

    def reset(self) -> None:
        """It remembers nothing."""

    def answer(self, command: bytes) -> bytes:
        """`apdu.WRONG_CLASS` to every command, whatever it is."""
        return apdu.WRONG_CLASS
