"""The summary before, and the last page after: what is renewed, what comes next, without any secret."""

from __future__ import annotations

from urllib.parse import quote

from ehtoolkit.forms.closing import Closing
from ehtoolkit.forms.holder import holder_line
from ehtoolkit.forms.markup import (
    Event,
    Markup,
    Piece,
    element,
    heading,
    key_identifier,
    link,
    mono,
    panel,
    show,
    summary,
    timeline,
    with_hint,
)
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.renew.model import RenewModel
from ehtoolkit.forms.safekeeping import Safekeeping
from ehtoolkit.forms.steps import Sent
from ehtoolkit.forms.view import WizardView
from ehtoolkit.i18n import Translator
from ehtoolkit.procedures.outcome import State


def summary_rows(model: RenewModel, texts: Translator) -> Markup:
    """Whose certificate, which file, how to be reached, in which environment."""
    return summary(_rows(model, texts))


def done_page(model: RenewModel, view: WizardView, texts: Translator) -> Page:
    """What was done, what comes next, the papers and the copy."""
    get, sent = texts.get, model.sent
    if sent is None:  # the view shows this page only after `send`
        raise RuntimeError("nothing was sent")
    closing = Closing(
        sent.outcome.keystore,
        get("renew.receipt"),
        _receipt_rows(model, sent, texts),
        texts,
        holder=_holder(model),
    )
    body = [
        show(panel("ok", get("renew.done.when", moment=sent.at), get("renew.done.old"))),
        show(element("section", heading(get("renew.done.next")) + timeline(_events(model, sent, texts)))),
    ]
    return closing.page(get("renew.done.title"), body, Safekeeping(sent.file, view, texts), slip=True)


def _rows(model: RenewModel, texts: Translator) -> list[tuple[Piece, Piece]]:
    get, wish, renewal = texts.get, model.wish(), model.renewal
    if renewal is None:
        raise RuntimeError("no keystore was opened")
    contact = wish.contact
    reached = [contact.email, contact.phone, contact.general_email, contact.general_phone]
    until = "" if renewal.not_after is None else get("renew.summary.until", date=renewal.not_after)
    rows: list[tuple[Piece, Piece]] = [
        (get("renew.summary.name"), _holder(model)),
        (get("renew.summary.old"), with_hint(mono(renewal.old.path.name), until)),
        (get("renew.summary.environment"), get(f"page.environment.{model.parts.environment}")),
        (get("renew.summary.contact"), Markup("<br>").join(one for one in reached if one)),
    ]
    if model.for_organisation:
        rows.insert(1, (get("renew.summary.signer"), wish.signer.full_name))
    return rows


def _receipt_rows(model: RenewModel, sent: Sent, texts: Translator) -> list[tuple[Piece, Piece]]:
    get, outcome = texts.get, sent.outcome
    folder = get("renew.receipt.folder", folder=str(outcome.keystore.parent))
    return [
        *_rows(model, texts),
        (get("renew.receipt.sent"), texts.moment(sent.at)),
        (get("renew.receipt.file"), with_hint(mono(outcome.keystore.name), folder)),
        (get("renew.receipt.key"), key_identifier(outcome.key_id)),
    ]


def _holder(model: RenewModel) -> str:
    if model.renewal is None:
        raise RuntimeError("no keystore was opened")
    return holder_line(model.renewal.holder)


def _events(model: RenewModel, sent: Sent, texts: Translator) -> list[Event]:
    get, file = texts.get, quote(sent.outcome.keystore.name)
    delay = "person" if sent.outcome.state is State.VALIDATING else "machine"
    complete = link(get("renew.next.complete.link"), f"complete-renewal.ipynb?keystore={file}")
    email = model.wish().contact.email
    return [
        Event(get("renew.next.sent"), [texts.moment(sent.at)], state="done", done_word=get("wizard.done")),
        Event(get("renew.next.mails"), [get(f"renew.next.mails.{delay}", email=email)], "mail"),
        Event(get("renew.next.complete"), [get("renew.next.complete.how"), complete], "download"),
        Event(get("renew.next.activate"), [get("renew.next.activate.how")], "key"),
        Event(get("renew.next.load"), [get("renew.next.load.how")], "people"),
    ]
