"""An eID card of applet 1.7, byte for byte as a reader sees it: command APDUs in, answers out, and nothing else."""

from __future__ import annotations

from ehtoolkit.training.virtual_card.belpic.applet import FOREIGN_ATR, Applet, OtherCard, PinPort
from ehtoolkit.training.virtual_card.belpic.content import ATR, CardContent, card_content

__all__ = ["ATR", "FOREIGN_ATR", "Applet", "CardContent", "OtherCard", "PinPort", "card_content"]
