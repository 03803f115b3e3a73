"""The provider's keystore: proposed, chosen, replaced and removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.finding import Finding
from ehtoolkit.forms.due.keystores import typed_number
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import SummaryRows, mono, panel, paragraph, show, summary
from ehtoolkit.forms.layout import column, form_column, set_visible
from ehtoolkit.forms.providers.html import findings_of_record, state_words
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.record_panels import RecordPanel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, SecretField
from ehtoolkit.forms.widgets.page_parts import ErrorLine
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.providers import Assignment

PASSWORD: Final = "password"  # noqa: S105  # the name of a field


class CertificatePanel(RecordPanel):
    """``root``: the widget."""

    def __init__(self, model: ProvidersModel, shell: PageShell, changed: Callable[[], None]) -> None:
        super().__init__(model, shell, changed)
        get = shell.texts.get
        self._unlisted: errors.FileUnreadable | None = None
        self._present = show()
        self._findings = show()
        self._nothing = show()
        self.choice = ChoiceField("keystore", get("providers.keystore.choose"), [])
        label, hint = get("providers.keystore.password"), get("providers.keystore.password.hint")
        self.password = SecretField.of_file(PASSWORD, label, shell.texts, hint=hint)
        self.actions = shell.buttons(self._act)
        self._form = form_column("eh-part")
        self.root = column("eh-part", of=(self._findings, self._present, self._form))

    def fill(self) -> None:
        """Offer what may be chosen now, the proposed file first chosen."""
        record = self._model.opened.record
        if record.id is None:
            return
        try:
            keystores, self._unlisted = self._model.assignable(), None
        except errors.FileUnreadable as error:
            keystores, self._unlisted = (), error
        options = [
            Option(
                keystore.path.name,
                keystore.path.name,
                self._about(keystore),
            )
            for keystore in keystores
        ]
        self.choice.offer(options)
        proposed = self._model.proposed_for([record])
        if record.id in proposed:
            self.choice.value = proposed[record.id].name

    def _about(self, keystore: FoundKeystore) -> str:
        """Return how a file stands, and when it was requested."""
        texts = self._shell.texts
        state = state_words(self._model.standing_at(keystore.path), texts)
        return f"{state} · {texts.get('providers.keystore.of', date=keystore.moment.date())}"

    def refresh(self, findings: Sequence[Finding]) -> None:
        texts, keystore = self._shell.texts, self._model.opened.record.keystore
        get = texts.get
        self._findings.value = str(findings_of_record(findings, texts)) if findings else ""
        self._present.value = ""
        if keystore is not None:
            rows: SummaryRows = [(get("registry.column.keystore"), mono(keystore.path))]
            if keystore.holder is not None:
                kind, _, number = keystore.holder.partition("=")
                rows.append((get("providers.keystore.holder"), typed_number(kind, number, texts)))
            self._present.value = str(summary(rows))
        record = self._model.opened.record
        if record.id is None or not record.niss:
            self._nothing.value = str(panel("info", get("providers.keystore.first")))
            self._form.children = (self._nothing,)
            return
        buttons = []
        if self.assigns:
            look: Literal["primary", "submit"] = "primary" if self.leads_on else "submit"
            buttons.append(Button("assign", get(self._word(keystore)), look, "key"))
        if keystore is not None:
            buttons.append(Button("unassign", get("providers.keystore.remove"), icon="cross"))
        self.actions.offer(buttons)
        for field in (self.choice, self.password):
            set_visible(field, self.assigns)
        if self.assigns or keystore is not None:  # drawn again, the buttons would lose the focus
            self._form.children = (self.choice, self.password, self.actions)
        else:
            error = self._unlisted
            nothing = paragraph(get("providers.keystore.none", folder=self._model.folder))
            if error is not None:  # the keystore folder cannot be listed
                nothing = panel("warn", texts.error(error), texts.next_step(error))
            self._nothing.value = str(nothing)
            self._form.children = (self._nothing, self.actions)

    def _word(self, keystore: Assignment | None) -> str:
        """Return the key of the button's words: the only file on offer may be the assigned one, not read yet."""
        if keystore is None:
            return "providers.keystore.assign"
        name = PurePath(keystore.path).name
        same = [option["value"] for option in self.choice.options] == [name]
        return "providers.keystore.read" if same else "providers.keystore.replace"

    @property
    def assigns(self) -> bool:
        """Whether a keystore can be chosen."""
        draft = self._model.draft
        is_kept = draft is not None and draft.record.id is not None and bool(draft.record.niss)
        return is_kept and bool(self.choice.options)

    @property
    def leads_on(self) -> bool:
        """Whether a keystore is to be chosen: none is assigned, or a newer one can be. Its button is the page's primary
        one."""
        return self.assigns and (self._model.opened.record.keystore is None or bool(self.choice.value))

    def _act(self, action: ButtonPress) -> None:
        get = self._shell.texts.get
        self._shell.clear_errors()
        if action.name == "assign" and not self.choice.value:
            line = ErrorLine(get("choosing.block.none"), self.choice.name)
            self._shell.blame(get("wizard.failed"), [line])
            return
        if action.name == "assign":
            self._model.assign(self.choice.value, action.secret(PASSWORD))
            said = get("providers.keystore.assigned")
        else:
            self._model.unassign()
            said = get("providers.keystore.removed")
        self.fill()
        self._changed()
        self._shell.confirm(said)
