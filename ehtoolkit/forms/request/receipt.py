"""The summary before, and the last page after: what is asked for whom, without any secret."""

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
from ehtoolkit.forms.request.model import RequestModel
from ehtoolkit.forms.safekeeping import Safekeeping
from ehtoolkit.forms.steps import Sent
from ehtoolkit.forms.view import WizardView
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Person
from ehtoolkit.keystore import keystore_path
from ehtoolkit.procedures.outcome import State
from ehtoolkit.procedures.request import Wish


def summary_rows(model: RequestModel, texts: Translator) -> Markup:
    """Who, for whom, how to be reached, in which environment, into which file."""
    name = model.wish().name
    path = model.resumed_path or keystore_path(
        model.parts.keystores,
        name.identifier,
        name.application_id,
        model.parts.clock.now(),
        model.parts.environment,
    )
    holder = path.name.rpartition(" ")[0] or path.name
    shown = (
        path.name
        if model.resumes
        else texts.get("request.summary.file.named", holder=holder, ending=path.suffix)
    )
    return summary([*_rows(model, texts), (texts.get("request.summary.file"), mono(shown))])


def done_page(model: RequestModel, view: WizardView, texts: Translator) -> Page:
    """What was done, what comes next, the papers and the copy."""
    get, sent = texts.get, model.sent
    if sent is None:  # the view shows this page only after `send`
        raise RuntimeError("nothing was sent")
    closing = Closing(
        sent.outcome.keystore,
        get("request.receipt"),
        _receipt_rows(model, sent, texts),
        texts,
        holder=holder_line(model.wish().name),
    )
    body = [
        show(panel("ok", get("request.done.when", moment=sent.at), get("request.done.rest"))),
        show(element("section", heading(get("request.done.next")) + timeline(_events(model, sent, texts)))),
    ]
    copy = Safekeeping(sent.file, view, texts)
    return closing.page(get("request.done.title"), body, copy, slip=not model.resumes)


def _rows(model: RequestModel, texts: Translator) -> list[tuple[Piece, Piece]]:
    get, wish = texts.get, model.wish()
    actor, contact = wish.actor, wish.contact
    if isinstance(actor, Person):
        usage, name = get("request.summary.personal", niss=actor.niss.formatted), actor.full_name
    else:
        usage, name = _kind(model, wish, texts), actor.name
    reached = [contact.email, contact.phone, contact.general_email, contact.general_phone]
    rows: list[tuple[Piece, Piece]] = [(get("request.summary.name"), with_hint(name, usage))]
    if not isinstance(actor, Person):
        bare = get("request.summary.application_id.none")
        rows += [
            (get("request.summary.application_id"), wish.name.application_id or bare),
            (get("request.summary.signer"), wish.signer.full_name),
        ]
    return [
        *rows,
        (get("request.summary.environment"), get(f"page.environment.{model.parts.environment}")),
        (get("request.summary.contact"), Markup("<br>").join(one for one in reached if one)),
    ]


def _kind(model: RequestModel, wish: Wish, texts: Translator) -> str:
    identifier = wish.actor.identifier
    kind = identifier.type if model.choices is None else model.choices.types.name(identifier.type, texts)
    return f"{kind}, {identifier.text}"


def _receipt_rows(model: RequestModel, sent: Sent, texts: Translator) -> list[tuple[Piece, Piece]]:
    get, outcome = texts.get, sent.outcome
    by_person = outcome.state is State.VALIDATING
    folder = get("request.receipt.folder", folder=str(outcome.keystore.parent))
    return [
        *_rows(model, texts),
        (get("request.receipt.sent"), texts.moment(sent.at)),
        (get("request.receipt.file"), with_hint(mono(outcome.keystore.name), folder)),
        (get("request.receipt.key"), key_identifier(outcome.key_id)),
        (get("request.receipt.person"), get(f"request.receipt.person.{'yes' if by_person else 'no'}")),
    ]


def _events(model: RequestModel, sent: Sent, texts: Translator) -> list[Event]:
    get = texts.get
    delay = "person" if sent.outcome.state is State.VALIDATING else "machine"
    complete = link(
        get("request.next.complete.link"), f"complete.ipynb?keystore={quote(sent.outcome.keystore.name)}"
    )
    return [
        Event(get("request.next.sent"), [texts.moment(sent.at)], state="done", done_word=get("wizard.done")),
        Event(
            get("request.next.first"),
            [get("request.next.first.when", email=model.wish().contact.email)],
            "mail",
        ),
        Event(get("request.next.second"), [get(f"request.next.second.{delay}")], "mail"),
        Event(get("request.next.complete"), [get("request.next.complete.how"), complete], "download"),
        Event(get("request.next.load"), [get("request.next.load.how")], "people"),
    ]
