"""The keystore of a form: chosen, opened, found to be an old file; on the last page in use, beside the older files that
it has replaced."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.copies.copy_part import backup_copy
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.form_model import FormModel, OptionalResult
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.html import Markup, Piece, SummaryRows, file_in_folder, mono, panel, show, summary_card
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.receipts.receipt import Receipt
from ehtoolkit.forms.steps.keystore_picker import FIELD, KeystorePicker, Picker, newest_first
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import CheckField
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.pkcs12 import password_matches
from ehtoolkit.keystore.passwords import near_misses
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.archive import archive_keystores, catch_up_records
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit


@dataclass(frozen=True, slots=True)
class OldFile:
    """The old file of a renewal was chosen.

    Attributes:
        newer: the one that takes its place.
        complete: whether that is all there, so that it can be activated.
    """

    newer: Path
    complete: bool


def old_file_page(context: FormContext[Any], holder: Piece, old: OldFile) -> Page:
    """Return the page for the keystore of the form, whose place ``old.newer`` takes: the way on is the one button."""
    get, step = context.texts.get, "activate" if old.complete else "complete"
    rows: SummaryRows = [
        (get("steps.old_file.name"), holder),
        (get("steps.old_file.old"), file_in_folder(context.model.path, context.texts)),
        (get("steps.old_file.new"), file_in_folder(old.newer, context.texts)),
    ]
    page, icon = ("activate", "key") if old.complete else ("complete-renewal", "download")
    lead = FormLink.to(page, f"steps.old_file.{step}.do", old.newer.name)
    take = Button("new", get(lead.words), "primary", icon, lead.address)
    return Page(
        title=get("steps.old_file.title"),
        lead=get(f"steps.old_file.{step}.lead"),
        body=[summary_card(rows)],
        more=[take],
    )


class KeystoreFormModel(FormModel, ABC):
    """What a form knows that works on a keystore of the folder. ``picker``, ``asked``: as `KeystorePicker` has them."""

    def __init__(self, toolkit: Toolkit, picker: Picker = newest_first, asked: Path | None = None) -> None:
        super().__init__(toolkit)
        context = self.procedure_context
        self.choosing = KeystorePicker(
            context.keystores,
            context.notes,
            picker,
            asked,
            now=context.clock.now,
            environment=context.environment,
        )

    @property
    def path(self) -> Path:
        """The chosen keystore: one of the files in the folder, never another path."""
        return self.choosing.path(self.wizard.values)

    @property
    def has_older(self) -> bool:
        """Whether the folder has an older keystore of the holder of the chosen one."""
        return self.choosing.has_older(self.choosing.chosen(self.wizard.values))

    @abstractmethod
    def open(self, password: Secret) -> None:
        """Open the keystore that is chosen; slow."""


class OpenedKeystoreModel(KeystoreFormModel):
    """What a form knows that goes on with a keystore that was opened.

    Attributes:
        old_file: set where the work has shown that the chosen file is an old one.
    """

    old_file = OptionalResult[OldFile]()
    _file: KeystoreFile | None = None

    @property
    def file(self) -> KeystoreFile:
        """The keystore that was opened. Raises `errors.KeystoreNotFound` before that."""
        if self._file is None:
            raise errors.KeystoreNotFound(path=str(self.wizard.values[FIELD]))
        return self._file

    @property
    def certified_holder(self) -> DistinguishedName | None:
        """The holder by the certificate in the keystore; None before it was opened, or has one."""
        return None if self._file is None else self._file.keystore.holder

    def open(self, password: Secret) -> None:
        """Open the keystore that is chosen. Raises `errors.WrongEnvironment` before anything is done with it."""
        file = self.toolkit.open_keystore(self.path, password)
        require_environment(file, self.procedure_context)
        self._file = file

    @contextmanager
    def reread(self) -> Iterator[KeystoreFile]:
        """Work on the keystore as it is on disk now: another window may have changed it. Where the work shows that it
        is an old file, keep which one is newer."""
        file = self.file
        file.reread()
        try:
            yield file
        except errors.AlreadyRenewed as old:
            self.old_file = OldFile(Path(old.newer), complete=True)
        except errors.RequestWaiting as old:
            self.old_file = OldFile(Path(old.path or ""), complete=False)


LOADED: Final = "loaded_everywhere"
"""The name of the box that is ticked before the old files are archived."""


class ArchivingModel(OpenedKeystoreModel):
    """What a form knows that can archive the files which its keystore has replaced.

    Attributes:
        archived: the files that were archived, by their paths before.
    """

    archived: tuple[Path, ...] = ()

    @property
    @abstractmethod
    def replaced(self) -> tuple[Path, ...]:
        """Older files of the holder that the work of the form has found."""

    @property
    def retired(self) -> tuple[Path, ...]:
        """Those that are still in the folder."""
        return tuple(path for path in self.replaced if path not in self.archived)

    def catch_up(self) -> None:
        """Let the provider's record follow older files that were archived just before the program ended. Where it
        cannot, the certificate is in force all the same; the next call tries again."""
        with suppress(errors.EhToolkitError):
            catch_up_records(self.path, self.toolkit.settings, self.procedure_context)

    def archive(self) -> None:
        """Put the older files away; the provider's record moves along, also with those that were moved before one could
        not be. Raises why a file could not be moved, or its record not follow."""
        catch_up_records(self.path, self.toolkit.settings, self.procedure_context)
        done = archive_keystores(self.retired, self.toolkit.settings, self.procedure_context)
        self.archived += tuple(old for old, _ in done.moved)
        if done.failure is not None:
            raise done.failure


class OldFilesPart:
    """The part of a last page about the older files: the offer to archive them, or where they are now. Empty where
    there are none. Its texts are those of the Activate form."""

    def __init__(self, context: FormContext[ArchivingModel]) -> None:
        get = context.texts.get
        self._context, self._model, self._texts = context, context.model, context.texts
        self._field = CheckField(LOADED, get("activate.old.loaded"))
        self._errors = context.field_errors(get("activate.old.failed"), self._field)
        self._button = context.buttons(self._archive, Button("archive", get("activate.old.do"), icon="file"))
        self._tasks = context.tasks(lambda: self._button, self._fail, context.say)
        self._head = SectionHead(get("activate.old"))
        self.widget = column("eh-stack", "eh-form")
        self._show()

    def _show(self) -> None:
        get, model = self._texts.get, self._model
        archived, retired = model.archived, model.retired
        verdict: list[Markup] = []
        if archived:
            done, back = get("activate.old.done"), get("activate.old.back")
            verdict.append(panel("ok", done, *_names(archived), back, level=3))
        if retired:
            title, text = get("activate.old.title"), get("activate.old.text")
            verdict.append(panel("info", title, *_names(retired), text, level=3))
        if not verdict:
            return
        offer = (self._errors.summary, self._field, self._button) if retired else ()
        self.widget.children = (self._head, show(*verdict), *offer)

    def _archive(self, action: ButtonPress) -> None:
        self._errors.clear()
        if not action.values.get(LOADED):
            self._errors.show(self._texts.get("activate.old.loaded.missing"), LOADED)
            return
        busy = self._texts.get("activate.old.busy")
        self._tasks.start(Task(lambda _: self._model.archive(), self._archived, busy))

    def _archived(self, _: None) -> None:
        self._show()
        self._head.take_focus()  # the button that had it is gone
        self._context.say(self._texts.get("activate.old.done"))

    def _fail(self, error: BaseException) -> None:
        """Show what failed; others may have been moved before it."""
        self._show()
        self._errors.fail(error)


def _names(paths: Sequence[Path]) -> list[Markup]:
    return [mono(path.name) for path in paths]


# ── The last page of a form after which a certificate is in use ───────────────────────────────────────────
A_contra = TypeVar("A_contra", bound=ArchivingModel, contravariant=True)


def receipt_of(context: FormContext[A_contra], title: str, rows: SummaryRows, holder: str) -> Receipt:
    """Return the papers about the form's keystore. ``rows``: what was done."""
    model = context.model
    return Receipt(model.path, title, rows, context, holder, older=model.has_older or bool(model.archived))


