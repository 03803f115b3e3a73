"""Findings, the keystore label and a type, as HTML and as words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from ehtoolkit.finding import Finding
from ehtoolkit.finding_html import finding_item, findings_list, level_word
from ehtoolkit.forms.html import Markup, Severity, element, svg
from ehtoolkit.i18n import Translator
from ehtoolkit.identity.formatting import format_number
from ehtoolkit.providers import Provider


def type_words(kind: str, texts: Translator) -> str:
    """Return what a type is called; one of the settings by its key."""
    key = f"registry.type.{kind}"
    return texts.get(key) if texts.has(key) else kind


def findings_of_record(found: Iterable[Finding], texts: Translator) -> Markup:
    """Return a list of the findings, each with its level in a word, what, and what to do."""
    return findings_list(
        finding_item(
            finding.severity,
            finding.message(texts),
            step=finding.next_step(texts),
            level=level_word(finding.severity, texts),
            sign=svg,
        )
        for finding in map(_formatted, found)
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


def _formatted(finding: Finding) -> Finding:
    """Return ``finding`` with its numbers as people write them; a wrong one as it was typed."""
    kind = next((kind for begin, kind in _NUMBERS if finding.key.startswith(begin)), None)
    if kind is None:
        return finding
    facts = {
        name: format_number(kind, value) if name in ("number", "other") and isinstance(value, str) else value
        for name, value in finding.facts.items()
    }
    return replace(finding, facts=facts)


def certificate_words(record: Provider, now: datetime, texts: Translator) -> tuple[Severity, str]:
    """Return how it stands with the certificate of a record: its colour, and the words."""
    keystore = record.keystore
    if keystore is None:
        return "danger", texts.get("providers.certificate.none")
    if keystore.not_after is None:
        return "info", texts.get("providers.certificate.unread")
    if keystore.not_after < now:
        return "danger", texts.get("providers.certificate.over", date=texts.date(keystore.not_after))
    return "ok", texts.get("providers.certificate.until", date=texts.date(keystore.not_after))


def keystore_label(record: Provider, now: datetime, texts: Translator) -> Markup:
    """Return the green or red label of the guide; one of another colour where the certificate was not read."""
    severity, words = certificate_words(record, now, texts)
    return element("div", svg(severity) + element("span", words), class_=f"eh-keylabel eh-is-{severity}")


def proposal_words(record: Provider, texts: Translator) -> str:
    """Return the sentence that a file which is not assigned yet is the one to be assigned."""
    return texts.get("providers.proposed.fits" if record.keystore is None else "providers.proposed.newer")
