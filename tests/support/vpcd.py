"""The driver of the virtual readers as a card sees it: a listener that takes one card at a time."""

from __future__ import annotations

import random
import socket
import struct
from types import TracebackType

from ehtoolkit.training.virtual_card.eid_chip import apdu
from ehtoolkit.training.virtual_card.eid_chip.applet import Applet

SECONDS = 20.0


class OtherCard(Applet):
    """A card that is no eID, such as a bank card."""

    atr = bytes.fromhex("3B6500002063CB6800")
    """T=0 with five historical bytes that no driver of ours or of OpenSC claims."""

    def __init__(self) -> None:
        """Need no content and no keys."""

    def reset(self) -> None:
        """Do nothing: this card remembers nothing."""

    def answer(self, command: bytes) -> bytes:
        return apdu.WRONG_CLASS


def _listener() -> socket.socket:
    while True:
        try:
            return socket.create_server(("127.0.0.1", random.randrange(20_000, 30_000)))  # noqa: S311
        except OSError:
            continue


class VirtualPcd:
    """One virtual reader on a port of its own."""

    def __init__(self, port: int = 0) -> None:
        """``port``: 0 for any below those that the system gives to connections: one that was let go would soon be
        somebody else's."""
        self._listener = socket.create_server(("127.0.0.1", port)) if port else _listener()
        self._listener.settimeout(SECONDS)
        self.port: int = self._listener.getsockname()[1]
        self._cards: list[CardInside] = []

    def accept(self) -> CardInside:
        connection, _ = self._listener.accept()
        connection.settimeout(SECONDS)
        self._cards.append(CardInside(connection))
        return self._cards[-1]

    def is_empty(self, seconds: float) -> bool:
        """Whether nobody connects within ``seconds``."""
        self._listener.settimeout(seconds)
        try:
            self._listener.accept()[0].close()
        except TimeoutError:
            return True
        finally:
            self._listener.settimeout(SECONDS)
        return False

    def close(self) -> None:
        """The service ends: no more listener, and every card loses its reader."""
        self._listener.close()
        for card in self._cards:
            card.close()

    def __enter__(self) -> VirtualPcd:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class CardInside:
    """A card that has connected."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def say(self, *bodies: bytes, pieces: int = 0) -> None:
        """Send; ``pieces``: that many bytes at a time, as a slow network would."""
        sent = b"".join(struct.pack(">H", len(body)) + body for body in bodies)
        for start in range(0, len(sent), pieces or len(sent)):
            self._connection.sendall(sent[start : start + (pieces or len(sent))])

    def hear(self) -> bytes:
        (length,) = struct.unpack(">H", self._exactly(2))
        return self._exactly(length)

    def ask(self, command: str) -> str:
        """One command and its whole answer, in hexadecimal."""
        self.say(bytes.fromhex(command))
        return self.hear().hex()

    def is_pulled(self) -> bool:
        """Whether the card goes away, without a word."""
        return self._connection.recv(1) == b""

    def close(self) -> None:
        self._connection.close()

    def abort(self) -> None:
        """The connection breaks."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            received = self._connection.recv(length - len(data))
            assert received, "the card has gone"
            data += received
        return data
