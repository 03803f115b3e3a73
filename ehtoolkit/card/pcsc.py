"""Ask PC/SC, the operating system's own service, about readers and cards. Runs in the worker process only.

The border to libpcsclite (Linux), PCSC.framework (macOS) and winscard.dll (Windows), by their C interface: it tells a
missing service from a missing reader, which no PKCS#11 module does. Nothing here opens a card or takes it from
another program.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

_SCOPE_SYSTEM: Final = 2
_OK: Final = 0
_NO_SERVICE: Final = frozenset({0x8010001D, 0x8010001E})
"""SCARD_E_NO_SERVICE, SCARD_E_SERVICE_STOPPED (Windows stops its service when the last reader goes)."""
_NO_READERS: Final = frozenset({0x8010002E, 0x80100017})
"""SCARD_E_NO_READERS_AVAILABLE; SCARD_E_READER_UNAVAILABLE for one that went while it was asked about."""
_NO_ROOM: Final = 0x80100008
"""SCARD_E_INSUFFICIENT_BUFFER: a reader was plugged in after the room for the names was asked for."""
_ATTEMPTS: Final = 3
_PRESENT: Final = 0x20
_EXCLUSIVE: Final = 0x80
_MUTE: Final = 0x200

_LIBRARIES: Final = {
    "win32": "winscard.dll",
    "darwin": "/System/Library/Frameworks/PCSC.framework/PCSC",
}
_LINUX_LIBRARY: Final = "libpcsclite.so.1"

# LONG and DWORD are as wide as the machine's long in pcsc-lite, and 32 bits in Apple's and Microsoft's headers.
_WORD: Final = ctypes.c_uint32 if sys.platform in ("win32", "darwin") else ctypes.c_ulong
_HANDLE: Final = {"win32": ctypes.c_size_t, "darwin": ctypes.c_int32}.get(sys.platform, ctypes.c_long)
_ATR_ROOM: Final = 36 if sys.platform == "win32" else 33
_SUFFIX: Final = "A" if sys.platform == "win32" else ""
"""Of functions that take names as bytes."""


class _ReaderState(ctypes.Structure):
    """SCARD_READERSTATE. ``pvUserData`` is not used."""

    if sys.platform == "darwin":
        _pack_ = 1
    _fields_ = (
        ("szReader", ctypes.c_char_p),
        ("pvUserData", ctypes.c_void_p),
        ("dwCurrentState", _WORD),
        ("dwEventState", _WORD),
        ("cbAtr", _WORD),
        ("rgbAtr", ctypes.c_ubyte * _ATR_ROOM),
    )


def look(library: str | None = None) -> dict[str, Any]:
    """Return what PC/SC says of its service and of the readers now.

    ``service``: running, stopped, missing (there is no PC/SC on this computer) or failed, then with ``code``;
    ``readers``: ``name``, ``present``, ``in_use``, ``mute`` and ``atr`` (hexadecimal) of each.

    ``library``: another file than the system's, for tests.
    """
    name = library or _LIBRARIES.get(sys.platform, _LINUX_LIBRARY)
    try:
        pcsc = getattr(ctypes, "WinDLL", ctypes.CDLL)(name)
        listed, state_of = (
            pcsc[function + _SUFFIX] for function in ("SCardListReaders", "SCardGetStatusChange")
        )
        establish, release = pcsc["SCardEstablishContext"], pcsc["SCardReleaseContext"]
    except (OSError, AttributeError):
        return _without_readers("missing")
    for function in (listed, state_of, establish, release):
        function.restype = ctypes.c_long
    context = _HANDLE()
    code = _plain(establish(_WORD(_SCOPE_SYSTEM), None, None, ctypes.byref(context)))
    if code != _OK:
        return _without_readers("stopped") if code in _NO_SERVICE else _without_readers("failed", code)
    try:
        return _look_at_readers(listed, state_of, context)
    finally:
        release(context)


def _look_at_readers(listed: Any, state_of: Any, context: Any) -> dict[str, Any]:
    for _ in range(_ATTEMPTS):
        room = _WORD(0)
        code = _plain(listed(context, None, None, ctypes.byref(room)))
        if code == _OK:
            names = ctypes.create_string_buffer(room.value)
            code = _plain(listed(context, None, names, ctypes.byref(room)))
        if code != _NO_ROOM:
            break
    if code in _NO_READERS:
        return {"service": "running", "readers": []}
    if code != _OK:
        return _without_readers("stopped") if code in _NO_SERVICE else _without_readers("failed", code)
    found = [name for name in names.raw[: room.value].split(b"\0") if name]
    return {"service": "running", "readers": [_look_at(state_of, context, name) for name in found]}


def _look_at(state_of: Any, context: Any, name: bytes) -> dict[str, Any]:
    """Return what PC/SC says of one reader now, without waiting for a change."""
    state = _ReaderState(szReader=name)
    code = _plain(state_of(context, _WORD(0), ctypes.byref(state), _WORD(1)))
    event = state.dwEventState if code == _OK else 0
    return {
        "name": name.decode("mbcs" if sys.platform == "win32" else "utf-8", "replace"),
        "present": bool(event & _PRESENT),
        "in_use": bool(event & _EXCLUSIVE),
        "mute": bool(event & _MUTE),
        "atr": bytes(state.rgbAtr[: min(state.cbAtr, _ATR_ROOM)]).hex().upper() if event & _PRESENT else "",
    }


def _without_readers(service: str, code: int | None = None) -> dict[str, Any]:
    return {"service": service, "readers": [], "code": None if code is None else f"0x{code:08X}"}


def _plain(code: int) -> int:
    """Return ``code`` as 32 bits without sign, as return codes are written; they come as a long with one."""
    return int(code) & 0xFFFFFFFF
