"""Put an emulated card into a virtual reader of this computer's smart-card service (the driver vpcd).

A client that connects to the reader's port *is* a card in it; closing the connection pulls the card out. A message is
its length in two bytes, big-endian, and as many bytes: a single byte is a control code (power off, power on, reset, ask
for the ATR), anything else a command APDU, whose answer has the same form.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from typing import Final

from ehtoolkit import errors
from ehtoolkit.training.virtual_card.eid_chip.applet import Applet

HOST: Final = "127.0.0.1"

_SERVICE: Final = "/run/pcscd/pcscd.comm"
"""Where programs reach the service; the variable ``PCSCLITE_CSOCK_NAME`` names another place, as for them."""
_LENGTH: Final = struct.Struct(">H")
_CONNECT_SECONDS: Final = 3.0
_RETRY_SECONDS: Final = 0.2
_GREETING_SECONDS: Final = 6.0
"""The service asks a new card for its ATR at its next look at the reader, about twice a second."""
_PAUSE_SECONDS: Final = 0.1
"""How often a request to take the card out is looked for."""
_WRITE_SECONDS: Final = 5.0


# The bodies of one byte.
_POWER_OFF, _POWER_ON, _RESET, _ATR = b"\x00", b"\x01", b"\x02", b"\x04"
_FORGET: Final = (_POWER_OFF, _POWER_ON, _RESET)
"""After these the card remembers nothing; they are not answered."""


class PlugEvent(StrEnum):
    """What happens to a card that is plugged; the value is a key for texts."""

    PLUGGED = "plugged"
    PULLED = "pulled"
    """We took it out."""
    READER_GONE = "reader_gone"
    """The service has ended."""


class VirtualReader:
    """One of the service's virtual readers, with a card of ours in it from here until `close`."""

    def __init__(self, reader: int, first_port: int, *, patience: float = _GREETING_SECONDS) -> None:
        """Connect to the port of ``reader``, which puts the card in.

        Args:
            reader: its number, from 1.
            first_port: of reader 1, as in the driver's configuration; each further reader has the next port.
            patience: seconds in which the service should have looked at the card.

        Raises `errors.VirtualReaderMissing` if nothing listens there: no service, no driver.
        """
        self._reader = reader
        self._patience = patience
        self.port = first_port + reader - 1
        self._opened = ExitStack()
        service = _call_service()
        if service is not None:
            self._opened.enter_context(service)
        try:
            self._connection = self._opened.enter_context(self._connect(service is not None))
        except OSError as error:
            self.close()
            raise errors.VirtualReaderMissing(reader=reader, port=self.port) from error
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()

    def serve(self, chip: Applet, pulled: Callable[[], bool], plugged: Callable[[], None]) -> PlugEvent:
        """Be ``chip`` until ``pulled`` says so or the reader goes away; ``plugged`` is called when the service
        has seen the card.

        Raises `errors.VirtualReaderTaken` when the service does not look at this card, which is how it treats
        a second one in the same reader.
        """
        latest = time.monotonic() + self._patience
        seen = False
        try:
            while not pulled():
                body = self._next(_PAUSE_SECONDS)
                if body is None:
                    if not seen and time.monotonic() > latest:
                        raise errors.VirtualReaderTaken(reader=self._reader)
                    continue
                self._answer(chip, body)
                if not seen:
                    seen = True
                    plugged()
        except (OSError, EOFError):
            return PlugEvent.READER_GONE
        return PlugEvent.PULLED

    def close(self) -> None:
        """Pull the card out."""
        self._opened.close()

    def _connect(self, is_called: bool) -> socket.socket:
        """Return a connection to the reader's port. A service that has only now begun, since it was called, gets time
        to open its readers. Raises ``OSError``."""
        latest = time.monotonic() + (_CONNECT_SECONDS if is_called else 0)
        while True:
            try:
                return socket.create_connection((HOST, self.port), _CONNECT_SECONDS)
            except OSError:
                if time.monotonic() > latest:
                    raise
                time.sleep(_RETRY_SECONDS)

    def _answer(self, chip: Applet, body: bytes) -> None:
        if len(body) > 1:
            answer = chip.answer(body)
        elif body == _ATR:
            answer = chip.atr
        else:
            if body in _FORGET:
                chip.reset()
            return
        self._connection.settimeout(_WRITE_SECONDS)
        self._connection.sendall(_LENGTH.pack(len(answer)) + answer)

    def _next(self, seconds: float) -> bytes | None:
        """Return the next body; None when there is none within ``seconds``. Raises ``EOFError`` at the end."""
        while (body := self._take()) is None:
            self._connection.settimeout(seconds)
            try:
                received = self._connection.recv(65536)
            except TimeoutError:
                return None
            if not received:
                raise EOFError
            self._received += received
            self._hurry()
        return body

    def _take(self) -> bytes | None:
        """Return a body that has wholly arrived, and take it out of what was received; None when there is none."""
        if len(self._received) < _LENGTH.size:
            return None
        end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
        if len(self._received) < end:
            return None
        body = bytes(self._received[_LENGTH.size : end])
        del self._received[:end]
        return body

    def _hurry(self) -> None:
        """Acknowledge at once: the driver sends length and body apart and waits in between, 40 ms each time."""
        if hasattr(socket, "TCP_QUICKACK"):
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _call_service() -> socket.socket | None:
    """Return a connection to the smart-card service as a program has one, on which nothing is sent; None where there is
    no such service. With systemd the service begins with the first program and ends a minute after the last: this one
    stays for as long as the card."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    service = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    service.settimeout(_CONNECT_SECONDS)
    try:
        service.connect(os.environ.get("PCSCLITE_CSOCK_NAME", _SERVICE))
    except OSError:
        service.close()
        return None
    return service
