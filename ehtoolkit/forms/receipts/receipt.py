"""The receipt that ends a form: summary, slip for the safe, list of places to load the file.

None of them holds a secret: the slip has an empty line on which the password is written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.step_page import HOME, Page
from ehtoolkit.forms.html import (
    Event,
    Markup,
    Piece,
    SummaryRows,
    bullets,
    card,
    element,
    join,
    mono,
    paragraph,
    section,
    show,
    summary,
    timeline,
)
from ehtoolkit.forms.layout import row
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedState

_STYLE: Final = Markup(
    "body{font-family:sans-serif;margin:2rem;max-width:46rem;line-height:1.5}h1{font-size:1.5rem}"
    "th{text-align:left;padding:.4rem 2rem .4rem 0;vertical-align:top}td{overflow-wrap:anywhere}"
    "span{display:block}li{margin:.5rem 0}.box{display:inline-block;width:1em;height:1em;margin-right:.7em;"
    "border:1px solid #000;vertical-align:-.15em}.line{border-bottom:1px solid #000;height:2.6rem}"
)


def document(name: str, title: str, texts: Translator, *content: Piece) -> DownloadFile:
    """Return a page of ``content`` under ``title``, as a file; ``name``: of the file, without its ending."""
    html = Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title><style>{}</style></head>'
        "<body><h1>{}</h1>{}</body></html>"
    ).format(texts.language, title, _STYLE, title, join(content))
    return DownloadFile(f"{name}.html", str(html).encode(), "text/html")


def table(rows: Iterable[tuple[Piece, Piece]]) -> Markup:
    """Return a table of names and values, one pair a line."""
    lines = (element("tr", element("th", name, scope="row") + element("td", value)) for name, value in rows)
    return element("table", element("tbody", join(lines)))


def boxes(items: Iterable[Piece]) -> Markup:
    """Return a list of things to be ticked off by hand."""
    box = element("span", "", class_="box")
    return element("ul", join(element("li", box + join([step])) for step in items))


def blank(label: Piece) -> Markup:
    """Return a line to be written on by hand, below its label."""
    return element("p", label) + element("div", "", class_="line")


PLACES: Final = ("practice", "others", "messages", "partners", "test", "old")
"""Where a renewed or new keystore has to be loaded, and what is easily forgotten there."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The papers about one ``keystore``.

    Attributes:
        rows: what was done, as names and values, without any secret.
        title: of the receipt.
        on: the page that hands the papers out.
        holder: whose keystore it is, where that is known.
        older: whether an older file of the holder is in the folder, which is to be put away in the end.
    """

    keystore: Path
    title: str
    rows: Sequence[tuple[Piece, Piece]]
    on: PageBase
    holder: str | None = None
    older: bool = False

    @property
    def texts(self) -> Translator:
        return self.on.texts

    def receipt(self) -> Widget:
        """Return the receipt to be shown on the page: what was done."""
        return receipt_card(self.title, self.rows, self.texts)

    def checklist(self) -> Widget:
        """Return the list of where the file has to be loaded: on the page, to be read."""
        lead = paragraph(self.texts.get("closing.load.lead"))
        return show(section(self.texts.get("closing.load"), lead, bullets(self._places())))

    def reminder(self, file: KeystoreFile, now: datetime) -> Widget:
        """Return the button that hands out a calendar's entries: when the certificate of ``file`` can be renewed, and
        its end."""
        seen, get = CachedState.of(file.keystore, file.content), self.texts.get
        name = f"{self.keystore.stem} {get('closing.reminder.file')}.ics"

        def made() -> DownloadFile:
            from ehtoolkit.auditing.export.ics import certificate_calendar  # it takes pandas along

            content = certificate_calendar(seen, self.keystore.name, self.texts, now)
            return DownloadFile(name, content, "text/calendar")

        return self.on.download(get("closing.reminder.save"), made, look="quiet")

    def papers(self, *, slip: bool, load: bool, more: Sequence[Widget] = ()) -> Widget:
        """Return the buttons that hand out the receipt, with ``load`` the list to tick off, and with ``slip`` the slip
        for the safe; then ``more``."""
        get = self.texts.get
        found = [self.on.download(get("closing.receipt.save"), self.receipt_paper, look="quiet")]
        if load:
            found.append(self.on.download(get("closing.load.save"), self.checklist_paper, look="quiet"))
        if slip:
            found.append(self.on.download(get("closing.slip.save"), self.slip_paper, look="quiet"))
        return side_by_side([*found, *more])

    def page(
        self,
        title: str,
        body: Sequence[Widget],
        copy: Widget,
        *,
        slip: bool,
        then: FormLink,
        failed: str = "",
        reminder: Widget | None = None,
    ) -> Page:
        """Return a last page: ``body``, then the papers, the copy and the receipt, and the way on.

        Args:
            then: the next step.
            failed: what to say above an error of what the page does.
            reminder: of the renewal of a certificate that is in use, which also has a list of places to load the file;
                None while it is waited for, and then the next step cannot be done today.
        """
        in_use = reminder is not None
        more = [reminder] if reminder is not None else []
        return Page(
            title=title,
            body=[*body, self.papers(slip=slip, load=in_use, more=more), copy, self.receipt()],
            more=way_on(self.texts, then, later=not in_use),
            failed=failed,
            can_go_back=False,
        )

    def receipt_paper(self) -> DownloadFile:
        note = paragraph(self.texts.get("closing.receipt.note"))
        return document(self.keystore.stem, self.title, self.texts, table(self.rows), note)

    def checklist_paper(self) -> DownloadFile:
        get = self.texts.get
        return document(
            f"{self.keystore.stem} {get('closing.load.file')}",
            get("closing.load"),
            self.texts,
            table(self._file_rows()),
            paragraph(get("closing.load.lead")),
            boxes(self._places()),
        )

    def slip_paper(self) -> DownloadFile:
        """Return the slip for the safe, with empty lines: what is written there by hand never was in this program."""
        get = self.texts.get
        lines = join(blank(get(f"closing.slip.{line}")) for line in ("password", "written_by", "kept_at"))
        return document(
            f"{self.keystore.stem} {get('closing.slip.file')}",
            get("closing.slip"),
            self.texts,
            table(self._file_rows()),
            lines,
            paragraph(get("closing.slip.note")),
        )

    def _places(self) -> list[str]:
        places = PLACES if self.older else PLACES[:-1]
        return [self.texts.get(f"closing.load.{place}") for place in places]

    def _file_rows(self) -> SummaryRows:
        get = self.texts.get
        rows: SummaryRows = [
            (get("closing.file"), mono(self.keystore.name)),
            (get("closing.folder"), mono(str(self.keystore.parent))),
        ]
        return rows if self.holder is None else [(get("closing.holder"), self.holder), *rows]


def receipt_card(title: str, rows: Iterable[tuple[Piece, Piece]], texts: Translator) -> Widget:
    """Return a receipt to be shown on a page."""
    note = paragraph(texts.get("closing.receipt.note"), "eh-note")
    return show(card(section(title, summary(rows)), note))


def what_comes_next(context: FormContext[Any], name: str, at: datetime, events: Sequence[Event]) -> Widget:
    """Return a time line of what was done ``at`` a moment, and of the ``events`` that follow. The form's texts have
    ``done.next`` and ``next.<name>``."""
    get, texts = context.get, context.texts
    done = Event(get(f"next.{name}"), [texts.moment(at)], state="done")
    return show(section(get("done.next"), timeline([done, *events], texts)))


def coming(context: FormContext[Any], **icons: str) -> list[Event]:
    """Return what comes next, for a time line, by its names with an icon each. The form's texts have ``next.<name>``
    and ``next.<name>.how``."""
    get = context.get
    return [Event(get(f"next.{name}"), [get(f"next.{name}.how")], icon) for name, icon in icons.items()]


def side_by_side(widgets: Sequence[Widget]) -> Widget:
    """Return buttons in a row, which is not printed."""
    return row("eh-row", "eh-no-print", of=widgets)


def way_on(texts: Translator, then: FormLink | None, *, later: bool = False) -> list[Button]:
    """Return the buttons of a last page: the next step as the one that stands out, the way home, and the printer.

    Args:
        then: None where nothing follows; then the way home stands out.
        later: the next step cannot be done today; the way home stands out.
    """
    get, homeward = texts.get, later or then is None
    home = Button("home", get("closing.home"), "primary" if homeward else "", href=HOME)
    buttons = [home, Button("print", get("steps.print"), "quiet", "print", does="print")]
    if then is not None:
        step = Button("then", get(then.words), "" if later else "primary", "next", then.address)
        buttons.insert(1 if later else 0, step)
    return buttons
