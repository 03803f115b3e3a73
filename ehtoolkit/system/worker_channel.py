"""Speak with a worker process over pipes: JSON objects, each after its length in four bytes."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from typing import IO, Any, Final

_LENGTH: Final = struct.Struct(">I")
_LIMIT: Final = 16_000_000
_STANDARD_INPUT, _STANDARD_OUTPUT, _STANDARD_ERROR = 0, 1, 2


def write_message(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Send one object. Raises ``OSError`` when the other side is gone."""
    body = json.dumps(message).encode()
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next object, or None when the other side is gone, or speaks something else."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _LIMIT:
        return None
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def take_channel() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes, out of the reach of a module that reads or prints: its standard input is empty and its
    standard output goes where its errors go."""
    requests = os.fdopen(os.dup(_STANDARD_INPUT), "rb")
    answers = os.fdopen(os.dup(_STANDARD_OUTPUT), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STANDARD_INPUT)
    os.close(nothing)
    os.dup2(_STANDARD_ERROR, _STANDARD_OUTPUT)
    return requests, answers
