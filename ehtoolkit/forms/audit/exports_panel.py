"""The audit to take along: made when a button is pressed, handed to the browser, and on no disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.export import calendar, csv_text, excel, json_text, web_page
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets import CheckField, Download, DownloadFile
from ehtoolkit.i18n import Translator

Make = Callable[[Audit, Translator, bool], bytes]


def _csv(audit: Audit, texts: Translator, full: bool) -> bytes:
    """Return ``audit`` as CSV, with the mark by which Excel knows UTF-8."""
    return csv_text(audit.merged, full=full).encode("utf-8-sig")


def _excel(audit: Audit, texts: Translator, full: bool) -> bytes:
    return excel(audit, texts, full=full)


def _json(audit: Audit, texts: Translator, full: bool) -> bytes:
    return json_text(audit, full=full).encode()


def _calendar(audit: Audit, texts: Translator, full: bool) -> bytes:
    return calendar(audit, texts, full=full)


def _page(audit: Audit, texts: Translator, full: bool) -> bytes:
    return web_page(audit, texts, full=full).encode()


FORMATS: Final[dict[str, tuple[Make, str]]] = {
    "csv": (_csv, "text/csv"),
    "xlsx": (_excel, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (_json, "application/json"),
    "ics": (_calendar, "text/calendar"),
    "html": (_page, "text/html"),
}
"""By the ending of the file's name: what makes it, and its media type."""


class ExportsPanel:
    """``root``: the widget. ``audit`` gives what the filters leave of the audit; None hands out nothing."""

    def __init__(self, shell: PageShell, audit: Callable[[], Audit | None]) -> None:
        self._shell = shell
        self._audit = audit
        get = shell.texts.get
        self.full = CheckField("full", get("audit_page.export.full"), hint=get("audit_page.export.full.hint"))
        self.downloads = {
            ending: Download(get(f"audit_page.export.{ending}"), self._maker(ending), look="")
            for ending in FORMATS
        }
        note = show(paragraph(get("audit_page.export.note"), "eh-note"))
        self.root = column(
            "eh-form", "eh-part", of=(note, self.full, row("eh-row", of=list(self.downloads.values())))
        )

    def _maker(self, ending: str) -> Callable[[], DownloadFile | None]:
        def make() -> DownloadFile | None:
            made: list[DownloadFile] = []
            self._shell.guard(lambda: made.extend(self._make(ending)))()
            return made[0] if made else None

        return make

    def _make(self, ending: str) -> list[DownloadFile]:
        audit = self._audit()
        if audit is None:
            return []
        make, mime = FORMATS[ending]
        content = make(audit, self._shell.texts, self.full.value)
        return [DownloadFile(f"audit-{audit.today:%Y-%m-%d}.{ending}", content, mime)]
