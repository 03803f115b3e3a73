"""How urgent a finding is on the pages: it stops work, it is to be corrected, or it is worth knowing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from ehtoolkit.finding import Finding, Severity
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
_ABOUT_RECORDS: Final = frozenset(
    {"other_niss", "shared", "folder_missing", "folder_unreadable", "folder_hangs"}
)
"""Errors of the audit that concern a record or a folder: the certificate itself still works."""
_REGISTRY: Final = "registry"
_EXPIRED: Final = "certificate_over"
"""The one error of a record with which nobody can work."""


def urgency_of(finding: Finding) -> ShownUrgency:
    """Return how urgent ``finding`` is: an error in a record is to be corrected, it stops no work."""
    if finding.severity is Severity.OK:
        return ShownUrgency.FINE
    if finding.severity is Severity.INFO:
        return ShownUrgency.NOTE
    if finding.severity is Severity.WARNING or finding.key in _ABOUT_RECORDS:
        return ShownUrgency.CORRECT
    return (
        ShownUrgency.STOPS
        if finding.catalogue != _REGISTRY or finding.key == _EXPIRED
        else ShownUrgency.CORRECT
    )


def most_urgent(findings: Iterable[Finding]) -> ShownUrgency:
    """Return how urgent the most urgent finding is; `ShownUrgency.FINE` without one."""
    return min(map(urgency_of, findings), key=list(ShownUrgency).index, default=ShownUrgency.FINE)
