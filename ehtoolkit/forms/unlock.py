"""The one field of the first page: a password, to see how the keystores stand of which nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.engine.background import Runner, on_page
from ehtoolkit.forms.engine.error_boundary import describe_error, guard
from ehtoolkit.forms.html import heading, paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, ErrorLine, ErrorSummary, SecretField
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.state.certificate_status import status
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
        self._parts = toolkit.parts
        self._texts = texts
        self._home = home
        self._run = run
        self._seen = seen
        self._paths: Sequence[Path] = ()
        self._opened = 0
        self._when_idle: Callable[[], None] | None = None
        self._busy = False
        self._errors = ErrorSummary()
        self.field = SecretField(
            PASSWORD,
            get("index.unlock.password"),
            autocomplete="current-password",
            reveal=get("wizard.reveal"),
            capslock=get("wizard.capslock"),
        )
        self.field.error_word = get("wizard.error")
        self.actions = ButtonBar()
        self.actions.on_action(guard(self._act, self._fail))
        title = show(heading(get("index.unlock"), 3), paragraph(get("index.unlock.text"), "eh-note"))
        self._card = column("eh-card", "eh-stack", "eh-form", "eh-unlock", of=())
        self._inside = (title, self._errors, self.field, self.actions)
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
        """Call ``close`` as soon as no file is being opened."""
        if self._busy:
            self._when_idle = close
        else:
            close()

    def _act(self, action: ButtonPress) -> None:
        if self._busy:
            return
        self._errors.clear()
        self.field.error = ""
        password = action.secrets.get(PASSWORD)
        if password is None or password == Secret(""):
            self._blame(self._texts.get("index.unlock.empty"))
            return
        self._busy, paths = True, tuple(self._paths)
        self._report(1, len(paths))
        report = on_page(self._report)
        self._run(lambda: self._open(paths, password, report), guard(self._done, self._fail))

    def _open(self, paths: Sequence[Path], password: Secret, report: Callable[[int, int], None]) -> None:
        """Try the password on each. What else is wrong with a file, its own line or the troubleshooting says."""
        self._opened = 0
        for number, path in enumerate(paths, 1):
            report(number, len(paths))
            try:
                file = self._toolkit.open_keystore(path, password)
            except errors.EhToolkitError:
                continue
            self._ask(file)
            self._opened += 1

    def _ask(self, file: KeystoreFile) -> None:
        """Ask the platform about the certificate, except in production: nothing reaches the real platform from here,
        where nobody has confirmed that it may."""
        if self._parts.environment is not Environment.PRODUCTION:
            with suppress(errors.EhToolkitError):
                status(file, self._parts)

    def _report(self, number: int, count: int) -> None:
        self.actions.begin(self._texts.get("index.unlock.busy", number=number, count=count))

    def _done(self, raised: BaseException | None) -> None:
        self._end()
        if raised is not None:
            self._fail(raised)
        elif self._opened:
            count = len(self._paths)
            self._seen(self._texts.get("index.unlock.done", opened=self._opened, count=count))
        else:
            self._blame(self._texts.get("index.unlock.none"))

    def _end(self) -> None:
        self._busy = False
        self.actions.end()
        close, self._when_idle = self._when_idle, None
        if close is not None:
            close()

    def _blame(self, sentence: str) -> None:
        self.field.error = sentence
        self._errors.show(self._texts.get("index.unlock.failed"), [ErrorLine(sentence, PASSWORD)])

    def _fail(self, error: BaseException) -> None:
        self._end()
        problem = describe_error(error, self._texts, self._home)
        lines = [ErrorLine(problem.sentence)]
        self._errors.show(self._texts.get("index.unlock.failed"), lines, problem.notes(self._texts))
