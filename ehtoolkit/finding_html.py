"""Findings as HTML, for pages, reports and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal

from markupsafe import Markup

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.html import CARD_STYLE, Piece, card_table, element, join, table_row
from ehtoolkit.i18n import Translator

Look = Literal["ok", "info", "warn", "danger"]
LOOKS: Final[Mapping[Severity, Look]] = MappingProxyType(
    {Severity.ERROR: "danger", Severity.WARNING: "warn", Severity.INFO: "info", Severity.OK: "ok"}
)
"""How each severity looks: ``eh-is-danger`` in the style sheet, and the icon of that name."""
_SIGNS: Final = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.INFO: "ℹ", Severity.OK: "✔"}


# ── a list, in the style of the pages ────────────────────────────────────────────────────────────────────
def findings_list(items: Iterable[Markup]) -> Markup:
    """Return a list of the items that `finding_item` makes, one under the other."""
    return element("ul", join(items), class_="eh-findings")


def finding_item(
    severity: Severity,
    title: Piece,
    *lines: Piece,
    step: Piece = "",
    note: Piece = "",
    level: str = "",
    sign: Callable[[Look], Piece] | None = None,
    action: Piece = "",
    look: Look | None = None,
) -> Markup:
    """Return one finding of a list.

    Args:
        title: what was found, or what it is about.
        lines: sentences below it, or paragraphs that are HTML already; empty ones are left out.
        step: what to do about it; left out where all is well.
        note: below that, ready.
        level: how bad it is in words, before the title; empty where the list says so.
        sign: makes the icon of a look.
        action: HTML of a button or link beside it.
        look: another one than that of the severity.
    """
    look = look or LOOKS[severity]
    word = element("span", f"{level} ", class_="eh-finding-level") if level else Markup("")
    below = [*lines, "" if severity is Severity.OK else step, note]
    body = element("p", word + title, class_="eh-finding-title") + join(map(_paragraph, filter(None, below)))
    content = element("div", body, class_="eh-finding-body")
    return element(
        "li", join((sign(look) if sign else "", content, action)), class_=f"eh-finding eh-is-{look}"
    )


def level_word(severity: Severity, texts: Translator) -> str:
    """Return how bad it is, as the begin of a line."""
    return texts.get(f"cli.severity.{severity}") + "."


def _paragraph(line: Piece) -> Markup:
    return line if isinstance(line, Markup) else element("p", line)


# ── a table, for Jupyter ─────────────────────────────────────────────────────────────────────────────────
def findings_html(findings: Iterable[Finding], texts: Translator) -> str:
    """Return `findings_table` with its style."""
    card = element("div", findings_table(findings, texts), class_="ehd", lang=texts.language)
    return f"<style>{CARD_STYLE}</style>{card}"


def findings_table(findings: Iterable[Finding], texts: Translator) -> Markup:
    """Return the severity, the sentence and the next step; every value is made harmless and escaped."""
    labels = (texts.get(f"finding.label.{name}") for name in ("severity", "message", "next"))
    return card_table(
        texts.get("finding.label.findings"), labels, (_row(finding, texts) for finding in findings)
    )


def _row(finding: Finding, texts: Translator) -> Markup:
    sign = element("span", _SIGNS[finding.severity], aria_hidden="true")
    return table_row(
        sign + " " + texts.get(f"finding.severity.{finding.severity}"),
        finding.message(texts),
        finding.next_step(texts),
        class_=f"ehd-{finding.severity}",
    )
