"""What ``keystore archive`` has done, or would do: as JSON, and in sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ehtoolkit.cli.keystore.file_errors import FileErrors
from ehtoolkit.cli.keystore.inspection import display_path
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.session import Session
from ehtoolkit.keystore.storage.archival import Verdict


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """``archived``: with where each file is then; one that was named has a verdict without a successor.
    ``left``: those that stay."""

    dry_run: bool
    archived: list[tuple[Verdict, Path]] = field(default_factory=list)
    left: list[Verdict] = field(default_factory=list)
    refusals: FileErrors = field(default_factory=FileErrors)

    def described(self, session: Session) -> dict[str, object]:
        return {
            "archived": [_archived(verdict, place) for verdict, place in self.archived],
            "left": [_left(verdict) for verdict in self.left],
            "refused": self.refusals.described(session),
            "dry_run": self.dry_run,
        }

    def tell(self, session: Session) -> None:
        """A line for each file but those that are the newest, and how to undo it."""
        get = session.texts.get
        for verdict, place in self.archived:
            echo(get(self._key(verdict), **_archived(verdict, place)))
            if verdict.lost:
                keys = get("cli.keystore.archived_keys", count=len(verdict.lost), archive=display_path(place))
                echo(f"  {keys}")
        if not self.archived:
            echo(get("cli.keystore.archive_none"))
        elif not self.dry_run:
            echo(get("cli.keystore.archive_undo"))
        for verdict in self.left:
            key = f"cli.keystore.left.{verdict.stays}"
            if session.texts.has(key):
                echo(get(key, file=display_path(verdict.path)))
        self.refusals.tell(session)

    def _key(self, verdict: Verdict) -> str:
        key = f"cli.keystore.{'archivable' if self.dry_run else 'archived'}"
        return f"{key}_named" if verdict.successor is None else key


def _archived(verdict: Verdict, place: Path) -> dict[str, object]:
    return {
        "file": display_path(verdict.path),
        "archive": display_path(place),
        "successor": None if verdict.successor is None else display_path(verdict.successor),
        "lost_keys": list(verdict.lost),
    }


def _left(verdict: Verdict) -> dict[str, object]:
    return {
        "file": display_path(verdict.path),
        "reason": str(verdict.stays),
        "proper_name": verdict.proper_name,
        "lost_keys": list(verdict.lost),
    }
