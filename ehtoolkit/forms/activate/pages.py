"""The pages of the Activate form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from ipywidgets import HTML, Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.activate.model import ActivateModel, OldFile
from ehtoolkit.forms.choosing_page import ChoosingPage, asked_for
from ehtoolkit.forms.closing import Closing
from ehtoolkit.forms.environment import confirmed
from ehtoolkit.forms.holder import holder_line
from ehtoolkit.forms.lead import Lead
from ehtoolkit.forms.markup import (
    Piece,
    card,
    element,
    heading,
    link,
    mono,
    panel,
    paragraph,
    show,
    summary,
    with_hint,
)
from ehtoolkit.forms.opening import open_wizard
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.safekeeping import Safekeeping
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import Action, Actions, Button
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.forms.work import Submission
from ehtoolkit.i18n import Translator
from ehtoolkit.procedures.outcome import State


@confirmed
def open_activate() -> Widget:
    """The form of this kernel, to be displayed; ``?keystore=FILE`` chooses one of the folder's files."""
    stage = Stage.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    pages = ActivatePages(ActivateModel(toolkit, asked_for(stage)), stage.texts)
    pages.view = open_wizard(
        stage,
        toolkit,
        "activate",
        pages.model.wizard,
        {"choose": pages.choose, "work": pages.work},
        pages.done,
    )
    return stage.show(pages.view.root)


class ActivatePages:
    """One method per step; each gives the page as the model is now."""

    view: WizardView

    def __init__(self, model: ActivateModel, texts: Translator) -> None:
        self.model = model
        self._texts = texts
        self._choosing = ChoosingPage(model.choosing, texts, "activate", self._again)

    def choose(self, wizard: Wizard) -> Page:
        return self._choosing.page(wizard, self.model.open)

    def work(self, _: Wizard) -> Page:
        if self.model.old_file is not None:
            return self._old_file(self.model.old_file)
        get, elsewhere = self._texts.get, HTML()
        rows = [
            (get("activate.row.name"), self._holder()),
            (get("activate.row.file"), self._path()),
        ]
        return Page(
            title=get("activate.work.title"),
            lead=get("activate.work.lead"),
            body=[show(card(summary(rows))), elsewhere],
            primary=get("activate.work.go"),
            icon="key",
            work=self._activate,
            after=self._after,
            busy=get("procedure.activate.ask"),
            failed=get("activate.work.failed"),
            on_error=lambda error: self._lead_on(elsewhere, error),
        )

    def done(self) -> Page:
        get, activated = self._texts.get, self.model.activated
        if activated is None:  # the view shows this page only after the work
            raise RuntimeError("nothing was activated")
        until = activated.outcome.not_after
        rows: list[tuple[Piece, Piece]] = [
            (get("activate.row.name"), self._holder()),
            (get("activate.row.file"), self._path()),
            (get("activate.row.until"), "" if until is None else self._texts.date(until)),
            (get("activate.row.etk"), get("activate.row.etk.proven")),
        ]
        closing = Closing(self.model.path, get("activate.receipt"), rows, self._texts, holder=self._holder())
        said = "already" if activated.already else "now"
        body = [
            show(panel("ok", get(f"activate.done.{said}"), get("activate.done.proof"))),
            closing.checklist(),
            *self._old(),
        ]
        copy = Safekeeping(self.model.file, self.view, self._texts)
        failed = get("activate.done.failed")
        return closing.page(get("activate.done.title"), body, copy, slip=False, load=True, failed=failed)

    def _old_file(self, old: OldFile) -> Page:
        """Nothing is activated in the place of which the user meant another; the way on is the one button."""
        get, step = self._texts.get, "activate" if old.complete else "complete"
        rows = [
            (get("activate.row.name"), self._holder()),
            (get("activate.old_file.row.old"), self._path()),
            (get("activate.old_file.row.new"), self._path(old.newer)),
        ]
        page = "activate" if old.complete else "complete-renewal"
        lead = Lead.to(page, f"activate.old_file.{step}.do", old.newer.name)
        take = Button("new", get(lead.words), "primary", "key" if old.complete else "download", lead.address)
        return Page(
            title=get("activate.old_file.title"),
            lead=get(f"activate.old_file.{step}.lead"),
            body=[show(card(summary(rows)))],
            more=[(take, lambda _: None)],
        )

    def _after(self) -> None:
        if self.model.old_file is not None:
            self.view.refresh(focus=True)
        else:
            self.view.advance()

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _activate(self, sent: Submission) -> None:
        self.model.activate(lambda step: sent.report(self._texts.get(f"procedure.activate.{step}")))

    def _archive(self, action: Action) -> None:
        def shown() -> None:
            self.view.refresh(focus=True)

        self.view.run(lambda _: self.model.archive(), shown, action, self._texts.get("activate.old.busy"))

    def _old(self) -> Iterator[Widget]:
        """The older files: offered to the archive, or where they are now."""
        get, archived, retired = self._texts.get, self.model.archived, self.model.retired
        if archived:
            names = [mono(path.name) for path in archived]
            verdict = panel("ok", get("activate.old.done"), *names, get("activate.old.back"), level=3)
        elif retired:
            names = [mono(path.name) for path in retired]
            verdict = panel("info", get("activate.old.title"), *names, get("activate.old.text"), level=3)
        else:
            return
        yield show(element("section", heading(get("activate.old")) + verdict))
        if retired:
            button = Actions([Button("archive", get("activate.old.do"), icon="file")])
            button.on_action(self.view.guard(self._archive))
            yield button

    def _lead_on(self, place: HTML, error: errors.EhToolkitError) -> None:
        """Where an error says that another form comes first, or that another file is meant, lead there."""
        place.value = ""
        address = self._address_after(error)
        if address is not None:
            words = link(self._texts.get("activate.lead_on"), address, class_="eh-button")
            place.value = str(paragraph(words))

    def _address_after(self, error: errors.EhToolkitError) -> str | None:
        file = quote(self.model.path.name)
        if isinstance(error, errors.NeverSent):
            name = Path(str(error.facts["path"])).name
            return Lead.to("request", "complete.never_sent.resume", name, "resume").address
        if not isinstance(error, errors.WrongState):
            return None
        state = error.facts["state"]
        if state in (State.PREPARED, State.NO_ETK):
            return f"complete.ipynb?keystore={file}"
        return "request.ipynb" if state in (State.EXPIRED, State.REVOKED) else None

    def _path(self, path: Path | None = None) -> Piece:
        path = path or self.model.path
        return with_hint(mono(path.name), self._texts.get("activate.row.folder", folder=str(path.parent)))

    def _holder(self) -> str:
        name = self.model.holder
        return self._texts.get("activate.row.unknown") if name is None else holder_line(name)

    def _again(self) -> None:
        self.view.refresh(focus=True)
