"""The card that was read, as it is shown: photo, names, number, validity, and warnings about it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.forms.html import Markup, element, join, panel
from ehtoolkit.i18n import Translator

_CHIP: Final = Markup(
    '<svg viewBox="0 0 40 32" aria-hidden="true" focusable="false">'
    '<g fill="none" stroke="currentColor" stroke-width="1.6"><rect x="4" y="4" width="32" height="24" rx="5"/>'
    '<path d="M4 12h10v8H4M36 12H26v8h10M14 4v24M26 4v24"/></g></svg>'
)
_NOBODY: Final = Markup(
    '<svg viewBox="0 0 80 100" aria-hidden="true" focusable="false">'
    '<circle cx="40" cy="40" r="17"/><path d="M8 100c2-24 14-36 32-36s30 12 32 36Z"/></svg>'
)


def id_card(identity: CardIdentity, texts: Translator) -> Markup:
    """Return what is known of the holder, as a card; what the card's software does not tell is left out."""
    head = element(
        "div",
        _CHIP + texts.get("idcard.kind") + element("span", texts.get("idcard.country")),
        class_="eh-idcard-head",
    )
    name = Markup("{}<br>{}").format(identity.surname, identity.first_names)
    rows = [
        _row(texts.get("idcard.name"), name, "eh-name", wide=True),
        _row(texts.get("idcard.niss"), identity.niss.formatted, "eh-num"),
    ]
    if identity.birth_date is not None:
        rows.append(_row(texts.get("idcard.born"), texts.date(identity.birth_date)))
    if identity.valid_until is not None:
        rows.append(_row(texts.get("idcard.valid_until"), texts.date(identity.valid_until)))
    if identity.card_number:
        rows.append(_row(texts.get("idcard.number"), _grouped(identity.card_number), "eh-num"))
    body = element("div", _photo(identity, texts) + element("dl", join(rows)), class_="eh-idcard-body")
    return element("div", head + body, class_="eh-idcard", role="group", aria_label=texts.get("idcard.read"))


def _photo(identity: CardIdentity, texts: Translator) -> Markup:
    if identity.photo is None:
        return element("div", _NOBODY, class_="eh-photo", role="img", aria_label=texts.get("idcard.no_photo"))
    picture = Markup('<img src="data:image/jpeg;base64,{}" alt="{}">').format(
        b64encode(identity.photo).decode(), texts.get("idcard.photo")
    )
    return element("div", picture, class_="eh-photo")


def _row(name: str, value: str | Markup, class_: str | None = None, *, wide: bool = False) -> Markup:
    return element(
        "div", element("dt", name) + element("dd", value, class_=class_), class_="eh-wide" if wide else None
    )


def _grouped(number: str) -> str:
    """Return twelve digits as they are printed on the card; another number as it is."""
    return f"{number[:3]}-{number[3:10]}-{number[10:]}" if len(number) == 12 else number


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
