"""A diagnosis as a card and its findings as a table, for Jupyter: plain HTML, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ehtoolkit.finding import Finding, Severity, calendar_day
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.markup import STYLE, facts, table, text

_SIGNS: Final = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.INFO: "ℹ", Severity.OK: "✔"}


def diagnosis_html(diagnosis: Diagnosis, texts: Translator) -> str:
    """The card: what the file is and holds, then `findings_html`. Every value is escaped."""
    title = diagnosis.file.shown or texts.get("finding.label.file")
    return (
        f'<style>{STYLE}</style><article class="ehd ehd-{diagnosis.severity}" lang="{texts.language}">'
        f"<h3>{text(title)}</h3>{facts(_rows(diagnosis, texts))}{_table(diagnosis.findings, texts)}</article>"
    )


def findings_html(findings: Iterable[Finding], texts: Translator) -> str:
    """Only the table: how bad, what, what to do."""
    return f'<style>{STYLE}</style><div class="ehd" lang="{texts.language}">{_table(findings, texts)}</div>'


def _table(findings: Iterable[Finding], texts: Translator) -> str:
    labels = (texts.get(f"finding.label.{name}") for name in ("severity", "message", "next"))
    return table(texts.get("finding.label.findings"), labels, (_row(finding, texts) for finding in findings))


def _row(finding: Finding, texts: Translator) -> str:
    word = text(texts.get(f"finding.severity.{finding.severity}"))
    sign = f'<span aria-hidden="true">{_SIGNS[finding.severity]}</span>'
    return (
        f'<tr class="ehd-{finding.severity}"><th scope="row">{sign} {word}</th>'
        f"<td>{text(finding.message(texts))}</td><td>{text(finding.next_step(texts))}</td></tr>"
    )


def _rows(diagnosis: Diagnosis, texts: Translator) -> Iterator[tuple[str, str]]:
    """Label and value of what is known."""
    outline, label = diagnosis.outline, "finding.label."
    state = "unknown" if diagnosis.state is None else str(diagnosis.state)
    yield texts.get(f"{label}state"), texts.get(f"finding.state.{state}")
    owner = diagnosis.subject if diagnosis.owner is None else _owner(diagnosis)
    if owner is not None:
        yield texts.get(f"{label}owner"), owner
    if diagnosis.environment is not None:
        yield texts.get(f"{label}environment"), texts.get(f"finding.word.{diagnosis.environment}")
    if diagnosis.not_before is not None and diagnosis.not_after is not None:
        yield texts.get(f"{label}from"), texts.date(calendar_day(diagnosis.not_before))
        yield texts.get(f"{label}until"), texts.date(calendar_day(diagnosis.not_after))
        yield texts.get(f"{label}days_left"), str(diagnosis.days_left)
    if diagnosis.file.size is not None:
        yield texts.get(f"{label}size"), str(diagnosis.file.size)
    if outline is None:
        return
    yield texts.get(f"{label}keys"), ", ".join(key.alias or "?" for key in outline.keys) or "–"
    if diagnosis.certificates is not None:
        yield texts.get(f"{label}certificates"), str(diagnosis.certificates)
    if diagnosis.authentication_key is not None:
        yield texts.get(f"{label}authentication_key"), diagnosis.authentication_key
    if diagnosis.key_id is not None:
        yield texts.get(f"{label}key_id"), diagnosis.key_id
    yield texts.get(f"{label}protection"), ", ".join((*outline.ciphers, f"MAC {outline.mac or '–'}"))
    if outline.last_written is not None:
        yield texts.get(f"{label}last_written"), texts.moment(outline.last_written)


def _owner(diagnosis: Diagnosis) -> str:
    owner = diagnosis.owner
    if owner is None:
        return ""
    return ", ".join(part for part in (owner.name, owner.identifier.text, owner.application_id) if part)
