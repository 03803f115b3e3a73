"""Passwords for many files: a CSV of file-name patterns, where the first pattern that fits a file counts."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class PasswordPatterns:
    """``lines``: patterns (globs over file names) with their passwords, in order. `of` is what scans of folders ask
    for a password."""

    lines: tuple[tuple[str, Secret], ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, path: Path) -> PasswordPatterns:
        """Raises `errors.FileUnreadable` for a file that cannot be read, and as `parse` does."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise errors.FileUnreadable(path=str(path)) from error
        return cls.decode(data, str(path))

    @classmethod
    def decode(cls, data: bytes, source: str) -> PasswordPatterns:
        """The bytes of such a file: UTF-8 with or without BOM. Raises as `parse` does, also for another encoding."""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise errors.FileUnreadable(path=source) from error
        return cls.parse(text, source)

    @classmethod
    def parse(cls, text: str, source: str) -> PasswordPatterns:
        """Comma or semicolon, and a header with ``pattern`` and ``password``. ``source``: where the text came from.

        Raises `errors.FileUnreadable` for a text that is no such table.
        """
        text = text.removeprefix("\ufeff")
        header, _, _ = text.partition("\n")
        rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in header else ",")
        try:
            if not {"pattern", "password"} <= {(name or "").strip() for name in rows.fieldnames or ()}:
                raise errors.FileUnreadable(path=source)
            plain = [{(name or "").strip(): value for name, value in row.items()} for row in rows]
        except csv.Error as error:
            raise errors.FileUnreadable(path=source) from error
        return cls(
            tuple((row["pattern"].strip(), Secret(row["password"] or "")) for row in plain if row["pattern"])
        )

    def of(self, path: Path) -> Secret | None:
        """The password for ``path`` by the first pattern that fits its name; None when none does."""
        return next((password for pattern, password in self.lines if fnmatchcase(path.name, pattern)), None)
