"""Files of several for which a command could not do its work: the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.cli.keystore.inspection import display_path
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.session import Session
from ehtoolkit.system.text_safety import printable


@dataclass(frozen=True, slots=True)
class FileErrors:
    """``errors``: by file, in their order."""

    errors: list[tuple[Path, errors.EhToolkitError]] = field(default_factory=list)

    @contextmanager
    def of(self, file: Path) -> Iterator[None]:
        """Our own errors about ``file`` are kept for the end."""
        try:
            yield
        except errors.EhToolkitError as error:
            self.errors.append((file, error))

    def described(self, session: Session) -> list[dict[str, object]]:
        """``file`` and, as for a command that fails, ``error``, ``message``, ``next``, ``facts``."""
        return [
            {
                "file": display_path(file),
                "error": error.key,
                "message": printable(session.texts.error(error)),
                "next": printable(session.texts.next_step(error)),
                "facts": {name: printable(str(value)) for name, value in error.facts.items()},
            }
            for file, error in self.errors
        ]

    def tell(self, session: Session) -> None:
        """On standard error."""
        for one in self.described(session):
            echo(f"{one['message']}\n{one['next']}", err=True)
