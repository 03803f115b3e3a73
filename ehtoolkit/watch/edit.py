"""Change a watch, which keeps its memory of what it has seen and sent."""

from __future__ import annotations

from ehtoolkit.watch.configuration import WatchConfig
from ehtoolkit.watch.state import WatchState
from ehtoolkit.watch.store import STATE, WatchStore, save_json


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
