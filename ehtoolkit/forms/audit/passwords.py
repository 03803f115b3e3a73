"""The passwords that were typed on the audit page: for files of a name, in memory while the page is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.keystore.storage.folder import Guesses
from ehtoolkit.secret import Secret

EVERY_FILE: Final = "*"
_GLOB: Final = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class PasswordStore:
    """``lines``: patterns of file names with their passwords, tried in their order."""

    lines: PasswordPatterns = field(default_factory=PasswordPatterns)

    def with_typed(self, pattern: str, password: Secret) -> PasswordStore:
        """Return a store with one more password, before those that were there; it takes the place of the one of the
        same pattern. One for every file comes last instead: it would hide all those after it."""
        wanted = pattern_of(pattern)
        kept = tuple(line for line in self.lines.lines if line[0] != wanted)
        first = ((wanted, password),)
        # What fits every file would hide all those after it.
        lines = (*kept, *first) if wanted == EVERY_FILE else (*first, *kept)
        return PasswordStore(replace(self.lines, lines=lines))

    def with_table(self, table: PasswordPatterns) -> PasswordStore:
        """Return a store with those of a table, before those that were there; they take the place of those of the same
        pattern."""
        names = {pattern for pattern, _ in table.lines}
        kept = (line for line in self.lines.lines if line[0] not in names)
        return PasswordStore(PasswordPatterns((*table.lines, *kept)))

    def of(self, path: Path) -> Sequence[Secret]:
        """Return the passwords to try for a file, in order; as `Guesses` where no pattern is the name of this file
        alone."""
        found = self.lines.all_of(path)
        return found if self.lines.names(path) else Guesses(found)

    @property
    def patterns(self) -> Sequence[str]:
        return [pattern for pattern, _ in self.lines.lines]

    def idle(self, files: Sequence[Path]) -> Sequence[str]:
        """Return the patterns that fit none of ``files``."""
        return self.lines.idle(files)


def pattern_of(typed: str) -> str:
    """Return the pattern that was meant: nothing is every file, and words without ``*``, ``?`` or ``[`` are looked for
    anywhere in the name."""
    words = typed.strip()
    if not words:
        return EVERY_FILE
    return words if _GLOB & set(words) else f"*{words}*"
