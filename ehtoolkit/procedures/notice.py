"""What somebody has to know who asks for a certificate, and that stops nobody: a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.diagnosis import Severity
from ehtoolkit.procedures.application_ids import LIMIT, ApplicationIds


@dataclass(frozen=True, slots=True)
class Notice:
    """``key``: stable, texts hang on it. ``facts``: what the sentences are filled in with."""

    key: str
    severity: Severity
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)

    def message(self, texts: Translator) -> str:
        """What is so."""
        return texts.get(f"actors.{self.key}", **self.facts)

    def next_step(self, texts: Translator) -> str:
        """What to do about it, or where to ask."""
        return texts.get(f"actors.{self.key}.next", **self.facts)


def about_ids(organisation: str, ids: ApplicationIds) -> Iterator[Notice]:
    """Whether there is room for another certificate. ``organisation``: what people call it."""
    if not ids.known:
        yield Notice("ids_unknown", Severity.INFO, {"organisation": organisation})
    elif ids.is_tight:
        facts = {"organisation": organisation, "used": len(set(ids.used)), "limit": LIMIT}
        yield Notice("limit_near" if ids.room else "limit_reached", Severity.WARNING, facts)
