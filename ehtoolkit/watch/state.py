"""The state of a watch: what is kept from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ehtoolkit.auditing.snapshot import Snapshot, is_within
from ehtoolkit.system.text_safety import printable
from ehtoolkit.watch.configuration import WatchConfig
from ehtoolkit.watch.store import STATE, WatchStore, load_json, save_json


@dataclass(frozen=True, slots=True)
class WatchState:
    """What is kept from run to run.

    Attributes:
        snapshot: of the last run that was no failure.
        said: thresholds, see `ehtoolkit.watch.thresholds`.
        errors: findings that were said, each by what it is about.
        status: that was sent last: ``fine``, ``due`` or ``failed``.
        failure: key and moment of the failure that was sent last.
        closed: when keystores that stay closed were reported last; None while every keystore opens.
    """

    snapshot: Snapshot | None = None
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    status: str = "fine"
    failure: tuple[str, str] | None = None
    closed: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "snapshot": None if self.snapshot is None else self.snapshot.to_json(),
            "said": {certificate: dict(moments) for certificate, moments in self.said.items()},
            "errors": list(self.errors),
            "status": self.status,
            "failure": None if self.failure is None else list(self.failure),
            "closed": self.closed,
        }

    @classmethod
    def read(cls, path: Path) -> WatchState | None:
        """Return the state that was saved; a new one where there is none; None where it is damaged."""
        if not path.exists():
            return cls()
        value = load_json(path)
        if value is None:
            return None
        try:
            failure = value["failure"]
            said = {
                certificate: {day: at for day, at in moments.items() if _is_said(day, at)}
                for certificate, moments in value["said"].items()
            }
            return cls(
                None if value["snapshot"] is None else Snapshot.from_json(value["snapshot"]),
                said,
                tuple(map(str, value["errors"])),
                str(value["status"]),
                None if failure is None else (str(failure[0]), str(failure[1])),
                None if (closed := value.get("closed")) is None else str(closed),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return None

    def within(self, folders: Iterable[Path]) -> WatchState:
        """Return the same state without the keystores outside of ``folders``: of those nothing is gone when the watch
        looks into these folders alone."""
        if self.snapshot is None:
            return self
        kept = [printable(str(folder)) for folder in folders]
        snapshot = self.snapshot
        keystores = {file: seen for file, seen in snapshot.keystores.items() if is_within(file, kept)}
        problems = {folder: key for folder, key in snapshot.problems.items() if is_within(folder, kept)}
        return replace(self, snapshot=replace(snapshot, keystores=keystores, problems=problems))

    def without_snapshot(self) -> WatchState:
        """Return the same state without what was seen: the next run compares with nothing."""
        return replace(self, snapshot=None)


def _is_said(day: str, at: str) -> bool:
    return day.isdecimal() and datetime.fromisoformat(at).tzinfo is not None


def edit_watch(store: WatchStore, watch: WatchConfig) -> None:
    """Replace the watch of the same name.

    Keystores of folders that it no longer looks into are forgotten, so that they are not reported as gone. With another
    practice, or with or without the registry, other files are looked at: the next run then compares with nothing.

    Raises `errors.WatchUnknown`, `errors.WatchRunning`, and what `WatchStore.replace` raises.
    """
    earlier = store.load(watch.name)
    path = store.folder_of(watch.name) / STATE
    with store.locked(watch.name):
        state = WatchState.read(path) if path.exists() else None  # a damaged one is left to the next run
        if state is not None:
            if (watch.practice, watch.registry) != (earlier.practice, earlier.registry):
                state = state.without_snapshot()
            elif watch.folders != earlier.folders:
                state = state.within(watch.folders)
            save_json(path, state.to_json())
        store.replace(watch)
