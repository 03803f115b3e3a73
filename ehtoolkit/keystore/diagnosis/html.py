"""A diagnosis as a card and its findings as a table, for Jupyter: plain HTML, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.finding import Finding, Severity, calendar_day
from ehtoolkit.texts import Texts

_SIGNS: Final = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.INFO: "ℹ", Severity.OK: "✔"}
_STYLE: Final = """
.ehd{border:1px solid #8a94a6;border-radius:6px;padding:.8em 1em;max-width:60em;line-height:1.45}
.ehd h3{margin:0 0 .4em;font-size:1.1em;overflow-wrap:anywhere}
.ehd dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1em;margin:0 0 .8em}
.ehd dt{opacity:.8}.ehd dd{margin:0;overflow-wrap:anywhere}
.ehd table{border-collapse:collapse;width:100%}
.ehd caption{text-align:left;font-weight:600;padding:.2em 0}
.ehd th,.ehd td{text-align:left;vertical-align:top;padding:.35em .6em;border-top:1px solid #8a94a6}
.ehd th[scope=row]{white-space:nowrap}
.ehd-error{border-left:4px solid #b3261e}.ehd-warning{border-left:4px solid #9a6700}
.ehd-info{border-left:4px solid #2f5fa8}.ehd-ok{border-left:4px solid #2e7d32}
""".replace("\n", "")
_INVISIBLE: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that are not seen or turn the direction of writing: a name in a file may hold them."""


def diagnosis_html(diagnosis: Diagnosis, texts: Texts) -> str:
    """The card: what the file is and holds, then `findings_html`. Every value is escaped."""
    title = diagnosis.file.shown or texts.get("finding.label.file")
    rows = "".join(
        f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in _rows(diagnosis, texts)
    )
    return (
        f'<style>{_STYLE}</style><article class="ehd ehd-{diagnosis.severity}" lang="{texts.language}">'
        f"<h3>{_text(title)}</h3><dl>{rows}</dl>{_table(diagnosis.findings, texts)}</article>"
    )


def findings_html(findings: Iterable[Finding], texts: Texts) -> str:
    """Only the table: how bad, what, what to do."""
    return f'<style>{_STYLE}</style><div class="ehd" lang="{texts.language}">{_table(findings, texts)}</div>'


def _table(findings: Iterable[Finding], texts: Texts) -> str:
    labels = (texts.get(f"finding.label.{name}") for name in ("severity", "message", "next"))
    head = "".join(f'<th scope="col">{_text(label)}</th>' for label in labels)
    body = "".join(_row(finding, texts) for finding in findings)
    caption = _text(texts.get("finding.label.findings"))
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(finding: Finding, texts: Texts) -> str:
    word = _text(texts.get(f"finding.severity.{finding.severity}"))
    sign = f'<span aria-hidden="true">{_SIGNS[finding.severity]}</span>'
    return (
        f'<tr class="ehd-{finding.severity}"><th scope="row">{sign} {word}</th>'
        f"<td>{_text(finding.message(texts))}</td><td>{_text(finding.next_step(texts))}</td></tr>"
    )


def _rows(diagnosis: Diagnosis, texts: Texts) -> Iterator[tuple[str, str]]:
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


def _text(value: str) -> str:
    return escape(_INVISIBLE.sub("\ufffd", value))
