"""The pages of the Request form: texts and widgets for each step of the model."""

from __future__ import annotations

import os

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.environment import confirmed
from ehtoolkit.forms.markup import card, paragraph, show
from ehtoolkit.forms.opening import open_wizard
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.request.in_the_way import leads_past, may_insist
from ehtoolkit.forms.request.model import RequestModel
from ehtoolkit.forms.request.prefill import Prefill
from ehtoolkit.forms.request.receipt import done_page, summary_rows
from ehtoolkit.forms.request.whom_pages import WhomPages, notice_panel
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
from ehtoolkit.forms.typed_password import opening
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import CheckField, SecretField
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.i18n import Translator

NAMES = (
    *("terms", "card", "who", "organisation", "contact"),
    *("check", "open", "sign", "password", "send"),
)


@confirmed
def open_request() -> Widget:
    """The form of this kernel, to be displayed.

    ``?resume=FILE`` takes up a request that was never sent; the address may fill in fields (`Prefill.of_query`).
    """
    stage = Stage.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    prefill = Prefill.of_query(os.environ.get("QUERY_STRING", ""))
    model = RequestModel(toolkit, stage.keystore_named("resume"), prefill, stage.texts.language)
    pages = RequestPages(model, stage.texts)
    pages.view = open_wizard(
        stage,
        toolkit,
        "request",
        pages.model.wizard,
        {step: getattr(pages, step) for step in NAMES},
        lambda: done_page(pages.model, pages.view, stage.texts),
    )
    pages.view.when_left(pages.model.close)
    return stage.show(pages.view.root)


class RequestPages:
    """One method per step; each gives the page as the model is now."""

    view: WizardView

    def __init__(self, model: RequestModel, texts: Translator) -> None:
        self.model = model
        self._texts = texts
        self._card = CardPages(model.reading, texts, "request", lambda: self.view)
        whom = WhomPages(model, texts)
        self.who, self.organisation = whom.who, whom.organisation

    def terms(self, wizard: Wizard) -> Page:
        return terms_page(wizard, self._texts, "request", ("card", "pin", "organisation", "email", "time"))

    def card(self, wizard: Wizard) -> Page:
        return self._card.page(wizard, self.model.ask_choices)

    def contact(self, wizard: Wizard) -> Page:
        return contact_page(wizard, self._texts, "request", with_general=self.model.for_organisation)

    def check(self, wizard: Wizard) -> Page:
        get, model = self._texts.get, self.model
        body: list[Widget] = [show(card(summary_rows(model, self._texts)))]
        if model.checked is not None:
            name = model.wish().actor.name
            body += [show(notice_panel(one, self._texts)) for one in model.checked.notices(name)]
        if not model.resumes:
            body += key_note(model.parts, model.wish().signer.niss, self._texts)
        leads = show()
        insist = CheckField("insist", get("request.check.insist"), value=bool(wizard.values["insist"]))
        insist.layout.display = "" if wizard.values["insist"] else "none"
        body += [leads, insist]

        def on_error(error: errors.EhToolkitError) -> None:
            buttons = [one.button(self._texts) for one in leads_past(error)]
            leads.value = str(paragraph(*buttons)) if buttons else ""
            if may_insist(error):
                insist.layout.display = ""

        return Page(
            title=get("request.check.title"),
            lead=get("request.check.lead"),
            body=body,
            primary=get("request.check.go"),
            work=lambda _: self.model.draw_up_contract(),
            busy=get("request.check.busy"),
            failed=get("request.check.failed"),
            on_error=on_error,
        )

    def open(self, _: Wizard) -> Page:
        get, path = self._texts.get, self.model.resumed_path
        field = SecretField(
            "password",
            get("request.open.label"),
            autocomplete="current-password",
            reveal=get("wizard.reveal"),
        )
        return Page(
            title=get("request.open.title"),
            lead=get("request.open.lead", file=path.name if path else ""),
            body=[field],
            primary=get("request.open.go"),
            work=lambda sent: opening(self.model.open_resumed, sent.secrets["password"]),
            busy=get("request.open.busy"),
            failed=get("request.open.failed"),
            field_of=lambda error: "password" if isinstance(error, errors.KeystorePasswordWrong) else None,
        )

    def sign(self, _: Wizard) -> Page:
        model = self.model
        if model.contract is None:  # the step before it keeps one
            raise RuntimeError("there is no contract to sign")
        return sign_page(model.contract, model.reading, self._texts, "request", model.sign)

    def password(self, _: Wizard) -> Page:
        lead = self._texts.get("request.password.organisation") if self.model.for_organisation else ""
        return password_page(self._texts, self.model.choose_password, lead=lead)

    def send(self, _: Wizard) -> Page:
        get = self._texts.get
        other_key = OtherKeyOffer(self.model.take_other_key, self.view, self._texts)
        return Page(
            title=get("request.send.title"),
            lead=get("request.send.lead"),
            body=[show(card(summary_rows(self.model, self._texts)))],
            primary=get("request.send.go"),
            icon="mail",
            work=lambda _: self.model.send(),
            busy=get("request.send.busy"),
            failed=get("request.send.failed"),
            on_error=other_key.on_error,
            more=other_key.buttons,
        )
