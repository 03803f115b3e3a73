"""What came of an action on a file: shown, saved, and the copy from before deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.html import (
    Markup,
    Piece,
    card,
    element,
    heading,
    join,
    mono,
    panel,
    paragraph,
    show,
    summary,
    with_hint,
)
from ehtoolkit.forms.troubleshoot.advice import FileAction
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile, Merged, Rewritten
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, Download, DownloadFile, SectionHead
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.repair.recovery import LostItem
from ehtoolkit.keystore.rewrite import NewKeystore, delete_backup
from ehtoolkit.keystore.storage.writing import backups_of
from ehtoolkit.secret import Secret

_MIME: Final = "application/x-pkcs12"


class ResultPanel:
    """What an action made: shown, and handed out or saved, or the file that was written over."""

    def __init__(self, file_action: FileAction, frame: FileFrame, secret: Secret) -> None:
        self.file_action = file_action
        self._frame = frame
        self._services = frame.services
        self._texts = frame.services.shell.texts
        self._secret = secret
        self._made: NewKeystore | None = None
        self._rewritten: Rewritten | None = None

    def show(self, result: NewKeystore | Merged | Rewritten) -> None:
        if isinstance(result, Rewritten):
            self._show_rewritten(result)
        elif isinstance(result, NewKeystore):
            self._show_made(result, None)
        elif result.made is None:
            self._show(_nothing_html(self._texts))
        else:
            self._show_made(result.made, result.added)

    def _show_rewritten(self, result: Rewritten) -> None:
        """Show that the file was written over, or that no old key was missing. The copy of before may be deleted once
        the file is proven: it was opened again."""
        if result.added is not None and result.backup is None:
            self._show(_nothing_html(self._texts))
            return
        self._rewritten = result
        proven = result.backup is not None and self._frame.examined.secret is not None
        delete = Button("delete", self._texts.get("password.copy.delete"), icon="cross")
        self._show(_rewritten_html(result, self._texts), buttons=[delete] if proven else [])

    def _ask_about(self, result: Rewritten, copy: Path) -> None:
        DeleteBackupDialog(
            self._frame,
            result.path,
            copy,
            other_password=result.other_password,
            kept=lambda: self._show_rewritten(result),
        ).ask()

    def _show_made(self, made: NewKeystore, added: int | None) -> None:
        self._made = made
        get, examined = self._texts.get, self._frame.examined
        other = examined.secret is not None and self._secret != examined.secret
        said = _made_html(made, self._texts, added=added, other_password=other)
        self._show(
            said,
            Download(
                get("troubleshoot.made.download"),
                lambda: DownloadFile(made.name, made.data, _MIME),
                look="primary",
            ),
            buttons=[Button("save", get("troubleshoot.made.save"), icon="file")]
            if self._fits_folder(made)
            else [],
        )

    def _fits_folder(self, made: NewKeystore) -> bool:
        """Return whether it can be named as keystores are, and is of the environment whose files are in the folder."""
        return (
            made.identifier is not None
            and made.environment is self._services.model.toolkit.context.environment
        )

    def _show(self, said: Markup, *more: Widget, buttons: Sequence[Button] = ()) -> None:
        get = self._texts.get
        body = [SectionHead(get(f"troubleshoot.{self.file_action}.done"), focus=True), show(said)]
        actions = ButtonBar([*buttons, Button("back", get("troubleshoot.back"), "" if more else "primary")])
        self._frame.show_instead(body, actions, self._act_on_result, beside=more)

    def _act_on_result(self, action: ButtonPress) -> None:
        if action.name == "back":
            self._frame.show_file(focus=True)
        elif action.name == "delete" and self._rewritten is not None and self._rewritten.backup is not None:
            self._ask_about(self._rewritten, self._rewritten.backup)
        elif action.name == "save" and self._made is not None:
            made, secret, model = self._made, self._secret, self._services.model

            def put() -> tuple[Path, ExaminedFile]:
                path = model.put_into_folder(made)
                return path, model.look_at(path, secret)

            self._frame.run(self._texts.get("troubleshoot.made.saving"), put, self._saved)

    def _saved(self, found: tuple[Path, ExaminedFile]) -> None:
        path, examined = found
        self._made = None
        self._frame.take(examined)
        self._show(_saved_html(path, self._texts))


class DeleteBackupDialog:
    """The question whether a backup is deleted.

    Args:
        path: the keystore.
        copy: what it was.
        other_password: the copy opens with another one.
        kept: goes back to where the copy is named.
    """

    def __init__(
        self, frame: FileFrame, path: Path, copy: Path, *, other_password: bool, kept: Callable[[], None]
    ) -> None:
        self._frame = frame
        self._texts = frame.services.shell.texts
        self._path = path
        self._copy = copy
        self._which = "old" if other_password else "same"
        self._kept = kept

    def ask(self) -> None:
        """Ask whether the copy is to be deleted, so that this does not happen by accident; that the copy is the way
        back is said first."""
        get = self._texts.get
        first = panel(
            "warn",
            get(f"troubleshoot.copy.ask.{self._which}"),
            get("troubleshoot.copy.ask.text"),
            mono(visible(self._copy.name)),
            level=3,
        )
        body = [
            SectionHead(get("password.copy.ask"), focus=True),
            show(paragraph(get("troubleshoot.copy.ask.lead"))),
            show(first),
        ]
        buttons = [
            Button("yes", get("password.copy.yes"), "primary", "cross"),
            Button("no", get("password.copy.no")),
        ]
        self._frame.show_instead(body, ButtonBar(buttons), self._act)

    def _act(self, action: ButtonPress) -> None:
        if action.name == "back":
            self._frame.show_file(focus=True)
        elif action.name == "no":
            self._kept()
        elif action.name == "yes":
            busy = self._texts.get("troubleshoot.copy.busy")
            self._frame.run(busy, self._delete, self._deleted)

    def _delete(self) -> int:
        """Return how many other copies are left."""
        delete_backup(self._copy)
        return len(backups_of(self._path.resolve()))

    def _deleted(self, left: int) -> None:
        get = self._texts.get
        lines: list[Piece] = [mono(visible(self._copy.name))]
        if left:
            lines.append(get("troubleshoot.copy.left", count=left))
        body = [
            SectionHead(get("password.copy.gone"), focus=True),
            show(panel("ok", get("password.copy.gone"), *lines, level=3)),
        ]
        self._frame.show_instead(
            body, ButtonBar([Button("back", get("troubleshoot.back"), "primary")]), self._act
        )


def _made_html(new: NewKeystore, texts: Translator, *, added: int | None, other_password: bool) -> Markup:
    """Return what the page says of a new keystore that is in no file yet. ``added``: the old keys in it, where they
    were asked for."""
    get = texts.get
    lines = [get("troubleshoot.made.proven"), get("troubleshoot.made.unsaved")]
    if added is not None:
        lines.insert(0, get("troubleshoot.merge.added", count=added))
    rows: list[tuple[Piece, Piece]] = [
        (get("troubleshoot.made.name"), mono(new.name)),
        (get("finding.label.keys"), str(new.keys)),
        (get("finding.label.certificates"), str(new.certificates)),
        (
            get("troubleshoot.made.password"),
            get(f"troubleshoot.made.password.{'new' if other_password else 'same'}"),
        ),
    ]
    title = get("troubleshoot.made.partly" if new.lost else "troubleshoot.made")
    return (
        panel("warn" if new.lost else "ok", title, *lines, level=3)
        + card(summary(rows))
        + _lost(new.lost, texts)
    )


def _rewritten_html(result: Rewritten, texts: Translator) -> Markup:
    """Return what the page says of a file of the folder that was written over, and of the copy of before, where there
    is one, which opens with the password of before."""
    get = texts.get
    title = get("troubleshoot.rewritten")
    lines = [] if result.added is None else [get("troubleshoot.merge.added", count=result.added)]
    lines.append(get("troubleshoot.made.proven"))
    rows: list[tuple[Piece, Piece]] = [(get("troubleshoot.made.name"), _where(result.path, texts))]
    if result.backup is not None:
        which = "old" if result.other_password else "same"
        lines.append(get(f"troubleshoot.backup.{which}"))
        rows.append((get("troubleshoot.backup"), _where(result.backup, texts)))
    return panel("ok", title, *lines, level=3) + card(summary(rows))


def _saved_html(path: Path, texts: Translator) -> Markup:
    """Return what the page says of a new file in the keystore folder."""
    get = texts.get
    said = panel("ok", get("troubleshoot.saved"), get("troubleshoot.saved.next"), level=3)
    return said + card(summary([(get("troubleshoot.made.name"), _where(path, texts))]))


def _nothing_html(texts: Translator) -> Markup:
    """Return what the page says when no old key was missing."""
    return panel(
        "info", texts.get("troubleshoot.merge.nothing"), texts.get("troubleshoot.merge.nothing.why"), level=3
    )


def _where(path: Path, texts: Translator) -> Markup:
    return with_hint(
        mono(visible(path.name)), texts.get("troubleshoot.made.folder", folder=visible(str(path.parent)))
    )


def _lost(lost: tuple[LostItem, ...], texts: Translator) -> Markup:
    if not lost:
        return Markup("")
    get = texts.get
    lines = (
        get(
            f"troubleshoot.lost.{lost_item.kind}",
            alias=visible(lost_item.alias or "–"),
            why=get(f"troubleshoot.lost.{lost_item.reason}"),
        )
        for lost_item in lost
    )
    items = element("ul", join(element("li", line) for line in lines), class_="eh-bullets")
    return element(
        "section", heading(get("troubleshoot.lost"), 3) + items + paragraph(get("troubleshoot.lost.keep"))
    )
