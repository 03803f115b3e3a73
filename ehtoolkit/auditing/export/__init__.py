"""Export an audit: CSV, Excel, JSON, a calendar, a page, metrics, and lines for a terminal or a mail.

In all of them each NISS is masked unless ``full``; `ehtoolkit.auditing.masking` does it. Nothing here
writes a file, but `write_reports`, which writes many.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ehtoolkit.auditing.export.html import web_page
    from ehtoolkit.auditing.export.ics import calendar
    from ehtoolkit.auditing.export.plain_text import csv_text, json_text, plain_rows, text_lines
    from ehtoolkit.auditing.export.reports import write_reports
    from ehtoolkit.auditing.export.xlsx import excel
    from ehtoolkit.auditing.masking import masked, masked_frame

__all__ = [
    "calendar",
    "csv_text",
    "excel",
    "json_text",
    "masked",
    "masked_frame",
    "plain_rows",
    "text_lines",
    "web_page",
    "write_reports",
]

_MODULES: Final = {
    "calendar": "export.ics",
    "csv_text": "export.plain_text",
    "excel": "export.xlsx",
    "json_text": "export.plain_text",
    "masked": "masking",
    "masked_frame": "masking",
    "plain_rows": "export.plain_text",
    "text_lines": "export.plain_text",
    "web_page": "export.html",
    "write_reports": "export.reports",
}
"""What is loaded when it is first used: pandas and the libraries of its format, which a terminal does without."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"ehtoolkit.auditing.{_MODULES[name]}"), name)
