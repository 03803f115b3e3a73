"""Arguments shared by keystore commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ehtoolkit import errors
from ehtoolkit.cli.keystore.inspection import display_path
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo, plain_facts
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    from ehtoolkit.secret import Secret

Result = TypeVar("Result")

FILES = click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
ALL_PROFILES = click.option("--all-profiles", is_flag=True)
FILE = click.argument("file", type=click.Path(path_type=Path))
OUTPUT = click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
PROFILE = click.option(
    "--profile", type=click.Choice(["compatible", "modern"]), default="compatible", show_default=True
)
KEPT_PROFILE = click.option("--profile", type=click.Choice(["compatible", "modern"]))
DRY_RUN = click.option("--dry-run", is_flag=True)


def new_password(session: Session) -> Secret | None:
    """Return the password for a new file, where one is given; None keeps the old one."""
    return session.new_password() if session.options.new_password_file is not None else None


def with_key_password(session: Session, work: Callable[[Secret | None], Result]) -> Result:
    """Return what ``work`` makes with the password from --key-password-file. Where a key turns out to need one and
    there is a terminal, ask for it."""
    given = session.key_password()
    try:
        return work(given)
    except errors.KeyPasswordWrong as error:
        if error.reason is not None or not session.can_ask:
            raise
        return work(session.ask_key_password(error.alias))


def require_answers(session: Session, *paths: Path) -> None:
    """Check that the drives of these files and folders answer within the time limit.

    Raises `errors.FileUnreadable` (reason ``drive``).
    """
    from ehtoolkit.system.io_timeout import TimeoutGuard, require_answer

    with TimeoutGuard(session.settings.file_timeout) as guard:
        for path in paths:
            require_answer(path, guard)


# ── Files of several for which a command failed ──────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class FileErrors:
    """``errors``: by file, in their order."""

    errors: list[tuple[Path, errors.EhToolkitError]] = field(default_factory=list)

    @contextmanager
    def of(self, file: Path) -> Iterator[None]:
        """Run the body, and keep an error of ours that ends it, with ``file``, for the end of the command."""
        try:
            yield
        except errors.EhToolkitError as error:
            self.errors.append((file, error))

    def described(self, session: Session) -> list[dict[str, object]]:
        """Return an object for each error: ``file`` and, as for a command that fails, ``error``, ``message``, ``next``,
        ``facts``."""
        return [
            {
                "file": display_path(file),
                "error": error.key,
                "message": printable(session.texts.error(error)),
                "next": printable(session.texts.next_step(error)),
                "facts": {
                    name: printable(value) if isinstance(value, str) else value
                    for name, value in plain_facts(error.facts).items()
                },
            }
            for file, error in self.errors
        ]

    def tell(self, session: Session) -> None:
        """Print each error with its next step on standard error."""
        for error in self.described(session):
            echo(f"{error['message']}\n{error['next']}", err=True)
