"""The pages of the Request form: texts and widgets for each step of the model."""

from __future__ import annotations

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.card import CardKey
from ehtoolkit.compose import compose
from ehtoolkit.forms.idcard import idcard
from ehtoolkit.forms.markup import card, checks, element, heading, join, panel, paragraph, show
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.pin_entry import PinPanel
from ehtoolkit.forms.request.model import MYSELF, RequestModel, name_of
from ehtoolkit.forms.request.receipt import done_page, summary_rows
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import (
    Action,
    Button,
    CheckField,
    ChoiceField,
    ContractFrame,
    Download,
    Handout,
    Option,
    SecretField,
    TextField,
)
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.procedures.request import contract_text
from ehtoolkit.texts import Texts


def open_request() -> Widget:
    """The form of this kernel, to be displayed; ``?resume=FILE`` takes up a request that was never sent."""
    stage = Stage.of_this_kernel()
    toolkit = compose(stage.settings)
    pages = RequestPages(RequestModel(toolkit, stage.keystore_named("resume")), stage.texts)
    pages.view = WizardView(
        pages.model.wizard,
        {step: getattr(pages, step) for step in NAMES},
        lambda _: done_page(pages.model, stage.texts),
        texts=stage.texts,
        home=stage.settings.home,
        caption=stage.texts.get("request.caption"),
        names={step: stage.texts.get(f"request.step.{step}") for step in NAMES},
        cancel=stage.texts.get("request.cancel"),
    )
    return stage.show(pages.view.root)


NAMES = ("terms", "card", "who", "contact", "check", "open", "sign", "password", "send")


