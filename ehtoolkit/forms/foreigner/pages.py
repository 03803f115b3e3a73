"""The pages of the Foreigner form."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.closing import Closing
from ehtoolkit.forms.environment import confirmed
from ehtoolkit.forms.foreigner.model import ForeignerModel
from ehtoolkit.forms.markup import (
    Event,
    Piece,
    card,
    element,
    heading,
    link,
    mono,
    panel,
    show,
    summary,
    timeline,
    with_hint,
)
from ehtoolkit.forms.opening import open_wizard
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.safekeeping import Safekeeping
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.steps import OtherKeyOffer, Sent, contact_page, key_note, password_page
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import CheckField, TextField
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.i18n import Translator

NAMES = ("where", "who", "contact", "check", "password", "send")


@confirmed
def open_foreigner() -> Widget:
    """The form of this kernel, to be displayed."""
    stage = Stage.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    pages = ForeignerPages(ForeignerModel(toolkit), stage.texts)
    pages.view = open_wizard(
        stage,
        toolkit,
        "foreigner",
        pages.model.wizard,
        {step: getattr(pages, step) for step in NAMES},
        pages.done,
    )
    return stage.show(pages.view.root)


class ForeignerPages:
    """One method per step; each gives the page as the model is now."""

    view: WizardView

    def __init__(self, model: ForeignerModel, texts: Translator) -> None:
        self.model = model
        self._texts = texts

    def where(self, wizard: Wizard) -> Page:
        get = self._texts.get
        way = timeline(
            [
                Event(get(f"foreigner.way.{stop}"), [get(f"foreigner.way.{stop}.how")], icon)
                for stop, icon in (("office", "people"), ("key", "key"), ("here", "card"), ("confirm", "ok"))
            ]
        )
        return Page(
            title=get("foreigner.where.title"),
            lead=get("foreigner.where.lead"),
            body=[
                show(
                    panel(
                        "info",
                        get("foreigner.where.eid"),
                        link(get("foreigner.where.request"), "request.ipynb"),
                    )
                ),
                show(element("section", heading(get("foreigner.where.way")) + way)),
                CheckField("has_bis", get("foreigner.where.has_bis"), value=bool(wizard.values["has_bis"])),
            ],
            primary=get("wizard.next"),
        )

    def who(self, wizard: Wizard) -> Page:
        get, values = self._texts.get, wizard.values
        return Page(
            title=get("foreigner.who.title"),
            lead=get("foreigner.who.lead"),
            body=[
                TextField(
                    "niss",
                    get("foreigner.who.niss"),
                    value=str(values["niss"]),
                    hint=get("foreigner.who.niss.hint"),
                    inputmode="numeric",
                    autocomplete="off",
                ),
                TextField(
                    "first_names",
                    get("foreigner.who.first_names"),
                    value=str(values["first_names"]),
                    hint=get("foreigner.who.first_names.hint"),
                    autocomplete="given-name",
                    capitals=True,
                ),
                TextField(
                    "surname",
                    get("foreigner.who.surname"),
                    value=str(values["surname"]),
                    autocomplete="family-name",
                    capitals=True,
                ),
            ],
            primary=get("wizard.next"),
        )

    def contact(self, wizard: Wizard) -> Page:
        return contact_page(wizard, self._texts, "foreigner", with_general=False)

    def check(self, wizard: Wizard) -> Page:
        get = self._texts.get
        insist = CheckField("insist", get("foreigner.check.insist"), value=bool(wizard.values["insist"]))
        insist.layout.display = "" if wizard.values["insist"] else "none"
        note = key_note(self.model.parts, self.model.wish().person.niss, self._texts)

        def on_error(error: errors.EhToolkitError) -> None:
            if isinstance(error, errors.RequestWaiting | errors.NeverSent):
                insist.layout.display = ""

        return Page(
            title=get("foreigner.check.title"),
            lead=get("foreigner.check.lead"),
            body=[show(card(summary(self._rows()))), *note, insist],
            primary=get("foreigner.check.go"),
            work=lambda _: self.model.require_first(),
            failed=get("foreigner.check.failed"),
            on_error=on_error,
        )

    def password(self, _: Wizard) -> Page:
        return password_page(self._texts, self.model.choose_password)

    def send(self, _: Wizard) -> Page:
        get = self._texts.get
        other_key = OtherKeyOffer(self.model.take_other_key, self.view, self._texts)
        return Page(
            title=get("foreigner.send.title"),
            lead=get("foreigner.send.lead"),
            body=[show(card(summary(self._rows())))],
            primary=get("foreigner.send.go"),
            icon="mail",
            work=lambda _: self.model.send(),
            busy=get("foreigner.send.busy"),
            failed=get("foreigner.send.failed"),
            on_error=other_key.on_error,
            more=other_key.buttons,
        )

    def done(self) -> Page:
        get, sent = self._texts.get, self.model.sent
        if sent is None:  # the view shows this page only after `send`
            raise RuntimeError("nothing was sent")
        person = self.model.wish().person
        closing = Closing(
            sent.outcome.keystore,
            get("foreigner.receipt"),
            [*self._rows(), *self._sent_rows(sent)],
            self._texts,
            holder=f"{person.full_name}, {person.niss.formatted}",
        )
        body = [
            show(self._confirmation(sent)),
            show(element("section", heading(get("foreigner.done.next")) + timeline(self._events(sent)))),
        ]
        copy = Safekeeping(sent.file, self.view, self._texts)
        return closing.page(get("foreigner.done.title"), body, copy, slip=True)

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _rows(self) -> list[tuple[Piece, Piece]]:
        get, wish = self._texts.get, self.model.wish()
        return [
            (get("foreigner.row.name"), wish.person.full_name),
            (get("foreigner.row.niss"), wish.person.niss.formatted),
            (get("foreigner.row.contact"), f"{wish.contact.email}, {wish.contact.phone}"),
            (get("foreigner.row.environment"), get(f"page.environment.{self.model.parts.environment}")),
        ]

    def _sent_rows(self, sent: Sent) -> list[tuple[Piece, Piece]]:
        get, path, validation = self._texts.get, sent.outcome.keystore, sent.outcome.validation
        rows: list[tuple[Piece, Piece]] = [
            (get("foreigner.row.sent"), self._texts.moment(sent.at)),
            (
                get("foreigner.row.file"),
                with_hint(mono(path.name), get("foreigner.row.folder", folder=str(path.parent))),
            ),
        ]
        if validation is not None and validation.url is not None:
            rows.append((get("foreigner.row.address"), mono(validation.url)))
        if validation is not None and validation.until is not None:
            rows.append((get("foreigner.row.until"), self._texts.moment(validation.until)))
        return rows

    def _confirmation(self, sent: Sent) -> Piece:
        """Where the holder has to log in, which is what everything waits for."""
        get, validation = self._texts.get, sent.outcome.validation
        if validation is None or validation.url is None:
            return panel("warn", get("foreigner.confirm.by_mail"), get("foreigner.confirm.by_mail.text"))
        lines: list[Piece] = [_address(validation.url)]
        if validation.until is not None:
            lines.append(get("foreigner.confirm.until", moment=validation.until))
        if self.model.toolkit.training is not None:
            lines.append(get("foreigner.confirm.training"))
            lines.append(link(get("foreigner.confirm.trainer"), "trainer.ipynb"))
        return panel("warn", get("foreigner.confirm"), *lines)

    def _events(self, sent: Sent) -> list[Event]:
        get = self._texts.get
        complete = link(
            get("foreigner.next.complete.link"),
            f"complete.ipynb?keystore={quote(sent.outcome.keystore.name)}",
        )
        return [
            Event(
                get("foreigner.next.sent"),
                [self._texts.moment(sent.at)],
                state="done",
                done_word=get("wizard.done"),
            ),
            Event(get("foreigner.next.confirm"), [get("foreigner.next.confirm.how")], "ok"),
            Event(get("foreigner.next.mail"), [get("foreigner.next.mail.how")], "mail"),
            Event(get("foreigner.next.complete"), [get("foreigner.next.complete.how"), complete], "download"),
        ]


def _address(url: str) -> Piece:
    """An address that somebody else made: a link only when a browser has to fetch it from the web, or from a training
    platform on this computer."""
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")
    return link(mono(url), url) if safe else mono(url)
