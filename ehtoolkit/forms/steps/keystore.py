"""The page on which a keystore is chosen and its password typed: the first one of every form that works on a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ipywidgets import HTML, Widget

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import Due, holder_words
from ehtoolkit.forms.due.next_steps import Item
from ehtoolkit.forms.engine.form import FormContext, StepType
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Step, Wizard
from ehtoolkit.forms.html import Markup, details, link, mono, panel, paragraph, show, with_hint
from ehtoolkit.forms.start_obstacles import pending_item
from ehtoolkit.forms.steps.keystore_import import KeystoreImport
from ehtoolkit.forms.steps.keystore_picker import FIELD, KeystorePicker
from ehtoolkit.forms.steps.opened_keystore import EMPTY, KeystoreFormModel, opening
from ehtoolkit.forms.steps.terms import lead_on
from ehtoolkit.forms.widgets import Button, ChoiceField, Option, SecretField
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State
from ehtoolkit.secret import Secret

PASSWORD = "password"  # noqa: S105  # the name of a field


K_contra = TypeVar("K_contra", bound=KeystoreFormModel, contravariant=True)


class KeystoreStep(StepType[K_contra]):
    """Choose a keystore and open it. The form's texts say what for: ``choose.title|lead|hint``, the hint about the
    password. ``below``: what the form adds."""

    def __init__(self, below: Callable[[FormContext[K_contra]], Sequence[Widget]] = lambda _: ()) -> None:
        super().__init__("choose")
        self._below = below

    def step(self, model: K_contra) -> Step:
        return model.choosing.step(self.name)

    def pages(self, context: FormContext[K_contra]) -> Callable[[Wizard], Page]:
        model = context.model
        choosing = KeystorePickerPage(
            model.choosing,
            context.texts,
            context.catalogue,
            context.again,
            elsewhere=KeystoreImport(context),
            pending=lambda due: pending_item(model.procedure_context, due),
        )

        def page(wizard: Wizard) -> Page:
            made = choosing.page(wizard, model.open)
            more = [] if made.work is None else self._below(context)
            return replace(made, body=[*made.body, *more])

        return page


class KeystorePickerPage:
    """The step that chooses a keystore.

    Args:
        form: the form's catalogue.
        again: shows this step again.
        elsewhere: takes files that lie in no folder of ours; None: none are taken.
        pending: which of the files that are not offered is to be completed first.
    """

    def __init__(
        self,
        choosing: KeystorePicker,
        texts: Translator,
        form: str,
        again: Callable[[], None],
        elsewhere: KeystoreImport | None = None,
        pending: Callable[[Sequence[Due]], Item | None] = lambda _: None,
    ) -> None:
        self._choosing = choosing
        self._texts = texts
        self._form = form
        self._again = again
        self._elsewhere = elsewhere
        self._pending = pending

    def page(self, wizard: Wizard, work: Callable[[Secret], None]) -> Page:
        """Return the page that chooses a keystore and opens it. ``work`` opens the file that is chosen with the
        password that was typed."""
        get, choosing = self._texts.get, self._choosing
        choosing.look()
        if not choosing.offered:
            return self._nothing()
        hint = show()
        return Page(
            title=get(f"{self._form}.choose.title"),
            lead=get(f"{self._form}.choose.lead"),
            body=[hint, *self._fields(wizard)],
            primary=get("choosing.go"),
            icon="key",
            work=lambda sent: self._open(wizard, sent.secrets[PASSWORD], work),
            busy=get("choosing.busy"),
            failed=get("choosing.failed"),
            field_of=field_of,
            on_error=lambda error: self._hint(hint, wizard, error),
        )

    def _open(self, wizard: Wizard, password: Secret, work: Callable[[Secret], None]) -> None:
        if self._elsewhere is not None:
            self._elsewhere.name_properly(self._choosing.path(wizard.values), password)
        opening(work, password, self._choosing.path(wizard.values))

    def _fields(self, wizard: Wizard) -> Iterator[Widget]:
        get, choosing = self._texts.get, self._choosing
        options = [self._option(keystore) for keystore in choosing.offered]
        field = ChoiceField(FIELD, get("choosing.label"), options, value=choosing.preselected(wizard.values))
        yield field
        if choosing.left_out:
            names = [mono(keystore.name) for keystore in choosing.left_out]
            title = get("choosing.left_out", count=len(names))
            yield show(details(title, get("choosing.left_out.text"), *names))
        if self._elsewhere is not None:
            yield from self._elsewhere.beside(field)
        hint = get(f"{self._form}.choose.hint")
        yield SecretField.of_file(PASSWORD, get("choosing.password"), self._texts, hint=hint)

    def _option(self, due: Due) -> Option:
        """Return the end of the certificate, or the date of the file and what can be seen without the password; whose
        it is, where that is known; why it is proposed."""
        get, pick = self._texts.get, self._choosing.pick
        holder = " · ".join(holder_words(due, self._texts))
        lines = [holder, due.name] if holder else [due.name]
        if due == pick.proposed and pick.why:
            lines.append(get(pick.why, **pick.facts))
        elif self._choosing.is_older(due):
            lines.append(get("choosing.older"))
        return Option(due.name, self._state(due), "\n".join(lines))

    def _state(self, due: Due) -> str:
        refused = due.state is State.WAITING and due.platform_state == State.REFUSED
        state = self._texts.get(f"choosing.state.{State.REFUSED if refused else due.state}")
        if due.seen is not None and due.seen.not_after is not None:
            until = self._texts.get("choosing.until", end=self._texts.date(due.seen.not_after))
            return until if due.seen.has_etk else f"{until} · {state}"
        return f"{self._texts.date(due.file.moment.date())} · {state}"

    def _nothing(self) -> Page:
        get, choosing = self._texts.get, self._choosing
        pending = self._pending(choosing.left_out) if choosing.left_out else None
        if pending is not None and pending.next_step is not None:
            text = get("choosing.pending.text", file=pending.due.name)
            return Page(
                title=get("choosing.pending"),
                body=[show(panel("info", text))],
                more=[lead_on(pending.next_step, self._texts)],
            )
        if choosing.problem is not None:
            verdict = panel(
                "warn", self._texts.error(choosing.problem), self._texts.next_step(choosing.problem)
            )
        elif choosing.left_out:
            names = [mono(keystore.name) for keystore in choosing.left_out]
            verdict = panel("info", get("choosing.none_fits"), get("choosing.none_fits.text"), *names)
        else:
            verdict = panel(
                "info", get("choosing.none"), get("choosing.none.text", folder=str(choosing.folder))
            )
        request = paragraph(link(get("choosing.none.request"), "request.ipynb"))
        elsewhere = [] if self._elsewhere is None else [self._elsewhere.panel(opened=True)]
        return Page(
            title=get(f"{self._form}.choose.title"),
            body=[show(verdict), *elsewhere, show(request)],
            more=[(Button("again", get("choosing.again"), "primary", "again"), lambda _: self._again())],
        )

    def _hint(self, place: HTML, wizard: Wizard, error: errors.EhToolkitError) -> None:
        """Show at ``place``, after a wrong password, the files that may have been meant: after a renewal there are two
        of a holder, each with its own password. Show nothing there after another error, or when nothing was typed."""
        place.value = ""
        if not isinstance(error, errors.KeystorePasswordWrong) or error.reason == EMPTY:
            return
        get, chosen = self._texts.get, self._choosing.chosen(wizard.values)
        others = [self._other(other) for other in self._choosing.others_of_holder(chosen)]
        if others:
            text = get("choosing.others.text", file=chosen.name)
            place.value = str(panel("info", get("choosing.others"), text, *others))

    def _other(self, due: Due) -> Markup:
        return with_hint(mono(due.name), self._state(due))


def field_of(error: errors.EhToolkitError) -> str:
    """Return the field that an error of opening the file is about: the password, or the choice of the file."""
    return PASSWORD if isinstance(error, errors.KeystorePasswordWrong) else FIELD
