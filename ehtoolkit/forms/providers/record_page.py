"""An open record: its name and keystore label, its parts, and what is not kept yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from ipywidgets import Widget

from ehtoolkit.finding import Finding, Topic
from ehtoolkit.finding import Severity as Level
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.finding_urgency import most_urgent
from ehtoolkit.forms.html import Event, Markup, mono, panel, paragraph, show, timeline
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.providers.certificate_panel import CertificatePanel
from ehtoolkit.forms.providers.html import keystore_label, proposal_words, type_words
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.record_fields import FieldError, ProviderForm
from ehtoolkit.forms.providers.record_panels import IdentityPanel, PeriodsPanel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.choices import ChoiceButton, Tabs
from ehtoolkit.forms.widgets.page_parts import ErrorLine
from ehtoolkit.i18n import Translator
from ehtoolkit.identity.numbers import format_number
from ehtoolkit.providers import Assignment

PARTS: Final = ("identity", "periods", "certificate", "history")

_Question = Literal["", "remove", "close"]
_QUESTIONS: Final[Mapping[str, _Question]] = {"ask": "remove", "close": "close", "keep": ""}
"""Buttons, and the question that each of them asks, or takes back."""

_NOT_YET: Final = ("_missing", "_none")
"""How findings end that say that something is not there."""


_PARTS: Final[Mapping[Topic | None, str]] = {
    Topic.CERTIFICATE: "certificate",
    Topic.END: "certificate",
    Topic.HOLDER: "certificate",
    Topic.PERIOD: "periods",
}


def part_of(finding: Finding) -> str:
    """Return in which part of the record a finding belongs."""
    return _PARTS.get(finding.topic, "identity")


class RecordView:
    """``root``: the widget. ``leave`` shows the list again, and says a sentence; ``added`` gets the number of a new
    record that was saved, and the part that is shown."""

    def __init__(
        self,
        model: ProvidersModel,
        shell: PageShell,
        leave: Callable[[str], None],
        added: Callable[[int, str], None],
    ) -> None:
        self._model = model
        self._shell = shell
        self._leave = leave
        self._added = added
        self._chosen = "identity"
        self._label = show()
        self.tabs = Tabs(label=shell.texts.get("providers.parts"))
        self.tabs.on_choose(shell.guard(self._choose))
        self.identity = IdentityPanel(model, shell, self.refresh)
        self.periods = PeriodsPanel(model, shell, self.refresh)
        self.certificate = CertificatePanel(model, shell, self.refresh)
        self._history = show()
        self._panels: Mapping[str, Widget] = {
            "identity": self.identity.root,
            "periods": self.periods.root,
            "certificate": self.certificate.root,
            "history": self._history,
        }
        self._part = column("eh-part")
        self._note = show()
        self.actions = shell.buttons(self._act)
        self._asked: _Question = ""
        self._tried = False
        self._filled_from = ""
        self._proposal = show()
        self.propose = shell.buttons(lambda _: self._choose("certificate"))
        head = row("eh-row", "eh-record-head", of=(self._label, self._proposal, self.propose))
        bar = form_column(of=(self._note, self.actions))
        self.root = column("eh-record", of=(head, self.tabs, self._part, bar))

    def start(self, part: str = "identity", filled_from: str = "") -> None:
        """Show the record that the model has just opened, beginning with ``part``. ``filled_from``: the keystore whose
        certificate has filled in a new one; its turn comes when the record is saved."""
        self._asked, self._tried = "", False
        self._filled_from = filled_from if self._model.opened.record.id is None else ""
        self._chosen = part if part in PARTS else "identity"
        self._fill()
        draft = self._model.opened
        title = draft.record.full_name or self._shell.texts.get("providers.new.title")
        self._shell.show_title(title, caption=self._caption(draft), focus=True)

    def refresh(self) -> None:
        """Show what follows from what was typed; the fields themselves stay as they are."""
        texts, draft = self._shell.texts, self._model.opened
        findings, wrong = self._model.findings(), draft.wrong()
        if draft.record.id is None and not self._tried:  # no errors before the user had time to type
            findings = [finding for finding in findings if not finding.key.endswith(_NOT_YET)]
            wrong = [field_error for field_error in wrong if field_error.field != "name"]
        newer = self._propose(draft)
        record, model = draft.record, self._model
        step = (
            None
            if newer or record.keystore is None
            else model.step_of(record, self._shell.pages, newer=False)
        )
        label = keystore_label(record, model.standing_of(record), model.now, step, texts)
        self._label.value = "" if self._filled_from else str(label)
        within = {part: [finding for finding in findings if part_of(finding) == part] for part in PARTS}
        self.tabs.show([self._tab(part, within[part]) for part in PARTS], self._chosen)
        self.identity.refresh(within["identity"], wrong)
        self.periods.refresh(within["periods"], wrong, tried=self._tried)
        self.certificate.refresh(within["certificate"])
        self._history.value = str(history(self._model.history(), texts))
        self._part.children = (self._panels[self._chosen],)
        self._offer()

    def _propose(self, draft: ProviderForm) -> bool:
        """Show beside the label, in whatever part, the file that is to be assigned, until that is done. Return whether
        there is one."""
        texts, get, said = self._shell.texts, self._shell.texts.get, Markup("")
        path = self._model.proposed_for([draft.record]).get(draft.record.id or 0)
        if path is not None:
            words = proposal_words(draft.record, texts)
            said = paragraph(words) + paragraph(mono(path.name), "eh-note")
        elif self._filled_from:
            text = get("providers.filled.text", file=self._filled_from)
            said = panel("info", get("providers.filled"), text)
        self._proposal.value = str(said)
        leads_there = path is not None and self._chosen != "certificate"
        propose = Button("propose", get("providers.proposed.go"), icon="key")
        self.propose.offer([propose] if leads_there else [])
        return path is not None

    def _fill(self) -> None:
        self.identity.fill()
        self.certificate.fill()
        self.refresh()

    def _tab(self, part: str, findings: Sequence[Finding]) -> ChoiceButton:
        texts = self._shell.texts
        counted = [finding for finding in findings if finding.severity in (Level.ERROR, Level.WARNING)]
        severity = most_urgent(counted).look if counted else ""
        about = texts.counted("providers.findings", len(counted))
        return ChoiceButton(part, texts.get(f"providers.part.{part}"), len(counted), severity, about)

    def _caption(self, draft: ProviderForm) -> str:
        types = [type_words(type_, self._shell.texts) for type_ in draft.types]
        return " · ".join(filter(None, (*types, format_number("niss", draft.record.niss))))

    def _offer(self) -> None:
        get, draft = self._shell.texts.get, self._model.opened
        self._shell.set_unsaved(draft.changed)
        # One button a page is the primary one; beside a keystore that is to be chosen, it is the keystore's.
        elsewhere = self._chosen == "certificate" and self.certificate.leads_on
        main: Literal["", "primary"] = "" if elsewhere else "primary"
        if self._asked:
            key, yes = f"providers.{self._asked}", {"remove": "remove", "close": "leave"}[self._asked]
            self._note.value = str(paragraph(get(f"{key}.sure", name=draft.record.full_name)))
            danger: Literal["danger", "remove"] = "danger" if main else "remove"
            look = danger if self._asked == "remove" else main
            self.actions.offer([Button("keep", get(f"{key}.no")), Button(yes, get(f"{key}.yes"), look)])
            return
        note = get("providers.unsaved") if draft.changed else ""
        self._note.value = str(paragraph(note, "eh-note")) if note else ""
        save = Button("save", get("providers.save"), main)
        buttons = [save, Button("close", get("providers.close"))]
        if draft.changed:
            buttons.insert(1, Button("discard", get("providers.discard")))
        if draft.record.id is not None:
            buttons.append(Button("ask", get("providers.remove"), "quiet"))
        self.actions.offer(buttons)

    def _choose(self, part: str) -> None:
        if part in PARTS:
            self._chosen = part
            self.refresh()

    def _act(self, action: ButtonPress) -> None:
        if self._model.draft is None:
            return  # the record was closed before this press came
        get = self._shell.texts.get
        self._shell.clear_errors()
        if action.name == "save":
            self.identity.take(action.values)
            self._save()
        elif action.name == "discard":
            self._model.discard()
            self._tried = False
            self._fill()
            self._shell.confirm(get("providers.discarded"))
        elif action.name == "leave" or (action.name == "close" and not self._model.opened.changed):
            self._model.close()
            self._leave("")
        elif action.name in _QUESTIONS:
            self._asked = _QUESTIONS[action.name]
            self._offer()
        elif action.name == "remove":
            name = self._model.opened.record.full_name
            self._asked = ""
            self._model.remove()
            self._leave(get("providers.removed", name=name))

    def _save(self) -> None:
        wrong, self._tried = self._model.opened.wrong(), True
        if wrong:
            self._chosen = "identity" if wrong[0].row is None else "periods"
            self.refresh()
            self._shell.blame(
                self._shell.texts.get("providers.not_saved"),
                [self._line(field_error) for field_error in wrong],
            )
            return
        is_new = self._model.opened.record.id is None
        saved = self._model.save()
        self._tried = False  # what is added from now on was not to be saved yet
        if self._filled_from:
            self._chosen, self._filled_from = "certificate", ""
        if is_new and saved.id is not None:
            self._added(saved.id, self._chosen)
        self._fill()
        self._shell.show_title(saved.full_name, caption=self._caption(self._model.opened))
        self._shell.confirm(self._shell.texts.get("providers.saved"))

    def _line(self, field_error: FieldError) -> ErrorLine:
        get = self._shell.texts.get
        reason = get(f"registry.row.{field_error.reason}")
        if field_error.row is None:
            column = get(f"registry.column.{field_error.field}")
            return ErrorLine(self._shell.texts.labelled(column, f"{reason}."), field_error.field)
        return ErrorLine(
            get("providers.period.wrong", number=field_error.row, reason=reason),
            f"p{field_error.row}-{field_error.field}",
        )


def history(assignments: Sequence[Assignment], texts: Translator) -> Markup:
    """Return a time line of the keystores that a provider has or had, the present one first; a sentence if there are
    none."""
    if not assignments:
        return paragraph(texts.get("providers.history.none"))
    return timeline([_event(assignment, texts) for assignment in assignments], texts)


def _event(assignment: Assignment, texts: Translator) -> Event:
    name = assignment.path.replace("\\", "/").rpartition("/")[2]
    lines = [texts.get("providers.history.from", moment=assignment.assigned_at)]
    if assignment.ended_at is not None:
        lines.append(texts.get("providers.history.until", moment=assignment.ended_at))
    return Event(mono(name), lines, icon="key", state="later" if assignment.ended_at else "now")
