"""Whether a whole text fits a pattern, in time that is bounded whatever the pattern.

Each part is asked once, for every place of the text, where it may end when it begins there; the places stand in
the order in which Java would try them, each once, so that possessive repetitions and atomic groups keep what Java
would have tried first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ehtoolkit.ehealth.java_pattern.characters import WORD
from ehtoolkit.ehealth.java_pattern.nodes import (
    At,
    Atomic,
    Edge,
    Either,
    Greed,
    Look,
    Node,
    NotUnderstood,
    One,
    Repeat,
    Row,
)
from ehtoolkit.ehealth.java_pattern.reading import read_pattern

LONGEST_TEXT: Final = 16
"""Of what is judged: numbers have eleven digits at most."""

Ends = list[tuple[int, ...]]
"""For each place of the text, its end included: where a part may end that begins there, the first choice first."""


def fits(pattern: str, text: str) -> bool | None:
    """Whether the whole ``text`` fits, as Java's `String.matches` says; None when that is not known: the pattern
    is not understood, or the text is not ASCII or longer than `LONGEST_TEXT`."""
    if not text.isascii() or len(text) > LONGEST_TEXT:
        return None
    try:
        node = read_pattern(pattern)
    except NotUnderstood:
        return None
    return len(text) in _ends(node, text)[0]


def _ends(node: Node, text: str) -> Ends:
    places = range(len(text) + 1)
    match node:
        case One():
            fitting = [place < len(text) and node.test(text[place]) for place in places]
            return [(place + 1,) if fitting[place] else () for place in places]
        case At():
            return [(place,) if _is_edge(node.edge, text, place) else () for place in places]
        case Row():
            found: Ends = [(place,) for place in places]
            for part in node.parts:
                ends = _ends(part, text)
                found = [_joined(ends[end] for end in before) for before in found]
            return found
        case Either():
            choices = [_ends(choice, text) for choice in node.choices]
            return [_joined(ends[place] for ends in choices) for place in places]
        case Repeat():
            return _repeated(node, _ends(node.part, text))
        case Atomic():
            return [ends[:1] for ends in _ends(node.part, text)]
        case Look():
            return _seen(node, _ends(node.part, text))


def _repeated(node: Repeat, part: Ends) -> Ends:
    """By how many times are behind us, from many to none. A repetition that moves nowhere is not tried again."""
    last = len(part) - 1
    # Of more than there are characters, one at least is empty, and an empty one may come as often as it likes.
    least = min(node.least, last + 1)
    most = None if node.most is None else min(node.most, least + last)
    found: Ends = [() for _ in part]
    for times in range(least if most is None else most, -1, -1):
        endless = most is None and times == least
        after: Ends = [()] * len(part)
        for place in range(last, -1, -1):
            next_ones: tuple[int, ...] = ()
            if most is None or times < most:
                ahead = [end for end in part[place] if end != place or times < least]
                next_ones = _joined((after if endless else found)[end] for end in ahead)
            stop = (place,) if times >= least else ()
            in_order = (stop, next_ones) if node.greed is Greed.LAZY else (next_ones, stop)
            after[place] = _joined(in_order)
        found = after
    return [ends[:1] for ends in found] if node.greed is Greed.POSSESSIVE else found


def _seen(node: Look, part: Ends) -> Ends:
    places = range(len(part))
    if node.behind:
        reached = {end for ends in part for end in ends}
        return [(place,) if (place in reached) is node.wanted else () for place in places]
    return [(place,) if bool(part[place]) is node.wanted else () for place in places]


def _is_edge(edge: Edge, text: str, place: int) -> bool:
    if edge is Edge.START:
        return place == 0
    if edge is Edge.END:
        return place == len(text)
    before, after = text[place - 1 : place] if place else "", text[place : place + 1]
    between = (bool(before) and WORD(before)) != (bool(after) and WORD(after))
    return between is (edge is Edge.WORD)


def _joined(groups: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """All of them, each once, where it came first."""
    return tuple(dict.fromkeys(end for group in groups for end in group))
