"""What the return codes of PKCS#11 modules mean to a user: the official module's, OpenSC's and others'."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors

LOAD_FAILED: Final = -1
"""PyKCS11's own code: the file is not there or is no library."""
NO_FUNCTION_LIST: Final = -4
"""PyKCS11's own code: a library, but not a PKCS#11 module."""

CANCEL: Final = 0x01
SLOT_ID_INVALID: Final = 0x03
DEVICE_REMOVED: Final = 0x32
FUNCTION_CANCELED: Final = 0x50
FUNCTION_NOT_SUPPORTED: Final = 0x54
KEY_TYPE_INCONSISTENT: Final = 0x63
MECHANISM_INVALID: Final = 0x70
PIN_INCORRECT: Final = 0xA0
PIN_INVALID: Final = 0xA1
PIN_LEN_RANGE: Final = 0xA2
PIN_LOCKED: Final = 0xA4
SESSION_CLOSED: Final = 0xB0
SESSION_HANDLE_INVALID: Final = 0xB3
TOKEN_NOT_PRESENT: Final = 0xE0
TOKEN_NOT_RECOGNIZED: Final = 0xE1
USER_ALREADY_LOGGED_IN: Final = 0x100

_MEANINGS: Final[Mapping[int, type[errors.CardError]]] = MappingProxyType(
    {
        CANCEL: errors.PinCancelled,
        FUNCTION_CANCELED: errors.PinCancelled,
        PIN_INVALID: errors.PinMalformed,
        PIN_LEN_RANGE: errors.PinMalformed,
        PIN_LOCKED: errors.PinBlocked,
        DEVICE_REMOVED: errors.CardRemoved,
        SESSION_CLOSED: errors.CardRemoved,
        SESSION_HANDLE_INVALID: errors.CardRemoved,
        SLOT_ID_INVALID: errors.CardRemoved,
        TOKEN_NOT_PRESENT: errors.CardAbsent,
    }
)


def error_of(code: int, name: str) -> errors.CardError:
    """Our error for a return code; ``name`` is its name in the standard.

    PIN_INCORRECT, TOKEN_NOT_RECOGNIZED and FUNCTION_NOT_SUPPORTED need to know more and are handled where
    they happen. FUNCTION_FAILED (official) and ARGUMENTS_BAD (OpenSC) at a login mean a malformed PIN; ours
    was looked at before, so that they mean something else here, and are an `errors.CardFault` like the rest.
    """
    meaning = _MEANINGS.get(code)
    return errors.CardFault(code=name) if meaning is None else meaning()
