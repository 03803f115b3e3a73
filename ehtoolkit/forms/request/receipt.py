"""The summary before, and the receipt after: what is asked for whom, without any secret."""

from __future__ import annotations

from ehtoolkit.forms.markup import (
    Event,
    Markup,
    card,
    element,
    heading,
    join,
    link,
    mono,
    panel,
    paragraph,
    show,
    summary,
    timeline,
    with_hint,
)
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.request.model import RequestModel, Sent
from ehtoolkit.forms.widgets import Button, Download, Handout
from ehtoolkit.identity import Person
from ehtoolkit.procedures.outcome import State
from ehtoolkit.texts import Texts


def summary_rows(model: RequestModel, texts: Texts) -> Markup:
    """Who, for whom, how to be reached, in which environment."""
    return summary(_rows(model, texts))


def done_page(model: RequestModel, texts: Texts) -> Page:
    """What was done, what comes next, and the receipt."""
    get, sent = texts.get, model.sent
    if sent is None:  # the view shows this page only after `send`
        raise RuntimeError("nothing was sent")
    receipt = element("section", heading(get("request.receipt")) + summary(_receipt_rows(model, sent, texts)))
    body = [
        show(panel("ok", get("request.done.when", moment=sent.at), get("request.done.rest"))),
        show(element("section", heading(get("request.done.next")) + timeline(_events(model, sent, texts)))),
        show(card(receipt + paragraph(get("request.receipt.note"), "eh-note"))),
        Download(get("request.receipt.save"), lambda: _file(model, sent, texts), look=""),
    ]
    return Page(
        title=get("request.done.title"),
        body=body,
        more=[
            (Button("print", get("request.receipt.print"), "primary", "print", does="print"), lambda _: None)
        ],
        can_go_back=False,
    )


def _rows(model: RequestModel, texts: Texts) -> list[tuple[str | Markup, str | Markup]]:
    get, wish = texts.get, model.wish()
    actor, contact = wish.actor, wish.contact
    if isinstance(actor, Person):
        usage = get("request.summary.personal", niss=actor.niss.formatted)
        name = actor.full_name
    else:
        usage = f"{actor.identifier.type} {actor.identifier.value}"
        name = actor.name
    reached = [contact.email, contact.phone, contact.general_email, contact.general_phone]
    rows: list[tuple[str | Markup, str | Markup]] = [(get("request.summary.name"), with_hint(name, usage))]
    if not isinstance(actor, Person):
        rows.append((get("request.summary.signer"), wish.signer.full_name))
    return [
        *rows,
        (get("request.summary.environment"), get(f"page.environment.{model.parts.environment}")),
        (get("request.summary.contact"), Markup("<br>").join(one for one in reached if one)),
    ]


def _receipt_rows(model: RequestModel, sent: Sent, texts: Texts) -> list[tuple[str | Markup, str | Markup]]:
    get, outcome = texts.get, sent.outcome
    by_person = outcome.state is State.VALIDATING
    folder = get("request.receipt.folder", folder=str(outcome.keystore.parent))
    key_id = " ".join(outcome.key_id[place : place + 4] for place in range(0, len(outcome.key_id), 4))
    return [
        *_rows(model, texts),
        (get("request.receipt.sent"), texts.moment(sent.at)),
        (get("request.receipt.file"), with_hint(mono(outcome.keystore.name), folder)),
        (get("request.receipt.key"), mono(key_id)),
        (get("request.receipt.person"), get(f"request.receipt.person.{'yes' if by_person else 'no'}")),
    ]


def _events(model: RequestModel, sent: Sent, texts: Texts) -> list[Event]:
    get = texts.get
    delay = "person" if sent.outcome.state is State.VALIDATING else "machine"
    complete = link(
        get("request.next.complete.link"), f"complete.ipynb?keystore={_quoted(sent.outcome.keystore.name)}"
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


def _file(model: RequestModel, sent: Sent, texts: Texts) -> Handout:
    """The receipt as a page of its own, to be kept or sent."""
    title = texts.get("request.receipt")
    rows = join(
        Markup("<tr><th>{}</th><td>{}</td></tr>").format(name, value)
        for name, value in _receipt_rows(model, sent, texts)
    )
    html = Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
        "<style>body{{font-family:sans-serif;margin:2rem}}th{{text-align:left;padding:.4rem 2rem .4rem 0;"
        "vertical-align:top}}span{{display:block}}</style></head>"
        "<body><h1>{}</h1><table>{}</table><p>{}</p></body></html>"
    ).format(texts.language, title, title, rows, texts.get("request.receipt.note"))
    return Handout(f"{sent.outcome.keystore.stem}.html", str(html).encode(), "text/html")


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name)
