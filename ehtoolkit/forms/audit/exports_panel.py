"""Exports of the audit: made when a button is pressed, sent to the browser, and never written to a disk."""

from __future__ import annotations

from collections.abc import Callable

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.export.formats import FORMATS, OF_PAGES, ExportOptions
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import form_column, row
from ehtoolkit.forms.widgets import CheckField, Download, DownloadFile


class ExportsPanel:
    """``root``: the widget. ``audit`` gives what the filters leave of the audit; None hands out nothing."""

    def __init__(self, shell: PageShell, audit: Callable[[], Audit | None]) -> None:
        self._shell = shell
        self._audit = audit
        get = shell.texts.get
        self.full = CheckField("full", get("audit_page.export.full"), hint=get("audit_page.export.full.hint"))
        self.downloads = {
            name: Download(get(f"audit_page.export.{name}"), self._maker(name), look="") for name in OF_PAGES
        }
        note = show(paragraph(get("audit_page.export.note"), "eh-note"))
        self.root = form_column(
            "eh-part", of=(note, self.full, row("eh-row", of=list(self.downloads.values())))
        )

    def _maker(self, name: str) -> Callable[[], DownloadFile | None]:
        def make() -> DownloadFile | None:
            made: list[DownloadFile] = []
            self._shell.guard(lambda: made.extend(self._make(name)))()
            return made[0] if made else None

        return make

    def _make(self, name: str) -> list[DownloadFile]:
        audit = self._audit()
        if audit is None:
            return []
        form = FORMATS[name]
        content = form.file(audit, self._shell.texts, ExportOptions(full=self.full.value))
        return [DownloadFile(f"audit-{audit.today:%Y-%m-%d}.{form.ending or name}", content, form.media_type)]
