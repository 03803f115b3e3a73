"""Passwords for many files: a CSV of file-name patterns, where the first pattern that fits a file counts."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.secret import Secret

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Passwords:
    """``lines``: patterns (globs over file names) with their passwords, in order."""

    lines: tuple[tuple[str, Secret], ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, source: str) -> Passwords:
        """Read a file, or standard input for ``-``: UTF-8 with or without BOM, comma or semicolon, and a header
        with ``pattern`` and ``password``.

        Raises `errors.FileUnreadable` for a file that cannot be read or is no such table.
        """
        try:
            if source == STANDARD_INPUT:
                text = sys.stdin.read().removeprefix("\ufeff")
            else:
                text = Path(source).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise errors.FileUnreadable(path=source) from error
        return cls.parse(text, source)

    @classmethod
    def parse(cls, text: str, source: str) -> Passwords:
        """Raises as `read` does; ``source`` names where the text came from."""
        header, _, _ = text.partition("\n")
        rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in header else ",")
        if not {"pattern", "password"} <= {(name or "").strip() for name in rows.fieldnames or ()}:
            raise errors.FileUnreadable(path=source)
        try:
            plain = [{(name or "").strip(): value for name, value in row.items()} for row in rows]
        except csv.Error as error:
            raise errors.FileUnreadable(path=source) from error
        return cls(
            tuple((row["pattern"].strip(), Secret(row["password"] or "")) for row in plain if row["pattern"])
        )

    def of(self, path: Path) -> Secret | None:
        """The password for ``path`` by the first pattern that fits its name; None when none does."""
        return next((password for pattern, password in self.lines if fnmatchcase(path.name, pattern)), None)
