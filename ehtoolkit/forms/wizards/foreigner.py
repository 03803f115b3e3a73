"""The form for providers who live abroad and have no Belgian identity card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Values, is_ticked
from ehtoolkit.forms.html import (
    Event,
    Piece,
    SummaryRows,
    file_in_folder,
    link,
    mono,
    panel,
    section,
    show,
    timeline,
)
from ehtoolkit.forms.receipts.receipt import coming
from ehtoolkit.forms.steps.contact import contact_data, contact_step
from ehtoolkit.forms.steps.new_password import password_step
from ehtoolkit.forms.steps.sending import (
    SendingModel,
    SubmittedRequest,
    check_step,
    may_insist,
    send_step,
    sent_page,
)
from ehtoolkit.identity import Niss, Person
from ehtoolkit.keystore.passwords import check_new_password, names_in
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.foreigner import (
    ForeignerRequest,
    check_no_pending,
    keystore_for,
    submit,
    unclear_files,
)
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit


class ForeignerModel(SendingModel):
    """Methods that talk to platform or disk are slow and raise our errors."""

    def __init__(self, toolkit: Toolkit) -> None:
        super().__init__(toolkit)
        self._kind: NewKeyKind | None = None

    @property
    def signer(self) -> Niss:
        return self.request().person.niss

    def request(self) -> ForeignerRequest:
        """Return for whom the request is, and how to reach them, as typed. Raises `errors.InputInvalid` for what a
        blocker would have stopped."""
        values = self.wizard.values
        person = Person(Niss.parse(values["niss"]), _words(values["first_names"]), _words(values["surname"]))
        return ForeignerRequest(person, contact_data(values, with_general=False))

    def require_first(self) -> None:
        """Check that no keystore of the same holder waits, or may wait, unless the user insists. Raises as
        `check_no_pending`."""
        self._given_up = ()
        if self.wizard.values["insist"]:
            self._given_up = unclear_files(self.request(), self.procedure_context)
        else:
            check_no_pending(self.request(), self.procedure_context)

    def choose_password(self, password: Secret) -> None:
        """Keep the password of the new keystore in this process, for the file that `send` writes. Raises
        `errors.PasswordNotAllowed`."""
        check_new_password(password, names_in(self.request().name))
        self.password = password

    def send(self) -> None:
        """Write the keystore, then send, as no other window does for the same holder meanwhile."""
        with holder_lock(self.request().name, self.procedure_context):
            super().send()

    def _write(self) -> KeystoreFile:
        insist = bool(self.wizard.values["insist"])
        file, unfit = keystore_for(
            self.request(), self.password, self.procedure_context, insist=insist, kind=self._kind
        )
        if unfit is not None:
            self._refused.append(unfit)
        return file

    def _submit(self, file: KeystoreFile, *, retry: bool) -> ProcedureResult:
        return submit(file, self.request(), self.procedure_context, retry=retry)

    def take_other_key(self, kind: NewKeyKind) -> None:
        """Ask again for the same after a refusal, with a key of ``kind``."""
        self._kind = kind
        self._try_again("send")


def _words(text: str) -> str:
    return " ".join(text.split())


def _who_blocks(_: ForeignerModel, values: Values) -> Iterable[Blocker]:
    try:
        if not Niss.parse(values["niss"]).is_bis:
            yield Blocker("error.identifier_invalid.not_bis", "niss")
    except errors.IdentifierInvalid:
        yield Blocker("foreigner.block.niss", "niss")
    for name in ("first_names", "surname"):
        if not values[name].strip():
            yield Blocker(f"foreigner.block.{name}", name)


Context = FormContext[ForeignerModel]


def _where(context: Context) -> Page:
    get = context.get
    way = [
        Event(get(f"way.{stop}"), [get(f"way.{stop}.how")], icon)
        for stop, icon in (("office", "people"), ("key", "key"), ("here", "card"), ("confirm", "ok"))
    ]
    body = [
        show(panel("info", get("where.eid"), link(get("where.request"), "request.ipynb"))),
        show(section(get("where.way"), timeline(way, context.texts))),
        context.tick("has_bis", get("where.has_bis")),
    ]
    return context.page("where", body)


def _who(context: Context) -> Page:
    body = [
        context.text_field("who.niss", inputmode="numeric", autocomplete="off"),
        context.text_field("who.first_names", autocomplete="given-name", capitals=True),
        context.text_field("who.surname", autocomplete="family-name", capitals=True),
    ]
    return context.page("who", body)


def _done(context: Context) -> Page:
    sent, person = context.model.sent, context.model.request().person
    rows = [*_rows(context), *_sent_rows(context, sent)]
    holder = f"{person.full_name}, {person.niss.formatted}"
    then = FormLink.to("complete", "foreigner.next.complete.link", sent.outcome.keystore.name)
    return sent_page(
        context,
        _confirmation(context, sent),
        coming(context, confirm="ok", mail="mail", complete="download"),
        rows,
        holder,
        then,
    )


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────
def _rows(context: Context) -> SummaryRows:
    get, request = context.get, context.model.request()
    return [
        (get("row.name"), request.person.full_name),
        (get("row.niss"), request.person.niss.formatted),
        (get("row.contact"), f"{request.contact.email}, {request.contact.phone}"),
        (get("row.environment"), context.environment),
    ]


def _sent_rows(context: Context, sent: SubmittedRequest) -> SummaryRows:
    get, texts = context.get, context.texts
    path, validation = sent.outcome.keystore, sent.outcome.validation
    rows: SummaryRows = [
        (get("row.sent"), texts.moment(sent.at)),
        (get("row.file"), file_in_folder(path, texts)),
    ]
    if validation is not None and validation.url is not None:
        rows.append((get("row.address"), mono(validation.url)))
    if validation is not None and validation.until is not None:
        rows.append((get("row.until"), texts.moment(validation.until)))
    return rows


def _confirmation(context: Context, sent: SubmittedRequest) -> Piece:
    """Return where the holder has to log in, which is what everything waits for."""
    get, validation = context.get, sent.outcome.validation
    if validation is None or validation.url is None:
        return panel("warn", get("confirm.by_mail"), get("confirm.by_mail.text"))
    lines: list[Piece] = [_address(validation.url)]
    if validation.until is not None:
        lines.append(get("confirm.until", moment=validation.until))
    if context.model.toolkit.training is not None:
        lines.append(get("confirm.training"))
        lines.append(link(get("confirm.trainer"), "trainer.ipynb"))
    return panel("warn", get("confirm"), *lines)


def _address(url: str) -> Piece:
    """Return an address that someone else made: as a link only when a browser has to fetch it from the web, or from a
    training platform on this computer."""
    address = urlsplit(url)
    safe = address.scheme == "https" or (address.scheme == "http" and address.hostname == "127.0.0.1")
    return link(mono(url), url) if safe else mono(url)


FOREIGNER: Final = WizardForm(
    "foreigner",
    lambda toolkit, _: ForeignerModel(toolkit),
    steps=[
        FormStep(
            "where",
            _where,
            fields=lambda _: {"has_bis": False},
            check=is_ticked("has_bis", "foreigner.block.bis"),
        ),
        FormStep(
            "who", _who, fields=lambda _: {"niss": "", "first_names": "", "surname": ""}, check=_who_blocks
        ),
        contact_step(lambda _: False),
        check_step(
            _rows,
            ForeignerModel.require_first,
            changes={"row.name": "who", "row.niss": "who", "row.contact": "contact"},
            insist=may_insist,
        ),
        password_step(ForeignerModel.choose_password),
        send_step(_rows),
    ],
    done=_done,
    menu=MenuPlace("request", 3, "index.foreigner", "people"),
)
