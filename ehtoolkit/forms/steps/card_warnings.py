"""Warnings about the card that was read, if there are any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.forms.html import Markup, panel
from ehtoolkit.i18n import Translator

_MATTERS: Final = (Severity.ERROR, Severity.WARNING)
_SAID_BY_A_PROBLEM: Final = ("card_certificate_expired", "card_certificate_missing", "certificate_early")


@dataclass(frozen=True, slots=True)
class CardWarnings:
    """What is wrong with a card, in the order in which the page says it.

    Attributes:
        problem: what keeps the card from being used.
        others: what is not proven, or about to be trouble.
    """

    problem: errors.CardError | None
    others: tuple[Finding, ...] = ()
    advice: Finding | None = None
    """The finding that knows more about ``problem`` than its error: what a card of that age needs."""
    fine: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, problem: errors.CardError | None, findings: Iterable[Finding]) -> CardWarnings:
        found = tuple(findings)
        serious = [finding for finding in found if finding.severity in _MATTERS]
        if problem is None:
            return cls(
                None,
                tuple(serious),
                fine=tuple(finding for finding in found if finding.severity is Severity.OK),
            )
        # That a certificate is missing or expired is said by the problem already, once.
        explained = [finding for finding in serious if finding.key in _SAID_BY_A_PROBLEM]
        certificate = problem.certificate
        same = (
            finding
            for finding in explained
            if finding.key == problem.key and finding.facts["certificate"] == certificate
        )
        return cls(
            problem, tuple(finding for finding in serious if finding not in explained), next(same, None)
        )

    def verdict(self, texts: Translator) -> Markup | None:
        """Return the panel for a card that cannot be used; None for one that can."""
        if self.problem is None:
            return None
        if self.advice is not None:
            return panel("danger", self.advice.message(texts), self.advice.next_step(texts))
        return panel("danger", texts.error(self.problem), texts.next_step(self.problem))

    def proven(self, texts: Translator) -> list[str]:
        """Return what was looked at and is fine, in sentences."""
        return [finding.message(texts) for finding in self.fine]

    def note(self, texts: Translator) -> Markup | None:
        """Return one panel for all the rest; None where there is nothing."""
        if not self.others:
            return None
        lines = (f"{finding.message(texts)} {finding.next_step(texts)}" for finding in self.others)
        return panel("warn", texts.get("steps.card.concerns"), *lines)