class RequestPages:
    """One method per step; each gives the page as the model is now."""

    view: WizardView

    def __init__(self, model: RequestModel, texts: Texts) -> None:
        self.model = model
        self._texts = texts

    def terms(self, wizard: Wizard) -> Page:
        get = self._texts.get
        lines = get("terms.request").splitlines()
        conditions = element(
            "ul", join(element("li", line.removeprefix("- ")) for line in lines[1:]), class_="eh-bullets"
        )
        needed = checks(
            [("info", get(f"request.needed.{thing}")) for thing in ("card", "pin", "email", "time")]
        )
        return Page(
            title=get("request.terms.title"),
            lead=get("request.terms.lead"),
            body=[
                show(element("section", heading(get("request.needed")) + needed)),
                show(card(heading(lines[0]), conditions)),
                CheckField("accepted", get("request.terms.accept"), value=bool(wizard.values["accepted"])),
            ],
            primary=get("wizard.next"),
        )

    def card(self, wizard: Wizard) -> Page:
        return self._insert_card(wizard) if self.model.card is None else self._confirm_card()

    def who(self, wizard: Wizard) -> Page:
        get, qualities = self._texts.get, self.model.qualities
        options = [Option(MYSELF, get("request.who.myself"), get("request.who.myself.hint"))]
        for one in qualities.organisations if qualities is not None else ():
            label = name_of(one, self._texts.language)
            options.append(Option(f"{one.type}={one.number}", label, f"{one.type} {one.number}"))
        body: list[Widget] = [
            ChoiceField("actor", get("request.who.label"), options, value=str(wizard.values["actor"]))
        ]
        if len(options) == 1:
            body.append(show(paragraph(get("request.who.no_organisation"), "eh-note")))
        return Page(
            title=get("request.who.title"),
            lead=get("request.who.lead"),
            body=body,
            primary=get("wizard.next"),
        )

    def contact(self, wizard: Wizard) -> Page:
        get, values = self._texts.get, wizard.values
        names = ["email", "phone"] + (
            ["general_email", "general_phone"] if self.model.for_organisation else []
        )
        body = [
            TextField(
                name,
                get(f"request.contact.{name}"),
                value=str(values[name]),
                hint=get(f"request.contact.{name}.hint"),
                kind="email" if name.endswith("email") else "tel",
                autocomplete="email" if name == "email" else "tel" if name == "phone" else "off",
            )
            for name in names
        ]
        return Page(
            title=get("request.contact.title"),
            lead=get("request.contact.lead"),
            body=body,
            primary=get("wizard.next"),
        )

    def check(self, wizard: Wizard) -> Page:
        get = self._texts.get
        body: list[Widget] = [show(card(summary_rows(self.model, self._texts)))]
        waiting = CheckField("insist", get("request.check.insist"), value=bool(wizard.values["insist"]))
        waiting.layout.display = "" if wizard.values["insist"] else "none"
        body.append(waiting)

        def on_error(error: errors.EhToolkitError) -> None:
            if isinstance(error, errors.RequestWaiting):
                waiting.layout.display = ""

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
            work=lambda sent: self.model.open_resumed(sent.secrets["password"]),
            busy=get("request.open.busy"),
            failed=get("request.open.failed"),
            field_of=lambda error: "password" if isinstance(error, errors.KeystorePasswordWrong) else None,
        )

    def sign(self, _: Wizard) -> Page:
        get, contract, read = self._texts.get, self.model.contract, self.model.card
        html = "" if contract is None else contract_text(contract, self._texts.language)
        label = get("request.sign.contract")
        pin = PinPanel(self.model.pin_entry(CardKey.SIGNATURE), self._tries(), self._texts)
        save = Download(
            get("request.sign.save"), lambda: Handout(get("request.sign.file"), html.encode(), "text/html")
        )
        return Page(
            title=get("request.sign.title"),
            lead=get("request.sign.lead"),
            body=[show(heading(label)), ContractFrame(label, html), save, *pin.widgets] if read else [],
            primary=get("request.sign.go"),
            icon="pen",
            work=lambda sent: self.model.sign(pin.secret(sent.secrets)),
            busy=get("request.sign.busy"),
            failed=get("request.sign.failed"),
            field_of=pin.field_of,
            on_error=pin.on_error,
        )

    def password(self, _: Wizard) -> Page:
        get, reveal = self._texts.get, self._texts.get("wizard.reveal")
        return Page(
            title=get("request.password.title"),
            lead=get("request.password.lead"),
            body=[
                show(panel("warn", get("request.password.nobody"), get("request.password.keep"), level=2)),
                SecretField(
                    "first",
                    get("request.password.first"),
                    hint=get("request.password.hint"),
                    autocomplete="new-password",
                    reveal=reveal,
                ),
                SecretField(
                    "second", get("request.password.second"), autocomplete="new-password", reveal=reveal
                ),
            ],
            primary=get("wizard.next"),
            work=lambda sent: self.model.choose_password(sent.secrets["first"], sent.secrets["second"]),
            failed=get("request.password.failed"),
            field_of=lambda error: {"password_unfit": "first", "passwords_differ": "second"}.get(error.key),
        )

    def send(self, _: Wizard) -> Page:
        get = self._texts.get
        return Page(
            title=get("request.send.title"),
            lead=get("request.send.lead"),
            body=[show(card(summary_rows(self.model, self._texts)))],
            primary=get("request.send.go"),
            icon="mail",
            work=lambda _: self.model.send(),
            busy=get("request.send.busy"),
            failed=get("request.send.failed"),
        )

    # ── the two faces of the card step ───────────────────────────────────────────────────────────────────
    def _insert_card(self, wizard: Wizard) -> Page:
        get, training = self._texts.get, self.model.toolkit.training
        body: list[Widget] = []
        if training is not None:
            options = [
                Option(f"training:{one.name}", f"{one.person.first_names} {one.person.name}")
                for one in training.people()
            ]
            chosen = str(wizard.values["card"])
            value = options[0].value if chosen == "training:default" else chosen
            body.append(
                ChoiceField(
                    "card",
                    get("request.card.training"),
                    options,
                    value=value,
                    hint=get("request.card.training.hint"),
                    compact=True,
                )
            )
        return Page(
            title=get("request.card.insert.title"),
            lead=get("request.card.insert.lead"),
            body=body,
            primary=get("request.card.read"),
            icon="card",
            work=lambda _: self.model.read_card(),
            after=lambda: self.view.refresh(focus=True),
            busy=get("request.card.busy"),
            failed=get("request.card.failed"),
        )

    def _confirm_card(self) -> Page:
        get, read = self._texts.get, self.model.card
        if read is None:
            raise errors.CardAbsent
        other = (Button("other", get("request.card.other")), self._other_card)
        shown = show(idcard(read.identity, self._texts))
        reader = show(paragraph(get("request.card.reader", reader=read.reader), "eh-note"))
        title = get("request.card.title")
        if read.problem is not None:
            verdict = panel("danger", self._texts.error(read.problem), self._texts.next_step(read.problem))
            return Page(title=title, body=[show(verdict), shown, reader], more=[other])
        found = checks([("ok", get(f"request.card.ok.{what}")) for what in ("authentication", "signature")])
        pin = PinPanel(self.model.pin_entry(CardKey.AUTHENTICATION), read.tries_left, self._texts)
        return Page(
            title=title,
            lead=get("request.card.lead"),
            body=[
                shown,
                show(element("section", heading(get("request.card.checked")) + found)),
                reader,
                *pin.widgets,
            ],
            primary=get("request.card.go"),
            work=lambda sent: self.model.ask_qualities(pin.secret(sent.secrets)),
            busy=get("request.card.asking"),
            failed=get("request.card.not_yet"),
            field_of=pin.field_of,
            on_error=pin.on_error,
            more=[other],
        )

    def _other_card(self, _: Action) -> None:
        self.model.forget_card()
        self.view.refresh(focus=True)

    def _tries(self) -> int | None:
        return None if self.model.card is None else self.model.tries_left()
