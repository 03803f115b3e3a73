"""An eID card of applet 1.7 or 1.8, byte for byte as a reader sees it: command APDUs in, answers out."""

from __future__ import annotations

from ehtoolkit.training.virtual_card.belpic.applet import FOREIGN_ATR, Applet, OtherCard
from ehtoolkit.training.virtual_card.belpic.content import APPLET_1_7, APPLET_1_8, CardContent, card_content

__all__ = [
    "APPLET_1_7",
    "APPLET_1_8",
    "FOREIGN_ATR",
    "Applet",
    "CardContent",
    "OtherCard",
    "card_content",
]
