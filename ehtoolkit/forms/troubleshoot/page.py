"""The Troubleshoot page: files come in above, each has a line with its verdict, one is shown in full below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Literal, ParamSpec

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.finding import Severity
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.doctor.card_panel import CardPanel
from ehtoolkit.forms.engine.error_boundary import describe_error, guard
from ehtoolkit.forms.engine.form_boundary import form_row
from ehtoolkit.forms.engine.page_context import on_a_server
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.file_import import FileElsewhere, FileImport, FileImportPanel
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.troubleshoot.advice import verdict_of
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.file_frame import PageServices
from ehtoolkit.forms.troubleshoot.file_view import FileView
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel, look_at_all
from ehtoolkit.forms.troubleshoot.report import about, visible
from ehtoolkit.forms.widgets import (
    Button,
    ButtonBar,
    ButtonPress,
    ChoiceField,
    DropZone,
    FileList,
    ListedFile,
    Option,
    RejectedFile,
    UploadedFile,
)
from ehtoolkit.forms.widgets.files import plain_name
from ehtoolkit.keystore.codec import limits

AT_ONCE: Final = 20
"""Files that are dropped or chosen together."""

P = ParamSpec("P")
_ALL: Final = ""
"""The choice that means all keystores of the folder; no file has this name."""


class TroubleshootPage(ToolPage[TroubleshootModel]):
    """The Troubleshoot page. Errors about files that come in are shown where files are dropped."""

    has_summary = False

    def __init__(self, model: TroubleshootModel, shell: PageShell) -> None:
        super().__init__(model, shell)
        self._looking = shell.tasks(lambda: self._look, self._fail)
        self._services = PageServices(model, shell, changed=self._changed, close=self._close)
        self._details: dict[int, FileView] = {}
        self._shown: int | None = None
        get = self.texts.get
        self.zone = DropZone(
            "files",
            get("troubleshoot.drop"),
            choose=get("troubleshoot.drop.choose"),
            hint=get("troubleshoot.drop.hint"),
            max_size=limits.SIZE,
            max_files=AT_ONCE,
            error_word=get("wizard.error"),
            closed=model.only is not None,
        )
        self.zone.on_files(self._guard(self._arrived))
        self._choice = ChoiceField("folder", get("troubleshoot.folder"), [], compact=True)
        self._look = ButtonBar()
        self._look.on_action(self._guard(self._take_from_folder))
        self._folder = form_row("eh-folder")
        self._elsewhere = self._file_import(FileImport(model.toolkit))
        self.list = FileList(get("troubleshoot.list"))
        self.list.on_choose(self._guard(self._choose))
        self._host = column("eh-file")
        self._card = CardPanel(shell, model.toolkit.settings, whole="doctor" in shell.pages)
        for widget in (self.zone, self._folder, self.list, self._card.root):
            widget.add_class("eh-no-print")

    def body(self) -> Sequence[Widget]:
        notes = () if self.model.only is None else (show(on_a_server(self.texts, "files")),)
        elsewhere = () if self._elsewhere is None else (self._elsewhere.root,)
        return (*notes, self.zone, self._folder, *elsewhere, self.list, self._host, self._card.root)

    def begin(self) -> None:
        self._changed()
        if self.model.chosen is not None:
            self._look_at([partial(self.model.look_at, self.model.chosen)])

    @property
    def detail(self) -> FileView | None:
        """What is shown in full."""
        return None if self._shown is None else self._details.get(self._shown)

    def _file_import(self, files: FileImport) -> FileImportPanel[FileElsewhere] | None:
        """Return the panel for files of this computer that are hard to drop; None on a server that is shared: its disk
        is not shown."""
        if not files.sees_disk:
            return None
        get = self.texts.get
        return FileImportPanel[FileElsewhere](
            *(
                files,
                self.texts,
                self.shell.home,
                self.shell.runner,
                lambda file: file,
                self._take_from_elsewhere,
            ),
            say=self.shell.say,
            lead=get("file_import.lead.looked_at"),
            drop=False,
        )

    # ── files come in ────────────────────────────────────────────────────────────────────────────────────
    def _arrived(self, files: Sequence[UploadedFile], not_taken: Sequence[RejectedFile]) -> None:
        self.zone.errors = self._refusals(not_taken)
        if files:
            self._look_at([partial(self.model.hand_over, file.name, file.content) for file in files])

    def _take_from_elsewhere(self, file: FileElsewhere) -> None:
        """Take a file as if it had been dropped: it stays in memory, and nothing is written to it."""
        if self.model.room:
            self._arrived([UploadedFile(plain_name(file.name), file.content)], [])
        else:
            self._arrived([], [RejectedFile("many", file.name)])

    def _take_from_folder(self, action: ButtonPress) -> None:
        if self._looking.busy:
            return  # a second click
        self.zone.errors = []
        wanted = str(action.values.get("folder", _ALL))
        names = [
            keystore.path.name
            for keystore in self.model.in_folder()
            if wanted in (_ALL, visible(keystore.path.name))
        ]
        if not names:
            raise errors.KeystoreNotFound(path=wanted or str(self.model.folder))
        present = {
            examined_file.path.name
            for examined_file in self.model.examined_files
            if examined_file.path is not None
        }
        known, new = ([name for name in names if (name in present) is there] for there in (True, False))
        taken, left_out = new[: self.model.room], len(new[self.model.room :])
        if left_out:
            self.zone.errors = [self.texts.get("troubleshoot.refused.full", count=left_out)]
        self._look_at([partial(self.model.take, name) for name in (*taken, *known)])

    def _look_at(self, looks: Sequence[Callable[[], ExaminedFile]]) -> None:
        def done(found: tuple[list[ExaminedFile], list[BaseException]]) -> None:
            examined_files, failures = found
            for examined in examined_files:
                self.model.keep(examined)
                if examined.number in self._details:
                    self._details[examined.number].look_again(examined)
            if failures:
                self.zone.errors = [*self.zone.errors, *map(self._sentence, failures)]
            if examined_files:
                self._show(examined_files[0].number)
                self._say_what_came(examined_files)
            self._changed()

        busy = self.texts.get("troubleshoot.looking", count=len(looks))
        self._looking.start(Task(lambda _: look_at_all(looks), done, busy))

    def _say_what_came(self, examined_files: Sequence[ExaminedFile]) -> None:
        get = self.texts.get
        if len(examined_files) == 1:
            verdict = get(f"troubleshoot.verdict.{verdict_of(examined_files[0].diagnosis).name}")
            self.shell.say(
                get("troubleshoot.looked.one", name=visible(examined_files[0].name), verdict=verdict)
            )
        else:
            self.shell.say(get("troubleshoot.looked.many", count=len(examined_files)))

    def _refusals(self, not_taken: Sequence[RejectedFile]) -> list[str]:
        """Return a sentence for each file that was not taken, but one for all that were too many."""
        get, megabytes = self.texts.get, limits.SIZE // 1_000_000
        sentences = [
            get(f"troubleshoot.refused.{rejected.reason}", name=rejected.name, limit=megabytes)
            for rejected in not_taken
            if rejected.reason != "many"
        ]
        many = sum(rejected.reason == "many" for rejected in not_taken)
        if many:
            key = "many" if self.model.room else "full"
            sentences.append(
                get(f"troubleshoot.refused.{key}", count=many, limit=min(AT_ONCE, self.model.room))
            )
        return sentences

    # ── one is shown ─────────────────────────────────────────────────────────────────────────────────────
    def _choose(self, key: str) -> None:
        number = int(key) if key.isdecimal() else -1
        if self.model.find(number) is not None:
            self._show(number, focus=True)
            self._changed()

    def _show(self, number: int, *, focus: bool = False) -> None:
        examined = self.model.find(number)
        if examined is None:
            return
        if number not in self._details:
            self._details[number] = FileView(examined, self._services)
        elif (
            self._details[number].examined is not examined
        ):  # what was done with another file changed this one
            self._details[number].look_again(examined)
        self._shown = number
        self._host.children = (self._details[number].root,)
        if focus:
            self._details[number].focus()

    def _close(self, examined: ExaminedFile) -> None:
        self.model.forget(examined.number)
        self._details.pop(examined.number).close()
        self._shown, self._host.children = None, ()
        rest = self.model.examined_files
        if rest:
            self._show(rest[0].number, focus=True)
        self.shell.say(self.texts.get("troubleshoot.closed", name=visible(examined.name)))
        self._changed()

    def _changed(self) -> None:
        """Show what is there now: in the list, and in the folder."""
        examined_files = self.model.examined_files
        if self.detail is not None:
            self._card.follow(self.detail.examined.diagnosis.owner)
        # A single file needs no list.
        listed = (
            [self._line(examined_file) for examined_file in examined_files] if len(examined_files) > 1 else []
        )
        self.list.show(listed, "" if self._shown is None else str(self._shown))
        self.zone.max_files = min(AT_ONCE, self.model.room)
        names = self._show_folder()
        # While nothing is to be done with a file, the next thing is to take one: the folder's, or one from elsewhere.
        idle = self.detail is None or not self.detail.leads_on
        look: Literal["", "primary"] = "primary" if idle and names else ""
        self._look.offer([Button("look", self.texts.get("troubleshoot.folder.look"), look, "search")])
        if self._elsewhere is not None:
            self._elsewhere.be_main(main=idle and not names)

    def _line(self, examined: ExaminedFile) -> ListedFile:
        verdict = verdict_of(examined.diagnosis)
        word = self.texts.get(f"troubleshoot.verdict.{verdict.name}")
        look = "off" if verdict.name == "closed" else LOOKS[verdict.severity]
        asked = examined.asked
        if asked is not None and asked.contradicts and verdict.severity is not Severity.ERROR:
            word = self.texts.get("troubleshoot.platform.says", state=asked.word(self.texts))
            look = "danger"
        return ListedFile(
            str(examined.number), visible(examined.name), about(examined, self.texts), look, word
        )

    def _show_folder(self) -> bool:
        """Offer the folder's files. Return whether there are any."""
        get = self.texts.get
        try:
            names = [visible(keystore.path.name) for keystore in self.model.in_folder()]
        except errors.EhToolkitError as error:
            self._folder.children = (show(paragraph(visible(self.texts.error(error)), "eh-note")),)
            return False
        if not names:
            note = get("troubleshoot.folder.none", folder=visible(str(self.model.folder)))
            self._folder.children = (show(paragraph(note, "eh-note")),)
            return False
        everything = (
            [Option(_ALL, get("troubleshoot.folder.all", count=len(names)))] if len(names) > 1 else []
        )
        self._choice.offer([*everything, *(Option(name, name) for name in names)])
        if not everything:
            self._choice.value = names[0]
        self._folder.children = (self._choice, self._look)
        return True

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────
    def _guard(self, listener: Callable[P, None]) -> Callable[P, None]:
        """Return ``listener`` inside the error boundary: what it raises is shown, and nothing leaves it."""
        return guard(listener, self._fail)

    def _fail(self, error: BaseException) -> None:
        self.zone.errors = [*self.zone.errors, self._sentence(error)]

    def _sentence(self, error: BaseException) -> str:
        problem = describe_error(error, self.texts, self.shell.home)
        words = [problem.sentence, problem.next_step]
        if problem.report is not None:
            words.append(self.texts.get("wizard.report", number=problem.report))
        return visible(" ".join(words))
