"""The parts of a pattern, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Test = Callable[[str], bool]
"""Whether one character is of a kind."""


class NotUnderstood(Exception):
    """The pattern has something that this program does not apply, or is none."""


class Greed(StrEnum):
    """How a repetition chooses: as many as it can, as few, or as many and never less."""

    GREEDY = "greedy"
    LAZY = "lazy"
    POSSESSIVE = "possessive"


class Edge(StrEnum):
    """A place between characters. The text is one line, so a line's ends are the text's."""

    START = "start"
    END = "end"
    WORD = "word"
    NO_WORD = "no_word"


@dataclass(frozen=True, slots=True)
class One:
    """One character that passes ``test``."""

    test: Test


@dataclass(frozen=True, slots=True)
class At:
    """No character: a place."""

    edge: Edge


@dataclass(frozen=True, slots=True)
class Row:
    """One part after the other; none at all is the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several, the earlier one first."""

    choices: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``part`` from ``least`` to ``most`` times; ``most`` None: without end."""

    part: Node
    least: int
    most: int | None
    greed: Greed


@dataclass(frozen=True, slots=True)
class Atomic:
    """``part`` as it fits first, and in no other way."""

    part: Node


@dataclass(frozen=True, slots=True)
class Look:
    """Whether ``part`` fits (or does not: ``wanted`` False) from here on, or up to here (``behind``)."""

    part: Node
    wanted: bool
    behind: bool


Node = One | At | Row | Either | Repeat | Atomic | Look
