"""How these rules say what they find: in a catalogue of their own, with types by name."""

from __future__ import annotations

from typing import Final

from ehtoolkit.finding import Sayings, Word

CATALOGUE: Final = "registry"


_REGISTRY: Final = Sayings(CATALOGUE)
error, warning, info, ok = _REGISTRY.error, _REGISTRY.warning, _REGISTRY.info, _REGISTRY.ok


def type_word(kind: str) -> Word:
    return Word(f"{CATALOGUE}.type.{kind}")
