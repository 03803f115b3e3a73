"""What came of an action on a file: shown, saved, and the copy from before deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.html import (
    Markup,
    Piece,
    SummaryRows,
    bullets,
    card,
    element,
    file_in_folder,
    heading,
    mono,
    panel,
    paragraph,
    show,
    summary,
)
from ehtoolkit.forms.troubleshoot.advice import FileAction
from ehtoolkit.forms.troubleshoot.examined_file import ActionResult, ExaminedFile
from ehtoolkit.forms.troubleshoot.file_panel import FileFrame, FilePanel, Offer
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.repair.lost_items import advise_on_lost, describe_lost
from ehtoolkit.keystore.rewrite import NewKeystore
from ehtoolkit.keystore.storage.backups import backups_of, delete_backup
from ehtoolkit.system.text_safety import printable

_MIME: Final = "application/x-pkcs12"


class ResultPanel(FilePanel):
    """What an action made: handed out or saved, or the file that was written over."""

    def __init__(self, file_action: FileAction, frame: FileFrame, result: ActionResult) -> None:
        super().__init__(frame)
        self.file_action = file_action
        self.result = result

    def show(self) -> None:
        result, get = self.result, self.texts.get
        if result.made is not None:
            self._show_made(result.made)
        elif result.path is not None and result.changed:
            self._show_rewritten(result.path)
        else:
            title, why = get("troubleshoot.merge.nothing"), get("troubleshoot.merge.nothing.why")
            self._show(panel("info", title, why, level=3))

    def _show(
        self,
        said: Markup,
        *,
        beside: Sequence[Widget] = (),
        offers: Sequence[Offer] = (),
        unsaved: bool = False,
    ) -> None:
        title = self.texts.get(f"troubleshoot.{self.file_action}.done")
        back = self.back(look="" if beside else "primary")
        self.frame.show_instead(title, [show(said)], [*offers, back], beside=beside, unsaved=unsaved)

    def _added(self) -> list[str]:
        """Return the sentence about old keys that were taken over, where they were asked for."""
        added = self.result.added
        return [] if added is None else [self.texts.get("troubleshoot.merge.added", count=added)]

    # ── a file that was written over ─────────────────────────────────────────────────────────────────────
    def _show_rewritten(self, path: Path) -> None:
        """Show that the file was written over, and the copy of before, where there is one. It may be deleted once the
        file is proven: it was opened again."""
        get, copy = self.texts.get, self.result.backup
        lines, offers = [*self._added(), get("troubleshoot.made.proven")], list[Offer]()
        rows: SummaryRows = [(get("troubleshoot.made.name"), file_in_folder(path, self.texts))]
        if copy is not None:
            lines.append(get(f"troubleshoot.backup.{self._which}"))
            rows.append((get("troubleshoot.backup"), file_in_folder(copy, self.texts)))
            if self.frame.examined.secret is not None:
                delete = Button("delete", get("password.copy.delete"), icon="cross")
                offers = [(delete, partial(self._ask_about, path, copy))]
        said = panel("ok", get("troubleshoot.rewritten"), *lines, level=3) + card(summary(rows))
        self._show(said, offers=offers)

    @property
    def _which(self) -> str:
        """The password that opens the copy of before."""
        return "old" if self.result.other_password else "same"

    def _ask_about(self, path: Path, copy: Path, _: ButtonPress) -> None:
        """Ask whether the copy is to be deleted, so that this does not happen by accident; that the copy is the way
        back is said first."""
        get = self.texts.get
        title, text = get(f"troubleshoot.copy.ask.{self._which}"), get("troubleshoot.copy.ask.text")
        body = [
            show(paragraph(get("troubleshoot.copy.ask.lead"))),
            show(panel("warn", title, text, mono(printable(copy.name)), level=3)),
        ]
        yes = Button("yes", get("password.copy.yes"), "primary", "cross")
        no = Button("no", get("password.copy.no"))
        offers: list[Offer] = [(yes, partial(self._delete, path, copy)), (no, lambda _: self.show())]
        self.frame.show_instead(get("password.copy.ask"), body, offers)

    def _delete(self, path: Path, copy: Path, _: ButtonPress) -> None:
        def delete() -> int:
            """Return how many other copies are left."""
            delete_backup(copy)
            return len(backups_of(path.resolve()))

        self.frame.run(self.texts.get("troubleshoot.copy.busy"), delete, partial(self._show_deleted, copy))

    def _show_deleted(self, copy: Path, left: int) -> None:
        get = self.texts.get
        lines: list[Piece] = [mono(printable(copy.name))]
        if left:
            lines.append(get("troubleshoot.copy.left", count=left))
        title = get("password.copy.gone")
        self.frame.show_instead(title, [show(panel("ok", title, *lines, level=3))], [self.back()])

    # ── a keystore that is in no file yet ────────────────────────────────────────────────────────────────
    def _show_made(self, made: NewKeystore) -> None:
        get, shell = self.texts.get, self.shell

        def hand_out() -> DownloadFile:
            shell.set_unsaved(False, self.frame)
            return DownloadFile(made.name, made.data, _MIME)

        download = shell.download(get("troubleshoot.made.download"), hand_out, look="primary")
        save = Button("save", get("troubleshoot.made.save"), icon="file")
        fits = made.identifier is not None and made.environment is self.model.toolkit.context.environment
        offers = [(save, partial(self._save, made))] if fits else []
        self._show(self._made_html(made), beside=[download], offers=offers, unsaved=True)

    def _made_html(self, made: NewKeystore) -> Markup:
        get = self.texts.get
        which = "new" if self.result.other_password else "same"
        rows: SummaryRows = [
            (get("troubleshoot.made.name"), mono(made.name)),
            (get("finding.label.keys"), str(made.keys)),
            (get("finding.label.certificates"), str(made.certificates)),
            (get("troubleshoot.made.password"), get(f"troubleshoot.made.password.{which}")),
        ]
        lines = [*self._added(), get("troubleshoot.made.proven"), get("troubleshoot.made.unsaved")]
        title = get("troubleshoot.made.partly" if made.lost else "troubleshoot.made")
        said = panel("warn" if made.lost else "ok", title, *lines, level=3)
        return said + card(summary(rows)) + _lost(made, self.texts)

    def _save(self, made: NewKeystore, _: ButtonPress) -> None:
        def put() -> tuple[Path, ExaminedFile]:
            path = self.model.put_into_folder(made)
            return path, self.model.look_at(path, self.result.secret)

        self.frame.run(self.texts.get("troubleshoot.made.saving"), put, self._show_saved)

    def _show_saved(self, found: tuple[Path, ExaminedFile]) -> None:
        path, examined = found
        self.frame.take(examined)
        get = self.texts.get
        said = panel("ok", get("troubleshoot.saved"), get("troubleshoot.saved.next"), level=3)
        name = get("troubleshoot.made.name")
        self._show(said + card(summary([(name, file_in_folder(path, self.texts))])))


def _lost(made: NewKeystore, texts: Translator) -> Markup:
    """Return what could not be saved, and which certificates were kept although nothing proves them."""
    kept = [texts.get("keystore.lost.kept", alias=printable(name)) for name in made.unproven]
    if not made.lost:
        return Markup("").join(map(paragraph, kept))
    lines = bullets(" ".join(_sentences(describe_lost(lost, texts))) for lost in made.lost)
    advice = Markup("").join(map(paragraph, (*kept, *advise_on_lost(made.lost, texts))))
    return element("section", heading(texts.get("troubleshoot.lost"), 3) + lines + advice)


def _sentences(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines about a part, the first with a full stop where others follow."""
    first, *rest = lines
    yield f"{first}." if rest else first
    yield from rest
