"""The pages of the Renew form."""

from __future__ import annotations

from ipywidgets import Widget

from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.choosing_page import ChoosingPage, asked_for
from ehtoolkit.forms.environment import confirmed
from ehtoolkit.forms.markup import card, panel, show
from ehtoolkit.forms.opening import open_wizard
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.renew.model import RenewModel
from ehtoolkit.forms.renew.receipt import done_page, summary_rows
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.steps import (
    CardPages,
    OtherKeyOffer,
    contact_page,
    key_note,
    password_page,
    sign_page,
    terms_page,
)
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.i18n import Translator

NAMES = ("terms", "card", "choose", "contact", "check", "sign", "password", "send")


@confirmed
def open_renew() -> Widget:
    """The form of this kernel, to be displayed; ``?keystore=FILE`` chooses one of the folder's files."""
    stage = Stage.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    pages = RenewPages(RenewModel(toolkit, asked_for(stage)), stage.texts)
    pages.view = open_wizard(
        stage,
        toolkit,
        "renew",
        pages.model.wizard,
        {step: getattr(pages, step) for step in NAMES},
        lambda: done_page(pages.model, pages.view, stage.texts),
    )
    pages.view.when_left(pages.model.close)
    return stage.show(pages.view.root)


class RenewPages:
    """One method per step; each gives the page as the model is now."""

    view: WizardView

    def __init__(self, model: RenewModel, texts: Translator) -> None:
        self.model = model
        self._texts = texts
        self._card = CardPages(model.reading, texts, "renew", lambda: self.view)
        self._choosing = ChoosingPage(model.choosing, texts, "renew", self._again)

    def terms(self, wizard: Wizard) -> Page:
        return terms_page(wizard, self._texts, "renew", ("card", "pin", "keystore", "time"))

    def card(self, wizard: Wizard) -> Page:
        return self._card.page(wizard, self.model.ask_qualities)

    def choose(self, wizard: Wizard) -> Page:
        return self._choosing.page(wizard, self.model.open)

    def contact(self, wizard: Wizard) -> Page:
        return contact_page(wizard, self._texts, "renew", with_general=self.model.for_organisation)

    def check(self, _: Wizard) -> Page:
        get = self._texts.get
        note = key_note(self.model.parts, self.model.wish().signer.niss, self._texts)
        return Page(
            title=get("renew.check.title"),
            lead=get("renew.check.lead"),
            body=[show(card(summary_rows(self.model, self._texts))), *note],
            primary=get("renew.check.go"),
            work=lambda _: self.model.draw_up_contract(),
            busy=get("renew.check.busy"),
            failed=get("renew.check.failed"),
        )

    def sign(self, _: Wizard) -> Page:
        model = self.model
        if model.contract is None:  # the step before it keeps one
            raise RuntimeError("there is no contract to sign")
        return sign_page(model.contract, model.reading, self._texts, "renew", model.sign)

    def password(self, _: Wizard) -> Page:
        lead = self._texts.get("renew.password.lead")
        return password_page(self._texts, self.model.choose_password, lead=lead, present=self.model.present)

    def send(self, _: Wizard) -> Page:
        get = self._texts.get
        other_key = OtherKeyOffer(self.model.take_other_key, self.view, self._texts)
        untouched = panel("info", get("renew.send.old"), get("renew.send.old.text"))
        return Page(
            title=get("renew.send.title"),
            lead=get("renew.send.lead"),
            body=[show(card(summary_rows(self.model, self._texts))), show(untouched)],
            primary=get("renew.send.go"),
            icon="mail",
            work=lambda _: self.model.send(),
            busy=get("renew.send.busy"),
            failed=get("renew.send.failed"),
            on_error=other_key.on_error,
            more=other_key.buttons,
        )

    def _again(self) -> None:
        self.view.refresh(focus=True)