def in_use_page(
    context: FormContext[A_contra],
    closing: Receipt,
    title: str,
    body: Sequence[Widget],
    *,
    slip: bool,
) -> Page:
    """Return a last page: ``body``, the offer to archive the older files, then what `Receipt.page` adds; the next step
    is the provider's record. The form's texts may have ``done.failed``, above an error of what the page does."""
    model = context.model
    return closing.page(
        title,
        [*body, OldFilesPart(context).widget],
        backup_copy(context, model.toolkit, model.file),
        slip=slip,
        failed=context.optional("done.failed"),
        then=FormLink.to("providers", "closing.load.record", model.path.name),
        reminder=closing.reminder(model.file, model.procedure_context.clock.now()),
    )


# ── Open with a typed password ───────────────────────────────────────────────────────────────────────────
T = TypeVar("T")

EMPTY: Final = "empty"
"""The reason of the error where nothing was typed."""


def opening(work: Callable[[Secret], T], password: Secret, path: Path | None = None) -> T:
    """Call ``work`` with what was typed. There are keystores with an empty password, so that is tried too.

    ``path``: of the file, where it is known: what people paste has blanks at its ends, and then the error says so.
    Raises what ``work`` raises; `errors.KeystorePasswordWrong` has the reason ``empty`` where nothing was typed,
    ``trimmed`` or ``blank`` as `near_misses` names them.
    """
    try:
        return work(password)
    except errors.KeystorePasswordWrong as error:
        reason = EMPTY if password == Secret("") else _near_miss(password, path)
        if reason is None:
            raise
        raise error.with_facts(reason=reason) from error


def _near_miss(password: Secret, path: Path | None) -> str | None:
    if path is None:
        return None
    return next((reason for reason, meant in near_misses(password) if password_matches(path, meant)), None)
