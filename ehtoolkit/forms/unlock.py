"""The one field of the first page: a password, to see how the keystores stand of which nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.engine.background import Runner
from ehtoolkit.forms.engine.page_errors import FieldErrors, guard
from ehtoolkit.forms.engine.task import Progress, Task, TaskRunner
from ehtoolkit.forms.html import heading, paragraph, show
from ehtoolkit.forms.layout import column, form_column
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, SecretField
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.state.standing import status
from ehtoolkit.secret import Secret

PASSWORD: Final = "unlock"  # noqa: S105  # the name of a field


class UnlockPart:
    """The part of the first page that opens files whose dates are not known.

    Attributes:
        root: the widget to display, for as long as there are files to open.
        seen: called when some were opened; it gets a sentence about it.
    """

    def __init__(
        self, toolkit: Toolkit, texts: Translator, home: Path, run: Runner, seen: Callable[[str], None]
    ) -> None:
        get = texts.get
        self._toolkit = toolkit
        self._parts = toolkit.context
        self._texts = texts
        self._seen = seen
        self._paths: Sequence[Path] = ()
        self._errors = FieldErrors(lambda: (self.field,), get("index.unlock.failed"), texts, home)
        self.field = SecretField.of_file(PASSWORD, get("index.unlock.password"), texts)
        self.actions = ButtonBar()
        self.actions.on_action(guard(self._act, self._errors.fail))
        self._tasks = TaskRunner(run, lambda: self.actions, lambda error, _: self._errors.fail(error))
        title = show(heading(get("index.unlock"), 3), paragraph(get("index.unlock.text"), "eh-note"))
        self._card = form_column("eh-card", "eh-stack", "eh-unlock", of=())
        self._inside = (title, self._errors.summary, self.field, self.actions)
        self.root = column("eh-unlock-part")

    def offer(self, paths: Sequence[Path], *, main: bool) -> None:
        """Offer to open the files of ``paths``, of which nothing is known; show nothing if there are none. ``main``:
        nothing else is to be done on the page."""
        self._paths = paths
        look: Literal["primary", "submit"] = "primary" if main else "submit"
        self.actions.offer([Button("open", self._texts.get("index.unlock.do"), look, "key")])
        self._card.children = self._inside
        self.root.children = (self._card,) if paths else ()

    def when_idle(self, close: Callable[[], None]) -> None:
        """Call ``close`` as soon as no file is being opened; nothing is shown any more."""
        self._tasks.close()
        self._tasks.when_idle(close)

    def _act(self, action: ButtonPress) -> None:
        if self._tasks.busy:
            return
        self._errors.clear()
        password = action.secrets.get(PASSWORD)
        if password is None or password == Secret(""):
            self._errors.show(self._texts.get("index.unlock.empty"), PASSWORD)
            return
        paths = tuple(self._paths)
        task = Task(
            lambda progress: self._open(paths, password, progress), self._done, self._busy(1, len(paths))
        )
        self._tasks.start(task)

    def _open(self, paths: Sequence[Path], password: Secret, progress: Progress) -> int:
        """Try the password on each, and return how many it opened. What else is wrong with a file, its own line or the
        troubleshooting says."""
        opened = 0
        for number, path in enumerate(paths, 1):
            progress(self._busy(number, len(paths)))
            try:
                file = self._toolkit.open_keystore(path, password)
            except errors.EhToolkitError:
                continue
            self._ask(file)
            opened += 1
        return opened

    def _ask(self, file: KeystoreFile) -> None:
        """Ask the platform about the certificate, except in production: nothing reaches the real platform from here,
        unless the user has confirmed that it may."""
        if self._parts.environment is not Environment.PRODUCTION:
            with suppress(errors.EhToolkitError):
                status(file, self._parts)

    def _busy(self, number: int, count: int) -> str:
        return self._texts.get("index.unlock.busy", number=number, count=count)

    def _done(self, opened: int) -> None:
        if opened:
            count = len(self._paths)
            self._seen(self._texts.get("index.unlock.done", opened=opened, count=count))
        else:
            self._errors.show(self._texts.get("index.unlock.none"), PASSWORD)
