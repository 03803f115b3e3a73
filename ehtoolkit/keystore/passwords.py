"""Passwords: rules for new ones, and patterns of file names for many files."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.guessable_passwords import guess_of
from ehtoolkit.secret import Secret

SENSIBLE_LENGTH: Final = 8
"""Characters of a new password: with the file, a shorter one is found by trying. A file that has one is opened."""
_PRINTABLE: Final = re.compile(r"[ -~]+")


def is_short(password: Secret) -> bool:
    """Return whether a password that is not empty has fewer characters than `SENSIBLE_LENGTH`."""
    return 0 < len(password.reveal()) < SENSIBLE_LENGTH


def check_new_password(password: Secret, known: Iterable[str] = (), *, kept: bool = False) -> None:
    """Raise `errors.PasswordNotAllowed`: reason ``empty``; ``characters`` for one that is not printable ASCII;
    ``blank`` for one with a blank at an end, which is copied by accident and never typed; ``short`` (with the
    ``limit``); ``common``, ``pattern`` or ``personal`` for one that is easily guessed
    (`ehtoolkit.keystore.guessable_passwords.guess_of`).

    Java 17 refuses other characters, BouncyCastle an empty password; a file that exists is opened with
    either.

    Args:
        known: the names and numbers of the holder, the name of the file.
        kept: the file, or the one that it replaces, has it already, so it may be short, easily guessed or have blanks.
    """
    if not password.reveal():
        raise errors.PasswordNotAllowed(reason="empty")
    if not _PRINTABLE.fullmatch(password.reveal()):
        raise errors.PasswordNotAllowed(reason="characters")
    if kept:
        return
    if password.reveal() != password.reveal().strip():
        raise errors.PasswordNotAllowed(reason="blank")
    if is_short(password):
        raise errors.PasswordNotAllowed(reason="short", limit=SENSIBLE_LENGTH)
    guess = guess_of(password, known)
    if guess is not None:
        raise errors.PasswordNotAllowed(reason=guess)


def names_in(holder: DistinguishedName | None, path: Path | None = None) -> tuple[str, ...]:
    """Return what a new password may not have a part of: what the holder and the file are called."""
    called = () if holder is None else (holder.name, holder.identifier.value)
    return called if path is None else (*called, path.stem)


def near_misses(password: Secret) -> tuple[tuple[str, Secret], ...]:
    """Return what may have been meant where ``password`` does not open a file: ``trimmed``, the same without the blanks
    at its ends; ``blank``, the same with one, which a file may have got when a password was pasted."""
    typed = password.reveal()
    if typed != typed.strip():
        return (("trimmed", Secret(typed.strip())),)
    return tuple(("blank", Secret(each)) for each in (typed + " ", " " + typed) if typed)


# ── Passwords for many files, by patterns of names ───────────────────────────────────────────────────────
LONGEST_PATTERN: Final = 500
"""Characters of a pattern; a longer one fits no file."""
_COLUMNS: Final = ("pattern", "password")
_SEPARATORS: Final = (";", "\t", ",")
TABLE_SIZE: Final = 5_000_000
"""Bytes of such a table."""
_ROWS: Final = 20_000
"""Lines of it."""
_CELLS_SHOWN: Final = 10
"""Cells of a heading that are counted where it is another one."""
_HIDDEN: Final = "…"
_WILDCARDS: Final = re.compile(r"[*?]")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Guesses(tuple[Secret, ...]):
    """Passwords that are tried on a file and were meant for many. That none opens it says nothing about the file."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class PasswordPatterns:
    """Patterns with their passwords, in order.

    Attributes:
        lines: globs over file names, or, with ``/`` or ``\\``, over paths and their ends; each with its password.
    """

    lines: tuple[tuple[str, Secret], ...] = field(default=(), repr=False)
    _by_text: Mapping[str, Sequence[int]] = field(init=False, repr=False, compare=False)
    """The places of the lines by a text that is in each path that they fit: few lines are compared with a file."""
    _lengths: Set[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[str, list[int]] = {}
        for place, (pattern, _) in enumerate(self.lines):
            found.setdefault(_longest_text(pattern), []).append(place)
        object.__setattr__(self, "_by_text", found)
        object.__setattr__(self, "_lengths", {len(text) for text in found})

    @classmethod
    def read(cls, path: Path) -> PasswordPatterns:
        """Read the patterns and passwords in a file. Raises `errors.FileUnreadable` for a file that cannot be read, and
        as `parse` does."""
        try:
            with path.open("rb") as file:
                data = file.read(TABLE_SIZE + 1)
        except OSError as error:
            raise errors.FileUnreadable(path=str(path)) from error
        return cls.decode(data, str(path))

    @classmethod
    def decode(cls, data: bytes, source: str) -> PasswordPatterns:
        """Read the patterns and passwords in the bytes of a file: UTF-8, with or without BOM, UTF-16 with its BOM, or
        Windows-1252, which Excel writes in Belgium. Raises as `parse` does."""
        if len(data) > TABLE_SIZE:
            raise errors.PasswordTableInvalid(path=source, reason="rows", limit=_ROWS)
        text = _text(data)
        if text is None:
            raise errors.PasswordTableInvalid(path=source, reason="encoding")
        return cls.parse(text, source)

    @classmethod
    def merge(cls, tables: Iterable[PasswordPatterns]) -> PasswordPatterns:
        """Return the lines of ``tables`` as one table, in their order."""
        return cls(tuple(line for table in tables for line in table.lines))

    @classmethod
    def parse(cls, text: str, source: str) -> PasswordPatterns:
        """Read the patterns and passwords in a text: cells between commas, semicolons or tabulators, and a heading with
        ``pattern`` and ``password``, in any letters and order. Blanks around a pattern are not part of it, nor those
        before a password, unless it is quoted; those behind a password are, and `all_of` leaves them out, too.

        ``source``: where the text came from. Raises `errors.PasswordTableInvalid`.
        """
        rows = text.removeprefix("\ufeff").splitlines()
        if not any(map(str.strip, rows)):
            raise errors.PasswordTableInvalid(path=source, reason="empty")
        if len(rows) > _ROWS:
            raise errors.PasswordTableInvalid(path=source, reason="rows", limit=_ROWS)
        separator = next((each for each in _SEPARATORS if each in rows[0]), ",")
        try:
            table = list(csv.reader(rows, delimiter=separator, skipinitialspace=True))
        except csv.Error as error:
            raise errors.PasswordTableInvalid(path=source, reason="format") from error
        if len(table) < len(rows):  # a quotation mark that does not end takes the lines behind it
            raise errors.PasswordTableInvalid(path=source, reason="format")
        heading = [cell.strip().casefold() for cell in table[0]]
        if any(heading.count(name) != 1 for name in _COLUMNS):
            found = separator.join(_shown(cell) for cell in heading[:_CELLS_SHOWN])
            raise errors.PasswordTableInvalid(path=source, reason="header", found=found)
        pattern, password = map(heading.index, _COLUMNS)
        for number, row in enumerate(table, start=1):
            if len(row) > pattern and len(row[pattern]) > LONGEST_PATTERN:
                limit = LONGEST_PATTERN
                raise errors.PasswordTableInvalid(path=source, reason="pattern", line=number, limit=limit)
        return cls(tuple(_lines(table[1:], pattern, password)))

    def of(self, path: Path) -> Secret | None:
        """Return the password for ``path`` by the first pattern that fits; None when none does."""
        return next(iter(self.all_of(path)), None)

    def to_try(self, path: Path) -> tuple[Secret, ...]:
        """Return the passwords of `all_of`; as `Guesses` where no pattern is the name of this file alone."""
        found = self.all_of(path)
        return found if self.names(path) else Guesses(found)

    def all_of(self, path: Path) -> tuple[Secret, ...]:
        """Return the passwords of every pattern that fits ``path``, in order, each once. One with a blank at its end,
        which is not seen in a table, is followed by the same without it."""
        found: list[Secret] = []
        for pattern, password in map(self.lines.__getitem__, self._near(path)):
            if not fits(pattern, path):
                continue
            for each in (password, Secret(password.reveal().rstrip())):
                if each not in found:
                    found.append(each)
        return tuple(found)

    def names(self, path: Path) -> bool:
        """Return whether a line has the name of this file, or the end of its path, as it is."""
        return any(_is_name(self.lines[place][0], path) for place in self._near(path))

    def idle(self, files: Sequence[Path]) -> tuple[str, ...]:
        """Return the patterns that fit none of ``files``."""
        used: set[int] = set()
        for file in files:
            used.update(
                place for place in self._near(file) if place not in used and fits(self.lines[place][0], file)
            )
        return tuple(pattern for place, (pattern, _) in enumerate(self.lines) if place not in used)

    def _near(self, path: Path) -> list[int]:
        """Return the places of the lines that may fit ``path``, in order."""
        whole, lengths = path.absolute().as_posix(), self._lengths
        if len(self.lines) <= len(lengths) * len(whole):  # to compare them all costs less
            return list(range(len(self.lines)))
        parts = {
            whole[start : start + length] for length in lengths for start in range(len(whole) - length + 1)
        }
        return sorted(place for part in parts for place in self._by_text.get(part, ()))


def _text(data: bytes) -> str | None:
    """Return the text of a table; None for bytes that are no text."""
    encodings = ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            return None if "\0" in text else text
    return None


def fits(pattern: str, path: Path) -> bool:
    """Return whether a pattern means a file: by its name, or, where the pattern has folders, by the end of its path. A
    name fits itself, also where it has brackets: ``keystore [1].p12``."""
    if len(pattern) > LONGEST_PATTERN:
        return False
    if _is_name(pattern, path):
        return True
    wanted = _with_literal_brackets(pattern.replace("\\", "/"))
    if "/" not in wanted:
        return fnmatchcase(path.name, wanted)
    place = path.absolute().as_posix()
    return fnmatchcase(place, wanted) or fnmatchcase(place, f"*/{wanted.lstrip('/')}")


def _longest_text(pattern: str) -> str:
    """Return the longest part of ``pattern`` before its first bracket that has no wildcard."""
    before = pattern.replace("\\", "/").partition("[")[0].lstrip("/")
    return max(_WILDCARDS.split(before), key=len)


def _is_name(pattern: str, path: Path) -> bool:
    """Return whether ``pattern`` is the name of a file, or the end of its path, without any wildcard."""
    wanted = pattern.replace("\\", "/")
    if "/" not in wanted:
        return path.name == wanted
    return f"/{path.absolute().as_posix()}".endswith(f"/{wanted.lstrip('/')}")


def _with_literal_brackets(pattern: str) -> str:
    """Return ``pattern`` with each ``[`` that no ``]`` follows made literal, as `fnmatch` reads it: `fnmatch` looks for
    the end of each of them again."""
    end = pattern.rfind("]") + 1
    return pattern[:end] + pattern[end:].replace("[", "[[]")


def _shown(cell: str) -> str:
    """Return a cell of a heading as it may be shown: in a table without one, the first line has a password."""
    return cell if cell in _COLUMNS else _HIDDEN


def _lines(rows: Iterable[Sequence[str]], pattern: int, password: int) -> Iterable[tuple[str, Secret]]:
    for row in rows:
        if len(row) > pattern and row[pattern].strip():
            yield row[pattern].strip(), Secret(row[password] if len(row) > password else "")
