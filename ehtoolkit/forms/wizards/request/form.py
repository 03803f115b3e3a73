"""The Request form: a first certificate, for oneself or for an organisation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import holder_line
from ehtoolkit.forms.due.next_steps import resume_link
from ehtoolkit.forms.engine.form import FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import Event, SummaryRows, mono, panel, with_hint
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.receipts.receipt import coming
from ehtoolkit.forms.start_obstacles import Obstacle, items_of, own_obstacle, request_obstacle
from ehtoolkit.forms.steps.card import card_step
from ehtoolkit.forms.steps.contact import contact_lines, contact_step
from ehtoolkit.forms.steps.new_password import password_step
from ehtoolkit.forms.steps.opened_keystore import opening
from ehtoolkit.forms.steps.sending import check_step, may_insist, send_step, sent_page, sent_rows
from ehtoolkit.forms.steps.signing import sign_step
from ehtoolkit.forms.steps.terms import terms_step
from ehtoolkit.forms.widgets.fields import SecretField
from ehtoolkit.forms.wizards.request.holder_choice import (
    holder_blocks,
    holder_field,
    organisation_blocks,
    organisation_fields,
)
from ehtoolkit.forms.wizards.request.holder_pages import Context, notice_panel, organisation, who
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.identity import Person
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import keystore_path
from ehtoolkit.toolkit import Toolkit


def _model(toolkit: Toolkit, stage: PageContext) -> RequestModel:
    """Return the model of the form. ``?resume=FILE`` takes up a request that was never sent; the address may fill in
    fields (`Prefill.of_query`)."""
    prefill = Prefill.of_query(os.environ.get("QUERY_STRING", ""))
    return RequestModel(toolkit, stage.keystore_named("resume"), prefill, stage.texts.language)


def _known_before(context: Context) -> Obstacle | None:
    """Return the obstacle of a request that waits in the folder; None where there is none, and when a request is
    resumed."""
    if context.model.resumed is not None:
        return None
    with suppress(errors.FileUnreadable):  # that is said where the keystore is written
        return request_obstacle(items_of(context.model.procedure_context), context.texts)
    return None


def _known_of_holder(context: Context) -> Obstacle | None:
    """Return the obstacle of a certificate, or of a request, that the card's holder has already."""
    own = context.model.own
    return None if own is None else own_obstacle(own, context.texts)


# ── before it is asked for ───────────────────────────────────────────────────────────────────────────────
def _rows(context: Context) -> SummaryRows:
    """Return the rows of the summary: applicant, holder, contact data, environment."""
    get, request = context.get, context.model.request()
    actor = request.actor
    if isinstance(actor, Person):
        usage, name = get("summary.personal", niss=actor.niss.formatted), actor.full_name
    else:
        usage, name = _kind(context), actor.name
    rows: SummaryRows = [(get("summary.name"), with_hint(name, usage))]
    if not isinstance(actor, Person):
        bare = get("summary.application_id.none")
        rows += [
            (get("summary.application_id"), request.name.application_id or bare),
            (get("summary.signer"), request.signer.full_name),
        ]
    return [
        *rows,
        (get("summary.environment"), context.environment),
        (get("summary.contact"), contact_lines(request.contact)),
    ]


def _kind(context: Context) -> str:
    identifier, choices = context.model.request().actor.identifier, context.model.choices
    kind = identifier.type if choices is None else choices.types.name(identifier.type, context.texts)
    return f"{kind}, {identifier.text}"


def _rows_with_file(context: Context) -> SummaryRows:
    """Return the rows of the summary, and with them into which file the keystore goes."""
    get, model, name = context.get, context.model, context.model.request().name
    path = model.resumed or keystore_path(
        model.procedure_context.keystores,
        name.identifier,
        name.application_id,
        model.procedure_context.clock.now(),
        model.procedure_context.environment,
    )
    shown = path.name
    if model.resumed is None:
        holder = path.name.rpartition(" ")[0] or path.name
        shown = get("summary.file.named", holder=holder, ending=path.suffix)
    return [*_rows(context), (get("summary.file"), mono(shown))]


def _notices(context: Context) -> list[Widget]:
    model = context.model
    if model.checked is None:
        return []
    found = model.checked.notices(model.request().actor.name)
    return [notice_panel(notice, context.texts) for notice in found]


