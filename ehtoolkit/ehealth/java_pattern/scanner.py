"""Goes through a pattern character by character, and reads the escapes that stand for one character or a kind."""

from __future__ import annotations

from typing import Final

from ehtoolkit.ehealth.java_pattern.characters import PREDEFINED, named, none_of
from ehtoolkit.ehealth.java_pattern.nodes import NotUnderstood, Test

_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_HIGHEST: Final = 0x10FFFF


class Scanner:
    """``position``: of the next character that is not read yet."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.position = 0

    @property
    def ended(self) -> bool:
        return self.position >= len(self._pattern)

    def sees(self, text: str) -> bool:
        """Whether ``text`` comes next."""
        return self._pattern.startswith(text, self.position)

    def skip(self, text: str) -> bool:
        """Read ``text``, if it comes next."""
        found = self.sees(text)
        if found:
            self.position += len(text)
        return found

    def take(self) -> str:
        """The next character. Raises `NotUnderstood` at the end."""
        if self.ended:
            raise NotUnderstood
        self.position += 1
        return self._pattern[self.position - 1]

    def until(self, end: str) -> str:
        """Everything up to ``end``, which is read too. Raises `NotUnderstood` when it never comes."""
        place = self._pattern.find(end, self.position)
        if place < 0:
            raise NotUnderstood
        found, self.position = self._pattern[self.position : place], place + len(end)
        return found

    def quoted(self) -> str:
        """What stands between ``\\Q``, which was read, and ``\\E`` or the end."""
        if "\\E" not in self._pattern[self.position :]:
            found, self.position = self._pattern[self.position :], len(self._pattern)
            return found
        return self.until("\\E")

    def escaped(self) -> str | Test:
        """What comes after a backslash, which was read: a character, or a kind. Raises `NotUnderstood`."""
        letter = self.take()
        if letter in PREDEFINED:
            return PREDEFINED[letter]
        if letter in "pP":
            kind = named(self.until("}") if self.skip("{") else self.take())
            return kind if letter == "p" else none_of(kind)
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter == "x":
            return _character(self.until("}") if self.skip("{") else self.take() + self.take(), 16)
        if letter == "u":
            return _character("".join(self.take() for _ in range(4)), 16)
        if letter == "0":
            return _character(self._octal(), 8)
        if letter == "c":
            return chr(ord(self.take()) ^ 64)
        if letter.isascii() and letter.isalnum():  # a back reference, an edge, or nothing that there is
            raise NotUnderstood
        return letter

    def _octal(self) -> str:
        digits = self.take()
        while len(digits) < (3 if digits[0] in "0123" else 2) and not self.ended:
            if self._pattern[self.position] not in "01234567":
                break
            digits += self.take()
        return digits


def _character(digits: str, base: int) -> str:
    if not digits.isascii() or not digits.isalnum():
        raise NotUnderstood
    try:
        value = int(digits, base)
    except ValueError as error:
        raise NotUnderstood from error
    if value > _HIGHEST:
        raise NotUnderstood
    return chr(value)
