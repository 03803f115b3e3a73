"""The last page of the Revoke form: what was ended, what stays, and on to a new request."""

from __future__ import annotations

from ehtoolkit.forms.closing import print_button, print_itself, side_by_side
from ehtoolkit.forms.document import document, table
from ehtoolkit.forms.markup import (
    Event,
    Piece,
    card,
    element,
    heading,
    key_identifier,
    link,
    mono,
    panel,
    paragraph,
    show,
    summary,
    timeline,
)
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.revoke.model import Done, RevokeModel
from ehtoolkit.forms.widgets import Download, Handout
from ehtoolkit.i18n import Translator


def done_page(model: RevokeModel, texts: Translator) -> Page:
    """What was done and what comes next."""
    get, done = texts.get, model.done
    if done is None:  # the view shows this page only after the revocation
        raise RuntimeError("nothing was revoked")
    rows = _rows(model, done, texts)
    note = paragraph(get("closing.receipt.note"), "eh-note")
    title = get("revoke.receipt")

    def paper() -> Handout:
        return document(f"{get('revoke.receipt.file')} {done.at:%Y%m%d}", title, texts, table(rows))

    return Page(
        title=get("revoke.done.title"),
        body=[
            show(panel("ok", get("revoke.done.when", moment=done.at), get("revoke.done.etk"))),
            show(
                element("section", heading(get("revoke.done.next")) + timeline(_events(model, done, texts)))
            ),
            show(card(element("section", heading(title) + summary(rows)) + note)),
            side_by_side([Download(get("closing.receipt.save"), paper, look="")]),
        ],
        more=[(print_button(texts), print_itself)],
        can_go_back=False,
    )


def _rows(model: RevokeModel, done: Done, texts: Translator) -> list[tuple[Piece, Piece]]:
    get, revoked = texts.get, done.revoked
    holder = revoked.again.holder
    name = f"{holder.first_names} {holder.name}".strip() if revoked.again.is_personal else holder.name
    number = f"{holder.type} {holder.number}"
    file = revoked.keystore
    return [
        (get("revoke.row.name"), name),
        (get("revoke.row.number"), ", ".join(filter(None, (number, revoked.again.application_id)))),
        (get("revoke.row.environment"), get(f"page.environment.{model.parts.environment}")),
        (get("revoke.row.reason"), get(f"revoke.reason.{model.wizard.values['reason']}")),
        (get("revoke.row.when"), texts.moment(done.at)),
        (get("revoke.row.key"), key_identifier(revoked.key_id)),
        (get("revoke.row.file"), get("revoke.no_file") if file is None else mono(file.name)),
    ]


def _events(model: RevokeModel, done: Done, texts: Translator) -> list[Event]:
    get = texts.get
    again = link(get("revoke.next.request.link"), model.prefill.address)
    return [
        Event(
            get("revoke.next.revoked"), [texts.moment(done.at)], state="done", done_word=get("wizard.done")
        ),
        Event(get("revoke.next.file"), [get("revoke.next.file.how")], "file"),
        Event(get("revoke.next.request"), [get("revoke.next.request.how"), again], "card"),
        Event(get("revoke.next.complete"), [get("revoke.next.complete.how")], "download"),
        Event(get("revoke.next.load"), [get("revoke.next.load.how")], "people"),
    ]
