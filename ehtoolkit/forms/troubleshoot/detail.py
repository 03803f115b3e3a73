"""One file in full: verdict, password, what can be done, findings; and what becomes of doing it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.box import column, row
from ehtoolkit.forms.markup import show
from ehtoolkit.forms.problem import explain, guarded
from ehtoolkit.forms.troubleshoot import answer, report
from ehtoolkit.forms.troubleshoot.advice import (
    Deed,
    advised,
    deeds,
    is_to_complete,
    next_step,
    takes_password,
)
from ehtoolkit.forms.troubleshoot.asking import can_be_asked, issuer_can_be_asked
from ehtoolkit.forms.troubleshoot.desk import About, Desk, T, no_field
from ehtoolkit.forms.troubleshoot.handing_out import public_parts
from ehtoolkit.forms.troubleshoot.inquiry import Inquiry
from ehtoolkit.forms.troubleshoot.putting_away import PuttingAway
from ehtoolkit.forms.troubleshoot.results import StillClosed
from ehtoolkit.forms.troubleshoot.specimen import Specimen
from ehtoolkit.forms.troubleshoot.undertaking import Undertaking
from ehtoolkit.forms.view import close, fields
from ehtoolkit.forms.widgets import (
    Action,
    Actions,
    Button,
    ErrorLine,
    ErrorSummary,
    SecretField,
    SectionHead,
)
from ehtoolkit.secret import Secret

PASSWORD: Final = "password"  # noqa: S105  # the name of a field

_ICONS: Final[Mapping[Deed, str]] = {
    Deed.RESCUE: "key",
    Deed.CONVERT: "file",
    Deed.PROTECT: "key",
    Deed.RENAME: "pen",
    Deed.MERGE: "add",
    Deed.ARCHIVE: "file",
}
_LINKS: Final = {"complete": "download", "password": "key"}


class Detail:
    """``root``: the widget to display; it stays the same while its content changes. ``specimen``: the file as it is
    known now."""

    def __init__(self, specimen: Specimen, desk: Desk) -> None:
        self.specimen = specimen
        self._desk = desk
        self._texts = desk.texts
        self._errors = ErrorSummary()
        self._actions = Actions()
        self._head = SectionHead("", mono=True)
        self._left = column("eh-stack")
        self._right = column()
        self._below = column("eh-below")
        columns = row("eh-split", of=(self._left, self._right))
        parts = (self._head, self._errors, columns, self._below)
        self.root = column("eh-form", "eh-detail", of=parts)
        self.show_file()

    def focus(self) -> None:
        """Reading goes on at the title."""
        self._head.take_focus()

    def look_again(self, specimen: Specimen) -> None:
        """Show the file as another look has found it."""
        self.specimen = specimen
        self.show_file()

    def close(self) -> None:
        close(self.root)

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────────
    def show_file(self, *, focus: bool = False) -> None:
        """The file as it is known now. ``focus``: reading goes on at its title, before the verdict."""
        get, specimen, texts = self._texts.get, self.specimen, self._texts
        self._show_around()
        body: list[Widget] = [show(report.verdict_panel(specimen, texts))]
        if specimen.asked is not None and specimen.asked.contradicts:
            body.insert(0, show(answer.verdict(specimen.asked, texts)))
        if takes_password(specimen):
            body.append(
                SecretField(
                    PASSWORD,
                    get("troubleshoot.password"),
                    hint=get("troubleshoot.password.hint"),
                    autocomplete="current-password",
                    reveal=get("wizard.reveal"),
                )
            )
        self._actions = Actions(self._buttons())
        self._actions.on_action(guarded(self._act, self.fail))
        body += [self._actions, show(report.findings(specimen, texts))]
        self._put(body, self._inside())
        if focus:
            self.focus()

    def _show_around(self) -> None:
        """The title, and what the file is."""
        specimen, texts = self.specimen, self._texts
        self._head.title, self._head.note = report.visible(specimen.name), report.about(specimen, texts)
        _fill(self._right, [show(report.facts(specimen, texts))])

    def _inside(self) -> list[Widget]:
        """Under the findings, as wide as the page: what is in the file."""
        inventory, below = self.specimen.inventory, []
        if inventory is not None:
            below.append(show(report.contents(inventory, self._texts)))
            if inventory.parts:
                stem = Path(report.visible(self.specimen.name)).stem
                below.append(public_parts(inventory.parts, stem, self._texts))
        return [*below, show(report.technical(self.specimen, self._texts))]

    def _buttons(self) -> list[Button]:
        get, buttons = self._texts.get, []
        closed = takes_password(self.specimen)
        best = None if closed else advised(self.specimen)  # one main button at a time
        if closed:
            buttons.append(Button("open", get("troubleshoot.open"), "primary", "key"))
        for deed in sorted(deeds(self.specimen), key=lambda one: one is not best):
            words = get(f"troubleshoot.{deed}")
            buttons.append(Button(str(deed), words, "primary" if deed is best else "", _ICONS[deed]))
        if can_be_asked(self.specimen):
            buttons.append(Button("ask", get("troubleshoot.platform"), icon="activity"))
        if issuer_can_be_asked(self.specimen):
            buttons.append(Button("revocation", get("troubleshoot.revocation"), icon="search"))
        buttons += [
            Button(page, get(f"troubleshoot.{page}.link"), icon=_LINKS[page], href=self._href(page))
            for page in _LINKS
            if self._leads_to(page)
        ]
        return [
            *buttons,
            Button("print", get("troubleshoot.print"), icon="print", does="print"),
            Button("close", get("troubleshoot.close"), "quiet"),
        ]

    def _leads_to(self, page: str) -> bool:
        """Whether another form goes on with this file: it is in the folder, and the form is there."""
        if self.specimen.path is None or page not in self._desk.pages:
            return False
        if page == "complete":
            return is_to_complete(self.specimen)
        return self.specimen.diagnosis.outline is not None

    def _href(self, page: str) -> str:
        return f"{page}.ipynb?keystore={quote(os.fsencode(self.specimen.name))}"

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────
    def _act(self, action: Action) -> None:
        if self._actions.busy:
            return  # a second click
        if action.name == "open":
            self._open(action.secrets.get(PASSWORD, Secret("")))
        elif action.name == "close":
            self._desk.close(self.specimen)
        elif action.name == "ask" and can_be_asked(self.specimen):
            Inquiry(self).begin()
        elif action.name == "revocation" and issuer_can_be_asked(self.specimen):
            self._ask_revocation()
        elif action.name == Deed.ARCHIVE and Deed.ARCHIVE in deeds(self.specimen):
            PuttingAway(self).begin()
        elif action.name in deeds(self.specimen):
            Undertaking(Deed(action.name), self).show_form()

    def _open(self, secret: Secret) -> None:
        specimen = self.specimen

        def opened(found: Specimen | StillClosed) -> None:
            if isinstance(found, StillClosed):
                self._say_closed(found)
                return
            self.take(found)
            self.show_file(focus=True)

        self.run(
            self._texts.get("troubleshoot.opening"),
            lambda: self._desk.model.open(specimen, secret),
            opened,
            no_field,
        )

    def _ask_revocation(self) -> None:
        specimen = self.specimen

        def answered(found: Specimen) -> None:
            self.take(found)
            self.show_file(focus=True)

        busy = self._texts.get("troubleshoot.revocation.busy")
        self.run(busy, lambda: self._desk.model.ask_revocation(specimen), answered, no_field)

    def _say_closed(self, closed: StillClosed) -> None:
        texts = self._texts
        if any(one.key == "password_hint_empty" for one in closed.findings):
            nothing = errors.KeystorePasswordWrong(reason="empty")
            sentence = texts.error(nothing)
            self.mark({PASSWORD: sentence})
            lines = [ErrorLine(sentence, PASSWORD)]
            self._errors.show(texts.get("troubleshoot.open.failed"), lines, [texts.next_step(nothing)])
            return
        sentences = [one.message(texts) for one in closed.findings]
        notes = [f"{one.message(texts)} {next_step(one, texts)}" for one in closed.findings[1:]]
        self.mark({PASSWORD: sentences[0]})
        self._errors.show(
            texts.get("troubleshoot.open.failed"),
            [ErrorLine(sentences[0], PASSWORD)],
            [next_step(closed.findings[0], texts), *notes],
        )

    # ── for what is undertaken with the file ─────────────────────────────────────────────────────────────
    @property
    def desk(self) -> Desk:
        return self._desk

    def take(self, specimen: Specimen) -> None:
        """Another look has shown more, or another file."""
        if self._desk.model.find(specimen.number) is None and specimen.number == self.specimen.number:
            return  # taken off meanwhile
        self._desk.model.keep(specimen)
        if specimen.number == self.specimen.number:
            self.specimen = specimen
            self._show_around()
        self._desk.changed()

    def show_instead(
        self,
        body: Sequence[Widget],
        actions: Actions,
        act: Callable[[Action], None],
        beside: Sequence[Widget] = (),
        after: Sequence[Widget] = (),
        below: Sequence[Widget] = (),
    ) -> None:
        """Other content in the place of the findings; ``act`` is called with presses of ``actions``. ``beside``:
        what stands in one row with them; ``after``: under them; ``below``: as wide as the page."""
        self._actions = actions
        actions.on_action(guarded(lambda action: None if actions.busy else act(action), self.fail))
        buttons = row("eh-row", of=(*beside, actions)) if beside else actions
        self._put([*body, buttons, *after], below)

    def run(self, busy: str, work: Callable[[], T], done: Callable[[T], None], about: About) -> None:
        """Do ``work`` beside the page; the sentence ``busy`` is shown meanwhile."""
        actions = self._actions
        self._errors.clear()
        self.mark({})
        actions.begin(busy)
        self._desk.say(busy)

        def over(result: T) -> None:
            actions.end()
            done(result)

        def failed(error: BaseException) -> None:
            actions.end()
            self.fail(error, about(error))

        self._desk.run(work, over, failed)

    def fail(self, error: BaseException, about: str | None = None) -> None:
        """Show ``error``, at the field that it is ``about``."""
        problem = explain(error, self._texts, self._desk.home)
        sentence = report.visible(problem.sentence)
        self.mark({} if about is None else {about: sentence})
        lines = [ErrorLine(sentence, about)]
        self._errors.show(self._texts.get("troubleshoot.failed"), lines, problem.notes(self._texts))

    def refuse(self, sentence: str, field: str) -> None:
        """Show what is wrong with what was typed."""
        self.mark({field: sentence})
        self._errors.show(self._texts.get("wizard.failed"), [ErrorLine(sentence, field)], [])

    def mark(self, sentences: Mapping[str, str]) -> None:
        for field in fields(self._left.children):
            field.error = sentences.get(field.name, "")

    def _put(self, body: Sequence[Widget], below: Sequence[Widget] = ()) -> None:
        self._errors.clear()
        for field in fields(body):
            field.error_word = self._texts.get("wizard.error")
        _fill(self._left, body)
        _fill(self._below, below)


def _fill(box: Any, widgets: Sequence[Widget]) -> None:
    """Other content in a box; what was there is closed."""
    old, box.children = box.children, tuple(widgets)
    for widget in old:
        close(widget)
