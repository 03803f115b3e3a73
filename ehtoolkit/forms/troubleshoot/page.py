"""The Troubleshoot page: files come in above, each has a line with its verdict, one is shown in full below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Literal, ParamSpec

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.doctor.card_panel import CardPanel
from ehtoolkit.forms.engine.background import Runner, run_in_thread
from ehtoolkit.forms.engine.error_boundary import describe_error, guard
from ehtoolkit.forms.engine.form_link import OFFERED
from ehtoolkit.forms.engine.page_context import PageContext, on_a_server
from ehtoolkit.forms.engine.view import HOME
from ehtoolkit.forms.file_import import FileElsewhere, FileImport, FileImportPanel
from ehtoolkit.forms.html import link, paragraph, show, svg
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.steps.keystore import asked_for
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.file_view import FileView
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel, look_at_all
from ehtoolkit.forms.troubleshoot.page_services import PageServices
from ehtoolkit.forms.troubleshoot.report import about, visible
from ehtoolkit.forms.troubleshoot.verdict import verdict_of
from ehtoolkit.forms.widgets import (
    Announcer,
    Button,
    ButtonBar,
    ButtonPress,
    ChoiceField,
    DropZone,
    FileList,
    ListedFile,
    Option,
    RejectedFile,
    StepHead,
    UploadedFile,
)
from ehtoolkit.forms.widgets.files import plain_name
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.diagnosis import Severity

AT_ONCE: Final = 20
"""Files that are dropped or chosen together."""

P = ParamSpec("P")
_ALL: Final = ""
"""The choice that means all keystores of the folder; no file has this name."""


def open_troubleshoot() -> Widget:
    """Return the page of this kernel, to be displayed; ``?keystore=FILE`` looks at one of the folder's files,
    ``?offered=NAME`` at one that another page has offered."""
    stage = PageContext.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    model = TroubleshootModel(toolkit, asked_for(stage) or stage.offered_file(OFFERED))
    page = TroubleshootPage(model, stage.texts, stage.settings.home, stage.pages())
    on_close(page.root, toolkit.close)
    return stage.show(page.root)


class TroubleshootPage:
    """``root``: the widget to display."""

    def __init__(
        self,
        model: TroubleshootModel,
        texts: Translator,
        home: Path,
        pages: frozenset[str],
        runner: Runner = run_in_thread,
    ) -> None:
        self.model = model
        self._texts = texts
        self._announcer = Announcer()
        self._desk = PageServices(
            model,
            texts,
            home,
            pages,
            runner,
            changed=self._changed,
            close=self._close,
            say=self._announcer.say,
        )
        self._details: dict[int, FileView] = {}
        self._shown: int | None = None
        get = texts.get
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
        self._folder = row("eh-form", "eh-folder")
        self._elsewhere = self._file_import(FileImport(model.toolkit), home, runner)
        self.list = FileList(get("troubleshoot.list"))
        self.list.on_choose(self._guard(self._choose))
        self._host = column("eh-file")
        self._card = card = CardPanel(
            model.toolkit.settings,
            texts,
            home,
            runner,
            whole="doctor" in pages,
            say=self._announcer.say,
        )
        head = StepHead()
        title = get("troubleshoot.title")
        head.tab = f"{title} – ehtoolkit"
        head.show(caption="", title=title, lead=get("troubleshoot.lead"), focus=False)
        back = show(link(svg("back") + get("page.home"), HOME, class_="eh-back"))
        elsewhere = () if model.only is None else (show(on_a_server(texts, "files")),)
        for widget in (self.zone, self._folder, self.list, card.root):
            widget.add_class("eh-no-print")
        parts = (
            back,
            head,
            *elsewhere,
            self.zone,
            self._folder,
            *(() if self._elsewhere is None else (self._elsewhere.root,)),
            self.list,
            self._host,
            card.root,
            self._announcer,
        )
        self.root = column("eh", "eh-troubleshoot", of=parts)
        self._changed()
        if model.chosen is not None:
            self._look_at([partial(model.look_at, model.chosen)])

    @property
    def detail(self) -> FileView | None:
        """What is shown in full."""
        return None if self._shown is None else self._details.get(self._shown)

    def _file_import(
        self, files: FileImport, home: Path, runner: Runner
    ) -> FileImportPanel[FileElsewhere] | None:
        """Return the panel for files of this computer that are hard to drop; None on a server that is shared: its disk
        is not shown."""
        if not files.sees_disk:
            return None
        get = self._texts.get
        return FileImportPanel[FileElsewhere](
            *(files, self._texts, home, runner, lambda file: file, self._take_from_elsewhere),
            say=self._announcer.say,
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
        if self._look.busy:
            return  # a second click
        self.zone.errors = []
        wanted = str(action.values.get("folder", _ALL))
        names = [one.path.name for one in self.model.in_folder() if wanted in (_ALL, visible(one.path.name))]
        if not names:
            raise errors.KeystoreNotFound(path=wanted or str(self.model.folder))
        present = {one.path.name for one in self.model.specimens if one.path is not None}
        known, new = ([name for name in names if (name in present) is there] for there in (True, False))
        taken, left_out = new[: self.model.room], len(new[self.model.room :])
        if left_out:
            self.zone.errors = [self._texts.get("troubleshoot.refused.full", count=left_out)]
        self._look_at([partial(self.model.take, name) for name in (*taken, *known)])

    def _look_at(self, looks: Sequence[Callable[[], ExaminedFile]]) -> None:
        self._look.begin(self._texts.get("troubleshoot.looking", count=len(looks)))

        def done(found: tuple[list[ExaminedFile], list[BaseException]]) -> None:
            self._look.end()
            specimens, failures = found
            for specimen in specimens:
                self.model.keep(specimen)
                if specimen.number in self._details:
                    self._details[specimen.number].look_again(specimen)
            if failures:
                self.zone.errors = [*self.zone.errors, *map(self._sentence, failures)]
            if specimens:
                self._show(specimens[0].number)
                self._say_what_came(specimens)
            self._changed()

        self._desk.run(lambda: look_at_all(looks), done, self._fail)

    def _say_what_came(self, specimens: Sequence[ExaminedFile]) -> None:
        get = self._texts.get
        if len(specimens) == 1:
            verdict = get(f"troubleshoot.verdict.{verdict_of(specimens[0].diagnosis).name}")
            self._announcer.say(
                get("troubleshoot.looked.one", name=visible(specimens[0].name), verdict=verdict)
            )
        else:
            self._announcer.say(get("troubleshoot.looked.many", count=len(specimens)))

    def _refusals(self, not_taken: Sequence[RejectedFile]) -> list[str]:
        """Return a sentence for each file that was not taken, but one for all that were too many."""
        get, megabytes = self._texts.get, limits.SIZE // 1_000_000
        sentences = [
            get(f"troubleshoot.refused.{one.reason}", name=one.name, limit=megabytes)
            for one in not_taken
            if one.reason != "many"
        ]
        many = sum(one.reason == "many" for one in not_taken)
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
        specimen = self.model.find(number)
        if specimen is None:
            return
        if number not in self._details:
            self._details[number] = FileView(specimen, self._desk)
        elif (
            self._details[number].specimen is not specimen
        ):  # what was done with another file changed this one
            self._details[number].look_again(specimen)
        self._shown = number
        self._host.children = (self._details[number].root,)
        if focus:
            self._details[number].focus()

    def _close(self, specimen: ExaminedFile) -> None:
        self.model.forget(specimen.number)
        self._details.pop(specimen.number).close()
        self._shown, self._host.children = None, ()
        rest = self.model.specimens
        if rest:
            self._show(rest[0].number, focus=True)
        self._announcer.say(self._texts.get("troubleshoot.closed", name=visible(specimen.name)))
        self._changed()

    def _changed(self) -> None:
        """Show what is there now: in the list, and in the folder."""
        specimens = self.model.specimens
        if self.detail is not None:
            self._card.follow(self.detail.specimen.diagnosis.owner)
        # A single file needs no list.
        listed = [self._line(one) for one in specimens] if len(specimens) > 1 else []
        self.list.show(listed, "" if self._shown is None else str(self._shown))
        self.zone.max_files = min(AT_ONCE, self.model.room)
        names = self._show_folder()
        # While nothing is to be done with a file, the next thing is to take one: the folder's, or one from elsewhere.
        idle = self.detail is None or not self.detail.leads_on
        look: Literal["", "primary"] = "primary" if idle and names else ""
        self._look.offer([Button("look", self._texts.get("troubleshoot.folder.look"), look, "search")])
        if self._elsewhere is not None:
            self._elsewhere.be_main(main=idle and not names)

    def _line(self, specimen: ExaminedFile) -> ListedFile:
        verdict = verdict_of(specimen.diagnosis)
        word = self._texts.get(f"troubleshoot.verdict.{verdict.name}")
        look = "off" if verdict.name == "closed" else LOOKS[verdict.severity]
        asked = specimen.asked
        if asked is not None and asked.contradicts and verdict.severity is not Severity.ERROR:
            word = self._texts.get("troubleshoot.platform.says", state=asked.word(self._texts))
            look = "danger"
        return ListedFile(
            str(specimen.number), visible(specimen.name), about(specimen, self._texts), look, word
        )

    def _show_folder(self) -> bool:
        """Offer the folder's files. Return whether there are any."""
        get = self._texts.get
        try:
            names = [visible(one.path.name) for one in self.model.in_folder()]
        except errors.EhToolkitError as error:
            self._folder.children = (show(paragraph(visible(self._texts.error(error)), "eh-note")),)
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
        self._look.end()
        self.zone.errors = [*self.zone.errors, self._sentence(error)]

    def _sentence(self, error: BaseException) -> str:
        problem = describe_error(error, self._texts, self._desk.home)
        words = [problem.sentence, problem.next_step]
        if problem.report is not None:
            words.append(self._texts.get("wizard.report", number=problem.report))
        return visible(" ".join(words))
