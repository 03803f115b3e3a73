"""Kinds of characters: the predefined ones, those of POSIX, and what classes make of them."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from ehtoolkit.ehealth.java_pattern.nodes import NotUnderstood, Test


def among(characters: Iterable[str]) -> Test:
    return frozenset(characters).__contains__


def between(first: str, last: str) -> Test:
    """Raises `NotUnderstood` for a range that runs backwards."""
    if first > last:
        raise NotUnderstood
    return lambda character: first <= character <= last


def none_of(test: Test) -> Test:
    return lambda character: not test(character)


def any_of(tests: Iterable[Test]) -> Test:
    wanted = tuple(tests)
    return lambda character: any(test(character) for test in wanted)


def all_of(tests: Iterable[Test]) -> Test:
    wanted = tuple(tests)
    return lambda character: all(test(character) for test in wanted)


def whatever_case(test: Test) -> Test:
    return lambda character: test(character.lower()) or test(character.upper())


def everything(_: str) -> bool:
    return True


_DIGITS: Final = among(string.digits)
_SPACE: Final = among(" \t\n\x0b\f\r")
_WORD: Final = among(string.ascii_letters + string.digits + "_")
_CONTROL: Final = any_of([between("\0", "\x1f"), among("\x7f")])

WORD: Final = _WORD

PREDEFINED: Final[Mapping[str, Test]] = MappingProxyType(
    {
        "d": _DIGITS,
        "D": none_of(_DIGITS),
        "s": _SPACE,
        "S": none_of(_SPACE),
        "w": _WORD,
        "W": none_of(_WORD),
        "h": among(" \t"),
        "H": none_of(among(" \t")),
        "v": among("\n\x0b\f\r"),
        "V": none_of(among("\n\x0b\f\r")),
    }
)
"""By the letter after the backslash. Texts are ASCII, so whatever else Java has in them does not matter."""

_NAMED: Final[Mapping[str, Test]] = MappingProxyType(
    {
        "Lower": among(string.ascii_lowercase),
        "Upper": among(string.ascii_uppercase),
        "ASCII": between("\0", "\x7f"),
        "Alpha": among(string.ascii_letters),
        "Digit": _DIGITS,
        "Alnum": among(string.ascii_letters + string.digits),
        "Punct": among(string.punctuation),
        "Graph": between("!", "~"),
        "Print": between(" ", "~"),
        "Blank": among(" \t"),
        "Cntrl": _CONTROL,
        "XDigit": among(string.hexdigits),
        "Space": _SPACE,
    }
)
_UNICODE: Final[Mapping[str, Test]] = MappingProxyType(
    {
        "L": _NAMED["Alpha"],
        "Lu": _NAMED["Upper"],
        "Ll": _NAMED["Lower"],
        "N": _DIGITS,
        "Nd": _DIGITS,
        "Alphabetic": _NAMED["Alpha"],
        "Letter": _NAMED["Alpha"],
        "Lowercase": _NAMED["Lower"],
        "Uppercase": _NAMED["Upper"],
        "White_Space": _SPACE,
        "BasicLatin": _NAMED["ASCII"],
    }
)
_JAVA: Final[Mapping[str, Test]] = MappingProxyType(
    {
        "javaDigit": _DIGITS,
        "javaLetter": _NAMED["Alpha"],
        "javaLetterOrDigit": _NAMED["Alnum"],
        "javaLowerCase": _NAMED["Lower"],
        "javaUpperCase": _NAMED["Upper"],
        "javaWhitespace": _SPACE,
    }
)


def named(name: str) -> Test:
    """``\\p{name}``, for texts in ASCII. Raises `NotUnderstood`."""
    if name in _NAMED:
        return _NAMED[name]
    if name in _JAVA:
        return _JAVA[name]
    found = _UNICODE.get(name.removeprefix("Is").removeprefix("In")) or _NAMED.get(name.removeprefix("Is"))
    if found is None:
        raise NotUnderstood
    return found
