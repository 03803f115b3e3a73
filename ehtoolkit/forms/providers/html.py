"""Findings, the keystore label and a type, as HTML and as words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ehtoolkit.finding import Finding
from ehtoolkit.finding import Severity as Level
from ehtoolkit.forms.html import Markup, Severity, element, join, paragraph, svg
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Provider

LOOKS: Final[Mapping[Level, Severity]] = MappingProxyType(
    {Level.ERROR: "danger", Level.WARNING: "warn", Level.INFO: "info", Level.OK: "ok"}
)


def type_words(kind: str, texts: Translator) -> str:
    """What a type is called; one of the settings by its key."""
    key = f"registry.type.{kind}"
    return texts.get(key) if texts.has(key) else kind


def findings_list(found: Iterable[Finding], texts: Translator) -> Markup:
    """Each with its level in a word, what, and what to do."""
    return element("ul", join(_finding(one, texts) for one in found), class_="eh-findings")


def _finding(one: Finding, texts: Translator) -> Markup:
    look = LOOKS[one.severity]
    level = element("span", texts.get(f"cli.severity.{one.severity}") + ". ", class_="eh-finding-level")
    body = paragraph(level + one.message(texts), "eh-finding-title")
    if one.severity is not Level.OK:
        body += paragraph(one.next_step(texts))
    return element(
        "li", svg(look) + element("div", body, class_="eh-finding-body"), class_=f"eh-finding eh-is-{look}"
    )


def certificate_words(record: Provider, now: datetime, texts: Translator) -> tuple[Severity, str]:
    """How it stands with the certificate of a record: its colour, and the words."""
    keystore = record.keystore
    if keystore is None:
        return "danger", texts.get("providers.certificate.none")
    if keystore.not_after is None:
        return "info", texts.get("providers.certificate.unread")
    if keystore.not_after < now:
        return "danger", texts.get("providers.certificate.over", date=keystore.not_after.date())
    return "ok", texts.get("providers.certificate.until", date=keystore.not_after.date())


def keystore_label(record: Provider, now: datetime, texts: Translator) -> Markup:
    """The green or red label of the guide."""
    severity, words = certificate_words(record, now, texts)
    return element("div", svg(severity) + element("span", words), class_=f"eh-keylabel eh-is-{severity}")


def proposal_words(record: Provider, texts: Translator) -> str:
    """That a file which nobody has assigned yet is the one to be assigned."""
    return texts.get("providers.proposed.fits" if record.keystore is None else "providers.proposed.newer")
