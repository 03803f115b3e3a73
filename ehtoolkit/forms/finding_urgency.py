"""How urgent a finding is on the pages: it stops work, it is to be corrected, or it is worth knowing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from ehtoolkit.finding import Finding, Severity, Urgency
from ehtoolkit.finding_html import Look
from ehtoolkit.i18n import Translator


class ShownUrgency(StrEnum):
    """The most urgent first."""

    STOPS = "stops"
    CORRECT = "correct"
    NOTE = "note"
    FINE = "fine"

    @property
    def look(self) -> Look:
        """How it looks; nothing is red that still works."""
        return _LOOKS[self]

    def word(self, texts: Translator) -> str:
        return texts.get(f"page.urgency.{self}")


_LOOKS: Final[Mapping[ShownUrgency, Look]] = {
    ShownUrgency.STOPS: "danger",
    ShownUrgency.CORRECT: "warn",
    ShownUrgency.NOTE: "info",
    ShownUrgency.FINE: "ok",
}


def urgency_of(finding: Finding) -> ShownUrgency:
    """Return how urgent ``finding`` is: what stops no work is to be corrected."""
    if finding.severity is Severity.OK:
        return ShownUrgency.FINE
    if finding.severity is Severity.INFO:
        return ShownUrgency.NOTE
    return ShownUrgency.STOPS if finding.urgency is Urgency.STOPS else ShownUrgency.CORRECT


def most_urgent(findings: Iterable[Finding]) -> ShownUrgency:
    """Return how urgent the most urgent finding is; `ShownUrgency.FINE` without one."""
    return min(map(urgency_of, findings), key=list(ShownUrgency).index, default=ShownUrgency.FINE)