def leads_past(error: errors.EhToolkitError) -> Iterator[FormLink]:
    """Yield the forms that go on with what is there already, the likeliest first."""
    if isinstance(error, errors.RequestUnclear):
        yield FormLink.to("complete", "troubleshoot.complete.link", Path(error.path).name)
    if not isinstance(error, errors.KeystoreError):
        return
    file = None if error.path is None else Path(error.path).name
    match error:
        case errors.NeverSent():
            yield resume_link(Path(error.path), "complete.never_sent.resume")
        case errors.RequestWaiting() if error.reason != "elsewhere":
            yield FormLink.to("complete", "troubleshoot.complete.link", file)
        case errors.CertificateInForce():
            if error.reason == "renewable":
                yield FormLink.to("renew", "index.renew", file)
            yield FormLink.to("revoke", "index.revoke", file)


def _open(context: Context) -> Page:
    """Return the page that opens the keystore whose request is resumed."""
    get, model, path = context.get, context.model, context.model.resumed
    return Page(
        title=get("open.title"),
        lead=get("open.lead", file=path.name if path else ""),
        body=[SecretField.of_file("password", get("open.label"), context.texts)],
        primary=get("open.go"),
        work=lambda sent: opening(model.open_resumed, sent.secrets["password"], path),
        busy=get("open.busy"),
        failed=get("open.failed"),
        field_of=lambda error: "password" if isinstance(error, errors.KeystorePasswordWrong) else None,
    )


# ── after ────────────────────────────────────────────────────────────────────────────────────────────────
def _done(context: Context) -> Page:
    """Return what was done, what comes next, the papers and the copy."""
    get, texts, model, sent = context.get, context.texts, context.model, context.model.sent
    keystore, by_person = sent.outcome.keystore, sent.outcome.state is State.VALIDATING
    rows: SummaryRows = [
        *_rows(context),
        *sent_rows(context),
        (get("receipt.person"), get(f"receipt.person.{'yes' if by_person else 'no'}")),
    ]
    verdict = panel("ok", get("done.when", moment=sent.at), get("done.rest"))
    holder = holder_line(model.request().name, texts)
    then = FormLink.to("complete", "request.next.complete.link", keystore.name)
    return sent_page(context, verdict, _events(context), rows, holder, then, slip=model.resumed is None)


def _events(context: Context) -> list[Event]:
    get, sent = context.get, context.model.sent
    delay = "person" if sent.outcome.state is State.VALIDATING else "machine"
    email = context.model.request().contact.email
    return [
        Event(get("next.first"), [get("next.first.when", email=email)], "mail"),
        Event(get("next.second"), [get(f"next.second.{delay}")], "mail"),
        *coming(context, complete="download", load="people"),
    ]


REQUEST: Final = WizardForm(
    "request",
    _model,
    steps=[
        terms_step(
            "card", "pin", "organisation", "email", "time", conditions="terms.request", before=_known_before
        ),
        card_step(RequestModel.ask_choices, _known_of_holder, RequestModel.look_for_certificate),
        FormStep(
            "who",
            who,
            fields=lambda model: holder_field(model.prefill),
            check=lambda model, values: holder_blocks(values, model.choices),
        ),
        FormStep(
            "organisation",
            organisation,
            fields=lambda model: organisation_fields(model.prefill),
            check=lambda model, values: organisation_blocks(values, model.choices),
            applies=lambda model: model.for_organisation,
        ),
        contact_step(lambda model: model.for_organisation, lambda model: model.known_contact),
        check_step(
            _rows_with_file,
            RequestModel.draw_up_contract,
            changes={
                "summary.name": "who",
                "summary.application_id": "organisation",
                "summary.contact": "contact",
            },
            notes=_notices,
            insist=may_insist,
            leads_past=leads_past,
        ),
        FormStep("open", _open, applies=lambda model: model.resumed is not None),
        sign_step(RequestModel.sign, _rows_with_file),
        password_step(
            RequestModel.choose_password,
            lead=lambda context: (
                context.get("password.organisation") if context.model.for_organisation else ""
            ),
            applies=lambda model: model.asks_password,
        ),
        send_step(_rows_with_file),
    ],
    done=_done,
    menu=MenuPlace("request", 1, "index.request", "card"),
)
