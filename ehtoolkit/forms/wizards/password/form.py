"""The Password form: its pages, and in the end what was proven, the copies with the old password, what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.due.keystores import holder_words, name_words
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import (
    Markup,
    Piece,
    Severity,
    SummaryRows,
    bullets,
    checks,
    details,
    file_in_folder,
    link,
    mono,
    panel,
    paragraph,
    section,
    show,
    summary_card,
)
from ehtoolkit.forms.receipts.receipt import Receipt, boxes, document, way_on
from ehtoolkit.forms.steps.keystore import keystore_step
from ehtoolkit.forms.steps.new_password import (
    LABELS,
    field_of,
    new_password_fields,
    password_warning,
    typed_password,
)
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.fields import ChoiceField, Option
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.forms.wizards.password.model import KEEP, Change, PasswordModel
from ehtoolkit.keystore.codec.writer import EncryptionProfile

PLACES: Final = ("practice", "others", "messages", "partners", "copies", "safe")
"""Where the new password has to be given, and what still has the old one."""

Context = FormContext[PasswordModel]


# ── the steps ────────────────────────────────────────────────────────────────────────────────────────────
def _forgotten(context: Context) -> list[Widget]:
    get = context.get
    lines: list[Piece] = [get("forgotten.look"), get("forgotten.nobody")]
    if "revoke" in context.pages:
        lines.append(link(get("forgotten.revoke"), "revoke.ipynb"))
    return [show(details(get("forgotten"), *lines))]


def _new(context: Context) -> Page:
    get, model = context.get, context.model
    options = [
        Option(str(choice), get(f"profile.{choice}"), get(f"profile.{choice}.about"))
        for choice in (KEEP, *EncryptionProfile)
    ]
    profile = ChoiceField("profile", get("profile"), options, value=str(model.wizard.values["profile"]))
    body = [
        summary_card(_rows_before(context)),
        password_warning(context.texts),
        *new_password_fields(context.texts, LABELS),
        profile,
    ]
    return context.page(
        "new", body, lambda sent: model.change_to(typed_password(sent)), icon="key", field_of=field_of
    )


def _rows_before(context: Context) -> SummaryRows:
    """Return whose file is about to be changed, and what is in it."""
    get, model, path = context.get, context.model, context.model.path
    inside = model.inside
    if inside is not None and inside.holder is not None:
        words = name_words(inside.holder, context.texts)
    else:  # as far as can be seen
        words = holder_words(model.choosing.chosen(model.wizard.values), context.texts)
    holder = " · ".join(words)
    rows: SummaryRows = [(get("row.holder"), holder)] if holder else []
    rows.append((get("row.file"), file_in_folder(path, context.texts)))
    if inside is not None:
        rows.append((get("row.keys"), str(len(inside.keys))))
        rows.append((get("row.certificates"), str(inside.certificates)))
    return rows


# ── the last page, and the question before copies are deleted ────────────────────────────────────────────
def _done(context: Context) -> Page:
    model = context.model
    asks = model.asks_about_copies and model.copies
    return _question(context) if asks else _result(context, model.change)


def _result(context: Context, change: Change) -> Page:
    get = context.texts.get
    deleted, copies = context.model.deleted, context.model.copies
    gone = bool(deleted) and not copies
    return Page(
        title=get(f"password.{_copies(len(deleted))}.gone" if gone else _key(change, "title")),
        body=[
            show(_verdict(context, change)),
            show(_copies_panel(context, change)),
            *_delete_button(context, change),
            show(section(get(_key(change, "inside")), checks(_inside(context, change)))),
            *_next(context, change),
            *_papers(context, change),
        ],
        more=way_on(context.texts, None),
        can_go_back=False,
    )


def _question(context: Context) -> Page:
    get, copies = context.texts.get, context.model.copies
    first = panel(
        "warn", get("password.copy.ask.first"), get("password.copy.ask.first.text"), *map(_place, copies)
    )
    return Page(
        title=get(f"password.{_copies(len(copies))}.ask"),
        lead=get("password.copy.ask.lead"),
        body=[show(first)],
        more=[
            Button("yes", get("password.copy.yes"), "primary", "cross"),
            Button("no", get("password.copy.no")),
        ],
        acts={"yes": lambda _: _delete(context), "no": lambda _: _ask(context, False)},
        can_go_back=False,
    )


def _ask(context: Context, asking: bool) -> None:
    context.model.asks_about_copies = asking
    context.again()


def _delete(context: Context) -> None:
    context.model.asks_about_copies = False
    try:
        context.model.delete_copies()
    finally:
        context.again()


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
def _verdict(context: Context, change: Change) -> Markup:
    get = context.texts.get
    if change.doubt is None:
        return panel("ok", get(_key(change, "proven")), get("password.done.proven.text"))
    sentence = context.texts.error(change.doubt)
    return panel("danger", get("password.done.doubt"), sentence, get("password.done.doubt.text"))


def _copies_panel(context: Context, change: Change) -> Markup:
    get, copies = context.texts.get, context.model.copies
    if copies and change.same_password:
        text = get("password.again.copy.text")
        return panel("info", get("password.again.copy"), text, *map(_place, copies))
    if copies:
        word = _copies(len(copies))
        lines = [get(f"password.{word}.text"), *map(_place, copies)]
        return panel("warn", get(f"password.{word}"), *lines)
    count = max(1, len(context.model.deleted))
    return panel("ok", get(f"password.{_copies(count)}.gone"), get("password.copy.gone.text"))


def _delete_button(context: Context, change: Change) -> Iterator[Widget]:
    """Yield the button that deletes the copies, beside what it is about, and not while a copy may still be needed."""
    copies = context.model.copies
    if copies and change.doubt is None:
        words = context.texts.get(f"password.{_copies(len(copies))}.delete", count=len(copies))
        yield context.buttons(lambda _: _ask(context, True), Button("delete", words, icon="cross"))


def _inside(context: Context, change: Change) -> list[tuple[Severity, Piece]]:
    get, inside = context.texts.get, change.inside
    found = [
        get(f"password.done.key.{key.role}", alias=key.alias or get("password.key.nameless"))
        for key in inside.keys
    ]
    return [("ok", line) for line in (*found, get("password.done.certificates", count=inside.certificates))]


def _next(context: Context, change: Change) -> list[Widget]:
    get = context.texts.get
    if change.same_password:
        return [show(section(get("password.again.next"), paragraph(get("password.again.next.text"))))]
    listed = bullets(_places(context), "eh-bullets eh-section-s")
    refused = "compatible" if change.profile is EncryptionProfile.COMPATIBLE else "text"
    return [
        show(section(get("password.next"), paragraph(get("password.next.lead")), listed)),
        show(details(get("password.next.refused"), get(f"password.next.refused.{refused}"))),
    ]


def _papers(context: Context, change: Change) -> list[Widget]:
    closing = _closing(context, change)
    more: list[Widget] = []
    if not change.same_password:
        save = context.texts.get("password.next.save")
        more.append(context.download(save, lambda: _checklist(context, change), look="quiet"))
    papers = closing.papers(slip=not change.same_password, load=False, more=more)
    return [closing.receipt(), papers]


def _closing(context: Context, change: Change) -> Receipt:
    title, holder = context.texts.get("password.receipt"), _holder(context, change)
    return Receipt(change.path, title, _rows(context, change), context, holder)


def _holder(context: Context, change: Change) -> str | None:
    holder = change.inside.holder
    return None if holder is None else " · ".join(name_words(holder, context.texts))


def _rows(context: Context, change: Change) -> SummaryRows:
    get, copies = context.texts.get, context.model.copies
    aliases = [mono(key.alias or get("password.key.nameless")) for key in change.inside.keys]
    label = "password.again.row" if change.same_password else f"password.row.{_copies(max(1, len(copies)))}"
    kept = Markup("<br>").join(map(_place, copies)) if copies else get("password.row.copy.none")
    holder = _holder(context, change)
    rows: SummaryRows = [] if holder is None else [(get("password.row.holder"), holder)]
    return [
        *rows,
        (get("password.row.file"), file_in_folder(change.path, context.texts)),
        (get(_key(change, "changed")), context.texts.moment(change.at)),
        (get("password.row.profile"), get(f"password.profile.{change.profile}")),
        (get("password.row.keys"), Markup("<br>").join(aliases)),
        (get("password.row.certificates"), str(change.inside.certificates)),
        (get(label), kept),
    ]


def _checklist(context: Context, change: Change) -> DownloadFile:
    get = context.texts.get
    return document(
        f"{change.path.stem} {get('password.next.file')}",
        get("password.next"),
        context.texts,
        paragraph(mono(str(change.path))),
        paragraph(get("password.next.lead")),
        boxes(_places(context)),
    )


def _places(context: Context) -> list[str]:
    return [context.texts.get(f"password.next.{place}") for place in PLACES]


def _place(copy: object) -> Markup:
    return mono(str(copy))


def _key(change: Change, what: str) -> str:
    """Return the key of one of two texts: about another password, or about another encryption alone."""
    return f"password.{'again' if change.same_password else 'done'}.{what}"


def _copies(count: int) -> str:
    """Return the word in the key of one of two texts: about one copy, or about several."""
    return "copy" if count == 1 else "copies"


PASSWORD: Final = WizardForm(
    "password",
    lambda toolkit, stage: PasswordModel(toolkit, stage.keystore_named()),
    steps=[keystore_step(_forgotten), FormStep("new", _new, fields=lambda _: {"profile": KEEP})],
    done=_done,
    menu=MenuPlace("password", 1, "index.password", "key"),
    reaches_platform=False,
)
