"""Warnings before an audit is read: what could not be read, and why."""

from __future__ import annotations

from collections.abc import Iterator

from ehtoolkit.auditing.audit_finding import FOLDER_KEYS, AuditFinding
from ehtoolkit.forms.audit.model import Result
from ehtoolkit.forms.html import Markup, Severity, join, link, panel, paragraph, tag
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable


def empty(result: Result, pages: frozenset[str], texts: Translator) -> Markup:
    """Return what to do now, to be shown instead of an audit of nothing."""
    get = texts.get
    folders = ", ".join(printable(str(folder)) for folder in result.folders)
    ways = [
        link(get(f"audit_page.do.{word}"), f"{page}.ipynb", class_="eh-button eh-small")
        for page, word in (("request", "request"), ("providers", "registry"))
        if page in pages
    ]
    lines = [get("audit_page.empty.text", folders=folders), *([Markup(" ").join(ways)] if ways else [])]
    return panel("info", get("audit_page.empty"), *lines)


def folder_problems(result: Result, texts: Translator) -> list[str]:
    """Return a sentence for each folder that could not be looked into."""
    return [
        note.finding.message(texts) for note in result.audit.audit_findings if note.finding.key in FOLDER_KEYS
    ]


def _is_refused(audit_finding: AuditFinding) -> bool:
    """Return whether passwords were tried on a keystore, and none opens it."""
    finding = audit_finding.finding
    return finding.key == "password_wrong" or (finding.key, finding.variant) == ("closed", "tried")


def panels(result: Result, texts: Translator) -> Iterator[Markup]:
    """Yield a panel for each thing that could not be read."""
    if result.registry is not None:
        sentences = (texts.next_step(result.registry), texts.get("audit_page.without_registry"))
        yield panel("warn", texts.error(result.registry), *sentences)
    for note in result.audit.audit_findings:
        if note.finding.key in FOLDER_KEYS:
            yield panel("warn", note.finding.message(texts), note.finding.next_step(texts))
    if result.has_registry and result.registry is None and result.audit.registry is None:
        yield panel("info", texts.get("audit_page.invented"), texts.get("audit_page.invented.next"))


def _facts(result: Result) -> Iterator[tuple[Severity, str, dict[str, object]]]:
    """Yield what limits the result: how bad that is, the key of its words and what they name."""
    wrong = sum(map(_is_refused, result.audit.audit_findings))
    if wrong:
        yield "warn", "audit_page.wrong", {"count": wrong}
    closed = len(result.audit.verdict.closed) - wrong
    if closed > 0:
        yield "info", "audit_page.closed", {"count": closed}
    for pattern in result.idle:
        yield "warn", "audit_page.idle", {"pattern": pattern}
    if not result.has_registry and not result.is_empty:
        yield "info", "audit_page.no_registry", {}


def notes(result: Result, pages: frozenset[str], texts: Translator) -> Iterator[Markup]:
    """Yield what else is to be known before the result is read, in a few words each."""
    for severity, key, facts in _facts(result):
        yield tag(severity, texts.get(key, **facts))
        if key == "audit_page.no_registry" and "providers" in pages:
            yield link(texts.get("audit_page.do.registry"), "providers.ipynb")


def advice(result: Result, texts: Translator) -> Markup:
    """Return what to do about passwords, and which registry was read, to be shown where both are given."""
    keys = dict.fromkeys(key for _, key, _ in _facts(result))
    sentences = [texts.get(f"{key}.next") for key in keys]
    if result.audit.registry is not None:
        sentences.append(texts.get("audit_page.registry", registry=printable(result.audit.registry)))
    return join(paragraph(sentence, "eh-note") for sentence in sentences)
