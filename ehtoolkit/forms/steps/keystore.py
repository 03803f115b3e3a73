"""The page on which a keystore is chosen and its password typed: the first one of every form that works on a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ipywidgets import HTML, Widget

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import Due, holder_words
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, FormStep
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import details, link, mono, panel, paragraph, show, with_hint
from ehtoolkit.forms.start_obstacles import pending_item
from ehtoolkit.forms.steps.keystore_import import KeystoreImport
from ehtoolkit.forms.steps.keystore_picker import FIELD, KeystorePicker
from ehtoolkit.forms.steps.opened_keystore import EMPTY, KeystoreFormModel, opening
from ehtoolkit.forms.steps.terms import leads_on
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, SecretField
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState, State

PASSWORD = "password"  # noqa: S105  # the name of a field


K_contra = TypeVar("K_contra", bound=KeystoreFormModel, contravariant=True)


def keystore_step(
    below: Callable[[FormContext[K_contra]], Sequence[Widget]] = lambda _: (),
) -> FormStep[K_contra]:
    """Return the step that chooses a keystore and opens it. The form's texts say what for: ``choose.title|lead|hint``,
    the hint about the password. ``below``: what the form adds."""
    return FormStep(
        "choose",
        lambda context: _page(context, below),
        fields=lambda _: {FIELD: ""},
        check=lambda model, values: model.choosing.blocks(values),
    )


def _page(context: FormContext[K_contra], below: Callable[[FormContext[K_contra]], Sequence[Widget]]) -> Page:
    get, model = context.texts.get, context.model
    model.choosing.look()
    if not model.choosing.offered:
        return _nothing(context)
    hint, elsewhere = show(), KeystoreImport(context)

    def work(sent: SubmittedForm) -> None:
        password = sent.secrets[PASSWORD]
        elsewhere.name_properly(model.path, password)
        opening(model.open, password, model.path)

    return Page(
        title=context.get("choose.title"),
        lead=context.get("choose.lead"),
        body=[hint, *_fields(context, elsewhere), *below(context)],
        primary=get("choosing.go"),
        icon="key",
        work=work,
        busy=get("choosing.busy"),
        failed=get("choosing.failed"),
        field_of=field_of,
        on_error=lambda error: _hint(context, hint, error),
    )


def _fields(context: FormContext[K_contra], elsewhere: KeystoreImport) -> Iterator[Widget]:
    get, choosing = context.texts.get, context.model.choosing
    options = [_option(choosing, keystore, context.texts) for keystore in choosing.offered]
    chosen = choosing.preselected(context.model.wizard.values)
    field = ChoiceField(FIELD, get("choosing.label"), options, value=chosen)
    yield field
    if choosing.left_out:
        names = [mono(keystore.name) for keystore in choosing.left_out]
        title = get("choosing.left_out", count=len(names))
        yield show(details(title, get("choosing.left_out.text"), *names))
    yield elsewhere.beside(field)
    yield SecretField.of_file(
        PASSWORD, get("choosing.password"), context.texts, hint=context.get("choose.hint")
    )


def _option(choosing: KeystorePicker, due: Due, texts: Translator) -> Option:
    """Return how the file stands, and the end of its certificate or its own date; whose it is, where that is known; why
    it is proposed."""
    holder = " · ".join(holder_words(due, texts))
    lines = [holder, due.name] if holder else [due.name]
    if due == choosing.pick.proposed and choosing.pick.why:
        lines.append(texts.get(choosing.pick.why))
    elif choosing.standing_of(due).state in (FileState.REPLACED, FileState.REPLACING):
        lines.append(texts.get("choosing.older"))
    return Option(due.name, _state(choosing, due, texts), "\n".join(lines))


def _state(choosing: KeystorePicker, due: Due, texts: Translator) -> str:
    """Return the state by the judge, or what can be seen of a file that was never opened; and until when, or from when
    it is."""
    standing = choosing.standing_of(due)
    unseen = due.seen is None and standing.state in (FileState.CLOSED, State.PREPARED)
    state = texts.get(f"choosing.state.{due.state}" if unseen else f"export.state.{standing.state}")
    if standing.until is not None:
        return f"{texts.get('choosing.until', end=texts.date(standing.until))} · {state}"
    return f"{texts.date(due.file.moment.date())} · {state}"


def _nothing(context: FormContext[K_contra]) -> Page:
    get, texts, choosing = context.texts.get, context.texts, context.model.choosing
    pending = pending_item(context.model.procedure_context, choosing.left_out) if choosing.left_out else None
    if pending is not None and pending.next_step is not None:
        return Page(
            title=get("choosing.pending"),
            body=[show(panel("info", get("choosing.pending.text", file=pending.due.name)))],
            more=leads_on(pending.next_step, texts),
        )
    if choosing.problem is not None:
        verdict = panel("warn", texts.error(choosing.problem), texts.next_step(choosing.problem))
    elif choosing.left_out:
        names = [mono(keystore.name) for keystore in choosing.left_out]
        verdict = panel("info", get("choosing.none_fits"), get("choosing.none_fits.text"), *names)
    else:
        verdict = panel("info", get("choosing.none"), get("choosing.none.text", folder=str(choosing.folder)))
    request = paragraph(link(get("choosing.none.request"), "request.ipynb"))
    return Page(
        title=context.get("choose.title"),
        body=[show(verdict), KeystoreImport(context).panel(opened=True), show(request)],
        more=[Button("again", get("choosing.again"), "primary", "again")],
        acts={"again": lambda _: context.again()},
    )


def _hint(context: FormContext[K_contra], place: HTML, error: errors.EhToolkitError) -> None:
    """Show at ``place``, after a wrong password, the files that may have been meant: after a renewal there are two
    of a holder, each with its own password. Show nothing there after another error, or when nothing was typed."""
    place.value = ""
    if not isinstance(error, errors.KeystorePasswordWrong) or error.reason == EMPTY:
        return
    get, choosing = context.texts.get, context.model.choosing
    chosen = choosing.chosen(context.model.wizard.values)
    others = [
        with_hint(mono(due.name), _state(choosing, due, context.texts))
        for due in choosing.others_of_holder(chosen)
    ]
    if others:
        text = get("choosing.others.text", file=chosen.name)
        place.value = str(panel("info", get("choosing.others"), text, *others))


def field_of(error: errors.EhToolkitError) -> str:
    """Return the field that an error of opening the file is about: the password, or the choice of the file."""
    return PASSWORD if isinstance(error, errors.KeystorePasswordWrong) else FIELD
