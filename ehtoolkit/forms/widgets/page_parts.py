"""Parts of a page: titles, steps, errors, charts, contracts, messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from traitlets import Bool, Dict, Int, List, Unicode

from ehtoolkit.forms.html import Markup, escape, svg
from ehtoolkit.forms.widgets.base import EsmWidget, MessageWidget, esm


class StepHead(EsmWidget):
    """Title (the page's h1), caption and lead."""

    _esm = esm("head")
    caption: str = Unicode().tag(sync=True)
    title: str = Unicode().tag(sync=True)
    lead: str = Unicode().tag(sync=True)
    tab: str = Unicode().tag(sync=True)
    focused: int = Int(0).tag(sync=True)

    def show(self, *, caption: str, title: str, lead: str, focus: bool) -> None:
        """Show caption, title and lead; with ``focus`` the title takes the keyboard's focus, so that a screen reader
        reads on here."""
        self.caption, self.title, self.lead = caption, title, lead
        if focus:
            self.focused += 1


class SectionHead(EsmWidget):
    """An h2 with a note under it.

    Attributes:
        mono: a file name, to be read letter by letter.
        focused: how often it has taken the keyboard's focus, so that a screen reader reads on here; it does so again
            when it comes back.
    """

    _esm = esm("section")
    title: str = Unicode().tag(sync=True)
    note: str = Unicode().tag(sync=True)
    mono: bool = Bool(False).tag(sync=True)
    focused: int = Int(0).tag(sync=True)

    def __init__(self, title: str, note: str = "", *, mono: bool = False, focus: bool = False) -> None:
        super().__init__(title=title, note=note, mono=mono, focused=int(focus))

    def take_focus(self) -> None:
        self.focused += 1


@dataclass(frozen=True, slots=True)
class StepMark:
    """One line: ``link`` makes its title lead there."""

    name: str
    title: str
    state: Literal["done", "now", "later"]
    link: bool = False


StepListener = Callable[[str, Mapping[str, str | bool]], None]
"""Gets a step and what the fields held."""


class Stepper(MessageWidget):
    """The list of steps; on narrow screens one line and a bar.

    In our pages the browser's history follows it: ``place`` is the current step, empty when there is none any more,
    ``kept`` what the browser may keep of what was typed, ``loss`` the question before the form is left, and ``answers``
    how often the browser was answered.
    """

    _esm = esm("person_number", "stepper")
    label: str = Unicode().tag(sync=True)
    steps: list[dict[str, Any]] = List().tag(sync=True)
    now: str = Unicode().tag(sync=True)
    then: str = Unicode().tag(sync=True)
    done_word: str = Unicode().tag(sync=True)
    done_icon: str = Unicode(svg("done")).tag(sync=True)
    place: str = Unicode().tag(sync=True)
    kept: dict[str, Any] = Dict().tag(sync=True)
    loss: str = Unicode().tag(sync=True)
    answers: int = Int(0).tag(sync=True)

    def show(self, steps: Sequence[StepMark], *, now: str, then: str) -> None:
        """Show the steps. ``now`` and ``then``: the sentences of the narrow variant."""
        self.now, self.then, self.steps = now, then, [asdict(step) for step in steps]

    def keep(self, place: str, kept: Mapping[str, str | bool], loss: str) -> None:
        with self.hold_sync():
            self.place, self.kept, self.loss = place, dict(kept), loss

    def on_go(self, listener: StepListener) -> None:
        """Call ``listener(step, values)`` when the user goes to a step, by a link or by Back and Forward; ``values`` is
        what the fields held."""
        self._listen("go", self._answering(listener), step=str, values=dict)

    def on_resume(self, listener: StepListener) -> None:
        """Call ``listener(step, values)`` when the browser has kept a form of this name as far as this step."""
        self._listen("resume", self._answering(listener), step=str, values=dict)

    def _answering(self, listener: StepListener) -> StepListener:
        def answer(step: str, values: Mapping[str, str | bool]) -> None:
            listener(step, values)
            self.answers += 1

        return answer


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """A sentence, and the name of the field that it leads to."""

    text: str
    field: str | None = None


class ErrorSummary(EsmWidget):
    """Empty and invisible until there is something to say. ``help``: the words of the link to the page's part of the
    manual, shown with errors of fields where there is a manual."""

    _esm = esm("errors")
    title: str = Unicode().tag(sync=True)
    items: list[dict[str, str]] = List().tag(sync=True)
    notes: list[str] = List().tag(sync=True)
    icon: str = Unicode(svg("danger")).tag(sync=True)
    focused: int = Int(0).tag(sync=True)
    help: str = Unicode().tag(sync=True)

    def show(self, title: str, lines: Sequence[ErrorLine], notes: Sequence[str] = ()) -> None:
        """Show the errors and take the focus; ``notes`` tell what was not changed and what to do."""
        self.title = title
        self.items = [{"text": line.text, "field": line.field or ""} for line in lines]
        self.notes = [note for note in notes if note]
        self.focused += 1

    def clear(self) -> None:
        self.title, self.items, self.notes = "", [], []


class Passage(EsmWidget):
    """HTML that may grow: what is new takes the keyboard's focus, so that reading goes on there.

    Attributes:
        content: escaped by who has made it.
        target: the ``id`` of what takes the focus; ``focused``: how often something has.
    """

    _esm = esm("passage")
    content: str = Unicode().tag(sync=True)
    target: str = Unicode().tag(sync=True)
    focused: int = Int(0).tag(sync=True)

    def show(self, content: str, focus: str = "") -> None:
        """Show ``content``. ``focus``: the ``id`` of what in it takes the focus; empty: the focus stays."""
        with self.hold_sync():
            self.content, self.target = str(content), focus
            if focus:
                self.focused += 1


class Chart(EsmWidget):
    """A drawing that scrolls sideways.

    Attributes:
        drawing: an SVG, escaped by who has made it; its line of class ``today`` is to be seen at first.
        label: what the region is called.
    """

    _esm = esm("chart")
    label: str = Unicode().tag(sync=True)
    drawing: str = Unicode().tag(sync=True)

    def show(self, drawing: Markup) -> None:
        self.drawing = str(drawing)


# The frame is sandboxed without any permission, and its own policy allows nothing but styles in the text. A body
# that takes the focus can be scrolled by keyboard. Whatever the text brings, it is black on white.
_CONTRACT_HEAD = (
    '<head><meta charset="utf-8">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<style>:root{color-scheme:light;background:#fff}"
    "body{margin:1rem 1.25rem;color:#16211f;"
    "font:400 17px/1.55 'Segoe UI',Roboto,'Noto Sans','Open Sans','DejaVu Sans',Arial,sans-serif;"
    "overflow-wrap:break-word}h1{font-size:1.375rem;line-height:1.3}h2{font-size:1.125rem;line-height:1.35}"
    "body:focus{outline:3px solid #0b5b70;outline-offset:.6rem}</style>"
    '</head><body tabindex="0">'
)


class ContractFrame(EsmWidget):
    """A contract, in a frame of its own.

    Args:
        label: the name that a screen reader says for the frame.
        language: of the contract; empty: unknown.
        large, close: the words of the buttons that open it in a window above the page, and close that; without them
            there are none.
    """

    _esm = esm("frame")
    label: str = Unicode().tag(sync=True)
    document: str = Unicode().tag(sync=True)
    large: str = Unicode().tag(sync=True)
    large_icon: str = Unicode(svg("search")).tag(sync=True)
    close_word: str = Unicode().tag(sync=True)

    def __init__(
        self, label: str, html: str, *, language: str = "", large: str = "", close: str = ""
    ) -> None:
        document = f'<!doctype html><html lang="{escape(language)}">{_CONTRACT_HEAD}{html}'
        super().__init__(label=label, document=document, large=large, close_word=close)


@dataclass(frozen=True, slots=True)
class MailMessage:
    """An e-mail or a message in a list.

    Attributes:
        about: to whom and when, in the list.
        head: the same in full, above the text.
        language: of the text.
    """

    subject: str
    about: str
    head: str
    body: str
    language: str


class MailList(EsmWidget):
    """The newest is open at first. ``nothing``: what is shown while there is none."""

    _esm = esm("mailbox")
    label: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    mails: list[dict[str, Any]] = List().tag(sync=True)

    def show(self, mails: Sequence[MailMessage]) -> None:
        self.mails = [asdict(mail) for mail in mails]
