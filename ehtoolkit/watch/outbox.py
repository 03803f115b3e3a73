"""Messages that are still to be sent: on disk before they are sent, gone from it afterwards.

A message that could not be sent is sent by the next run, in its turn. One that was sent just before a crash may come
twice; it has the same number then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.system.files import make_folder, map_os_errors
from ehtoolkit.watch.store import read_json, save_json, set_aside

MOST: Final = 200
"""Messages that are kept; of more the oldest go. Not by their age: a clock that jumps would throw them away."""

Sender = Callable[[Mapping[str, Any]], errors.EhToolkitError | None]
"""Sends a message; raises an `errors.EhToolkitError`, and returns one where only some of those who were to get it
do."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of the messages.

    Attributes:
        sent: how many, to how many targets.
        left: how many messages are still to be sent.
        dropped: how many were given up.
        failures: by target, why it failed; by ``outbox`` and ``state``, which damaged file was set aside.
    """

    sent: int
    left: int
    dropped: int
    failures: Mapping[str, errors.EhToolkitError]


class Outbox:
    """The messages of one watch."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, message: Mapping[str, Any], targets: tuple[str, ...]) -> None:
        """Keep ``message``, which has ``id`` and ``at``, until it was sent to each of ``targets``."""
        if not targets:
            return
        make_folder(self._folder)
        name = f"{str(message['at']).translate(_NO_NAME)} {message['id']}.json"
        save_json(self._folder / name, {**message, "pending": list(targets)})

    def __len__(self) -> int:
        return len(self._files())

    def deliver(self, senders: Mapping[str, Sender]) -> DeliveryResult:
        """Send what waits, the oldest first. After a failure nothing more is tried at that target: each try may take
        its time. A damaged message is set aside. Raises what `map_os_errors` raises where a message cannot be taken
        out."""
        failures: dict[str, errors.EhToolkitError] = {}
        down = set[str]()
        dropped = self._files()[:-MOST]
        for path in dropped:
            _take_out(path)
        sent = 0
        for path, message in self._messages(failures):
            pending = [name for name in message["pending"] if name in senders]
            for target in list(pending):
                if target in down:
                    continue
                try:
                    refused = senders[target](message)
                except errors.EhToolkitError as error:
                    failures[target] = error
                    down.add(target)
                    continue
                if refused is not None:
                    failures[target] = refused
                sent += 1
                pending.remove(target)
                if pending:
                    save_json(path, {**message, "pending": pending})
            if not pending:
                _take_out(path)
        return DeliveryResult(sent, len(self), len(dropped), failures)

    def _messages(self, failures: dict[str, errors.EhToolkitError]) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Yield each message with its file. A damaged one is set aside, and reported in ``failures``."""
        for path in self._files():
            try:
                message = read_json(path.read_bytes())
            except OSError:  # another program holds it: the next run sends it
                continue
            if message is None or not _is_whole(message):
                failures["outbox"] = errors.FileUnreadable(path=str(set_aside(path)), reason="outbox")
            else:
                yield path, message

    def _files(self) -> list[Path]:
        """Return the files of the messages by their time, the oldest first."""
        return sorted(self._folder.glob("*.json"))


def _is_whole(message: Mapping[str, Any]) -> bool:
    """Return whether ``message`` has everything that is sent, as `Outbox.put` wrote it."""
    try:
        at = datetime.fromisoformat(message["at"])
        texts = (message["id"], message["subject"], message["text"], *message["pending"])
        return (
            at.tzinfo is not None
            and all(isinstance(text, str) for text in texts)
            and isinstance(message["payload"], dict)
        )
    except (KeyError, TypeError, ValueError):
        return False


def _take_out(path: Path) -> None:
    with map_os_errors(path):
        path.unlink(missing_ok=True)


_NO_NAME: Final = str.maketrans({":": None, "+": None})
