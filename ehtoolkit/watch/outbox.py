"""Messages that are still to be sent: on disk before they are sent, gone from it afterwards.

A message that could not be sent is sent by the next run, in its turn. One that was sent just before a crash may come
twice; it has the same number then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ehtoolkit import errors
from ehtoolkit.system.files import make_folder, map_os_errors, put_file
from ehtoolkit.watch.store import set_aside

MOST: Final = 200
"""Messages that are kept; of more the oldest go. Not by their age: a clock that jumps would throw them away."""


class WatchMessage(BaseModel):
    """A message, as it is kept.

    Attributes:
        id: random; a message that is sent twice has the same.
        at: when the watch ran.
        payload: what a webhook gets.
        pending: the targets that are still to get it.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    id: str
    at: AwareDatetime
    subject: str
    text: str
    payload: dict[str, Any]
    pending: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write the message in one step. Raises what `put_file` raises."""
        put_file(path, self.model_dump_json(indent=1).encode())


Sender = Callable[[WatchMessage], errors.EhToolkitError | None]
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

    def put(self, message: WatchMessage) -> None:
        """Keep ``message`` until it was sent to each of its targets."""
        if message.pending:
            make_folder(self._folder)
            name = f"{message.at.astimezone(UTC):%Y-%m-%dT%H%M%S0000} {message.id}.json"
            message.save(self._folder / name)

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
            pending = [name for name in message.pending if name in senders]
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
                    message.model_copy(update={"pending": tuple(pending)}).save(path)
            if not pending:
                _take_out(path)
        return DeliveryResult(sent, len(self), len(dropped), failures)

    def _messages(self, failures: dict[str, errors.EhToolkitError]) -> Iterator[tuple[Path, WatchMessage]]:
        """Yield each message with its file. A damaged one is set aside, and reported in ``failures``."""
        for path in self._files():
            try:
                message = WatchMessage.model_validate_json(path.read_bytes())
            except OSError:  # another program holds it: the next run sends it
                continue
            except ValidationError:
                failures["outbox"] = errors.FileUnreadable(path=str(set_aside(path)), reason="outbox")
                continue
            yield path, message

    def _files(self) -> list[Path]:
        """Return the files of the messages by their time, the oldest first."""
        return sorted(self._folder.glob("*.json"))


def _take_out(path: Path) -> None:
    with map_os_errors(path):
        path.unlink(missing_ok=True)
