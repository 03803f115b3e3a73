"""How files come in on the Troubleshoot page: dropped, from the keystore folder, or from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.engine.page_errors import button_bar, describe_error, guard
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.file_import.model import FileElsewhere, FileImport
from ehtoolkit.forms.file_import.panel import FileImportPanel
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column, form_row
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option
from ehtoolkit.forms.widgets.files import DropZone, RejectedFile, UploadedFile, plain_name
from ehtoolkit.keystore.codec import limits
from ehtoolkit.system.text_safety import printable

AT_ONCE: Final = 20
"""Files that are dropped or chosen together."""
_ALL: Final = ""
"""The choice that means all keystores of the folder; no file has this name."""

Look = Callable[[], ExaminedFile]
"""Examine one file."""


class FileIntake:
    """The ways in. While a file is shown they are folded behind one button, so that its verdict comes first.

    Attributes:
        root: the widget.
        zone: where files are dropped; errors about files that come in are shown there.
        is_open: whether the ways in are shown; `show` puts a change on the page.
    """

    def __init__(
        self,
        model: TroubleshootModel,
        shell: PageShell,
        examined: Callable[[Sequence[ExaminedFile]], None],
    ) -> None:
        """Make the widget, open. ``examined``: called with the files that came in and could be examined."""
        self._model = model
        self._shell = shell
        self._texts = shell.texts
        self._examined = examined
        self._tasks = shell.tasks(lambda: self._look if self.is_open else self._another, self.fail)
        self.is_open = True
        self._has_file = self._leads_on = False
        self.zone = DropZone.of(
            "files",
            "troubleshoot.drop",
            shell.texts,
            max_size=limits.SIZE,
            max_files=AT_ONCE,
            closed=model.only is not None,
        )
        self.zone.on_files(guard(self._arrived, self.fail))
        self._choice = ChoiceField("folder", shell.texts.get("troubleshoot.folder"), [], compact=True)
        self._look = button_bar(self._take_from_folder, self.fail)
        self._folder = form_row("eh-folder")
        self._elsewhere = self._file_import(FileImport(model.toolkit))
        self._another = shell.buttons(self._turn)
        self.root = column("eh-part", "eh-intake", "eh-no-print")

    def show(self, *, has_file: bool, leads_on: bool) -> None:
        """Show what there is now.

        Args:
            has_file: a file is shown.
            leads_on: something is to be done with it.
        """
        self.zone.max_files = min(AT_ONCE, self._model.room)
        names = self._show_folder()
        words = self._texts.get("troubleshoot.folder.look")
        self._look.offer([Button("look", words, "" if leads_on or not names else "primary", "search")])
        if self._elsewhere is not None:
            self._elsewhere.be_main(main=not leads_on and not names)
        self._has_file, self._leads_on = has_file, leads_on
        self._arrange()

    def fail(self, error: BaseException) -> None:
        """Show an error about files that came in, beside those that are shown already."""
        self.zone.errors = [*self.zone.errors, self._sentence(error)]
        self.is_open = True
        self._arrange()

    # ── files come in ────────────────────────────────────────────────────────────────────────────────────
    def examine(self, looks: Sequence[Look]) -> None:
        """Examine files beside the page; those that come meanwhile are examined afterwards."""
        if self._tasks.busy:
            self._tasks.when_idle(guard(partial(self.examine, looks), self.fail))
            return

        def done(found: tuple[list[ExaminedFile], list[BaseException]]) -> None:
            examined_files, failures = found
            for failure in failures:
                self.fail(failure)
            self._examined(examined_files)

        busy = self._texts.get("troubleshoot.looking", count=len(looks))
        self._tasks.start(Task(lambda _: examine_all(looks), done, busy))

    def _arrived(self, files: Sequence[UploadedFile], not_taken: Sequence[RejectedFile]) -> None:
        self.zone.errors = self._refusals(not_taken)
        if files:
            self.examine([partial(self._model.hand_over, file.name, file.content) for file in files])

    def _take_from_elsewhere(self, file: FileElsewhere) -> None:
        """Take a file as if it had been dropped: it stays in memory, and nothing is written to it."""
        if self._model.room:
            self._arrived([UploadedFile(plain_name(file.name), file.content)], [])
        else:
            self._arrived([], [RejectedFile("many", file.name)])

    def _take_from_folder(self, action: ButtonPress) -> None:
        self.zone.errors = []
        wanted = action.typed("folder", _ALL)
        names = [
            keystore.path.name
            for keystore in self._model.in_folder()
            if wanted in (_ALL, printable(keystore.path.name))
        ]
        if not names:
            raise errors.KeystoreNotFound(path=wanted or str(self._model.folder))
        present = {examined.path.name for examined in self._model.examined_files if examined.path is not None}
        known, new = ([name for name in names if (name in present) is there] for there in (True, False))
        taken, left_out = new[: self._model.room], len(new[self._model.room :])
        if left_out:
            self.zone.errors = [self._texts.get("troubleshoot.refused.full", count=left_out)]
        self.examine([partial(self._model.take, name) for name in (*taken, *known)])

    def _refusals(self, not_taken: Sequence[RejectedFile]) -> list[str]:
        """Return a sentence for each file that was not taken, but one for all that were too many."""
        get, megabytes = self._texts.get, limits.SIZE // 1_000_000
        sentences = [
            get(f"troubleshoot.refused.{rejected.reason}", name=rejected.name, limit=megabytes)
            for rejected in not_taken
            if rejected.reason != "many"
        ]
        many = sum(rejected.reason == "many" for rejected in not_taken)
        if many:
            key = "many" if self._model.room else "full"
            limit = min(AT_ONCE, self._model.room)
            sentences.append(get(f"troubleshoot.refused.{key}", count=many, limit=limit))
        return sentences

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _turn(self, _: ButtonPress) -> None:
        self.is_open = not self.is_open
        self._arrange()

    def _arrange(self) -> None:
        words, leads_on = self._texts.get("troubleshoot.another"), self._leads_on or self.is_open
        another = Button("another", words, "" if leads_on else "primary", "add", expanded=self.is_open)
        self._another.offer([another] if self._has_file else [])
        elsewhere = () if self._elsewhere is None else (self._elsewhere.root,)
        ways = (self._folder, *elsewhere) if self.is_open else ()
        self.zone.folded = not self.is_open
        button = (self._another,) if self._has_file or not self.is_open else ()
        self.root.children = (*button, self.zone, *ways)

    def _file_import(self, files: FileImport) -> FileImportPanel[FileElsewhere] | None:
        """Return the panel for files of this computer that are hard to drop; None on a server that is shared: its disk
        is not shown."""
        if not files.sees_disk:
            return None
        return FileImportPanel[FileElsewhere](
            files,
            self._shell,
            lambda file: file,
            self._take_from_elsewhere,
            lead=self._texts.get("file_import.lead.looked_at"),
            drop=False,
        )

    def _show_folder(self) -> bool:
        """Offer the folder's files. Return whether there are any."""
        get = self._texts.get
        try:
            states = {
                printable(keystore.due.name): self._texts.get(f"export.state.{keystore.state}")
                for keystore in self._model.offered()
            }
        except errors.EhToolkitError as error:
            self._folder.children = (show(paragraph(printable(self._texts.error(error)), "eh-note")),)
            return False
        names = list(states)
        if not names:
            note = get("troubleshoot.folder.none", folder=printable(str(self._model.folder)))
            self._folder.children = (show(paragraph(note, "eh-note")),)
            return False
        everything = (
            [Option(_ALL, get("troubleshoot.folder.all", count=len(names)))] if len(names) > 1 else []
        )
        self._choice.offer(
            [*everything, *(Option(name, f"{name} · {state}") for name, state in states.items())]
        )
        if not everything:
            self._choice.value = names[0]
        self._folder.children = (self._choice, self._look)
        return True

    def _sentence(self, error: BaseException) -> str:
        problem = describe_error(error, self._texts, self._shell.home)
        return printable(" ".join((problem.sentence, *problem.notes(self._texts))))


def examine_all(looks: Iterable[Look]) -> tuple[list[ExaminedFile], list[BaseException]]:
    """Do each of ``looks``; one that fails does not stop the others."""
    found: list[ExaminedFile] = []
    failures: list[BaseException] = []
    for look in looks:
        try:
            found.append(look())
        except Exception as error:  # noqa: BLE001  # the boundary between one file and the others
            failures.append(error)
    return found, failures
