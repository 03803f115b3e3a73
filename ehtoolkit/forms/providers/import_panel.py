"""A CSV file dropped on the list: what is in it and what is wrong with it first, and nothing changed before a yes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import Markup, bullets, heading, panel, show
from ehtoolkit.forms.layout import form_column
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.files import DropZone, RejectedFile, UploadedFile
from ehtoolkit.i18n import Translator
from ehtoolkit.providers.importing import MOST_ROWS_ON_A_PAGE, RejectedRow, open_table
from ehtoolkit.providers.provider import Provider, TypeTable
from ehtoolkit.system.files import create_private, make_private_folder

LARGEST: Final = 5_000_000
"""Bytes of a file that a page takes; the command takes any."""
SHOWN: Final = 20
"""Wrong rows that are named; of more, their number."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file holds.

    Attributes:
        records: those that can be imported.
        passed_over: headings of columns that are not ours.
    """

    name: str
    records: Sequence[Provider] = field(repr=False)
    refused: Sequence[RejectedRow]
    passed_over: Sequence[str] = ()


def look(name: str, content: bytes, types: TypeTable, home: Path) -> ImportPreview:
    """Read a table that is in memory. Raises `errors.NotAProviderTable`, which names the file as the user knows it."""
    try:
        with _on_disk(name, content, home) as path:
            table = open_table(path, types, most=MOST_ROWS_ON_A_PAGE)
            read = list(table)
    except errors.NotAProviderTable as error:
        raise error.with_facts(path=name) from error
    records = [row for row in read if isinstance(row, Provider)]
    return ImportPreview(
        name, records, [row for row in read if isinstance(row, RejectedRow)], table.passed_over
    )


@contextmanager
def _on_disk(name: str, content: bytes, home: Path) -> Iterator[Path]:
    """Yield the path of a file with ``content``, which is there during the body, for its owner alone: tables are read
    from disk, a row at a time."""
    make_private_folder(home)
    with tempfile.TemporaryDirectory(dir=home, prefix=".import-") as folder:
        path = Path(folder) / name
        with create_private(path) as file:
            file.write(content)
        yield path


class ImportPanel:
    """``root``: the widget. ``done`` is called when something was imported, with what is to be said; ``changed`` when
    a table was read or put aside."""

    def __init__(
        self,
        model: ProvidersModel,
        shell: PageShell,
        done: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self._model = model
        self._shell = shell
        self._done = done
        self._changed = changed
        self._offer: ImportPreview | None = None
        self.zone = DropZone.of("table", "providers.import.drop", shell.texts, max_size=LARGEST, max_files=1)
        self.zone.on_files(shell.guard(self._arrived))
        self._summary = show()
        self.actions = shell.buttons(self._act)
        title = show(heading(shell.texts.get("providers.import"), 2))
        self.root = form_column("eh-part", "eh-section", of=(title, self.zone, self._summary, self.actions))

    @property
    def waits(self) -> bool:
        """Whether a table was read, with records to import."""
        return self._offer is not None and bool(self._offer.records)

    def _arrived(self, files: Sequence[UploadedFile], not_taken: Sequence[RejectedFile]) -> None:
        self._shell.clear_errors()
        self._show(None)
        get = self._shell.texts.get
        self.zone.errors = [get(f"providers.import.not.{rejected.reason}") for rejected in not_taken]
        for file in files:
            self._show(look(file.name, file.content, self._model.types, self._shell.home))

    def _show(self, offer: ImportPreview | None) -> None:
        self._offer = offer
        self._changed()
        texts = self._shell.texts
        if offer is None:
            self._summary.value = ""
            self.actions.offer([])
            return
        self._summary.value = str(file_summary(offer, texts))
        buttons = [Button("cancel", texts.get("providers.import.cancel"))]
        if offer.records:
            count = len(offer.records)
            buttons.insert(0, Button("import", texts.get("providers.import.go", count=count), "primary"))
        self.actions.offer(buttons)
        self._shell.say(
            texts.get("providers.import.read", count=len(offer.records), refused=len(offer.refused))
        )

    def _act(self, action: ButtonPress) -> None:
        offer = self._offer
        self._shell.clear_errors()
        if action.name == "import" and offer is not None:
            merged = self._model.registry.merge(offer.records)
            self._show(None)
            counts = {"added": merged.added, "changed": merged.changed, "unchanged": merged.unchanged}
            self._done(self._shell.texts.get("providers.import.done", **counts))
        else:
            self._show(None)


def file_summary(offer: ImportPreview, texts: Translator) -> Markup:
    """Return what is in the file, and its wrong rows."""
    facts = {"count": len(offer.records), "refused": len(offer.refused)}
    read = texts.get("providers.import.read", **facts)
    verdict = panel("warn" if offer.refused else "ok", offer.name, read)
    lines = [_line(refused_row, texts) for refused_row in offer.refused[:SHOWN]]
    if len(offer.refused) > SHOWN:
        lines.append(texts.get("cli.provider.more_rows", count=len(offer.refused) - SHOWN))
    if offer.passed_over:
        lines.append(texts.get("cli.provider.passed_over", columns=", ".join(offer.passed_over)))
    return verdict + bullets(lines) if lines else verdict


def _line(rejected_row: RejectedRow, texts: Translator) -> str:
    column = (
        "" if rejected_row.column is None else f" ({texts.get(f'registry.column.{rejected_row.column}')})"
    )
    reason = texts.get(f"registry.row.{rejected_row.reason}")
    return texts.get("cli.provider.row", line=rejected_row.line, reason=reason, column=column)
