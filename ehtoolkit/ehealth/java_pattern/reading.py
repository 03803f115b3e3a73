"""Reads a pattern in Java's syntax (that of `java.util.regex.Pattern`) into its parts."""

from __future__ import annotations

from typing import Final

from ehtoolkit.ehealth.java_pattern.characters import (
    all_of,
    among,
    any_of,
    between,
    everything,
    none_of,
    whatever_case,
)
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
    Test,
)
from ehtoolkit.ehealth.java_pattern.scanner import Scanner

LONGEST_PATTERN: Final = 500
DEEPEST: Final = 40
"""Groups within groups."""
_LONGEST_COUNT: Final = 9
"""Digits of a number of times."""
_EDGES: Final = {
    "A": Edge.START,
    "z": Edge.END,
    "Z": Edge.END,
    "G": Edge.START,
    "b": Edge.WORD,
    "B": Edge.NO_WORD,
}
_LOOKS: Final = (("?=", True, False), ("?!", False, False), ("?<=", True, True), ("?<!", False, True))
_FLAGS: Final = frozenset("idmsuU")
"""All but ``x``. Only ``i`` makes a difference to one line of ASCII."""


def read_pattern(pattern: str) -> Node:
    """Raises `NotUnderstood`: back references, comments (``x``), Unicode kinds that are not known here, a pattern
    that is too long or too deep, and whatever Java itself would refuse."""
    if len(pattern) > LONGEST_PATTERN:
        raise NotUnderstood
    reader = _Reader(Scanner(pattern))
    node = reader.either()
    if not reader.scanner.ended:
        raise NotUnderstood
    return node


class _Reader:
    """One reading. ``any_case``: the flag ``i``, which holds until the end of the group that it is in."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self._any_case = False
        self._depth = 0

    def either(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotUnderstood
        choices = [self._row()]
        while self.scanner.skip("|"):
            choices.append(self._row())
        self._depth -= 1
        return choices[0] if len(choices) == 1 else Either(tuple(choices))

    def _row(self) -> Node:
        parts: list[Node] = []
        while not (self.scanner.ended or self.scanner.sees("|") or self.scanner.sees(")")):
            parts += self._repeated(self._piece())
        return Row(tuple(parts))

    def _piece(self) -> list[Node]:
        """Mostly one part; a quotation is several, of which a repetition is only about the last."""
        scan = self.scanner
        character = scan.take()
        match character:
            case "(":
                return self._group()
            case "[":
                return [One(self._class())]
            case ".":
                return [One(everything)]
            case "^":
                return [At(Edge.START)]
            case "$":
                return [At(Edge.END)]
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":  # nothing there to be repeated
                raise NotUnderstood
        return [One(self._cased(among(character)))]

    def _escape(self) -> list[Node]:
        scan = self.scanner
        if scan.skip("Q"):
            return [One(self._cased(among(character))) for character in scan.quoted()]
        for letter, edge in _EDGES.items():
            if scan.skip(letter):
                return [At(edge)]
        found = scan.escaped()
        return [One(self._cased(among(found)) if isinstance(found, str) else found)]

    def _cased(self, test: Test) -> Test:
        """``test`` of a character that was written out: the flag ``i`` is about those and about ranges alone."""
        return whatever_case(test) if self._any_case else test

    # ── repetitions ──────────────────────────────────────────────────────────────────────────────────────
    def _repeated(self, parts: list[Node]) -> list[Node]:
        times = self._times()
        if times is None:
            return parts
        if not parts:
            raise NotUnderstood
        scan, greed = self.scanner, Greed.GREEDY
        if scan.skip("?"):
            greed = Greed.LAZY
        elif scan.skip("+"):
            greed = Greed.POSSESSIVE
        return [*parts[:-1], Repeat(parts[-1], *times, greed)]

    def _times(self) -> tuple[int, int | None] | None:
        scan = self.scanner
        for sign, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if scan.skip(sign):
                return times
        if not scan.skip("{"):
            return None
        least, comma, most = scan.until("}").partition(",")
        if not comma:
            return _count(least), _count(least)
        if most and _count(most) < _count(least):
            raise NotUnderstood
        return _count(least), _count(most) if most else None

    # ── groups ───────────────────────────────────────────────────────────────────────────────────────────
    def _group(self) -> list[Node]:
        """A group whose bracket was read; flags alone are no part at all."""
        scan, before = self.scanner, self._any_case
        for sign, wanted, behind in _LOOKS:
            if scan.skip(sign):
                return [Look(self._rest_of_group(before), wanted, behind)]
        if scan.skip("?>"):
            return [Atomic(self._rest_of_group(before))]
        if scan.skip("?<"):
            name = scan.until(">")
            if not (name.isascii() and name.isalnum() and name[0].isalpha()):
                raise NotUnderstood
        elif scan.skip("?") and self._flags():
            return []
        return [self._rest_of_group(before)]

    def _rest_of_group(self, any_case_before: bool) -> Node:
        node = self.either()
        if not self.scanner.skip(")"):
            raise NotUnderstood
        self._any_case = any_case_before
        return node

    def _flags(self) -> bool:
        """Set the flags of ``(?i-s:`` or ``(?i)``; True when that was the whole group."""
        on = True
        while True:
            letter = self.scanner.take()
            if letter == ")":
                return True
            if letter == ":":
                return False
            if letter == "-" and on:
                on = False
            elif letter in _FLAGS:
                self._any_case = on if letter == "i" else self._any_case
            else:
                raise NotUnderstood

    # ── classes ──────────────────────────────────────────────────────────────────────────────────────────
    def _class(self) -> Test:
        """A class whose bracket was read: unions, intersections, classes within classes."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotUnderstood
        scan = self.scanner
        negative = scan.skip("^")
        unions: list[Test] = []
        union: list[Test] = []
        while not scan.skip("]"):
            if scan.skip("&&"):
                unions.append(_some(union))
                union = []
            else:
                union.append(self._member())
        unions.append(_some(union))
        self._depth -= 1
        test = all_of(unions)
        return none_of(test) if negative else test

    def _member(self) -> Test:
        scan = self.scanner
        if scan.skip("["):
            return self._class()
        if scan.skip("\\Q"):
            return self._cased(among(scan.quoted()))
        first = scan.escaped() if scan.skip("\\") else scan.take()
        if not isinstance(first, str):
            return first
        if scan.sees("-]") or scan.sees("-&&") or scan.sees("-[") or not scan.skip("-"):
            return self._cased(among(first))
        last = scan.escaped() if scan.skip("\\") else scan.take()
        if not isinstance(last, str):
            raise NotUnderstood
        return self._cased(between(first, last))


def _some(tests: list[Test]) -> Test:
    """Raises `NotUnderstood` for a class, or a side of an intersection, with nothing in it."""
    if not tests:
        raise NotUnderstood
    return any_of(tests)


def _count(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_COUNT):
        raise NotUnderstood
    return int(digits)
