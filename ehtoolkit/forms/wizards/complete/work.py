"""The work of the Complete form, and what its pages show of the file."""

from __future__ import annotations

from collections.abc import Callable

from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.html import SummaryRows, file_in_folder
from ehtoolkit.forms.wizards.complete.model import CompleteModel
from ehtoolkit.procedures.finish import FinishStep

Context = FormContext[CompleteModel]


def no_step(step: FinishStep) -> None:
    """Do nothing: for a page that does not show the steps."""


def complete_file(
    context: Context, sent: SubmittedForm, show_step: Callable[[FinishStep], None] = no_step
) -> None:
    """Go on with the file as far as the platform allows. ``show_step`` is called with each step that begins."""

    def progress(step: FinishStep) -> None:
        sent.report(context.texts.get(f"finish.busy.{step}"))
        show_step(step)

    context.model.complete(progress)


def go_on(context: Context) -> None:
    """Show what follows the work: the last page, or another page of the same step."""
    model = context.model
    if model.waits or model.refusal is not None or model.old_file is not None:
        context.again()
    else:
        context.view.advance()


def rows(context: Context) -> SummaryRows:
    get, path = context.texts.get, context.model.path
    return [
        (get("complete.row.name"), holder_of(context)),
        (get("complete.row.file"), file_in_folder(path, context.texts)),
    ]


def holder_of(context: Context) -> str:
    """Return name and number: from the certificate once it is there, from the note or the file's name before; the word
    for unknown where neither has them."""
    holder = context.model.holder(context.texts)
    return context.texts.get("complete.row.unknown") if holder is None else holder
