"""The parts of the first page about its list: whether certificates are ready, and a password to see the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.due.list_html import name_of
from ehtoolkit.forms.due.next_steps import Item
from ehtoolkit.forms.engine.page_errors import guard, write_report
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.production_guard import FIELD, is_production, other_name, production_field
from ehtoolkit.forms.engine.task import Progress, Task
from ehtoolkit.forms.html import heading, paragraph, show
from ehtoolkit.forms.layout import column, form_column
from ehtoolkit.forms.widgets.browser_timers import DeliveryTimer
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.fields import SecretField
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.procedures.state.requests import ask_deliveries, next_question
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit

TRAINING_SECONDS: Final = 60
"""In training the clock may be moved meanwhile, so the page looks at it as often as this."""
_confirmed: Final[set[Environment]] = set()
"""Environments that the user of this kernel has let the first page ask."""


class DeliveryPart:
    """Asks the platform, less and less often, about the keys whose certificates are waited for.

    Attributes:
        root: the widget to display; empty while nothing is waited for.
    """

    def __init__(self, toolkit: Toolkit, shell: PageShell, changed: Callable[[], None]) -> None:
        """Make the part. ``changed`` is called when something may have changed in the list."""
        self._context = toolkit.context
        self._often = toolkit.context.environment is Environment.TRAINING and not toolkit.settings.shared
        self._shell = shell
        self._texts = shell.texts
        self._changed = changed
        self._waiting: Mapping[str, datetime | None] = {}
        self._ready: frozenset[str] | None = None
        self.timer = DeliveryTimer()
        self.timer.on_over(guard(self._ask, self._report))
        shell.when_closed(self.timer.stop)
        quiet = ButtonBar()  # nobody waits for this work, so nothing shows its progress
        self._tasks = shell.tasks(lambda: quiet, self._report)
        self._about: Any = show()
        self._box = column("eh-unlock-part", "eh-stack", of=(self._about, self.timer))
        self._confirmation: Widget | None = None
        self.root = column()

    @property
    def may_ask(self) -> bool:
        """Whether the platform may be asked from here: in production only after it was confirmed."""
        environment = self._context.environment
        return environment is not Environment.PRODUCTION or environment in _confirmed

    def watch(self, items: Sequence[Item]) -> str:
        """Wait for the certificates of ``items``. Return a sentence about those that have become ready since the last
        call, empty without any; the browser notifies of them, too."""
        waiting = {
            key: keystore.due for keystore in items if keystore.waits and (key := keystore.due.file.key_id)
        }
        ready = frozenset(key for key, due in waiting.items() if due.delivered)
        self._waiting = {
            key: None if due.note is None else due.note.requested_at
            for key, due in waiting.items()
            if key not in ready
        }
        self._show()
        new = () if self._ready is None else ready - self._ready
        self._ready = ready
        if not new:
            return ""
        get = self._texts.get
        self.timer.ring(get("index.delivery.notification"), get("index.delivery.notification.body"))
        names = sorted(name_of(waiting[key], self._texts) for key in new)
        return " ".join(get("index.delivery.ready", holder=name) for name in names)

    def _show(self) -> None:
        if not self._waiting:
            self.timer.stop()
            # The timer stays on the page, with nothing to be seen: it notifies, and may have the focus.
            self.timer.offer = self.timer.granted = self._about.value = ""
            if self._box not in self.root.children:
                self.root.children = ()
        elif self.may_ask:
            self.timer.offer = self._texts.get("index.delivery.notify")
            self.timer.granted = self._texts.get("index.delivery.notify.granted")
            self._about.value = str(paragraph(self._texts.get("index.delivery"), "eh-note"))
            self.root.children = (self._box,)
            self._start_timer()
        else:
            self._confirmation = self._confirmation or self._make_confirmation()
            self.root.children = (self._confirmation,)

    def _start_timer(self) -> None:
        moment = next_question(self._waiting, self._context)
        if moment is None:
            return
        left = max(ceil((moment - self._context.clock.now()).total_seconds()), 1)
        self.timer.start(min(left, TRAINING_SECONDS) if self._often else left)

    def _ask(self) -> None:
        waiting, context = self._waiting, self._context
        self._tasks.start(Task(lambda _: ask_deliveries(waiting, context), lambda _: self._asked(), ""))

    def _asked(self) -> None:
        self._changed()
        if self._waiting and not self.timer.seconds:  # the list could not be made anew
            self._start_timer()

    def _report(self, error: BaseException) -> None:
        """Write an unexpected error down, and go on: nobody has asked for this work."""
        write_report(error, self._shell.home)
        self._start_timer()

    # ── production ───────────────────────────────────────────────────────────────────────────────────────
    def _make_confirmation(self) -> Widget:
        get = self._texts.get
        word = get("page.environment.production")
        field = production_field(self._texts)
        self._errors = self._shell.field_errors(get("wizard.failed"), field)
        ask = Button("ask", get("index.delivery.confirm.do"), "submit", "again")
        actions = self._errors.buttons(self._confirm, ask)
        about = show(paragraph(get("index.delivery.confirm", word=word)))
        card = form_column("eh-card", "eh-stack", of=(about, self._errors.summary, field, actions))
        place: Widget = column("eh-unlock-part", of=(card,))
        return place

    def _confirm(self, action: ButtonPress) -> None:
        self._errors.clear()
        if is_production(action.typed(FIELD)):
            _confirmed.add(self._context.environment)
            self._show()
        else:
            self._errors.show(other_name(self._texts), FIELD)


PASSWORD: Final = "unlock"  # noqa: S105  # the name of a field


class UnlockPart:
    """The part of the first page that opens files whose dates are not known.

    Attributes:
        root: the widget to display, for as long as there are files to open.
        seen: called when some were opened; it gets a sentence about it.
    """

    def __init__(self, toolkit: Toolkit, shell: PageShell, seen: Callable[[str], None]) -> None:
        texts, get = shell.texts, shell.texts.get
        self._toolkit = toolkit
        self._context = toolkit.context
        self._texts = texts
        self._seen = seen
        self._paths: Sequence[Path] = ()
        self.field = SecretField.of_file(PASSWORD, get("index.unlock.password"), texts)
        self._errors = shell.field_errors(get("index.unlock.failed"), self.field)
        self.actions = self._errors.buttons(self._act)
        self._tasks = shell.tasks(lambda: self.actions, self._errors.fail)
        title = show(heading(get("index.unlock"), 3), paragraph(get("index.unlock.text"), "eh-note"))
        inside = (title, self._errors.summary, self.field, self.actions)
        self._card = form_column("eh-card", "eh-stack", "eh-unlock", of=inside)
        self.root = column("eh-unlock-part")

    def offer(self, paths: Sequence[Path], *, main: bool) -> None:
        """Offer to open the files of ``paths``, of which nothing is known; show nothing if there are none. ``main``:
        nothing else is to be done on the page."""
        self._paths = paths
        words = self._texts.get("index.unlock.do")
        self.actions.offer([Button("open", words, "primary" if main else "submit", "key")])
        self.root.children = (self._card,) if paths else ()

    def _act(self, action: ButtonPress) -> None:
        self._errors.clear()
        password = action.secret(PASSWORD)
        if password is None:
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
        if self._context.environment is not Environment.PRODUCTION:
            with suppress(errors.EhToolkitError):
                status(file, self._context)

    def _busy(self, number: int, count: int) -> str:
        return self._texts.get("index.unlock.busy", number=number, count=count)

    def _done(self, opened: int) -> None:
        if opened:
            count = len(self._paths)
            self._seen(self._texts.get("index.unlock.done", opened=opened, count=count))
        else:
            self._errors.show(self._texts.get("index.unlock.none"), PASSWORD)
