"""Stands in for pcscd on a socket of its own: the real libpcsclite asks it, by the protocol of pcsc-lite 2."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_Socket = socket.socket
_HEADER = struct.Struct("=II")
_STATE = struct.Struct("=128sIIi33s3xII")
_READERS = 16
_ESTABLISH = 0x01
_STATES, _WAIT, _STOP = 0x12, 0x13, 0x14
_ABSENT, _PRESENT, _SWALLOWED, _POWERED = 0x02, 0x04, 0x08, 0x10
_EXCLUSIVE = -1


@dataclass(frozen=True)
class Slot:
    """A reader. ``atr``: of the card in it; None: it is empty; empty bytes: a card that does not answer."""

    name: str
    atr: bytes | None = None
    exclusive: bool = False

    @property
    def state(self) -> bytes:
        flags = _ABSENT if self.atr is None else _PRESENT | (_POWERED if self.atr else _SWALLOWED)
        atr = self.atr or b""
        sharing = _EXCLUSIVE if self.exclusive else 0
        return _STATE.pack(self.name.encode(), 0, flags, sharing, atr, len(atr), 0)


@dataclass
class Daemon:
    """``environment``: leads the library here. ``silent``: it takes the connection and never answers. ``refusal``: the
    return code of whoever wants to begin. ``arriving``: readers that are plugged in, one after each question about
    readers."""

    socket: Path
    slots: list[Slot] = field(default_factory=list)
    silent: bool = False
    refusal: int = 0
    arriving: list[Slot] = field(default_factory=list)

    @property
    def environment(self) -> Mapping[str, str]:
        return {"PCSCLITE_CSOCK_NAME": str(self.socket)}

    def serve(self, client: _Socket) -> None:
        with client, suppress(OSError):
            while len(head := _exactly(client, _HEADER.size)) == _HEADER.size:
                size, command = _HEADER.unpack(head)
                body = _exactly(client, size)
                if not self.silent:
                    client.sendall(self.answer(command, body))

    def answer(self, command: int, body: bytes) -> bytes:
        if command == _ESTABLISH:
            (scope, _, _) = struct.unpack("=III", body)
            return struct.pack("=III", scope, 0x1234, self.refusal)
        if command in (_STATES, _WAIT):
            empty = bytes(_STATE.size) * (_READERS - len(self.slots))
            states = b"".join(slot.state for slot in self.slots) + empty
            self.slots += [self.arriving.pop(0)] if self.arriving else []
            return states
        if command == _STOP:
            return struct.pack("=II", 0, 0)
        return body  # the version, and the end of a context: as they came, which means yes


def _exactly(client: _Socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = client.recv(size - len(data))
        if not piece:
            break
        data += piece
    return data


@contextmanager
def pcsc_daemon(folder: Path, *slots: Slot, silent: bool = False, refusal: int = 0) -> Iterator[Daemon]:
    """A daemon whose socket is in ``folder`` (whose path has to be short), with these readers."""
    daemon = Daemon(folder / "pcsc", list(slots), silent, refusal)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(daemon.socket))
    server.listen()
    server.settimeout(0.05)
    stop = threading.Event()

    def accept() -> None:
        while not stop.is_set():
            try:
                client, _ = server.accept()
            except TimeoutError:
                continue
            client.setblocking(True)
            threading.Thread(target=daemon.serve, args=[client], daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield daemon
    finally:
        stop.set()
        thread.join()
        server.close()
