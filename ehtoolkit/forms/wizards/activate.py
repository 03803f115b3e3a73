"""The Activate form: the depot gives out the token of a renewed keystore from now on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.certificate_test_part import CertificateTestPart
from ehtoolkit.forms.due.keystores import Due, holder_line
from ehtoolkit.forms.due.next_steps import resume_link
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink, links_past
from ehtoolkit.forms.engine.form_model import StepResult
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import SummaryRows, file_in_folder, panel, show, summary_card
from ehtoolkit.forms.steps.keystore import keystore_step
from ehtoolkit.forms.steps.keystore_picker import Candidates
from ehtoolkit.forms.steps.opened_keystore import ArchivingModel, in_use_page, old_file_page, receipt_of
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.complete import ActivationResult, activate
from ehtoolkit.procedures.result import Stage
from ehtoolkit.toolkit import Toolkit


def newest_completed(due: Sequence[Due]) -> Candidates:
    """Return the files with both keys, or of which nothing can be seen, newest first. Proposed is the newest that has
    an older one of its holder beside it: the renewed one."""
    fit = [keystore for keystore in due if keystore.state is not State.WAITING]
    offered = tuple(sorted(fit, key=lambda keystore: keystore.file.moment, reverse=True))
    for keystore in offered:
        if any(keystore.is_newer_than(older) for older in offered):
            return Candidates(offered, keystore, "activate.why.newest")
    return Candidates(offered)


class ActivateModel(ArchivingModel):
    """Methods that talk to platform or disk are slow and raise our errors."""

    activated = StepResult[ActivationResult]()

    def __init__(self, toolkit: Toolkit, asked: Path | None = None) -> None:
        super().__init__(toolkit, newest_completed, asked)

    @property
    def replaced(self) -> tuple[Path, ...]:
        return self.activated.retired

    def activate(self, progress: Callable[[Stage], None]) -> None:
        """Activate the keystore and prove it; where that was done before, prove it only. Of an old file, find the new
        one. What another window has done with the file meanwhile counts."""
        with self.reread() as file:
            self.activated = activate(file, self.procedure_context, progress=progress)
        self.catch_up()


Context = FormContext[ActivateModel]


def _work(context: Context) -> Page:
    model, texts = context.model, context.texts
    if model.old_file is not None:
        return old_file_page(context, _holder(context), model.old_file)
    elsewhere = show()
    rows = [
        (context.get("row.name"), _holder(context)),
        (context.get("row.file"), file_in_folder(model.path, texts)),
    ]

    def work(sent: SubmittedForm) -> None:
        model.activate(lambda step: sent.report(texts.get(f"procedure.activate.{step}")))

    def on_error(error: errors.EhToolkitError) -> None:
        elsewhere.value = str(links_past(_leads_past(model.path, error), texts))

    return context.page(
        "work",
        [summary_card(rows), elsewhere],
        work,
        icon="key",
        busy=texts.get("procedure.activate.ask"),
        after=lambda: context.advance() if model.old_file is None else context.again(),
        on_error=on_error,
    )


def _done(context: Context) -> Page:
    get, model, texts = context.get, context.model, context.texts
    activated = model.activated
    until = activated.outcome.not_after
    rows: SummaryRows = [
        (get("row.name"), _holder(context)),
        (get("row.file"), file_in_folder(model.path, texts)),
        (get("row.until"), "" if until is None else texts.date(until)),
        (get("row.etk"), get("row.etk.proven")),
    ]
    closing = receipt_of(context, get("receipt"), rows, _holder(context))
    done, already = ("done.now", "done.title"), ("done.already", "done.title.already")
    said, title = already if activated.already else done
    body = [
        show(panel("info" if activated.already else "ok", get(said), get("done.proof"))),
        closing.checklist(),
        CertificateTestPart(context).widget,
    ]
    return in_use_page(context, closing, get(title), body, slip=False)


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────
def _leads_past(path: Path, error: errors.EhToolkitError) -> Iterator[FormLink]:
    """Yield the form that comes first, or that is meant."""
    words = "activate.lead_on"
    match error:
        case errors.NeverSent():
            yield resume_link(Path(error.path), words)
        case errors.WrongState(state=State.PREPARED | State.NO_ETK):
            yield FormLink.to("complete", words, path.name)
        case errors.WrongState(state=State.EXPIRED | State.REVOKED):
            yield FormLink.to("request", words)


def _holder(context: Context) -> str:
    name = context.model.certified_holder
    return context.get("row.unknown") if name is None else holder_line(name, context.texts)


ACTIVATE: Final = WizardForm(
    "activate",
    lambda toolkit, stage: ActivateModel(toolkit, stage.keystore_named()),
    steps=[keystore_step(), FormStep("work", _work)],
    done=_done,
    menu=MenuPlace("renewal", 3, "index.activate"),
)
