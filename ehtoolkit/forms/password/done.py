"""The last page of the Password form: what was proven, the copies with the old password, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.closing import Closing
from ehtoolkit.forms.document import boxes, document
from ehtoolkit.forms.holder import name_words
from ehtoolkit.forms.markup import (
    Markup,
    Piece,
    Severity,
    checks,
    details,
    element,
    heading,
    join,
    mono,
    panel,
    paragraph,
    show,
    with_hint,
)
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.password.model import Change, PasswordModel
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import Action, Actions, Button, Download, Handout
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore import EncryptionProfile

PLACES: Final = ("practice", "others", "messages", "partners", "copies", "safe")
"""Where the new password has to be given, and what still has the old one."""


class DonePages:
    """The page, and the question before copies are deleted. ``view``: gives the one that shows them."""

    def __init__(self, model: PasswordModel, texts: Translator, view: Callable[[], WizardView]) -> None:
        self._model = model
        self._texts = texts
        self._view = view
        self._asking = False

    def page(self) -> Page:
        change = self._model.change
        if change is None:  # the view shows this page only after the work
            raise RuntimeError("nothing was changed")
        return self._question() if self._asking and self._model.copies else self._result(change)

    # ── the two pages ────────────────────────────────────────────────────────────────────────────────────
    def _result(self, change: Change) -> Page:
        get = self._texts.get
        deleted, copies = self._model.deleted, self._model.copies
        gone = bool(deleted) and not copies
        return Page(
            title=get(f"password.{_copies(len(deleted))}.gone" if gone else _key(change, "title")),
            body=[
                show(self._verdict(change)),
                show(self._copies_panel(change)),
                *self._delete_button(change),
                show(element("section", heading(get(_key(change, "inside"))) + checks(self._inside(change)))),
                *self._next(change),
                *self._papers(change),
            ],
            more=[(Button("print", get("password.done.print"), "primary", "print", does="print"), _nothing)],
            can_go_back=False,
        )

    def _question(self) -> Page:
        get, copies = self._texts.get, self._model.copies
        first = panel(
            "warn", get("password.copy.ask.first"), get("password.copy.ask.first.text"), *map(_place, copies)
        )
        return Page(
            title=get(f"password.{_copies(len(copies))}.ask"),
            lead=get("password.copy.ask.lead"),
            body=[show(first)],
            more=[
                (Button("yes", get("password.copy.yes"), "primary", "cross"), self._delete),
                (Button("no", get("password.copy.no")), lambda _: self._ask(False)),
            ],
            can_go_back=False,
        )

    def _ask(self, asking: bool) -> None:
        self._asking = asking
        self._view().refresh(focus=True)

    def _delete(self, _: Action) -> None:
        self._asking = False
        try:
            self._model.delete_copies()
        finally:
            self._view().refresh(focus=True)

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _verdict(self, change: Change) -> Markup:
        get = self._texts.get
        if change.doubt is None:
            return panel("ok", get(_key(change, "proven")), get("password.done.proven.text"))
        sentence = self._texts.error(change.doubt)
        return panel("danger", get("password.done.doubt"), sentence, get("password.done.doubt.text"))

    def _copies_panel(self, change: Change) -> Markup:
        get, copies = self._texts.get, self._model.copies
        if copies and change.same_password:
            text = get("password.again.copy.text")
            return panel("info", get("password.again.copy"), text, *map(_place, copies))
        if copies:
            word = _copies(len(copies))
            lines = [get(f"password.{word}.text"), *map(_place, copies)]
            return panel("warn", get(f"password.{word}"), *lines)
        count = max(1, len(self._model.deleted))
        return panel("ok", get(f"password.{_copies(count)}.gone"), get("password.copy.gone.text"))

    def _delete_button(self, change: Change) -> Iterator[Widget]:
        """Beside what it is about, and not while the copy may still be needed."""
        copies = self._model.copies
        if copies and change.doubt is None:
            words = self._texts.get(f"password.{_copies(len(copies))}.delete", count=len(copies))
            button = Actions([Button("delete", words, icon="cross")])
            button.on_action(self._view().guard(lambda _: self._ask(True)))
            yield button

    def _inside(self, change: Change) -> list[tuple[Severity, Piece]]:
        get, inside = self._texts.get, change.inside
        found = [
            get(f"password.done.key.{key.role}", alias=key.alias or get("password.key.nameless"))
            for key in inside.keys
        ]
        return [
            ("ok", line) for line in (*found, get("password.done.certificates", count=inside.certificates))
        ]

    def _next(self, change: Change) -> list[Widget]:
        get = self._texts.get
        if change.same_password:
            text = heading(get("password.again.next")) + paragraph(get("password.again.next.text"))
            return [show(element("section", text))]
        items = join(element("li", place) for place in self._places())
        listed = element("ul", items, class_="eh-bullets eh-section-s")
        refused = (
            "password.next.refused.compatible"
            if change.profile is EncryptionProfile.COMPATIBLE
            else "password.next.refused.text"
        )
        return [
            show(
                element(
                    "section",
                    heading(get("password.next")) + paragraph(get("password.next.lead")) + listed,
                )
            ),
            show(details(get("password.next.refused"), get(refused))),
        ]

    def _papers(self, change: Change) -> list[Widget]:
        closing = self._closing(change)
        more: list[Widget] = []
        if not change.same_password:
            save = self._texts.get("password.next.save")
            more.append(Download(save, lambda: self._checklist(change), look=""))
        papers = closing.papers(slip=not change.same_password, load=False, more=more)
        return [closing.receipt(), papers]

    def _closing(self, change: Change) -> Closing:
        holder = change.inside.holder
        words = None if holder is None else " · ".join(name_words(holder, self._texts))
        return Closing(
            change.path, self._texts.get("password.receipt"), self._rows(change), self._texts, words
        )

    def _rows(self, change: Change) -> list[tuple[Piece, Piece]]:
        get, copies = self._texts.get, self._model.copies
        folder = get("password.row.folder", folder=str(change.path.parent))
        aliases = [mono(key.alias or get("password.key.nameless")) for key in change.inside.keys]
        label = (
            "password.again.row" if change.same_password else f"password.row.{_copies(max(1, len(copies)))}"
        )
        kept = Markup("<br>").join(map(_place, copies)) if copies else get("password.row.copy.none")
        rows: list[tuple[Piece, Piece]] = [
            (get("password.row.file"), with_hint(mono(change.path.name), folder)),
            (get(_key(change, "changed")), self._texts.moment(change.at)),
            (get("password.row.profile"), get(f"password.profile.{change.profile}")),
            (get("password.row.keys"), Markup("<br>").join(aliases)),
            (get("password.row.certificates"), str(change.inside.certificates)),
            (get(label), kept),
        ]
        if change.inside.holder is None:
            return rows
        return [
            (get("password.row.holder"), " · ".join(name_words(change.inside.holder, self._texts))),
            *rows,
        ]

    def _checklist(self, change: Change) -> Handout:
        get = self._texts.get
        return document(
            f"{change.path.stem} {get('password.next.file')}",
            get("password.next"),
            self._texts,
            paragraph(mono(str(change.path))),
            paragraph(get("password.next.lead")),
            boxes(self._places()),
        )

    def _places(self) -> list[str]:
        return [self._texts.get(f"password.next.{place}") for place in PLACES]


def _place(copy: object) -> Markup:
    return mono(str(copy))


def _key(change: Change, what: str) -> str:
    """Which of two texts: about another password, or about another encryption alone."""
    return f"password.{'again' if change.same_password else 'done'}.{what}"


def _copies(count: int) -> str:
    """Which of two texts: about one copy, or about several."""
    return "copy" if count == 1 else "copies"


def _nothing(_: Action) -> None:
    """The browser prints by itself."""
