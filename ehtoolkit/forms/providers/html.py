"""Findings, the keystore label, the status and a type of a provider, as HTML and as words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.finding_html import finding_item, findings_list
from ehtoolkit.forms.finding_urgency import ShownUrgency, urgency_of
from ehtoolkit.forms.html import Markup, element, svg
from ehtoolkit.i18n import Translator
from ehtoolkit.identity.numbers import format_number
from ehtoolkit.providers import Assignment, Provider


def type_words(kind: str, texts: Translator) -> str:
    """Return what a type is called; one of the settings by its key."""
    key = f"registry.type.{kind}"
    return texts.get(key) if texts.has(key) else kind


def findings_of_record(found: Iterable[Finding], texts: Translator) -> Markup:
    """Return a list of the findings, each with its urgency in a word, what, and what to do."""
    return findings_list(_finding(formatted(finding), texts) for finding in found)


def _finding(finding: Finding, texts: Translator) -> Markup:
    urgency = urgency_of(finding)
    return finding_item(
        finding.severity,
        finding.message(texts),
        step=finding.next_step(texts),
        level=f"{urgency.word(texts)}.",
        sign=svg,
        look=urgency.look,
    )


_NUMBERS: Final = (
    ("certificate_other_niss", "niss"),
    ("certificate_other_enterprise", "cbe"),
    ("niss", "niss"),
    ("birth", "niss"),
    ("enterprise", "cbe"),
    ("certificate_other_inami", "nihii"),
    ("inami", "nihii"),
    ("number", "nihii"),
    ("period", "nihii"),
)
"""By how the keys of findings begin, what kind of number is named in them."""


def formatted(finding: Finding) -> Finding:
    """Return ``finding`` with its numbers as people write them; a wrong one as it was typed."""
    kind = next((kind for begin, kind in _NUMBERS if finding.key.startswith(begin)), None)
    if kind is None:
        return finding
    facts = {
        name: format_number(kind, value) if name in ("number", "other") and isinstance(value, str) else value
        for name, value in finding.facts.items()
    }
    return replace(finding, facts=facts)


def certificate_words(record: Provider, now: datetime, texts: Translator) -> str:
    """Return how it stands with the certificate of a record, in words."""
    if record.keystore is None:
        return texts.get("providers.certificate.none")
    return _end("providers.certificate", record.keystore, now, texts, texts.date)


def end_of_certificate(record: Provider, now: datetime, texts: Translator) -> str:
    """Return the end of the certificate of a record, as short as a table needs it."""
    if record.keystore is None:
        return "–"
    return _end("providers.end", record.keystore, now, texts, texts.short_date)


def _end(
    words: str, keystore: Assignment, now: datetime, texts: Translator, date: Callable[[datetime], str]
) -> str:
    end = keystore.not_after
    if end is None:
        return texts.get(f"{words}.unread")
    return texts.get(f"{words}.{'over' if end < now else 'until'}", date=date(end))


_STATUS_OF: Final = {"certificate_ends": "renew", "certificate_unread": "unread"}
STATUSES: Final = ("expired", "none", "unread", "renew", "correct", "note", "valid")
"""Of all records, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Status:
    """The one status of a record: the worst of its certificate and of its findings.

    Attributes:
        word: of `STATUSES`, the key below ``providers.status``.
    """

    urgency: ShownUrgency
    word: str


def status_of(record: Provider, found: Sequence[Finding], now: datetime) -> Status:
    """Return the status of ``record``.

    Args:
        found: its findings, the worst first.
    """
    keystore = record.keystore
    if keystore is not None and keystore.not_after is not None and keystore.not_after < now:
        return Status(ShownUrgency.STOPS, "expired")
    worst = next((finding for finding in found if finding.severity is not Severity.OK), None)
    if keystore is None and (worst is None or worst.severity is not Severity.ERROR):
        return Status(ShownUrgency.CORRECT, "none")
    if worst is None:
        return Status(ShownUrgency.FINE, "valid")
    urgency = urgency_of(worst)
    return Status(urgency, _STATUS_OF.get(worst.key, str(urgency)))


def keystore_label(record: Provider, found: Sequence[Finding], now: datetime, texts: Translator) -> Markup:
    """Return how it stands with the certificate, in words and in the colour of the record's status."""
    look, words = status_of(record, found, now).urgency.look, certificate_words(record, now, texts)
    return element("div", svg(look) + element("span", words), class_=f"eh-keylabel eh-is-{look}")


def proposal_words(record: Provider, texts: Translator) -> str:
    """Return the sentence that a file which is not assigned yet is the one to be assigned."""
    return texts.get("providers.proposed.fits" if record.keystore is None else "providers.proposed.newer")
