"""The card that is meant: ``training:NAME`` or ``pkcs11:MODULE#READER``, in settings, commands and forms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.modules import find_module

TRAINING: Final = "training"
PKCS11: Final = "pkcs11"


@dataclass(frozen=True, slots=True)
class CardSpec:
    """Where a card is: a training card, or a module and a reader.

    Attributes:
        name: of a training card, or the path of a module; empty: the first of the training cards, or the module that
            is installed.
        reader: its name or a part of it, for a computer with several; None: whichever has a card.
    """

    kind: str
    name: str = ""
    reader: str | None = None

    @classmethod
    def parse(cls, text: str) -> CardSpec:
        """Read ``training:NAME``, ``pkcs11:MODULE`` or ``pkcs11:MODULE#READER``. Raises `errors.SettingInvalid` for
        another form."""
        kind, _, rest = text.partition(":")
        if kind == TRAINING:
            return cls(kind, rest)
        if kind != PKCS11:
            raise errors.SettingInvalid(setting="card")
        module, _, reader = rest.partition("#")
        return cls(kind, module, reader.strip() or None)

    @property
    def text(self) -> str:
        return f"{self.kind}:{self.name}" + (f"#{self.reader}" if self.reader else "")

    @property
    def module(self) -> Path:
        """Raises `errors.ModuleMissing` when none is named and none is installed."""
        return Path(self.name) if self.name else find_module()

    def in_reader(self, reader: str) -> CardSpec:
        return replace(self, reader=reader)
