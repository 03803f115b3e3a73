"""The Revoke form: a certificate is ended, also one whose file or password is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import typed_number
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Values, is_ticked
from ehtoolkit.forms.file_import.model import FileImport
from ehtoolkit.forms.file_import.panel import FileImportPanel
from ehtoolkit.forms.html import (
    Markup,
    Piece,
    SummaryRows,
    bullets,
    details,
    key_identifier,
    link,
    mono,
    panel,
    paragraph,
    show,
)
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.receipts.receipt import (
    coming,
    document,
    receipt_card,
    side_by_side,
    table,
    way_on,
    what_comes_next,
)
from ehtoolkit.forms.steps.card import card_step
from ehtoolkit.forms.steps.keystore_import import no_files_here
from ehtoolkit.forms.steps.signing import sign_step
from ehtoolkit.forms.steps.terms import terms_step
from ehtoolkit.forms.widgets.fields import ChoiceField, Option
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.forms.wizards.revoke.model import LISTED, RevocationDone, RevokeModel
from ehtoolkit.procedures.revoke import REASON_CHOICES
from ehtoolkit.procedures.state.certificate_list import ListedCertificate

QUESTIONS: Final = ("other_password", "other_file", "other_profile", "software", "rescue")
"""What may spare the revocation, easiest first."""

Context = FormContext[RevokeModel]


# ── the questions before ─────────────────────────────────────────────────────────────────────────────────
def _questions(context: Context) -> Page:
    get = context.get
    body = [
        show(bullets(get(f"question.{question}") for question in QUESTIONS)),
        show(paragraph(link(get("questions.troubleshoot"), "troubleshoot.ipynb"))),
        show(panel("warn", get("warning"), get("warning.text"))),
        context.tick("looked", get("questions.looked")),
    ]
    return context.page("questions", body)


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
    model = context.model

    def found(certificate: ListedCertificate) -> None:
        def choose() -> None:
            model.wizard.edit({LISTED: certificate.key_id})
            context.again()
            say("done")

        def say(what: str) -> None:
            context.confirm(context.get(f"by_file.{what}", holder=_holder(context, certificate)))

        context.take_in("choose", choose, lambda: say("late"))

    files = FileImport(model.toolkit)
    if not files.sees_disk:
        return no_files_here(context.texts)
    return FileImportPanel(files, context, model.listed_for, found, lead=context.get("by_file.lead")).root


def _choice_blocks(model: RevokeModel, values: Values) -> Iterable[Blocker]:
    if values[LISTED] not in {certificate.key_id for certificate in model.revocable}:
        yield Blocker("revoke.block.certificate", LISTED)
    if values["reason"] not in REASON_CHOICES:
        yield Blocker("revoke.block.reason", "reason")


def _holder(context: Context, certificate: ListedCertificate) -> str:
    holder = certificate.holder
    number = typed_number(holder.type, holder.number, context.texts)
    return " · ".join(filter(None, (holder.full_name, number, holder.application_id)))


def _about(context: Context, certificate: ListedCertificate) -> Iterator[str]:
    get, date = context.get, context.texts.date
    yield get(f"state.{certificate.state}")
    if certificate.not_before is not None and certificate.not_after is not None:
        yield get("valid", begin=date(certificate.not_before), end=date(certificate.not_after))
    else:
        yield get("asked", moment=certificate.info.requested_at)
    if certificate.place is None:
        yield get("no_file")
    else:
        yield get("archived" if certificate.file is None else "file", file=certificate.place.name)


def _file(context: Context, certificate: ListedCertificate) -> Piece:
    place = certificate.place
    if place is None:
        return context.get("no_file")
    return mono(f"{place.parent.name}/{place.name}" if certificate.file is None else place.name)


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
        (get("row.environment"), context.environment),
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
    rows = _rows(context, done)
    title = get("receipt")
    then = coming(context, file="file", request="card", complete="download", load="people")

    def paper() -> DownloadFile:
        return document(f"{get('receipt.file')} {done.at:%Y%m%d}", title, texts, table(rows))

    return Page(
        title=get("done.title"),
        body=[
            show(panel("ok", get("done.when", moment=done.at), get("done.etk"))),
            what_comes_next(context, "revoked", done.at, then),
            receipt_card(title, rows, texts),
            side_by_side([context.download(texts.get("closing.receipt.save"), paper, look="quiet")]),
        ],
        more=way_on(texts, _then(context)),
        can_go_back=False,
    )


def _then(context: Context) -> FormLink | None:
    """Return the link to a new request; None for a holder who has stopped, and needs no other certificate."""
    model = context.model
    if model.wizard.values["reason"] == "stopped":
        return None
    return FormLink("request", "revoke.next.request.link", Prefill.of_again(model.done.revoked.again).address)


def _rows(context: Context, done: RevocationDone) -> SummaryRows:
    get, texts, model, revoked = context.get, context.texts, context.model, done.revoked
    holder = revoked.again.holder
    number = typed_number(holder.type, holder.number, texts)
    return [
        (get("row.name"), holder.full_name),
        (get("row.number"), ", ".join(filter(None, (number, holder.application_id)))),
        (get("row.environment"), context.environment),
        (get("row.reason"), get(f"reason.{model.wizard.values['reason']}")),
        (get("row.when"), texts.moment(done.at)),
        (get("row.key"), key_identifier(revoked.key_id)),
        (get("row.file"), _file(context, model.chosen)),
    ]


REVOKE: Final = WizardForm(
    "revoke",
    lambda toolkit, stage: RevokeModel(toolkit, stage.keystore_named()),
    steps=[
        FormStep(
            "questions",
            _questions,
            fields=lambda _: {"looked": False},
            check=is_ticked("looked", "revoke.block.looked"),
        ),
        terms_step("card", "pin", "file", conditions="terms.revoke"),
        card_step(RevokeModel.ask_list),
        FormStep("choose", _choose, fields=lambda _: {LISTED: "", "reason": ""}, check=_choice_blocks),
        sign_step(RevokeModel.revoke, _rows_before, _for_good),
    ],
    done=_done,
    menu=MenuPlace("revocation", 1, "index.revoke", "cross"),
)
