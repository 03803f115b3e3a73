"""Fields with labels of their own and errors beside them; a secret is in no trait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal

from traitlets import Bool, Dict, Enum, Int, List, Unicode

from ehtoolkit.forms.html import svg
from ehtoolkit.forms.log_filter import filter_message_logs
from ehtoolkit.forms.widgets.base import EsmWidget, Field, esm
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.passwords import SENSIBLE_LENGTH


@dataclass(frozen=True, slots=True)
class Option:
    """``value`` is what the form gets; ``hint`` a second, smaller line."""

    value: str
    label: str
    hint: str = ""


class ObservedFields:
    """Fields that call ``changed`` when the user changes one of them."""

    def __init__(self, changed: Callable[[], None], fields: Iterable[Field]) -> None:
        self._changed = changed
        self._filling = False
        for field in fields:
            field.observe(self._tell, "value")

    def _tell(self, _: object) -> None:
        if not self._filling:
            self._changed()

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Do nothing about what the body puts into the fields."""
        before, self._filling = self._filling, True
        try:
            yield
        finally:
            self._filling = before


class ChoiceField(Field):
    """Radio buttons in a fieldset, or the browser's drop-down (``compact``) for many short options.

    ``value`` is that of the chosen option; the empty string where none is chosen.
    """

    _esm = esm("choice")
    options: list[dict[str, Any]] = List().tag(sync=True)
    compact: bool = Bool(False).tag(sync=True)
    value: str = Unicode().tag(sync=True)

    def __init__(self, name: str, label: str, options: Sequence[Option], **state: Any) -> None:
        super().__init__(name, label, options=[asdict(option) for option in options], **state)

    def offer(self, options: Sequence[Option]) -> None:
        """Offer other options in place of those there; a value that is not among them is dropped."""
        if self.value not in {option.value for option in options}:
            self.value = ""
        self.options = [asdict(option) for option in options]


class TextField(Field):
    """Label, hint, error and an input, tied together.

    Attributes:
        value: follows when the user leaves the field, and with ``live`` also when he pauses.
        autocomplete: the HTML token (``email``, ``tel``, ``off``).
        capitals: words begin with one.
    """

    _esm = esm("text")
    value: str = Unicode().tag(sync=True)
    kind: str = Enum(("text", "email", "tel", "search"), "text").tag(sync=True)
    inputmode: str = Unicode().tag(sync=True)
    autocomplete: str = Unicode().tag(sync=True)
    capitals: bool = Bool(False).tag(sync=True)
    max_length: int = Int(0).tag(sync=True)
    rows: int = Int(1).tag(sync=True)
    live: bool = Bool(False).tag(sync=True)


_TRIES = '<svg viewBox="0 0 60 16" aria-hidden="true" focusable="false">{}</svg>'.format(
    "".join(f'<circle cx="{x}" cy="8" r="6"/>' for x in (9, 30, 51))
)


class SecretField(Field):
    """What is typed leaves the browser once, in the message of the form's primary button, and the field is empty
    afterwards. A trait would be echoed to every client, saved in the notebook and shown by debug logs.

    Attributes:
        pin: digits, at most 12, in large type.
        reveal: the words of a box that shows what is typed; none, no box.
        reveals: the name of another field of the form that the box shows too.
        capslock: what is said while Caps Lock is on.
        kept: whether the user is asked before what is typed is lost with the page.
    """

    _esm = esm("secret")
    pin: bool = Bool(False).tag(sync=True)
    autocomplete: str = Enum(("off", "current-password", "new-password"), "off").tag(sync=True)
    max_length: int = Int(0).tag(sync=True)
    tries: str = Unicode().tag(sync=True)
    tries_left: int = Int(3).tag(sync=True)
    tries_icon: str = Unicode(_TRIES).tag(sync=True)
    reveal: str = Unicode().tag(sync=True)
    reveals: str = Unicode().tag(sync=True)
    capslock: str = Unicode().tag(sync=True)
    kept: bool = Bool(False).tag(sync=True)

    def __init__(self, name: str, label: str, *, pin: bool = False, **state: Any) -> None:
        filter_message_logs()
        super().__init__(name, label, pin=pin, max_length=12 if pin else 0, **state)

    @classmethod
    def of_file(cls, name: str, label: str, texts: Translator, *, hint: str = "") -> SecretField:
        """Return the field of the password that opens a file, with the box that shows what is typed."""
        reveal, capslock = texts.get("wizard.reveal"), texts.get("wizard.capslock")
        return cls(name, label, hint=hint, autocomplete="current-password", reveal=reveal, capslock=capslock)

    def show_tries(self, left: int, sentence: str) -> None:
        """Show that ``left`` of three tries are left, as dots, and in words: ``sentence``."""
        self.tries_left, self.tries = left, sentence


class CheckField(Field):
    """A box with its sentence; ``value`` is True when it is ticked."""

    _esm = esm("check")
    value: bool = Bool(False).tag(sync=True)


Rule = Literal["printable", "long", "ends", "same"]


class PasswordRules(EsmWidget):
    """A list that the browser keeps while two `SecretField`\\ s of the page are typed in; what is typed neither
    leaves the browser for it nor is kept. It decides nothing: that is the model's when the form is sent.

    ``first`` and ``second``: the names of the fields; ``rules``: a sentence each; ``met`` and ``broken``: what a screen
    reader says behind one that is kept, or not.
    ``least``: characters of a password that is not short.
    """

    _esm = esm("rules")
    label: str = Unicode().tag(sync=True)
    first: str = Unicode("first").tag(sync=True)
    second: str = Unicode("second").tag(sync=True)
    rules: list[dict[str, str]] = List().tag(sync=True)
    words: dict[str, str] = Dict().tag(sync=True)
    least: int = Int(SENSIBLE_LENGTH).tag(sync=True)
    icons: dict[str, Any] = Dict({"open": svg("circle"), "met": svg("ok"), "broken": svg("danger")}).tag(
        sync=True
    )

    def __init__(self, rules: Mapping[Rule, str], *, met: str, broken: str, **state: Any) -> None:
        super().__init__(
            rules=[{"kind": kind, "text": text} for kind, text in rules.items()],
            words={"open": "", "met": met, "broken": broken},
            **state,
        )
