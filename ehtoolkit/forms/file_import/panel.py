"""The panel in which a file from elsewhere is chosen: dropped on it, found in a place, or named by its path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.page_errors import FieldErrors, describe_error, guard
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.file_import.model import FileElsewhere, FileImport
from ehtoolkit.forms.file_import.places import SearchPlace, SearchResult
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column, form_column, form_row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, TextField
from ehtoolkit.forms.widgets.files import DropZone, RejectedFile, UploadedFile
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.keystore.codec import limits
from ehtoolkit.system.text_safety import printable

T = TypeVar("T")
W = TypeVar("W")

PLACE: Final = "import_place"
PATH: Final = "import_path"
FOUND: Final = "import_found"


class FileImportPanel(Generic[T]):
    """``root``: the widget to display: one quiet button until it is wanted. Not offered on a shared server, which takes
    no files.

    ``take`` gets the file that was chosen, in a thread; ``done`` its result, in the page's own turn.
    """

    def __init__(
        self,
        model: FileImport,
        page: PageBase,
        take: Callable[[FileElsewhere], T],
        done: Callable[[T], None],
        *,
        lead: str,
        drop: bool = True,
    ) -> None:
        """Make the panel, closed.

        Args:
            lead: the sentence that says what becomes of the file.
            drop: False where the page has a place to drop files on already.
        """
        get = page.texts.get
        self._model = model
        self._texts = page.texts
        self._take = take
        self._done = done
        self._page = page
        self._is_left = False
        self._waiting: FileElsewhere | None = None
        self._is_main = False
        self._places: Sequence[SearchPlace] = ()
        self._files: Sequence[Path] = ()
        self._errors = FieldErrors(
            lambda: (self._place, self._path, self._found),
            get("file_import.failed"),
            page.texts,
            page.home,
            shown=printable,
        )
        self._tasks = page.tasks(lambda: self._toggle, self._errors.fail, page.say)
        # One bar for both: who closes the panel at the keyboard is on the button that opens it again.
        self._toggle = self._errors.buttons(self._turn)
        self._head = SectionHead(get("file_import.title"))
        self._zone = self._drop_zone() if drop else None
        self._place = ChoiceField(PLACE, get("file_import.place"), [], compact=True)
        search = Button("search_place", get("file_import.search"), icon="search")
        self._search = self._errors.buttons(self._search_place, search)
        self._path = TextField(
            PATH,
            get("file_import.typed"),
            hint=get("file_import.typed.hint"),
            autocomplete="off",
        )
        self._look = self._errors.buttons(self._look_at_path, self._looking())
        self._found_note = show()
        self._found = ChoiceField(FOUND, get("file_import.found"), [])
        use = Button("take_found", get("file_import.take"), icon="upload")
        self._use = self._errors.buttons(self._take_found, use)
        self._results = form_column("eh-stack")
        widgets: list[Any] = [self._head, self._errors.summary, show(paragraph(lead))]
        if self._zone is not None:
            widgets.append(self._zone)
        widgets += [
            form_row("eh-folder", of=(self._place, self._search)),
            form_row("eh-folder", of=(self._path, self._look)),
            self._results,
        ]
        self._card = form_column("eh-card", "eh-stack", of=widgets)
        self._host = column()
        self.root = column("eh-import", "eh-no-print", of=(self._host, self._toggle))
        on_close(self.root, self._leave)
        self.close()

    # ── open and closed ──────────────────────────────────────────────────────────────────────────────────
    def open(self, *, focus: bool = True) -> None:
        """Show where a file may come from. ``focus``: reading goes on there."""
        self._places = self._model.places()
        self._place.offer([Option(str(n), self._name_of(place)) for n, place in enumerate(self._places)])
        self._place.value = "0" if self._places else ""
        self._host.children = (self._card,)
        self._toggle.offer([Button("close_import", self._texts.get("file_import.close"), "quiet", "cross")])
        if focus:
            self._head.take_focus()

    def propose(self, path: Path) -> None:
        """Show the panel with ``path`` filled in, which another page has led to."""
        self._path.value = str(path)
        self.open(focus=False)

    def close(self) -> None:
        """Show the one button again."""
        self._clear()
        self._offer(SearchResult((), whole=True))
        self._results.children = ()
        self._host.children = ()
        self._show_toggle()

    def be_main(self, *, main: bool) -> None:
        """Make this button, and of the open panel the one that looks, the primary one of the page, or a plain one
        again. ``main``: whether the page has nothing else to be done."""
        if main != self._is_main:
            self._is_main = main
            self._look.offer([self._looking()])
            if not self._host.children:
                self._show_toggle()

    def _show_toggle(self) -> None:
        words = self._texts.get("file_import.open")
        self._toggle.offer([Button("elsewhere", words, "primary" if self._is_main else "quiet", "upload")])

    def _looking(self) -> Button:
        words = self._texts.get("file_import.look")
        return Button("look_at_path", words, "primary" if self._is_main else "", "file")

    def _turn(self, action: ButtonPress) -> None:
        if action.name == "elsewhere":
            self.open()
        else:
            self.close()

    def _name_of(self, place: SearchPlace) -> str:
        name = printable(place.name)
        return self._texts.get(
            f"file_import.place.{place.kind}", name=name, folder=printable(str(place.path))
        )

    # ── a file comes ─────────────────────────────────────────────────────────────────────────────────────
    def _drop_zone(self) -> DropZone:
        zone = DropZone.of("import_files", "file_import.drop", self._texts, max_size=limits.SIZE, max_files=1)
        zone.on_files(self._guarded(self._arrived))
        return zone

    def _arrived(self, files: Sequence[UploadedFile], rejected: Sequence[RejectedFile]) -> None:
        self._clear()
        if self._zone is not None:
            self._zone.errors = [
                self._refusal(rejected_file, len(rejected)) for rejected_file in rejected[:1]
            ]
        if files:
            self._waiting = FileElsewhere(files[0].name, files[0].content)
            self._take_waiting()

    def _take_waiting(self) -> None:
        """Take the file that was dropped last, once nothing else goes on."""
        found = self._waiting
        if found is None:
            return
        if self._tasks.busy:
            self._tasks.when_idle(self._guarded(self._take_waiting))
            return
        self._waiting = None
        self._work(lambda: self._take(found), self._taken)

    def _refusal(self, rejected_file: RejectedFile, count: int) -> str:
        limit = 1 if rejected_file.reason == "many" else limits.SIZE // 1_000_000
        return self._texts.get(
            f"troubleshoot.refused.{rejected_file.reason}", name=rejected_file.name, count=count, limit=limit
        )

    def _search_place(self, action: ButtonPress) -> None:
        chosen = action.typed(PLACE)
        if chosen.isdecimal() and int(chosen) < len(self._places):
            folder = self._places[int(chosen)].path
            self._work(lambda: self._model.search(folder), self._show_found, PLACE)

    def _look_at_path(self, action: ButtonPress) -> None:
        typed = action.typed(PATH)
        if not typed.strip():
            self._errors.show(self._texts.get("file_import.typed.none"), PATH)
            return

        def look() -> SearchResult | T:
            path = self._model.look(typed)
            if self._model.is_folder(path):
                return self._model.search(path)
            return self._take(self._model.read(path))

        def done(found: Any) -> None:
            if isinstance(found, SearchResult):
                self._show_found(found)
            else:
                self._taken(found)

        self._work(look, done, PATH)

    def _take_found(self, action: ButtonPress) -> None:
        chosen = action.typed(FOUND)
        if not chosen.isdecimal() or int(chosen) >= len(self._files):
            sentence = self._texts.get("file_import.found.none_chosen")
            self._errors.show(sentence, FOUND, title=self._texts.get("wizard.failed"))
            return
        path = self._files[int(chosen)]
        self._work(lambda: self._take(self._model.read(path)), self._taken, FOUND)

    def _taken(self, result: T) -> None:
        self.close()
        self._done(result)

    # ── what was found ───────────────────────────────────────────────────────────────────────────────────
    def _show_found(self, found: SearchResult) -> None:
        get, count = self._texts.get, len(found.files)
        said = self._texts.counted("file_import.found", count) if count else get("file_import.found.nothing")
        more = [] if found.whole else [get("file_import.found.not_all")]
        self._found_note.value = str(paragraph(" ".join((said, *more)), "eh-note"))
        self._offer(found)
        choice = (self._found, self._use) if found.files else ()
        self._results.children = (self._found_note, *choice)
        self._page.say(said)

    def _offer(self, found: SearchResult) -> None:
        self._files = found.files
        self._found.offer(
            [
                Option(str(n), printable(file.name), printable(str(file.parent)))
                for n, file in enumerate(found.files)
            ]
        )
        self._found.value = "0" if len(found.files) == 1 else ""

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _guarded(self, act: Callable[..., None]) -> Callable[..., None]:
        return guard(act, self._errors.fail)

    def _work(self, work: Callable[[], W], done: Callable[[W], None], about: str | None = None) -> None:
        """Do ``work`` beside the page, one at a time; an error is one of the field ``about``."""
        if self._tasks.busy:
            return
        self._clear()

        def fail(error: BaseException) -> None:
            problem = describe_error(error, self._texts, self._page.home)
            if self._is_left:  # the form has gone on; what it works on is all right
                self._page.confirm(printable(problem.sentence))
            else:
                self._errors.show_problem(problem, about)

        self._tasks.start(Task(lambda _: work(), done, self._texts.get("file_import.busy")), fail)

    def _leave(self) -> None:
        self._is_left = True

    def _clear(self) -> None:
        self._errors.clear()
        if self._zone is not None:
            self._zone.errors = []
