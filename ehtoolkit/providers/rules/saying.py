"""How these rules say what they find: in a catalogue of their own, with types by name."""

from __future__ import annotations

from typing import Final

from ehtoolkit.finding import FindingFactory, MessageKey

CATALOGUE: Final = "registry"


_REGISTRY: Final = FindingFactory(CATALOGUE)
error, warning, info, ok = _REGISTRY.error, _REGISTRY.warning, _REGISTRY.info, _REGISTRY.ok


def type_word(kind: str) -> MessageKey:
    return MessageKey(f"{CATALOGUE}.type.{kind}")
