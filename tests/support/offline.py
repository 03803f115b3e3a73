"""No test reaches out: the network is asked for this computer alone.

An audit hook sees what Python code asks of the operating system, whatever a test has put in the place of the socket
module's functions. Processes that tests start are not seen; those get no address but the loopback's.
"""

from __future__ import annotations

import ipaddress
import socket
import sys

_EVENTS = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1, "socket.sendto": 1}
"""What is watched, and which of its arguments says where to."""

_reached: list[str] = []


def taken() -> list[str]:
    """The places reached for since the last call."""
    found = _reached.copy()
    _reached.clear()
    return found


def is_here(place: object) -> bool:
    """Whether a host, or a socket's address, is this computer; a path of a Unix socket is."""
    if isinstance(place, tuple):
        return is_here(place[0])
    if isinstance(place, bytes):
        return is_here(place.decode("latin-1"))
    if not isinstance(place, str):
        return True
    if place in ("", "localhost", socket.gethostname()) or place.startswith(("/", "\0")):
        return True
    try:
        address = ipaddress.ip_address(place)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS and not is_here(arguments[_EVENTS[event]]):
        _reached.append(f"{event} {arguments[_EVENTS[event]]}")
        raise PermissionError("a test reached for another computer")


sys.addaudithook(_watch)
