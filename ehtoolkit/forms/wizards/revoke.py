"""The Revoke form: a certificate is ended, also one whose file or password is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.due.holder_text import typed_number
from ehtoolkit.forms.engine.form import FormContext, MenuPlace, PageStep, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Values
from ehtoolkit.forms.file_import import FileElsewhere, FileImport, FileImportPanel
from ehtoolkit.forms.html import (
    Event,
    Markup,
    Piece,
    SummaryRows,
    details,
    element,
    join,
    key_identifier,
    link,
    mono,
    panel,
    paragraph,
    section,
    show,
    timeline,
)
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.receipts.document import document, table
from ehtoolkit.forms.receipts.receipt import receipt_card, side_by_side, way_on
from ehtoolkit.forms.steps import CardFormModel, CardStep, SignStep, TermsStep
from ehtoolkit.forms.steps.keystore import asked_for
from ehtoolkit.forms.steps.keystore_import import no_files_here
from ehtoolkit.forms.widgets import CheckField, ChoiceField, Download, DownloadFile, Option
from ehtoolkit.identity import PERSON_TYPE
from ehtoolkit.keystore.storage.holder_file import visible_key_ids
from ehtoolkit.procedures.certificate_list import ListedCertificate, list_certificates
from ehtoolkit.procedures.revoke import (
    REASON_CHOICES,
    CompletedRevocation,
    fetch_revocation_contract,
    reason_of,
    revocation_lock,
    submit_revocation,
)
from ehtoolkit.secret import Secret

QUESTIONS: Final = ("other_password", "other_file", "other_profile", "software", "rescue")
"""What may spare the revocation, easiest first."""
LISTED: Final = "certificate"
"""The name of the field that holds the key identifier of the chosen certificate."""


@dataclass(frozen=True, slots=True)
class RevocationDone:
    """The end of it."""

    revoked: CompletedRevocation
    at: datetime


class RevokeModel(CardFormModel):
    """Methods that talk to card or platform are slow and raise our errors.

    ``asked``: the keystore that the page's address names; its certificate is proposed.
    """

    def __init__(self, toolkit: Toolkit, asked: Path | None = None) -> None:
        super().__init__(toolkit)
        self._asked = asked
        self._perhaps_revoked = ""

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def listed(self) -> tuple[ListedCertificate, ...]:
        """What the platform has for the holder of the card, newest first."""
        found: tuple[ListedCertificate, ...] = self.wizard.result("listed") or ()
        return found

    @property
    def revocable(self) -> tuple[ListedCertificate, ...]:
        return tuple(certificate for certificate in self.listed if certificate.revocable)

    @property
    def others(self) -> tuple[ListedCertificate, ...]:
        """What the platform does not let be revoked: ended already, or not delivered yet."""
        return tuple(certificate for certificate in self.listed if not certificate.revocable)

    @property
    def proposed(self) -> str:
        """The key identifier to show as chosen: what was chosen, that of the file asked for, or the only one."""
        keys = [certificate.key_id for certificate in self.revocable]
        if self.wizard.values[LISTED] in keys:
            return str(self.wizard.values[LISTED])
        asked = [
            certificate.key_id
            for certificate in self.revocable
            if self._asked is not None and self._asked in certificate.files
        ]
        return asked[0] if asked else keys[0] if len(keys) == 1 else ""

    @property
    def chosen(self) -> ListedCertificate:
        """The certificate that is chosen. Raises `errors.CertificateNotListed`."""
        wanted = str(self.wizard.values[LISTED])
        for certificate in self.revocable:
            if certificate.key_id == wanted:
                return certificate
        raise errors.CertificateNotListed(key_id=wanted)

    def listed_for(self, file: FileElsewhere) -> ListedCertificate:
        """Return the certificate of a keystore that lies elsewhere, by the keys that show without a password. Raises
        what `visible_key_ids` raises, `errors.CertificateNotListed` where it is none of those that can be revoked."""
        shown = visible_key_ids(file.content)
        found = next((certificate for certificate in self.revocable if certificate.key_id in shown), None)
        if found is None:
            raise errors.CertificateNotListed(key_id=shown[0] if shown else file.name)
        return found

    @property
    def done(self) -> RevocationDone | None:
        return self.found("done", RevocationDone)

    @property
    def prefill(self) -> Prefill:
        """What is known for the new request that usually follows."""
        return Prefill() if self.done is None else Prefill.of_again(self.done.revoked.again)

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def ask_list(self, pin: Secret | None) -> None:
        """Ask the platform, with the first PIN, which certificates it has."""
        self.wizard.keep(
            "listed", list_certificates(self.reading.card, pin, self.procedure_context, to_revoke=True)
        )

    def draw_up_contract(self) -> None:
        """Take the lock of this holder and let the platform write the contract of the revocation."""
        person, chosen = self.require_person(), self.chosen
        self.hold_lock(chosen.key_id, revocation_lock(chosen, self.procedure_context))
        reason = reason_of(str(self.wizard.values["reason"]))
        contract = fetch_revocation_contract(chosen, person, reason, self.procedure_context)
        self.wizard.keep("contract", contract)

    def revoke(self, pin: Secret | None) -> None:
        """Sign the contract of the revocation with the second PIN and send it, once. A second try sends it unless the
        platform has it."""
        chosen, contract, card = self.chosen, self.require_contract(), self.reading.card
        again = self._perhaps_revoked == chosen.key_id
        try:
            revoked = submit_revocation(chosen, contract, card, pin, self.procedure_context, retry=again)
        except errors.OUTCOME_UNKNOWN:
            self._perhaps_revoked = chosen.key_id
            raise
        self.wizard.seal()
        self.wizard.keep("done", RevocationDone(revoked, self.procedure_context.clock.now()))
        self.close()


Context = FormContext[RevokeModel]


# ── the questions before ─────────────────────────────────────────────────────────────────────────────────
def _questions(context: Context) -> Page:
    get = context.get
    lines = join(element("li", get(f"question.{question}")) for question in QUESTIONS)
    looked = bool(context.model.wizard.values["looked"])
    body = [
        show(element("ul", lines, class_="eh-bullets")),
        show(paragraph(link(get("questions.troubleshoot"), "troubleshoot.ipynb"))),
        show(panel("warn", get("warning"), get("warning.text"))),
        CheckField("looked", get("questions.looked"), value=looked),
    ]
    return context.page("questions", body)


def _looked_block(_: RevokeModel, values: Values) -> Iterable[Blocker]:
    if not values["looked"]:
        yield Blocker("revoke.block.looked", "looked")


# ── which certificate, and why ───────────────────────────────────────────────────────────────────────────
def _choose(context: Context) -> Page:
    get, model = context.get, context.model
    if not model.revocable:
        nothing = panel("info", get("none"), get("none.text"))
        return Page(title=get("choose.title"), body=[show(nothing), *_others(context)])
    options = [
        Option(certificate.key_id, _holder(context, certificate), "\n".join(_about(context, certificate)))
        for certificate in model.revocable
    ]
    reasons = [Option(word, get(f"reason.{word}"), get(f"reason.{word}.hint")) for word in REASON_CHOICES]
    body = [
        ChoiceField(LISTED, get("choose.label"), options, value=model.proposed),
        *_others(context),
        _by_file(context),
        ChoiceField("reason", get("reason"), reasons, value=str(model.wizard.values["reason"])),
    ]
    return context.page(
        "choose",
        body,
        lambda _: model.draw_up_contract(),
        field_of=lambda error: LISTED if isinstance(error, errors.NotRevocable) else None,
    )


def _by_file(context: Context) -> Widget:
    """Return the panel in which a file that lies elsewhere says which certificate is meant; nothing is copied."""
    model, view, texts = context.model, context.view, context.texts

    def chosen(certificate: ListedCertificate) -> None:
        if not view.left:
            model.wizard.edit({LISTED: certificate.key_id})
            context.again()
            view.confirm(context.get("by_file.done", holder=_holder(context, certificate)))

    files = FileImport(model.toolkit)
    if not files.sees_disk:
        return no_files_here(texts)
    where = (files, texts, view.home, view.runner)
    lead = context.get("by_file.lead")
    return FileImportPanel(*where, model.listed_for, chosen, view.say, lead=lead).root


def _choice_blocks(model: RevokeModel, values: Values) -> Iterable[Blocker]:
    if values[LISTED] not in {certificate.key_id for certificate in model.revocable}:
        yield Blocker("revoke.block.certificate", LISTED)
    if values["reason"] not in REASON_CHOICES:
        yield Blocker("revoke.block.reason", "reason")


def _holder(context: Context, certificate: ListedCertificate) -> str:
    holder = certificate.holder
    name = holder.name if holder.type != PERSON_TYPE else f"{holder.first_names} {holder.name}".strip()
    number = typed_number(holder.type, holder.number, context.texts)
    return " · ".join(part for part in (name, number, holder.application_id) if part)


def _about(context: Context, certificate: ListedCertificate) -> Iterator[str]:
    get, date = context.get, context.texts.date
    yield get(f"state.{certificate.state}")
    if certificate.not_before is not None and certificate.not_after is not None:
        yield get("valid", begin=date(certificate.not_before), end=date(certificate.not_after))
    else:
        yield get("asked", moment=certificate.info.requested_at)
    where = _where(certificate)
    yield get(where) if certificate.place is None else get(where, file=certificate.place.name)


def _where(certificate: ListedCertificate) -> str:
    """Return the key of the sentence about its file, which may have been put away."""
    if certificate.place is None:
        return "no_file"
    return "archived" if certificate.file is None else "file"


def _file(context: Context, certificate: ListedCertificate) -> Piece:
    if certificate.place is None:
        return context.get("no_file")
    return mono(
        f"{certificate.place.parent.name}/{certificate.place.name}"
        if certificate.file is None
        else certificate.place.name
    )


def _others(context: Context) -> list[Widget]:
    get, others = context.get, context.model.others
    if not others:
        return []
    lines = [
        f"{_holder(context, certificate)} – {get(f'state.{certificate.state}')}" for certificate in others
    ]
    return [show(details(get("others", count=len(lines)), get("others.text"), *lines))]


def _rows_before(context: Context) -> SummaryRows:
    """Return what the signature ends for good, and why."""
    get, date, chosen = context.get, context.texts.date, context.model.chosen
    rows: SummaryRows = [(get("row.name"), _holder(context, chosen))]
    if chosen.not_before is not None and chosen.not_after is not None:
        dates = get("valid", begin=date(chosen.not_before), end=date(chosen.not_after))
        rows.append((get("row.certificate"), dates))
    return [
        *rows,
        (get("row.keystore"), _file(context, chosen)),
        (get("row.reason"), get(f"reason.{context.model.wizard.values['reason']}")),
        (
            get("row.environment"),
            context.texts.get(f"page.environment.{context.model.procedure_context.environment}"),
        ),
    ]


def _for_good(context: Context) -> Markup:
    """Return the warning above the PIN, with whose certificate is revoked."""
    get, chosen = context.get, context.model.chosen
    lines = [_holder(context, chosen)]
    if chosen.not_after is not None:
        lines.append(get("sign.until", end=context.texts.date(chosen.not_after)))
    return panel("danger", get("sign.for_good"), *lines)


# ── what was done, and on to a new request ───────────────────────────────────────────────────────────────
def _done(context: Context) -> Page:
    get, texts, done = context.get, context.texts, context.model.done
    if done is None:  # the view shows this page only after the revocation
        raise RuntimeError("nothing was revoked")
    rows = _rows(context, done)
    title = get("receipt")

    def paper() -> DownloadFile:
        return document(f"{get('receipt.file')} {done.at:%Y%m%d}", title, texts, table(rows))

    return Page(
        title=get("done.title"),
        body=[
            show(panel("ok", get("done.when", moment=done.at), get("done.etk"))),
            show(section(get("done.next"), timeline(_events(context, done)))),
            receipt_card(title, rows, texts),
            side_by_side([Download(texts.get("closing.receipt.save"), paper, look="quiet")]),
        ],
        more=way_on(texts, _then(context)),
        can_go_back=False,
    )


def _then(context: Context) -> FormLink | None:
    """Return the link to a new request; None for a holder who has stopped, and needs no other certificate."""
    model = context.model
    if model.wizard.values["reason"] == "stopped":
        return None
    return FormLink("request", "revoke.next.request.link", model.prefill.address)


def _rows(context: Context, done: RevocationDone) -> SummaryRows:
    get, texts, model, revoked = context.get, context.texts, context.model, done.revoked
    holder = revoked.again.holder
    name = f"{holder.first_names} {holder.name}".strip() if holder.is_person else holder.name
    number = typed_number(holder.type, holder.number, texts)
    return [
        (get("row.name"), name),
        (get("row.number"), ", ".join(filter(None, (number, holder.application_id)))),
        (get("row.environment"), texts.get(f"page.environment.{model.procedure_context.environment}")),
        (get("row.reason"), get(f"reason.{model.wizard.values['reason']}")),
        (get("row.when"), texts.moment(done.at)),
        (get("row.key"), key_identifier(revoked.key_id)),
        (get("row.file"), _file(context, model.chosen)),
    ]


def _events(context: Context, done: RevocationDone) -> list[Event]:
    get, texts = context.get, context.texts
    return [
        Event(get("next.revoked"), [texts.moment(done.at)], state="done", done_word=texts.get("wizard.done")),
        Event(get("next.file"), [get("next.file.how")], "file"),
        Event(get("next.request"), [get("next.request.how")], "card"),
        Event(get("next.complete"), [get("next.complete.how")], "download"),
        Event(get("next.load"), [get("next.load.how")], "people"),
    ]


REVOKE: Final = WizardForm(
    "revoke",
    lambda toolkit, stage: RevokeModel(toolkit, asked_for(stage)),
    steps=[
        PageStep("questions", _questions, fields=lambda _: {"looked": False}, check=_looked_block),
        TermsStep("card", "pin", "file", conditions="terms.revoke"),
        CardStep(RevokeModel.ask_list),
        PageStep("choose", _choose, fields=lambda _: {LISTED: "", "reason": ""}, check=_choice_blocks),
        SignStep(RevokeModel.revoke, _rows_before, _for_good),
    ],
    done=_done,
    menu=MenuPlace("revocation", 1, "cross", "index.revoke"),
)
