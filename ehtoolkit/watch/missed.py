"""Runs that could not start: noted beside the watch, and said in its next message. Noting is best effort: what keeps a
run from starting may keep it from writing, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.system.files import make_folder, put_file
from ehtoolkit.watch.store import MISSED, WATCH

MOST: Final = 100
"""Notes that are kept; later ones are not made."""


class MissedRun(BaseModel):
    """A run that could not start.

    Attributes:
        error: the key of why.
        facts: of the error.
    """

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    error: str
    facts: Mapping[str, str | int | None] = {}

    def text(self, texts: Translator) -> str:
        """Return the sentence that says so."""
        own = f"watch.missed.{self.error}"
        if texts.has(own):
            return texts.get(own, at=self.at)
        known = f"error.{self.error}"  # a later version may know more errors
        why = texts.without_facts(known, **self.facts) if texts.has(known) else self.error
        return texts.get("watch.missed", at=self.at, why=why)


@contextmanager
def noting_missed(folder: Path, now: Callable[[], datetime], *, most: int = MOST) -> Iterator[None]:
    """Raise on the `errors.EhToolkitError` that the body raises, and note that the watch of ``folder``, if there is
    one, could not run."""
    try:
        yield
    except errors.EhToolkitError as error:
        if not isinstance(error, errors.Cancelled) and (folder / WATCH).exists():
            facts = {
                name: fact if isinstance(fact, int | None) else str(fact)
                for name, fact in error.facts.items()
            }
            _note(folder / MISSED, MissedRun(at=now().astimezone(UTC), error=error.key, facts=facts), most)
        raise


def _note(folder: Path, missed: MissedRun, most: int) -> None:
    with suppress(errors.EhToolkitError, OSError):
        if len(_files(folder)) < most:
            make_folder(folder)
            name = f"{missed.at:%Y-%m-%dT%H%M%S} {token_hex(8)}.json"
            put_file(folder / name, missed.model_dump_json().encode())


def missed_runs(folder: Path) -> dict[Path, MissedRun]:
    """Return the runs of the watch in ``folder`` that were noted, the oldest first, each by its file. One that cannot
    be read is left out."""
    found = dict[Path, MissedRun]()
    for path in _files(folder / MISSED):
        with suppress(OSError, ValidationError):
            found[path] = MissedRun.model_validate_json(path.read_bytes())
    return found


def forget_missed(notes: Sequence[Path]) -> None:
    """Remove the notes of what was said; one that stays is said again."""
    for path in notes:
        with suppress(OSError):
            path.unlink()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))
