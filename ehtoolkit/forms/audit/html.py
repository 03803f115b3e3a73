"""Tiles, findings and rows of the audit as HTML and as cells of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.finding_html import finding_item, findings_list, level_word
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.html import Markup, Severity, element, link, mono, paragraph, svg
from ehtoolkit.forms.widgets import Cell, RowLink, SortRow, Tile
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import CertificateState, FileState

STATES: Final[Mapping[str, Severity]] = MappingProxyType(
    {
        FileState.MISSING: "danger",
        FileState.UNREADABLE: "danger",
        CertificateState.EXPIRED: "danger",
        FileState.NONE: "warn",
        FileState.ELSEWHERE: "warn",
        FileState.CLOSED: "off",
        CertificateState.NO_ETK: "warn",
        CertificateState.PREPARED: "info",
        CertificateState.RENEWABLE: "warn",
        CertificateState.NOT_YET_VALID: "info",
        CertificateState.COMPLETE: "ok",
        FileState.REPLACED: "off",
    }
)
"""How a state looks; nothing is red that still works."""
_NOTHING: Final = "–"


def tiles(counts: Mapping[str, int], texts: Translator) -> list[Tile]:
    """Return a tile for each state, with the number of its rows; choosing it shows these alone."""
    return [Tile(name, count, state_word(name, texts), STATES[name]) for name, count in counts.items()]


def state_word(state: str, texts: Translator) -> str:
    return texts.get(f"audit_page.state.{state}")


def findings_of_audit(
    found: Iterable[tuple[AuditFinding, str]], leads: NextSteps, texts: Translator
) -> Markup:
    """Return a list of the findings, each with its level in a word, whom it is about, what, what to do, and the way to
    the form that does it."""
    return findings_list(_finding(finding, title, leads, texts) for finding, title in found)


def _finding(audit_finding: AuditFinding, title: str, leads: NextSteps, texts: Translator) -> Markup:
    finding, place = (
        audit_finding.finding,
        None if audit_finding.file is None else leads.place_of(audit_finding.file),
    )
    message, lines = finding.message(texts), list[str]()
    if (
        not title or title == audit_finding.file
    ):  # about a place, not about someone: the sentence itself is the title
        title, place = message, None
    else:
        # With the name alone, which is all that tells the files of a folder apart.
        lines = [
            message
            if audit_finding.file is None
            else message.replace(audit_finding.file, name_of(audit_finding.file))
        ]
    where = "" if place is None or place in lines[0] else paragraph(mono(place), "eh-note")
    lead = leads.of_finding(audit_finding)
    return finding_item(
        finding.severity,
        title,
        *lines,
        step=finding.next_step(texts),
        note=where,
        level=level_word(finding.severity, texts),
        sign=svg,
        action="" if lead is None else element("div", _button(lead, title, texts), class_="eh-finding-do"),
    )


def _button(lead: FormLink, title: str, texts: Translator) -> Markup:
    words = texts.get(lead.words)
    return link(words, lead.address, class_="eh-button eh-small", label=texts.labelled(words, title))


def table_row(row: Mapping[str, Any], leads: NextSteps, texts: Translator) -> SortRow:
    """Return ``row``, one of `AuditTable.rows`, as a row of the table, with a link to its next step."""
    state, title = str(row["state"]), str(row["title"])
    lead = leads.of_row(row)
    environment = row["environment"]
    end = row["not_after"]
    return SortRow(
        [
            Cell(title, note=_under(row)),
            Cell(_NOTHING if pd.isna(environment) else texts.get(f"page.environment.{environment}")),
            Cell(state_word(state, texts), severity=STATES[state]),
            Cell(_NOTHING if pd.isna(end) else short_day(end)),
            Cell(_number(row["days_left"])),
            Cell(_number(row["etks"])),
        ],
        None if lead is None else _link(texts.get(lead.words), lead.address, title, texts),
    )


def _link(words: str, address: str, title: str, texts: Translator) -> RowLink:
    return RowLink(words, address, texts.labelled(words, title))


def short_day(day: pd.Timestamp) -> str:
    """Return ``day`` as it is written in Belgium, in whatever language: DD/MM/YYYY."""
    return f"{day.day:02}/{day.month:02}/{day.year}"


def _under(row: Mapping[str, Any]) -> str:
    """Return what tells one row of a person from another, a line each."""
    file = None if pd.isna(row["file"]) else name_of(str(row["file"]))
    values = [value for value in (row["practice"], row["application_id"], file) if not pd.isna(value)]
    return "\n".join(str(part) for part in values if str(part) != row["title"])


def name_of(file: str) -> str:
    """Return the name of a file from its path, which may be one of any system."""
    return PurePath(file.replace("\\", "/")).name or file


def _number(value: Any) -> str:
    if pd.isna(value):
        return _NOTHING
    return str(int(value)).replace("-", "−")
