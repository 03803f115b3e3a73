"""The state of a watch: what is kept from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, TypeAdapter

from ehtoolkit.auditing.snapshot import KeystoreSnapshot, Snapshot, is_within
from ehtoolkit.system.files import put_file
from ehtoolkit.system.text_safety import printable
from ehtoolkit.watch.configuration import WatchConfig
from ehtoolkit.watch.store import STATE, WatchStore


@dataclass(frozen=True, slots=True)
class WatchState:
    """What is kept from run to run.

    Attributes:
        snapshot: of the last run that was no failure; None without one.
        said: thresholds, see `ehtoolkit.watch.thresholds`.
        errors: findings that were said, each by what it is about.
        status: that was sent last: ``fine``, ``due`` or ``failed``.
        failure: key and moment of the failure that was sent last.
        reported: when what is due was sent last; None while nothing is due.
        gone: keystores that were there and are not any more, each as it was: what ends goes on counting, until the key
            is read again or a newer keystore of the holder is.
        registry: that was read last; None where none ever was.
        well: when a message said last that nothing is due.
    """

    snapshot: Snapshot | None
    said: Mapping[str, Mapping[int, AwareDatetime]] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    status: str = "fine"
    failure: tuple[str, AwareDatetime] | None = None
    reported: AwareDatetime | None = None
    gone: tuple[KeystoreSnapshot, ...] = ()
    registry: str | None = None
    well: AwareDatetime | None = None

    def save(self, path: Path) -> None:
        """Write the state in one step, instead of what was there. Raises what `put_file` raises."""
        put_file(path, _STATE.dump_json(self, indent=1))

    @classmethod
    def read(cls, path: Path) -> WatchState | None:
        """Return the state that was saved; a new one where there is none; None where it is damaged."""
        if not path.exists():
            return cls(None)
        try:
            return _STATE.validate_json(path.read_bytes())
        except (OSError, KeyError, TypeError, ValueError):
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
        gone = tuple(seen for seen in self.gone if is_within(seen.file, kept))
        return replace(self, snapshot=replace(snapshot, keystores=keystores, problems=problems), gone=gone)


_STATE: Final = TypeAdapter(WatchState)


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
            if watch.environment != earlier.environment:
                state = replace(state, registry=None)  # each has its own
            if (watch.practice, watch.registry) != (earlier.practice, earlier.registry):
                state = replace(state, snapshot=None, gone=(), registry=None)
            elif watch.folders != earlier.folders:
                state = state.within(watch.folders)
            state.save(path)
        store.replace(watch)
