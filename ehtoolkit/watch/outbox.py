"""Messages that are still to be sent: on disk before they are sent, gone from it afterwards.

A message that could not be sent is sent by the next run, in its turn: a mail to the addresses that are still to get it.
One that was sent just before a crash may come twice; it has the same number then. One that cannot be written, as on a
full disk, is sent from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ehtoolkit import errors
from ehtoolkit.system.files import make_folder, map_os_errors, put_file
from ehtoolkit.watch.store import set_aside

MOST: Final = 200
"""Messages that are kept; of more the oldest go. Not by their age: a clock that jumps would throw them away."""


Fates = Mapping[str, errors.DeliveryFailed | None]
"""What became of a mail by address, see `ehtoolkit.watch.sending.send_mail`."""


class WatchMessage(BaseModel):
    """A message, as it is kept.

    Attributes:
        id: random; a message that is sent twice has the same.
        at: when the watch ran.
        payload: what a webhook gets.
        pending: the targets that are still to get it.
        addresses: of the watch, that are still to get it as a mail; None: all, while none has got it or refused it for
            good. Messages of earlier versions have none.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    id: str
    at: AwareDatetime
    subject: str
    text: str
    payload: dict[str, Any]
    pending: tuple[str, ...] = ()
    addresses: tuple[str, ...] | None = None

    def addresses_of(self, watched: Iterable[str]) -> tuple[str, ...]:
        """Return which of ``watched``, the addresses that the watch has now, are still to get it."""
        return tuple(to for to in watched if self.addresses is None or to in self.addresses)

    def after(self, target: str, fates: Fates) -> WatchMessage:
        """Return the message as it is kept once ``target`` was tried."""
        waiting = tuple(
            to for to, refusal in fates.items() if refusal and refusal.facts["reason"] == "deferred"
        )
        if waiting:
            is_unsettled = self.addresses is None and len(waiting) == len(fates)
            return self.model_copy(update={"addresses": None if is_unsettled else waiting})
        return self.model_copy(update={"pending": tuple(name for name in self.pending if name != target)})

    def save(self, path: Path) -> None:
        """Write the message in one step. Raises what `put_file` raises."""
        put_file(path, self.model_dump_json(indent=1).encode())


Sender = Callable[[WatchMessage], Fates | None]
"""Sends a message to one target; returns None where that has no addresses of its own, as a webhook. Raises an
`errors.EhToolkitError` where nothing was sent."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of the messages.

    Attributes:
        sent: how many, to how many targets; a mail that one of its addresses got is one.
        left: how many messages are still to be sent, also of those that could not be written.
        dropped: how many were given up.
        failures: by target, why it failed; by address, why it was refused; by ``report``, ``outbox`` and ``state``,
            what could not be written, or which damaged file was set aside.
    """

    sent: int
    left: int
    dropped: int
    failures: Mapping[str, errors.EhToolkitError]


class Outbox:
    """The messages of one watch.

    Attributes:
        held: those that could not be written, and are still to be sent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.held: list[WatchMessage] = []

    def put(self, message: WatchMessage) -> None:
        """Keep ``message`` until it was sent to each of its targets. Raises what `make_folder` and `put_file` raise:
        then it is held, and `deliver` sends it all the same."""
        if not message.pending:
            return
        name = f"{message.at.astimezone(UTC):%Y-%m-%dT%H%M%S0000} {message.id}.json"
        try:
            make_folder(self._folder)
            message.save(self._folder / name)
        except errors.EhToolkitError:
            self.held.append(message)
            raise

    def __len__(self) -> int:
        return len(self._files()) + len(self.held)

    def deliver(self, senders: Mapping[str, Sender]) -> DeliveryResult:
        """Send what waits, the oldest first. After a failure nothing more is tried at that target: each try may take
        its time. If one address is refused, the others still get the mail. A damaged message is set aside. What cannot
        be written or removed is reported, and the next run sends it again."""
        under_way = _Delivery(senders)
        failures = under_way.failures
        dropped = self._files()[:-MOST]
        for path in dropped:
            with noting(failures, "outbox"):
                _take_out(path)
        for path, message in self._messages(failures):
            under_way.send(message, partial(_keep, path, failures))
        held, self.held = self.held, []
        for message in held:
            left = under_way.send(message, lambda _: None)
            if left.pending:
                self.held.append(left)
        return DeliveryResult(under_way.sent, len(self), len(dropped), failures)

    def _messages(self, failures: dict[str, errors.EhToolkitError]) -> Iterator[tuple[Path, WatchMessage]]:
        """Yield each message with its file. A damaged one is set aside, and reported in ``failures``."""
        for path in self._files():
            try:
                message = WatchMessage.model_validate_json(path.read_bytes())
            except OSError:  # another program holds it: the next run sends it
                continue
            except ValidationError:
                with noting(failures, "outbox"):
                    failures["outbox"] = errors.FileUnreadable(path=str(set_aside(path)), reason="outbox")
                continue
            yield path, message

    def _files(self) -> list[Path]:
        """Return the files of the messages by their time, the oldest first."""
        return sorted(self._folder.glob("*.json"))


class _Delivery:
    """One time through the messages.

    Attributes:
        failures, sent: see `DeliveryResult`.
    """

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders
        self._down = set[str]()
        self.failures: dict[str, errors.EhToolkitError] = {}
        self.sent = 0

    def send(self, message: WatchMessage, keep: Callable[[WatchMessage], None]) -> WatchMessage:
        """Send ``message`` to those of its targets that the watch has, and return what is left of it. ``keep``: stores
        that, after each target."""
        pending = tuple(target for target in message.pending if target in self._senders)
        left = message.model_copy(update={"pending": pending})
        if not pending:
            keep(left)
        for target in pending:
            if target in self._down:
                continue
            try:
                fates = self._senders[target](left)
            except errors.EhToolkitError as error:
                self.failures[target] = error
                self._down.add(target)
                continue
            self.failures.update(refusals(fates))
            self.sent += is_sent(fates)
            left = left.after(target, fates or {})
            keep(left)
        return left


def _keep(path: Path, failures: dict[str, errors.EhToolkitError], left: WatchMessage) -> None:
    """Store what is left of the message in ``path``; nothing, once all have it."""
    with noting(failures, "outbox"):
        if left.pending:
            left.save(path)
        else:
            _take_out(path)


@contextmanager
def noting(failures: dict[str, errors.EhToolkitError], what: str) -> Iterator[None]:
    """Put the error that ends the body into ``failures``, so that the message is sent all the same."""
    try:
        yield
    except errors.EhToolkitError as error:
        failures[what] = error


def refusals(fates: Fates | None) -> dict[str, errors.EhToolkitError]:
    """Return the addresses that are refused, for now or for good."""
    return {to: refusal for to, refusal in (fates or {}).items() if refusal is not None}


def is_sent(fates: Fates | None) -> bool:
    """Return whether someone got the message: the target, or one of its addresses."""
    return fates is None or None in fates.values()


def _take_out(path: Path) -> None:
    with map_os_errors(path):
        path.unlink(missing_ok=True)
