"""HTML tables for Jupyter, of keystores and findings.

Plain, nothing loaded from elsewhere, every value escaped, since a file's names may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from ehtoolkit import errors
from ehtoolkit.i18n import Translator, language_of
from ehtoolkit.settings import load_settings
from ehtoolkit.system.text_safety import harmless

STYLE: Final = """
.ehd{border:1px solid #8a94a6;border-radius:6px;padding:.8em 1em;max-width:60em;line-height:1.45}
.ehd h3{margin:0 0 .4em;font-size:1.1em;overflow-wrap:anywhere}
.ehd dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1em;margin:0 0 .8em}
.ehd dt{opacity:.8}.ehd dd{margin:0;overflow-wrap:anywhere}
.ehd table{border-collapse:collapse;width:100%;margin:0 0 .8em}
.ehd table:last-child{margin:0}
.ehd caption{text-align:left;font-weight:600;padding:.2em 0}
.ehd th,.ehd td{text-align:left;vertical-align:top;padding:.35em .6em;border-top:1px solid #8a94a6}
.ehd th{overflow-wrap:anywhere}.ehd tr[class] th{white-space:nowrap}
.ehd-error{border-left:4px solid #b3261e}.ehd-warning{border-left:4px solid #9a6700}
.ehd-info{border-left:4px solid #2f5fa8}.ehd-ok{border-left:4px solid #2e7d32}
""".replace("\n", "")


def text(value: str) -> str:
    """A value as text of a page."""
    return escape(harmless(value))


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Labels with their values."""
    return f"<dl>{''.join(f'<dt>{text(name)}</dt><dd>{text(value)}</dd>' for name, value in rows)}</dl>"


def table(caption: str, labels: Iterable[str], rows: Iterable[str]) -> str:
    """``labels``: of the columns. ``rows``: ready, ``<tr>`` to ``</tr>``."""
    head = "".join(f'<th scope="col">{text(label)}</th>' for label in labels)
    body = "".join(rows)
    return f"<table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def texts_of_settings() -> Translator:
    """In the language of the settings, else of the terminal: a notebook has no other wish."""
    try:
        wish = load_settings().language
    except errors.SettingInvalid:
        wish = None
    return Translator(language_of(wish))
