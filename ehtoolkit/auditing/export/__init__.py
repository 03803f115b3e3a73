"""Export an audit: CSV, Excel, JSON, Markdown, a calendar, a page, metrics, and lines for a terminal or a mail.

All formats are in `ehtoolkit.auditing.export.formats.FORMATS`. Each of them masks NISS numbers unless ``full``. Nothing
here writes a file, but the methods of an audit and `write_reports`, which writes many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ehtoolkit.auditing.export.practice_reports import write_reports

__all__ = ["write_reports"]


def __getattr__(name: str) -> Any:
    if name == "write_reports":  # loaded when it is first used: commands do without
        from ehtoolkit.auditing.export.practice_reports import write_reports

        return write_reports
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
