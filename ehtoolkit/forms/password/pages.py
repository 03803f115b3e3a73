"""The pages of the Password form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.choosing_page import ChoosingPage, asked_for
from ehtoolkit.forms.helpdesk import Helpdesk
from ehtoolkit.forms.holder import holder_words, name_words
from ehtoolkit.forms.markup import Piece, card, details, link, mono, show, summary, with_hint
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.password.done import DonePages
from ehtoolkit.forms.password.model import KEEP, PasswordModel
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.steps import password_page
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import ChoiceField, Option
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore import EncryptionProfile

NAMES = ("choose", "new")


def open_password() -> Widget:
    """The form of this kernel, to be displayed; ``?keystore=FILE`` chooses one of the folder's files."""
    stage = Stage.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    model = PasswordModel(toolkit, asked_for(stage))
    pages = PasswordPages(model, stage.texts, can_revoke="revoke" in stage.pages())
    root = pages.show(stage.settings.home, Helpdesk(toolkit, stage.texts, stage.pages()))
    pages.view.when_left(toolkit.close)
    return stage.show(root)


class PasswordPages:
    """One method per step; each gives the page as the model is now. ``can_revoke``: there is a page for it."""

    view: WizardView

    def __init__(self, model: PasswordModel, texts: Translator, *, can_revoke: bool) -> None:
        self.model = model
        self._texts = texts
        self._can_revoke = can_revoke

    def show(self, home: Path, helpdesk: Helpdesk | None) -> Widget:
        """The form, at the step where the model is; ``home``: where reports go."""
        get = self._texts.get
        done = DonePages(self.model, self._texts, lambda: self.view)
        self.view = WizardView(
            self.model.wizard,
            {"choose": self.choose, "new": self.new},
            lambda _: done.page(),
            texts=self._texts,
            home=home,
            caption=get("password.caption"),
            names={step: get(f"password.step.{step}") for step in NAMES},
            cancel=get("password.cancel"),
            helpdesk=helpdesk,
        )
        return self.view.root

    def choose(self, wizard: Wizard) -> Page:
        model = self.model
        choosing = ChoosingPage(
            model.choosing, self._texts, "password", lambda: self.view.refresh(focus=True)
        )
        page = choosing.page(wizard, model.open)
        return replace(page, body=[*page.body, self._forgotten()]) if page.work is not None else page

    def new(self, wizard: Wizard) -> Page:
        get = self._texts.get
        usual = password_page(self._texts, self.model.change_to, lead=get("password.new.lead"))
        return replace(
            usual,
            title=get("password.new.title"),
            body=[show(card(summary(self._rows()))), *usual.body, self._profile(wizard)],
            primary=get("password.new.go"),
            icon="key",
            busy=get("password.new.busy"),
            failed=get("password.new.failed"),
            field_of=field_of,
        )

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _forgotten(self) -> Widget:
        get = self._texts.get
        lines: list[Piece] = [get("password.forgotten.look"), get("password.forgotten.nobody")]
        if self._can_revoke:
            lines.append(link(get("password.forgotten.revoke"), "revoke.ipynb"))
        return show(details(get("password.forgotten"), *lines))

    def _profile(self, wizard: Wizard) -> Widget:
        get = self._texts.get
        options = [
            Option(str(one), get(f"password.profile.{one}"), get(f"password.profile.{one}.about"))
            for one in (KEEP, *EncryptionProfile)
        ]
        return ChoiceField("profile", get("password.profile"), options, value=str(wizard.values["profile"]))

    def _rows(self) -> Sequence[tuple[Piece, Piece]]:
        """Whose file is about to be changed, and what is in it."""
        get, model, path = self._texts.get, self.model, self.model.path
        inside = model.inside
        rows: list[tuple[Piece, Piece]] = []
        holder = " · ".join(self._holder())
        if holder:
            rows.append((get("password.row.holder"), holder))
        folder = get("password.row.folder", folder=str(path.parent))
        rows.append((get("password.row.file"), with_hint(mono(path.name), folder)))
        if inside is not None:
            rows.append((get("password.row.keys"), str(len(inside.keys))))
            rows.append((get("password.row.certificates"), str(inside.certificates)))
        return rows

    def _holder(self) -> Sequence[str]:
        """Of the certificate once it is there, else as far as can be seen."""
        inside, model = self.model.inside, self.model
        if inside is not None and inside.holder is not None:
            return list(name_words(inside.holder, self._texts))
        return list(holder_words(model.choosing.chosen(model.wizard.values), self._texts))


def field_of(error: errors.EhToolkitError) -> str | None:
    """Which field an error of the change is about; none, when it is about the file."""
    return {"password_unfit": "first", "passwords_differ": "second"}.get(error.key)
