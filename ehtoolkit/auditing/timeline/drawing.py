"""A time line as SVG and its legend as HTML: for the page of the audit and for the page that leaves it.

Shapes have classes and no style; the project's style sheet colours them inside of ``eh-chart``. A screen
reader gets a sentence that leads to the tables, which have the same dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from ehtoolkit.auditing.timeline.timeline import Kind, TimeLine, TimelineBar, TimelineRow
from ehtoolkit.clock import format_day
from ehtoolkit.html import element, join
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State

_WIDTH: Final = 982
_LEFT: Final = 232
"""Where names end and days begin."""
_HEAD: Final = 58
_TODAY_BOX: Final = 96
_CERTIFICATE, _PERIOD, _GAP = 14, 9, 4
"""Heights of bars, and what is between them."""
_NAME_LENGTH: Final = 30
_CLASSES: Final = {
    Kind.CERTIFICATE: "cert",
    Kind.RENEWAL: "win",
    Kind.EXPIRED: "gone",
    Kind.CONVENTIONED: "inami conv",
    Kind.PARTLY: "inami partly",
    Kind.UNCONVENTIONED: "inami",
}


_LATER: Final = " later"
"""The class of a replacement period that is not open today."""


def drawing(line: TimeLine, texts: Translator, *, identifier: str = "timeline", **attributes: str) -> Markup:
    """Return the ``<svg>`` of the whole time line.

    Args:
        identifier: begins the ``id`` attributes, so that a page can have two.
        attributes: more of the ``<svg>``'s.
    """
    scale = _Scale(line)
    tops, height = [], _HEAD
    for row in line.rows:
        tops.append(height)
        height += _height(row)
    title = element("title", texts.get("export.timeline.title"), id=f"{identifier}-title")
    words = texts.get("export.timeline.description", date=line.today, count=len(line.rows))
    description = element("desc", words, id=f"{identifier}-description")
    return element(
        "svg",
        join(
            (
                title + description,
                *_grid(line, scale, height),
                *(_row(row, top, scale, texts) for row, top in zip(line.rows, tops, strict=True)),
                _today(line.today, scale, height),
            )
        ),
        viewBox=f"0 0 {_WIDTH} {height + 2}",
        role="img",
        aria_labelledby=f"{identifier}-title {identifier}-description",
        **attributes,
    )


def drawing_size(line: TimeLine) -> tuple[int, int]:
    """Return the width and height that `drawing` has."""
    return _WIDTH, _HEAD + sum(map(_height, line.rows)) + 2


def legend(line: TimeLine, texts: Translator) -> Markup:
    """Return what the bars mean: the kinds that are there, in words; a replacement period that is open today is a kind
    of its own."""
    spans = [
        element("span", sample(kind, is_open=False) + texts.get(f"export.timeline.{kind}"))
        for kind in kinds_of(line)
    ]
    bars = [bar for row in line.rows for bar in row.certificates if bar.kind is Kind.RENEWAL]
    if any(_is_open(bar, line.today) for bar in bars):
        spans.append(element("span", sample(Kind.RENEWAL) + texts.get("export.timeline.open")))
    return element("div", join(spans), class_="eh-legend")


def _is_open(bar: TimelineBar, today: date) -> bool:
    return bar.start <= today and (bar.end is None or today < bar.end)


def kinds_of(line: TimeLine) -> list[Kind]:
    """Return the kinds of bars that are there, in the order of a legend."""
    shown = {bar.kind for row in line.rows for bar in (*row.certificates, *row.periods)}
    return [kind for kind in Kind if kind in shown]


@dataclass(frozen=True, slots=True)
class _Scale:
    line: TimeLine

    def x(self, day: date) -> float:
        """Return where ``day`` begins; never off the picture."""
        first, last = self.line.first, self.line.last
        share = (min(max(day, first), last) - first) / (last - first)
        return round(_LEFT + share * (_WIDTH - 2 - _LEFT), 1)

    def bar(self, bar: TimelineBar, top: int, height: int, class_: str) -> Markup:
        left = self.x(bar.start)
        right = self.x(bar.end or self.line.last)
        return _shape(
            "rect", class_, x=left, y=top, width=max(round(right - left, 1), 2), height=height, rx=3
        )


def _grid(line: TimeLine, scale: _Scale, height: int) -> Iterator[Markup]:
    for year in range(line.first.year, line.last.year + 1):
        x = scale.x(date(year, 1, 1))
        yield _shape("line", "grid", x1=x, x2=x, y1=34, y2=height)
        yield _text(str(year), x + 5, 46, "soft")


def _today(today: date, scale: _Scale, height: int) -> Markup:
    x = scale.x(today)
    middle = min(max(x, _LEFT), _WIDTH - _TODAY_BOX / 2)
    box = _shape("rect", "todaybox", x=middle - _TODAY_BOX / 2, y=0, width=_TODAY_BOX, height=22, rx=4)
    line = _shape("line", "today", x1=x, x2=x, y1=20, y2=height)
    return line + box + _text(format_day(today), middle, 16, "todaytext", anchor="middle")


def _row(row: TimelineRow, top: int, scale: _Scale, texts: Translator) -> Markup:
    pieces = [
        _shape("line", "rowline", x1=0, x2=_WIDTH - 2, y1=top, y2=top),
        _text(_cut(row.name), 0, top + 23, "name"),
        _text(_cut(_words(row, texts)), 0, top + 42, "soft"),
    ]
    below = top + 12
    for bar in row.certificates:
        pieces += _certificate(bar, top + 12 + bar.lane * (_CERTIFICATE + _GAP), scale)
    if row.certificates:
        below += _lanes(row.certificates) * (_CERTIFICATE + _GAP) + _GAP
    pieces += [
        scale.bar(bar, below + bar.lane * (_PERIOD + _GAP), _PERIOD, _CLASSES[bar.kind])
        for bar in row.periods
        if _touches(bar, scale.line)
    ]
    return join(pieces)


def _certificate(bar: TimelineBar, top: int, scale: _Scale) -> Iterator[Markup]:
    if not _touches(bar, scale.line):
        return
    is_later = bar.kind is Kind.RENEWAL and not _is_open(bar, scale.line.today)
    yield scale.bar(bar, top, _CERTIFICATE, _CLASSES[bar.kind] + (_LATER if is_later else ""))
    if bar.kind is Kind.RENEWAL:
        yield _hatch(scale.x(bar.start), scale.x(bar.end or scale.line.last), top, _CERTIFICATE)


def _hatch(left: float, right: float, top: int, height: int) -> Markup:
    """Draw strokes through a bar, so that it is recognised without its colour."""
    strokes, x = [], left + 3
    while x + 8 <= right:
        strokes.append(f"M{x:.1f} {top + height}l8 -{height}")
        x += 8
    return element("path", "", class_="winhatch", d=" ".join(strokes)) if strokes else Markup("")


def _words(row: TimelineRow, texts: Translator) -> str:
    keystore = row.keystore
    if keystore is None:
        return texts.get("export.timeline.none")
    if keystore.not_after is None:
        return texts.get(f"export.state.{keystore.state}")
    key = "over" if keystore.state == State.EXPIRED else "until"
    return texts.get(f"export.timeline.{key}", date=format_day(keystore.not_after))


def sample(kind: Kind, *, is_open: bool = True, **attributes: str) -> Markup:
    """Return a small ``<svg>`` with a bar of this kind.

    Args:
        is_open: of a replacement period: whether it is open today.
        attributes: more of the ``<svg>``'s.
    """
    later = "" if is_open or kind is not Kind.RENEWAL else _LATER
    rect = _shape("rect", _CLASSES[kind] + later, x=1, y=3, width=30, height=10, rx=2)
    hatch = _hatch(1, 31, 3, 10) if kind is Kind.RENEWAL else Markup("")
    return element("svg", rect + hatch, viewBox="0 0 32 16", aria_hidden="true", **attributes)


def _height(row: TimelineRow) -> int:
    bars = _lanes(row.certificates) * (_CERTIFICATE + _GAP) + _lanes(row.periods) * (_PERIOD + _GAP)
    return max(54, 24 + bars)


def _lanes(bars: tuple[TimelineBar, ...]) -> int:
    return max((bar.lane for bar in bars), default=-1) + 1


def _touches(bar: TimelineBar, line: TimeLine) -> bool:
    return bar.start <= line.last and (bar.end is None or bar.end >= line.first)


def _cut(text: str) -> str:
    return text if len(text) <= _NAME_LENGTH else f"{text[: _NAME_LENGTH - 1].rstrip()}…"


def _text(words: str, x: float, y: float, class_: str | None = None, *, anchor: str | None = None) -> Markup:
    return element("text", words, x=f"{x:g}", y=f"{y:g}", class_=class_, text_anchor=anchor)


def _shape(tag: str, class_: str, **numbers: float) -> Markup:
    return element(tag, "", class_=class_, **{name: f"{value:g}" for name, value in numbers.items()})
