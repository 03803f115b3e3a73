"""Display results in Python: one line, and a table in notebooks, without a secret or a whole NISS.

A notebook is saved with what it shows, and is sent on: so what is shown has the day of birth alone of each NISS. The
attributes of a result have everything. HTML is loaded when it is asked for: commands make none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from ehtoolkit.system.text_safety import REPLACEMENT, printable

_GAPS: Final = "-./_ \u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
"""What people and programs put between the digits of a number: also spaces and hyphens that end no line."""
_GAP: Final = f"[{re.escape(_GAPS)}]"
_NISS: Final = re.compile(
    r"\b[0-9A-Fa-f]{40}\b"  # a key identifier
    rf"|(?<!\d)(?P<usual>(?:\d{{2}}{_GAP}?){{3}}\d{{3}}{_GAP}?\d{{2}})(?!\d)"
    rf"|(?<!\d)(?<!\d{_GAP})(?P<spread>\d(?:{_GAP}?\d){{10}})(?!{_GAP}?\d)"  # with gaps at other places
    r"|(?<!\d)(?P<short>\d{9,10}|\d\d\.\d\d\.\d\d[-.]\d{3})(?!\d)",  # digits are missing
    re.ASCII,
)
"""A number that may be a NISS. A key identifier is passed over: one in forty has eleven digits side by side."""
_BIRTH_DIGITS: Final = 6
MASKED_DIGITS: Final = 5
"""How many digits of a NISS `masked` hides: the counter and the check digits."""
_MODULUS: Final = 97
_NO_NISS: Final = frozenset({"inami", "serial_hex"})
"""Fields whose digits are no NISS."""
_MANY: Final = 5
_NOTHING: Final[tuple[object, ...]] = (None, "", ())

Result = TypeVar("Result")


def masked(text: str) -> str:
    """Return ``text`` with nothing but the day of birth left of each number that may be a NISS: ``790314*****``.
    Counter and check digits go together: of either the other can be found. It is looked for everywhere, since names of
    keystores hold it.

    Eleven digits in the usual groups are masked whatever they are. Those with gaps at other places are masked where the
    check digits hold, and nine or ten digits where they begin with a day of birth: phone numbers and times stay.
    """
    return _NISS.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    written, kind = found[0], found.lastgroup
    digits = "".join(filter(str.isdecimal, written))
    if kind == "usual" or (kind is not None and _begins_with_a_day(digits) and _may_be_one(kind, digits)):
        seventh = [place for place, sign in enumerate(written) if sign.isdecimal()][_BIRTH_DIGITS]
        return f"{written[:seventh].rstrip(_GAPS)}{'*' * MASKED_DIGITS}"
    return written


def _may_be_one(kind: str, digits: str) -> bool:
    """Return whether digits that are not written as a NISS usually is may be one: eleven have its check digits; ten do
    not begin as numbers of enterprises and phones do."""
    if kind == "spread":
        number, check = int(digits[:9]), int(digits[9:])
        return check in {_MODULUS - each % _MODULUS for each in (number, 2_000_000_000 + number)}
    return len(digits) == 9 or digits[0] not in "01"


def _begins_with_a_day(digits: str) -> bool:
    """Return whether a number may begin with a day of birth; of people outside the national register the month is 20
    or 40 too high."""
    month, day = int(digits[2:4]), int(digits[4:6])
    return month % 20 <= 12 and month < 60 and day <= 31


_FOR_CODE_PAGES: Final = str.maketrans({"→": "->", "≥": ">=", REPLACEMENT: "?"})


def for_print(text: str) -> str:
    """Return ``text`` without our own characters that Windows-1252 lacks: on Windows, Python writes to files and pipes
    in that code page, and `print` fails at an arrow. Names of files and people stay as they are."""
    return text.translate(_FOR_CODE_PAGES)


class Displayed:
    """A dataclass that shows itself by its fields: those of ``repr``, without what is empty. Made with ``repr=False``,
    which leaves this one its word."""

    __slots__ = ()

    card_maker: ClassVar[str | None] = None
    """The function that makes the HTML of a value, as ``module:function``; None shows a table of the fields."""

    def displayed(self) -> Iterator[tuple[str, object]]:
        """Yield the names and values that are shown, in order."""
        for field in fields(self):  # type: ignore[arg-type]  # only dataclasses derive from it
            if field.repr:
                yield field.name, getattr(self, field.name)

    def __repr__(self) -> str:
        shown = (f"{name}={_in_a_line(name, value)}" for name, value in self._known())
        return f"{type(self).__name__}({', '.join(shown)})"

    def _repr_html_(self) -> str:
        if self.card_maker is not None:
            module, function = self.card_maker.split(":")
            return masked(getattr(import_module(module), function)(self))
        from ehtoolkit.html import element, join

        rows = (
            element("tr", element("th", name, scope="row") + element("td", _in_a_cell(name, value)))
            for name, value in self._known()
        )
        return str(element("table", element("tbody", join(rows))))

    def _known(self) -> Iterator[tuple[str, object]]:
        return (pair for pair in self.displayed() if pair[1] not in _NOTHING)


class ResultTuple(tuple[Result, ...]):
    """A tuple of results, which a notebook shows as one table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from ehtoolkit.html import element, join

        results = [dict(result._known()) for result in self if isinstance(result, Displayed)]
        if not results or len(results) < len(self):
            return str(element("code", masked(repr(tuple(self)))))
        names = list(dict.fromkeys(name for result in results for name in result))
        head = join(element("th", name, scope="col") for name in names)
        body = (
            element("tr", join(element("td", _in_a_cell(name, result.get(name, ""))) for name in names))
            for result in results
        )
        return str(element("table", element("thead", element("tr", head)) + element("tbody", join(body))))


def _in_a_line(name: str, value: object) -> str:
    """Return ``value`` as Python writes it, as far as it can be read."""
    plain = _plain(name, value)
    if isinstance(plain, tuple):
        return f"({', '.join(_in_a_line(name, part) for part in plain)}{',' if len(plain) == 1 else ''})"
    return repr(plain) if isinstance(plain, str) else str(plain)


def _in_a_cell(name: str, value: object) -> str:
    plain = _plain(name, value)
    if isinstance(plain, tuple):
        return ", ".join(_in_a_cell(name, part) for part in plain)
    return str(plain)


def _plain(name: str, value: object) -> Any:
    """Return ``value`` as text without a whole NISS; as a tuple where it is many, and as it is where it is a number."""
    match value:
        case Enum():
            return str(value.value)
        case str() | Path():
            text = printable(str(value))
            return text if name in _NO_NISS else masked(text)
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case bool() | int() | float():
            return value
        case tuple() | list():
            return (*_some(value),)
        case Displayed():
            return _Unquoted(repr(value))
        case _:
            return masked(printable(str(value)))


def _some(values: Iterable[object]) -> Iterator[object]:
    whole = list(values)
    yield from whole[:_MANY]
    if len(whole) > _MANY:
        yield _Unquoted(f"… {len(whole) - _MANY} more")


class _Unquoted:
    """What is written without quotation marks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text
